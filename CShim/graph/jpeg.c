/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* JPEG files, coded as the one that the picture comes from. */
#include <errno.h>
#include <math.h>

#include <glib/gstdio.h>

#include "jpeg-coding.h"
#include "rows.h"

/* The quality of gegl:jpg-save. */
#define QUALITY 90

/* Whether the coding is of such colours as are written. */
static gboolean
is_for (const JpegCoding *coding, const struct jpeg_compress_struct *jpeg)
{
  if (! coding || coding->components != jpeg->input_components)
    return FALSE;
  switch (coding->colors)
    {
    case JCS_GRAYSCALE: return jpeg->in_color_space == JCS_GRAYSCALE;
    case JCS_RGB:
    case JCS_YCbCr:     return jpeg->in_color_space == JCS_RGB;
    case JCS_CMYK:
    case JCS_YCCK:      return jpeg->in_color_space == JCS_CMYK;
    default:            return FALSE;
    }
}

static void
take_tables (struct jpeg_compress_struct *jpeg, const JpegCoding *coding, gboolean is_transposed)
{
  for (gint i = 0; i < NUM_QUANT_TBLS; i++)
    {
      guint values[DCTSIZE2];

      if (coding->tables[i][0] == 0)
        continue;
      for (gint value = 0; value < DCTSIZE2; value++)
        values[value] = coding->tables[i][is_transposed ? value % DCTSIZE * DCTSIZE + value / DCTSIZE : value];
      jpeg_add_quant_table (jpeg, i, values, 100, FALSE); /* 100 % of them */
    }
  for (gint i = 0; i < coding->components; i++)
    jpeg->comp_info[i].quant_tbl_no = coding->table[i];
}

static void
set_coding (struct jpeg_compress_struct *jpeg, const Origin *origin, gint quality)
{
  const JpegCoding *coding = origin->jpeg;

  jpeg_set_defaults (jpeg);
  if (! is_for (coding, jpeg))
    coding = NULL;
  if (coding)
    jpeg_set_colorspace (jpeg, coding->colors);
  jpeg_set_quality (jpeg, quality ? quality : QUALITY, TRUE);
  if (coding && ! quality)
    take_tables (jpeg, coding, origin->is_transposed);
  for (gint i = 0; i < jpeg->num_components; i++)
    {
      jpeg_component_info *component = &jpeg->comp_info[i];

      component->h_samp_factor = coding ? coding->horizontal[i] : 1;
      component->v_samp_factor = coding ? coding->vertical[i] : 1;
      if (origin->is_transposed)
        {
          gint factor = component->h_samp_factor;

          component->h_samp_factor = component->v_samp_factor;
          component->v_samp_factor = factor;
        }
    }
  jpeg->optimize_coding = TRUE;
  if (! coding || coding->is_progressive)
    jpeg_simple_progression (jpeg);
}

static void
set_density (struct jpeg_compress_struct *jpeg, const Resolution *resolution)
{
  gboolean is_whole = resolution->x == floor (resolution->x) && resolution->y == floor (resolution->y);
  gdouble  inch     = resolution->unit == RESOLUTION_CM && ! is_whole ? 2.54 : 1; /* densities are whole numbers */
  gdouble  x        = resolution->x * inch;
  gdouble  y        = resolution->y * inch;

  if (x < 1 || y < 1 || x > G_MAXUINT16 || y > G_MAXUINT16)
    return;
  jpeg->X_density    = (UINT16) lround (x);
  jpeg->Y_density    = (UINT16) lround (y);
  jpeg->density_unit = resolution->unit == RESOLUTION_RATIO ? 0 : resolution->unit == RESOLUTION_CM && is_whole ? 2 : 1;
}

static void
write_picture (struct jpeg_compress_struct *jpeg, GeglBuffer *buffer, const Rows *rows, const Origin *origin, gint quality,
               guint8 *row)
{
  jpeg->image_width      = gegl_buffer_get_width (buffer);
  jpeg->image_height     = gegl_buffer_get_height (buffer);
  jpeg->input_components = rows->channels;
  jpeg->in_color_space   = rows->channels == 1 ? JCS_GRAYSCALE : rows->channels == 3 ? JCS_RGB : JCS_CMYK;
  set_coding (jpeg, origin, quality);
  set_density (jpeg, &origin->resolution);
  jpeg_start_compress (jpeg, TRUE);
  if (rows->profile)
    {
      gsize         length;
      const guint8 *icc = g_bytes_get_data (rows->profile, &length);

      jpeg_write_icc_profile (jpeg, icc, length);
    }
  while (jpeg->next_scanline < jpeg->image_height)
    {
      inpaint_rows_get (rows, buffer, jpeg->next_scanline, row);
      errno = 0;
      jpeg_write_scanlines (jpeg, &row, 1);
    }
  jpeg_finish_compress (jpeg);
}

gboolean
inpaint_jpeg_save (GeglBuffer *buffer, const gchar *path, const Origin *origin, gint quality, gchar **error)
{
  FILE                       *file = g_fopen (path, "wbe");
  struct jpeg_compress_struct jpeg = { 0 };
  JpegErrors                  errors;
  Rows                        rows;
  guint8                     *row;

  if (! file)
    {
      *error = g_strdup (g_strerror (errno));
      return FALSE;
    }
  inpaint_rows_init (&rows, gegl_buffer_get_format (buffer), origin, ROWS_GREY | ROWS_CMYK, 8);
  row      = g_malloc_n (gegl_buffer_get_width (buffer), rows.channels);
  jpeg.err = inpaint_jpeg_errors_init (&errors);
  if (setjmp (errors.jump) == 0)
    {
      jpeg_create_compress (&jpeg);
      jpeg_stdio_dest (&jpeg, file);
      write_picture (&jpeg, buffer, &rows, origin, quality, row);
    }
  jpeg_destroy_compress (&jpeg);
  g_free (row);
  inpaint_rows_clear (&rows);
  if (fclose (file) != 0 && ! errors.text)
    errors.text = g_strdup (g_strerror (errno));
  *error = errors.text;
  return ! *error;
}
