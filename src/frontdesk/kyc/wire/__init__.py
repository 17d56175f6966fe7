"""The published bodies of identity checks, and which refusal is which status."""
