"""What supporting material may cost, and how a file is refused."""

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
MOST_LETTERS = 400_000
"""Letters that are taken from one file."""
MOST_PAGES = 100
MOST_ROWS = 5_000
MOST_COLUMNS = 200
MOST_SHEETS = 20
MOST_NODES = 20_000
"""Values of one JSON file."""
DEEPEST = 40
MOST_PARTS = 2_000
"""Files inside an office file."""
LARGEST_UNPACKED = 60 * 1024 * 1024
LARGEST_PART = 40 * 1024 * 1024


class UnreadableSource(Exception):
    """This file will never be read. `code` is for programs, `message` one sentence fit for the sender.

    Codes: `empty`, `too_large`, `unsupported_file`, `corrupt`, `encrypted`, `unsafe`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
