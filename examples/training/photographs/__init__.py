# SPDX-License-Identifier: LGPL-3.0-or-later
"""Photographs for training: where they come from, under which licence, and how they are cut into crops."""
