# SPDX-License-Identifier: LGPL-3.0-or-later
"""Extend Canvas in GIMP 2.10."""
from canvas_cases import *  # noqa: F403
