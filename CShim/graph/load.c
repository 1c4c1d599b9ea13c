/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures from files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <gegl-plugin.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <operation/gegl-operation-handlers.h>

#include "complaints.h"
#include "inks.h"
#include "jpeg.h"
#include "load.h"
#include "orientation.h"
#include "webp.h"

/* As much as GEGL's own loader looks at. */
#define SNIFFED 4096

/* The formats whose orientation is EXIF's, and that GEGL reads by itself.  Raw photographs, say, come turned already. */
static const gchar *const turnable[] = { "image/jpeg", "image/png", "image/tiff", "image/webp", NULL };

typedef struct {
  gchar *type;      /* by content, or by name where that says more of the same: raw photographs are TIFF files */
  gchar *misnomer;  /* the type that the name says, where the content is another */
} Kind;

static void
kind_clear (Kind *kind)
{
  g_free (kind->type);
  g_free (kind->misnomer);
}

/* The first bytes of the file; FALSE, with *error set, where there are none. */
static gboolean
read_start (const gchar *path, guchar data[SNIFFED], gsize *count, gchar **error)
{
  FILE    *file;
  GStatBuf status;

  /* Asked first: a pipe would wait for somebody to write to it. */
  if (g_stat (path, &status) == 0 && ! S_ISREG (status.st_mode))
    {
      *error = g_strdup_printf ("%s: not a regular file", path);
      return FALSE;
    }
  file   = g_fopen (path, "rbe");
  *count = file ? fread (data, 1, SNIFFED, file) : 0;
  if (! file || ferror (file))
    *error = g_strdup_printf ("%s: %s", path, g_strerror (errno));
  else if (*count == 0)
    *error = g_strdup_printf ("%s: an empty file", path);
  if (file)
    fclose (file);
  return ! *error;
}

/* FALSE, with *error set, where the file cannot be read or is no picture. */
static gboolean
kind_of (const gchar *path, Kind *kind, gchar **error)
{
  guchar   data[SNIFFED];
  gboolean is_guess = FALSE;
  gsize    count    = 0;
  gchar   *named, *content;

  *kind = (Kind) { NULL, NULL };
  if (! read_start (path, data, &count, error))
    return FALSE;
  named   = g_content_type_guess (path, NULL, 0, NULL);
  content = g_content_type_guess (NULL, data, count, &is_guess);
  if (g_str_has_prefix (content, "image/") && ! is_guess && ! g_content_type_is_a (named, content))
    {
      kind->type     = g_strdup (content);
      kind->misnomer = g_content_type_is_a (content, named) ? NULL : g_strdup (named);
    }
  else if (g_strv_contains (turnable, named) && ! g_content_type_is_a (named, content)) /* theirs is never mistaken */
    *error = g_strdup_printf ("%s: not a picture: its content is %s, not %s", path, content, named);
  else
    kind->type = g_strdup (named);
  g_free (named);
  g_free (content);
  return ! *error;
}

/* The operation that loads such files; NULL, with *error set, where GEGL has none of its own.  It warns then, and would let
 * the shell run ImageMagick. */
static const gchar *
loader_of (const gchar *path, const Kind *kind, gchar **error)
{
  /* Where there is a picture in what is no type of pictures, as in PDF, loaders go by the ending, as in gegl:load. */
  const gchar *key    = g_str_has_prefix (kind->type, "image/") ? kind->type : strrchr (path, '.');
  const gchar *loader = key ? gegl_operation_handlers_get_loader (key) : NULL;

  if (! loader || inpaint_complaints_warning ())
    *error = g_strdup_printf ("%s: GEGL has no loader for %s; save it as PNG, JPEG, TIFF or WebP", path, kind->type);
  inpaint_complaints_clear ();
  return *error ? NULL : loader;
}

