"""Evidence files and reports."""
