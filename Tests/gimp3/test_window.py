# SPDX-License-Identifier: LGPL-3.0-or-later
"""GIMP 3 with its window: what needs no settings of an earlier run."""
from screen import screen  # noqa: F401  a fixture
from window import default_model, window  # noqa: F401  fixtures
from window_cases import (  # noqa: F401
    test_cancel_in_the_dialog_changes_nothing,
    test_fills_from_the_menu_and_undoes_in_one_step,
)
