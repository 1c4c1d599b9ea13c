"""Photographs for training: where they come from, under which licence, and how they are cut into crops."""
