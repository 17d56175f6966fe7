"""What may be sent at most."""

PDF_BYTES = 10 * 1024 * 1024
REQUEST_BYTES = 30 * 1024 * 1024
PAGES = 100
CONTEXTS = 5
CONTEXT_LETTERS = 200_000
"""Of context that is typed as a form value."""
BATCH_ROWS = 1_000
MESSAGE_LETTERS = 20_000
VALUE_LETTERS = 20_000
WRITES = 60
"""Writing requests of one key within a minute."""
