"""The tables of forms and their queries."""
