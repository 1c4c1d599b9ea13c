/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PNG files, with what the one says that the picture comes from. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>
#include <png.h>

#include "complaints.h"
#include "png.h"
#include "rows.h"

/* The compression of gegl:png-save. */
#define COMPRESSION 3

/* Keys of text that holds EXIF, IPTC and XMP; metadata.c reads and writes them. */
#define RAW_PROFILE "Raw profile type "
#define XMP         "XML:com.adobe.xmp"

static void
fail (png_structp png, png_const_charp text)
{
  gchar **error = png_get_error_ptr (png);

  *error = g_strdup (errno != 0 ? g_strerror (errno) : text); /* libpng says only "Write Error" of a full disk */
  png_longjmp (png, 1);
}

/* What it warns of in a file is nothing that a user could mend. */
static void
ignore (png_structp png, png_const_charp text)
{
}

static void
text_clear (gpointer data)
{
  png_text *text = data;

  g_free (text->key);
  g_free (text->text);
  g_free (text->lang);
  g_free (text->lang_key);
}

static void
read_text (png_structp png, png_infop info, Origin *origin)
{
  png_textp texts;
  int       count = 0;

  png_get_text (png, info, &texts, &count);
  for (int i = 0; i < count; i++)
    {
      png_text text = texts[i];

      if (g_str_has_prefix (text.key, RAW_PROFILE) || g_str_equal (text.key, XMP))
        continue;
      text.key      = g_strdup (text.key);
      text.text     = g_strdup (text.text);
      text.lang     = g_strdup (text.lang);
      text.lang_key = g_strdup (text.lang_key);
      if (! origin->png_text)
        {
          origin->png_text = g_array_new (FALSE, FALSE, sizeof (png_text));
          g_array_set_clear_func (origin->png_text, text_clear);
        }
      g_array_append_val (origin->png_text, text);
    }
}

/* Bytes that a compressed text or profile may become, where the file itself is smaller. */
#define MOST_TEXT ((gsize) 64 << 20)

/* Passes over pixels, behind which there may be more to read; counts the pictures of an animation. */
static int
pass_over (png_structp png, png_unknown_chunkp chunk)
{
  png_uint_32 *frames = png_get_user_chunk_ptr (png);

  if (memcmp (chunk->name, "acTL", 4) == 0 && chunk->size >= 4)
    *frames = png_get_uint_32 (chunk->data);
  return 1;
}

static void
read_info (png_structp png, png_infop info, Origin *origin)
{
  png_charp   name;
  png_bytep   icc;
  png_uint_32 length, x, y;
  int         kind;

  png_read_info (png, info);
  if (png_get_iCCP (png, info, &name, &kind, &icc, &length))
    origin->profile = g_bytes_new (icc, length);
  if (png_get_pHYs (png, info, &x, &y, &kind) && x > 0 && y > 0)
    origin->resolution = kind == PNG_RESOLUTION_METER ? (Resolution) { x / 100.0, y / 100.0, RESOLUTION_CM }
                                                      : (Resolution) { x, y, RESOLUTION_RATIO };
  png_read_end (png, info);
  read_text (png, info, origin);
}

static gsize
size_of (FILE *file)
{
  struct stat status;

  return fstat (fileno (file), &status) == 0 ? (gsize) status.st_size : 0;
}

void
inpaint_png_read (const gchar *path, Origin *origin)
{
  FILE                *file   = g_fopen (path, "rbe");
  gchar               *error  = NULL;
  volatile png_uint_32 frames = 1;
  png_structp          png    = png_create_read_struct (PNG_LIBPNG_VER_STRING, &error, fail, ignore);
  png_infop            info   = png ? png_create_info_struct (png) : NULL;

  if (file && info && setjmp (png_jmpbuf (png)) == 0)
    {
      png_set_benign_errors (png, TRUE);
      png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep) "IDAT", 1);
      png_set_read_user_chunk_fn (png, (png_voidp) &frames, pass_over);
      png_set_chunk_malloc_max (png, MAX (size_of (file), MOST_TEXT)); /* all pixels may be in one chunk */
      png_init_io (png, file);
      read_info (png, info, origin);
    }
  png_destroy_read_struct (&png, &info, NULL);
  if (file)
    fclose (file);
  if (frames > 1)
    inpaint_note (path, "only the first of its %u pictures is read", (guint) frames);
  g_free (error);
}

