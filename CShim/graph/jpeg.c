/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* JPEG files, coded as the one that the picture comes from. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <glib/gstdio.h>
#include <jpeglib.h>
#include <jerror.h>

#include "jpeg.h"
#include "rows.h"

/* The quality of gegl:jpg-save. */
#define QUALITY 90

#define MOST_COMPONENTS 4

struct _JpegCoding {
  J_COLOR_SPACE colors;
  gint          components;
  gint          horizontal[MOST_COMPONENTS], vertical[MOST_COMPONENTS]; /* sampling factors */
  gint          table[MOST_COMPONENTS];
  guint         tables[NUM_QUANT_TBLS][DCTSIZE2]; /* rows from the top; all 0 where there is none */
  gboolean      is_progressive;
};

/* libjpeg's, which would end the process. */
typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf               jump;
  gchar                *text;
} Errors;

static void
fail (j_common_ptr jpeg)
{
  Errors *errors = (Errors *) jpeg->err;
  gchar   text[JMSG_LENGTH_MAX];

  jpeg->err->format_message (jpeg, text);
  errors->text = g_strdup (jpeg->err->msg_code == JERR_FILE_WRITE && errno != 0 ? g_strerror (errno) : text);
  longjmp (errors->jump, 1);
}

static void
ignore (j_common_ptr jpeg, int level)
{
}

static struct jpeg_error_mgr *
errors_init (Errors *errors)
{
  errors->text                  = NULL;
  jpeg_std_error (&errors->manager);
  errors->manager.error_exit    = fail;
  errors->manager.emit_message  = ignore;
  return &errors->manager;
}

/* Whether libjpeg writes such sampling: factors that divide the largest, and no more blocks than a unit may have. */
static gboolean
is_writable (const JpegCoding *coding)
{
  gint widest = 1, highest = 1, blocks = 0;

  for (gint i = 0; i < coding->components; i++)
    {
      widest  = MAX (widest, coding->horizontal[i]);
      highest = MAX (highest, coding->vertical[i]);
      blocks += coding->horizontal[i] * coding->vertical[i];
    }
  for (gint i = 0; i < coding->components; i++)
    if (widest % coding->horizontal[i] != 0 || highest % coding->vertical[i] != 0)
      return FALSE;
  return blocks <= C_MAX_BLOCKS_IN_MCU;
}

/* NULL where libjpeg cannot write the same. */
static JpegCoding *
coding_of (const struct jpeg_decompress_struct *jpeg)
{
  JpegCoding *coding = g_new0 (JpegCoding, 1);
  gboolean    usable = jpeg->num_components <= MOST_COMPONENTS;

  coding->colors         = jpeg->jpeg_color_space;
  coding->components     = jpeg->num_components;
  coding->is_progressive = jpeg->progressive_mode;
  for (gint i = 0; usable && i < coding->components; i++)
    {
      const jpeg_component_info *component = &jpeg->comp_info[i];
      const JQUANT_TBL          *table     = NULL;

      coding->horizontal[i] = component->h_samp_factor;
      coding->vertical[i]   = component->v_samp_factor;
      coding->table[i]      = component->quant_tbl_no;
      if (component->quant_tbl_no >= 0 && component->quant_tbl_no < NUM_QUANT_TBLS)
        table = jpeg->quant_tbl_ptrs[component->quant_tbl_no];
      usable = table != NULL;
      for (gint value = 0; table && value < DCTSIZE2; value++)
        coding->tables[coding->table[i]][value] = table->quantval[value];
    }
  if (! usable || ! is_writable (coding))
    g_clear_pointer (&coding, g_free);
  return coding;
}

static void
read_header (struct jpeg_decompress_struct *jpeg, Origin *origin)
{
  JOCTET *icc;
  guint   length;

  jpeg_save_markers (jpeg, JPEG_APP0 + 2, 0xffff); /* the profile */
  jpeg_read_header (jpeg, TRUE);
  origin->jpeg = coding_of (jpeg);
  if (jpeg->saw_JFIF_marker && jpeg->X_density > 1 && jpeg->Y_density > 1)
    origin->resolution = (Resolution) { jpeg->X_density, jpeg->Y_density,
                                        jpeg->density_unit == 1 ? RESOLUTION_INCH
                                        : jpeg->density_unit == 2 ? RESOLUTION_CM : RESOLUTION_RATIO };
  if (jpeg_read_icc_profile (jpeg, &icc, &length))
    {
      origin->profile = g_bytes_new (icc, length);
      free (icc);
    }
}

void
inpaint_jpeg_read (const gchar *path, Origin *origin)
{
  FILE                         *file = g_fopen (path, "rbe");
  struct jpeg_decompress_struct jpeg = { 0 };
  Errors                        errors;

  if (! file)
    return;
  jpeg.err = errors_init (&errors);
  if (setjmp (errors.jump) == 0)
    {
      jpeg_create_decompress (&jpeg);
      jpeg_stdio_src (&jpeg, file);
      read_header (&jpeg, origin);
    }
  jpeg_destroy_decompress (&jpeg);
  g_free (errors.text);
  fclose (file);
}

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
  Errors                      errors;
  Rows                        rows;
  guint8                     *row;

  if (! file)
    {
      *error = g_strdup (g_strerror (errno));
      return FALSE;
    }
  inpaint_rows_init (&rows, gegl_buffer_get_format (buffer), origin, ROWS_GREY | ROWS_CMYK, 8);
  row      = g_malloc_n (gegl_buffer_get_width (buffer), rows.channels);
  jpeg.err = errors_init (&errors);
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
