"""Whole sessions over real HTTP, told as stories, on each storage."""
