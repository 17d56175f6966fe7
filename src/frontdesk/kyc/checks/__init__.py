"""Checks of papers: what was read becomes fields, and fields become findings. All of it is pure."""
