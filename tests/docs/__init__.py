"""The manual: its links and its examples."""
