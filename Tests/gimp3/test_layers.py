# SPDX-License-Identifier: LGPL-3.0-or-later
"""States of images and layers in GIMP 3."""
from layer_cases import *  # noqa: F403
