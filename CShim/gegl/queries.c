/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a host may ask an operation without a run. */
#include "inpaint_abi.h"
#include "inpaint_keys.h"
#include "queries.h"
#include "request.h"

static InpaintRectangle
rectangle (const GeglRectangle *place)
{
  return (InpaintRectangle) { place->x, place->y, place->width, place->height };
}

static GeglRectangle *
window (GeglOperation *operation, const GeglRectangle *extent, const GeglRectangle *box, gpointer user)
{
  Request          request = inpaint_request (operation);
  InpaintRectangle answer;
  char            *error   = NULL;

  inpaint_window (&request.abi, rectangle (extent), rectangle (box), &answer, &error);
  inpaint_free_string (error); /* which a run has too, and reports */
  inpaint_request_clear (&request);
  return gegl_rectangle_new (answer.x, answer.y, answer.width, answer.height);
}

static gchar **
default_model (GeglOperation *operation, gpointer user)
{
  char   *name = NULL, *description = NULL;
  gchar **texts;

  if (! inpaint_default_model (gegl_operation_get_name (operation), &name, &description))
    return NULL;
  texts = g_new0 (gchar *, INPAINT_MODEL_TEXTS + 1);
  texts[INPAINT_MODEL_NAME]        = g_strdup (name);
  texts[INPAINT_MODEL_DESCRIPTION] = g_strdup (description);
  inpaint_free_string (name);
  inpaint_free_string (description);
  return texts;
}

/* Unless the class has been here before: a signal outlives the module that GEGL closes and opens again. */
static void
add_signal (GType type, const gchar *name, GCallback answer, GType returned, guint count, GType first, GType second)
{
  if (! g_signal_lookup (name, type))
    g_signal_new_class_handler (name, type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, answer, NULL, NULL, NULL, returned, count,
                                first, second);
}

void
inpaint_queries_class_init (GeglOperationClass *operation_class)
{
  GType type      = G_TYPE_FROM_CLASS (operation_class);
  GType rectangle = GEGL_TYPE_RECTANGLE | G_SIGNAL_TYPE_STATIC_SCOPE;

  add_signal (type, INPAINT_SIGNAL_WINDOW, G_CALLBACK (window), GEGL_TYPE_RECTANGLE, 2, rectangle, rectangle);
  add_signal (type, INPAINT_SIGNAL_DEFAULT_MODEL, G_CALLBACK (default_model), G_TYPE_STRV, 0, G_TYPE_NONE, G_TYPE_NONE);
}