/* What the loader gives of the file; NULL, with *error set, after a failure. */
static GeglBuffer *
pixels (const gchar *path, const gchar *loader, gchar **error)
{
  GeglNode     *graph  = gegl_node_new ();
  GeglBuffer   *buffer = NULL;
  GeglNode     *source, *sink;
  GeglRectangle box;
  gint          frames = 1;

  inpaint_complaints_hold (path);
  source = gegl_node_new_child (graph, "operation", loader, "path", path, NULL);
  sink   = gegl_node_new_child (graph, "operation", "gegl:buffer-sink", "buffer", &buffer, "format", NULL, NULL);
  gegl_node_link (source, sink);
  box = gegl_node_get_bounding_box (source);
  if (! gegl_rectangle_is_empty (&box) && ! inpaint_complaints_warning ())
    gegl_node_process (sink);
  if (gegl_node_find_property (source, "frames"))
    gegl_node_get (source, "frames", &frames, NULL);
  g_object_unref (graph);
  inpaint_complaints_release ();
  if (! buffer || inpaint_complaints_warning ())
    {
      *error = inpaint_complaints_explain (path, ": not a picture that GEGL can read");
      g_clear_object (&buffer);
    }
  inpaint_complaints_clear ();
  if (buffer && frames > 1)
    inpaint_note (path, "only the first of its %d pictures is read", frames);
  return buffer;
}

/* Why the file's loader cannot read it; NULL where that is not known before. */
static gchar *
flaw_of (const gchar *path, const Kind *kind)
{
  if (g_strcmp0 (kind->type, "image/jpeg") == 0)
    return inpaint_jpeg_flaw (path);
  return g_strcmp0 (kind->type, "image/webp") == 0 ? inpaint_webp_flaw (path) : NULL;
}

GeglBuffer *
inpaint_load (const gchar *path, Origin *origin, gchar **error)
{
  Kind         kind;
  const gchar *loader = kind_of (path, &kind, error) ? loader_of (path, &kind, error) : NULL;
  gchar       *flaw   = loader ? flaw_of (path, &kind) : NULL;
  GeglBuffer  *buffer = loader && ! flaw ? pixels (path, loader, error) : NULL;
  gint         orientation;

  if (flaw)
    *error = g_strdup_printf ("%s: not a picture that GEGL can read: %s", path, flaw);
  g_free (flaw);
  if (buffer && kind.misnomer)
    inpaint_note (path, "its content is %s, not %s, and is read as that", kind.type, kind.misnomer);
  if (buffer && inpaint_has_plain_inks (buffer))
    {
      inpaint_note (path, "CMYK without a profile, which is read and written as RGB");
      buffer = inpaint_rgb_of_inks (buffer);
    }
  if (buffer && g_strcmp0 (kind.type, "image/webp") == 0)
    inpaint_webp_take_profile (path, buffer);
  orientation = buffer && g_strv_contains (turnable, kind.type) ? inpaint_orientation (path) : 1;
  if (orientation != 1)
    {
      inpaint_note (path, "turned upright, as its EXIF orientation %d asks for", orientation);
      buffer = g_strcmp0 (kind.type, "image/tiff") == 0 ? inpaint_upright_tiff (buffer, orientation, path)
                                                        : inpaint_upright (buffer, orientation);
    }
  if (buffer && origin)
    inpaint_origin_read (origin, path, kind.type, gegl_buffer_get_format (buffer), orientation > 4);
  kind_clear (&kind);
  return buffer;
}

gboolean
inpaint_load_is_plain (const gchar *path, gchar **error)
{
  Kind kind;

  if (! kind_of (path, &kind, error))
    return FALSE;
  if (kind.misnomer)
    *error = g_strdup_printf ("%s: its content is %s, not %s; rename it", path, kind.type, kind.misnomer);
  else if (g_strv_contains (turnable, kind.type) && inpaint_orientation (path) != 1)
    *error = g_strdup_printf ("%s: its EXIF orientation is not looked at here; save it upright (exiftran -a, or "
                              "ImageMagick's -auto-orient)", path);
  kind_clear (&kind);
  return ! *error;
}
