/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The file that a result is to become. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "complaints.h"
#include "destination.h"

/* As many links as Linux follows. */
#define MOST_LINKS 40

static gchar *
failed (const Destination *destination, const gchar *what, gint number)
{
  return g_strdup_printf ("%s could not be written: %s%s%s", destination->path, what ? what : "", what ? ": " : "",
                          g_strerror (number));
}

/* What the link `path` stands for in the end, whether it is there or not; `path` itself where it is none. */
static gchar *
follow_links (const gchar *path)
{
  gchar *current = g_strdup (path);
  gchar *next;

  for (gint i = 0; i < MOST_LINKS && (next = g_file_read_link (current, NULL)); i++)
    {
      gchar *folder   = g_path_get_dirname (current);
      gchar *absolute = g_path_is_absolute (next) ? g_strdup (next) : g_build_filename (folder, next, NULL);

      g_free (folder);
      g_free (next);
      g_free (current);
      current = absolute;
    }
  return current;
}

gboolean
inpaint_destination_init (Destination *destination, const gchar *path, gchar **error)
{
  gchar   *folder;
  GStatBuf status;

  *destination = (Destination) { .path = g_strdup (path), .file = follow_links (path) };
  folder       = g_path_get_dirname (destination->file);
  if (g_stat (path, &status) != 0)
    {
      if (errno != ENOENT)
        *error = failed (destination, NULL, errno);
    }
  else if (S_ISDIR (status.st_mode))
    *error = failed (destination, NULL, EISDIR);
  else if (! S_ISREG (status.st_mode))
    *error = g_strdup_printf ("%s could not be written: it is no regular file; write one, and copy it there", path);
  else if (g_access (path, W_OK) != 0)
    *error = failed (destination, NULL, errno);
  if (! *error && g_access (folder, W_OK | X_OK) != 0) /* a file is written beside its place first */
    *error = failed (destination, folder, errno);
  g_free (folder);
  return ! *error;
}

gboolean
inpaint_destination_stage (Destination *destination, gchar **error)
{
  gchar *parent = g_path_get_dirname (destination->file);
  gchar *folder = g_build_filename (parent, ".inpaint-XXXXXX", NULL);

  if (g_mkdtemp (folder))
    {
      destination->folder = folder;
      destination->staged = g_strconcat (folder, "/picture", strrchr (destination->path, '.'), NULL);
    }
  else
    {
      *error = failed (destination, parent, errno);
      g_free (folder);
    }
  g_free (parent);
  return ! *error;
}

void
inpaint_destination_unstage (Destination *destination)
{
  if (! destination->folder)
    return;
  g_unlink (destination->staged);
  g_rmdir (destination->folder);
  g_clear_pointer (&destination->staged, g_free);
  g_clear_pointer (&destination->folder, g_free);
}

void
inpaint_destination_clear (Destination *destination)
{
  inpaint_destination_unstage (destination);
  g_clear_pointer (&destination->path, g_free);
  g_clear_pointer (&destination->file, g_free);
}

static gboolean
write_all (gint descriptor, const gchar *bytes, gssize count)
{
  while (count > 0)
    {
      gssize written = write (descriptor, bytes, count);

      if (written < 0 && errno != EINTR)
        return FALSE;
      bytes += MAX (written, 0);
      count -= MAX (written, 0);
    }
  return TRUE;
}

/* Gives the file `to`, which keeps its other names, the bytes of `from`, down to the disk.  What it held is overwritten from
 * the beginning, not cut off first: the room that it had stays its own.  FALSE, with errno set, after a failure. */
static gboolean
copy_bytes (const gchar *from, const gchar *to)
{
  gint     source = g_open (from, O_RDONLY | O_CLOEXEC);
  gint     target = g_open (to, O_WRONLY | O_CLOEXEC);
  gboolean copied = source >= 0 && target >= 0;
  gchar    bytes[1 << 16];
  gssize   count  = 0;
  gint     number;

  while (copied && (count = read (source, bytes, sizeof (bytes))) != 0)
    copied = count > 0 ? write_all (target, bytes, count) : errno == EINTR;
  copied = copied && ftruncate (target, lseek (target, 0, SEEK_CUR)) == 0 && fsync (target) == 0;
  number = errno;
  if (source >= 0)
    close (source);
  if (target >= 0 && close (target) != 0 && copied)
    {
      number = errno;
      copied = FALSE;
    }
  errno = number;
  return copied;
}

/* A file with several names is written where it is, since a new one would have but one of them. */
static gboolean
overwrite (const Destination *destination, guint names, gchar **error)
{
  gchar *backup     = g_strconcat (destination->file, ".backup-XXXXXX", NULL);
  gint   descriptor = g_mkstemp (backup);

  if (descriptor >= 0)
    close (descriptor);
  if (descriptor < 0 || ! copy_bytes (destination->file, backup))
    {
      *error = failed (destination, "no backup could be made beside it, which a file with several hard links needs", errno);
      if (descriptor >= 0)
        g_unlink (backup);
    }
  else if (! copy_bytes (destination->staged, destination->file))
    {
      gchar   *cause       = failed (destination, NULL, errno);
      gboolean is_restored = copy_bytes (backup, destination->file);

      *error = g_strdup_printf ("%s; what it held %s in %s", cause, is_restored ? "is there again, and" : "is", backup);
      g_free (cause);
    }
  else
    {
      g_unlink (backup);
      inpaint_note (destination->path, "written in place, since the file has %u hard links", names);
    }
  g_free (backup);
  return ! *error;
}

/* Gives the staged file the mode and the owner of the one that it replaces.  Where it cannot have the same group, what that
 * group may is not given to another one. */
static gboolean
take_over (const Destination *destination, const GStatBuf *old)
{
  GStatBuf now;
  mode_t   mode = old->st_mode & 07777;

  if (g_stat (destination->staged, &now) != 0)
    return FALSE;
  if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) && chown (destination->staged, old->st_uid, old->st_gid) != 0)
    {
      inpaint_note (destination->path, "its owner could not be kept: %s", g_strerror (errno));
      if (now.st_gid != old->st_gid && chown (destination->staged, -1, old->st_gid) != 0)
        mode = (mode & 0707) | (mode & 0007) << 3;
      mode &= 0777;
    }
  return g_chmod (destination->staged, mode) == 0;
}

/* Some disks tell only now that they are full. */
static gboolean
reaches_disk (const gchar *file)
{
  gint     descriptor = g_open (file, O_RDONLY | O_CLOEXEC);
  gboolean reached    = descriptor >= 0 && fsync (descriptor) == 0;

  if (descriptor >= 0)
    close (descriptor);
  return reached;
}

gboolean
inpaint_destination_commit (Destination *destination, gchar **error)
{
  GStatBuf old;
  gboolean is_new = g_stat (destination->file, &old) != 0;

  if (! is_new && old.st_nlink > 1)
    return overwrite (destination, old.st_nlink, error);
  if (! reaches_disk (destination->staged) || (! is_new && ! take_over (destination, &old))
      || g_rename (destination->staged, destination->file) != 0)
    *error = failed (destination, NULL, errno);
  return ! *error;
}
