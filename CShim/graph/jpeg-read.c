/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What JPEG files say beside their pixels, and whether those can be read. */
#include <errno.h>
#include <stdlib.h>

#include <glib/gstdio.h>

#include "jpeg-coding.h"

#include <jerror.h> /* behind jpeglib.h */

static void
fail (j_common_ptr jpeg)
{
  JpegErrors *errors = (JpegErrors *) jpeg->err;
  gchar       text[JMSG_LENGTH_MAX];

  jpeg->err->format_message (jpeg, text);
  errors->text = g_strdup (jpeg->err->msg_code == JERR_FILE_WRITE && errno != 0 ? g_strerror (errno) : text);
  longjmp (errors->jump, 1);
}

static void
ignore (j_common_ptr jpeg, int level)
{
}

struct jpeg_error_mgr *
inpaint_jpeg_errors_init (JpegErrors *errors)
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
      usable = table != NULL && table->quantval[0] != 0; /* which libjpeg does not write */
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

/* Lets `act` read the file.  NULL, or why that failed, to be freed with g_free. */
static gchar *
read_file (const gchar *path, void (*act) (struct jpeg_decompress_struct *jpeg, Origin *origin), Origin *origin)
{
  FILE                         *file = g_fopen (path, "rbe");
  struct jpeg_decompress_struct jpeg = { 0 };
  JpegErrors                    errors;

  if (! file)
    return g_strdup (g_strerror (errno));
  jpeg.err = inpaint_jpeg_errors_init (&errors);
  if (setjmp (errors.jump) == 0)
    {
      jpeg_create_decompress (&jpeg);
      jpeg_stdio_src (&jpeg, file);
      act (&jpeg, origin);
    }
  jpeg_destroy_decompress (&jpeg);
  fclose (file);
  return errors.text;
}

void
inpaint_jpeg_read (const gchar *path, Origin *origin)
{
  g_free (read_file (path, read_header, origin));
}

static void
read_pixels (struct jpeg_decompress_struct *jpeg, Origin *origin)
{
  JSAMPARRAY row;

  jpeg_read_header (jpeg, TRUE);
  jpeg_start_decompress (jpeg);
  row = jpeg->mem->alloc_sarray ((j_common_ptr) jpeg, JPOOL_IMAGE, jpeg->output_width * jpeg->output_components, 1);
  while (jpeg->output_scanline < jpeg->output_height)
    jpeg_read_scanlines (jpeg, row, 1);
}

gchar *
inpaint_jpeg_flaw (const gchar *path)
{
  return read_file (path, read_pixels, NULL);
}
