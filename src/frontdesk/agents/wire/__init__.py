"""Published bodies, and which refusal is which status."""
