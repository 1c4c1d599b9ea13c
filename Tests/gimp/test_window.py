# SPDX-License-Identifier: LGPL-3.0-or-later
"""GIMP 2.10 with its window."""
from window_cases import *  # noqa: F403
