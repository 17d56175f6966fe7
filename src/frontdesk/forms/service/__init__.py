"""The verbs of the forms API."""