static void
write_resolution (png_structp png, png_infop info, const Resolution *resolution)
{
  gdouble meter = resolution->unit == RESOLUTION_CM ? 100 : resolution->unit == RESOLUTION_INCH ? 1 / 0.0254 : 1;
  gdouble x     = round (resolution->x * meter);
  gdouble y     = round (resolution->y * meter);

  if (x >= 1 && y >= 1 && x <= PNG_UINT_31_MAX && y <= PNG_UINT_31_MAX)
    png_set_pHYs (png, info, (png_uint_32) x, (png_uint_32) y,
                  resolution->unit == RESOLUTION_RATIO ? PNG_RESOLUTION_UNKNOWN : PNG_RESOLUTION_METER);
}

static void
write_info (png_structp png, png_infop info, GeglBuffer *buffer, const Rows *rows, gint bits, const Origin *origin)
{
  gint kind = (rows->channels > 2 ? PNG_COLOR_MASK_COLOR : 0) | (rows->has_alpha ? PNG_COLOR_MASK_ALPHA : 0);

  png_set_benign_errors (png, TRUE);
  png_set_compression_level (png, COMPRESSION);
  png_set_IHDR (png, info, gegl_buffer_get_width (buffer), gegl_buffer_get_height (buffer), bits, kind, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (rows->profile)
    {
      gsize         length;
      const guint8 *icc = g_bytes_get_data (rows->profile, &length);

      png_set_iCCP (png, info, "ICC profile", PNG_COMPRESSION_TYPE_DEFAULT, icc, (png_uint_32) length);
    }
  else if (rows->channels > 2)
    png_set_sRGB_gAMA_and_cHRM (png, info, PNG_sRGB_INTENT_RELATIVE);
  write_resolution (png, info, &origin->resolution);
  if (origin->png_text)
    png_set_text (png, info, (png_textp) origin->png_text->data, (int) origin->png_text->len);
  png_write_info (png, info);
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  if (bits == 16)
    png_set_swap (png);
#endif
}

gboolean
inpaint_png_save (GeglBuffer *buffer, const gchar *path, gint bits, const Origin *origin, gchar **error)
{
  FILE       *file = g_fopen (path, "wbe");
  gint        open = file ? 0 : errno;
  png_structp png  = png_create_write_struct (PNG_LIBPNG_VER_STRING, error, fail, ignore);
  png_infop   info = png ? png_create_info_struct (png) : NULL;
  Rows        rows;
  guint8     *row;

  inpaint_rows_init (&rows, gegl_buffer_get_format (buffer), origin, ROWS_GREY | ROWS_ALPHA, bits);
  row = g_malloc_n (gegl_buffer_get_width (buffer), rows.channels * bits / 8);
  if (! file)
    *error = g_strdup (g_strerror (open));
  else if (! info)
    *error = g_strdup ("out of memory");
  else if (setjmp (png_jmpbuf (png)) == 0)
    {
      png_init_io (png, file);
      errno = 0;
      write_info (png, info, buffer, &rows, bits, origin);
      for (gint y = 0; y < gegl_buffer_get_height (buffer); y++)
        {
          inpaint_rows_get (&rows, buffer, y, row);
          errno = 0;
          png_write_row (png, row);
        }
      png_write_end (png, NULL);
    }
  png_destroy_write_struct (&png, &info);
  g_free (row);
  inpaint_rows_clear (&rows);
  if (file && fclose (file) != 0 && ! *error)
    *error = g_strdup (g_strerror (errno));
  return ! *error;
}
