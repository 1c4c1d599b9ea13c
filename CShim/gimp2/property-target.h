/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The values of properties, as widgets show and change them. */
#pragma once

#include "settings.h"

/* What a widget changes. */
typedef struct {
  GeglNode   *operation;
  GParamSpec *property;
} Target;

/* Lives as long as `widget`, a GObject. */
Target *target_of (const Settings *settings, GParamSpec *property, gpointer widget);

/* A property of any kind of number. */
gdouble property_number   (const Settings *settings, GParamSpec *property);
void    target_set_number (const Target *target, gdouble number);

/* A property of text, never NULL; to be freed with g_free.  `target` is a Target. */
gchar *property_text   (const Settings *settings, GParamSpec *property);
void   target_set_text (const gchar *text, gpointer target);
