"""The skills mechanism."""
