# SPDX-License-Identifier: LGPL-3.0-or-later
"""GIMP 3 with its window."""
from window_cases import *  # noqa: F403
