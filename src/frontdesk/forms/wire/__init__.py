"""Published bodies of the forms API, and which refusal is which status."""
