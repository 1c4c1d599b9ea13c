/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "host.h"
#include "property-text.h"
#include "request.h"

Request
inpaint_request (GeglOperation *operation)
{
  guint        count;
  GParamSpec **specs   = g_object_class_list_properties (G_OBJECT_GET_CLASS (operation), &count);
  Request      request = { .properties = g_new0 (InpaintProperty, count) };
  gint         used    = 0;

  for (guint i = 0; i < count; i++)
    {
      GValue value = G_VALUE_INIT;
      gchar *text;

      if (! (specs[i]->flags & G_PARAM_READABLE) || G_TYPE_IS_OBJECT (specs[i]->value_type)) /* a pad */
        continue;
      g_value_init (&value, specs[i]->value_type);
      g_object_get_property (G_OBJECT (operation), specs[i]->name, &value);
      text = inpaint_value_to_text (&value);
      if (text)
        request.properties[used++] = (InpaintProperty) { .name = specs[i]->name, .value = text };
      g_value_unset (&value);
    }
  g_free (specs);
  request.abi = (InpaintRequest) {
    .abi_version = INPAINT_ABI_VERSION, .operation = gegl_operation_get_name (operation), .properties = request.properties,
    .count = used, .previews = inpaint_wants_previews (operation),
  };
  return request;
}

void
inpaint_request_clear (Request *request)
{
  for (gint i = 0; i < request->abi.count; i++)
    g_free ((gchar *) request->properties[i].value);
  g_clear_pointer (&request->properties, g_free);
}
