"""Tables that are sent for batches: rows of text out of CSV and spreadsheets."""

import csv
import io

from frontdesk.forms.rules.refusals import TooLarge, UnsupportedFile

MOST_COLUMNS = 500


def table(content: bytes, most_rows: int) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The header and the rows below it, all of one width. Raises refusals."""
    rows = _sheet(content) if content.startswith(b"PK\x03\x04") else _separated(content)
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise UnsupportedFile("the table has no header row")
    header = tuple(cell.strip() for cell in rows[0][:MOST_COLUMNS])
    if len(rows) - 1 > most_rows:
        raise TooLarge(f"the table has {len(rows) - 1} rows; at most {most_rows} are accepted")
    width = len(header)
    return header, tuple(tuple((*row, *[""] * width)[:width]) for row in rows[1:])


def _separated(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise UnsupportedFile("the table is neither CSV nor a spreadsheet")
    first = text.partition("\n")[0]
    mark = max(",;\t|", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise UnsupportedFile("the table is no CSV that could be read") from error


def _sheet(content: bytes) -> list[list[str]]:
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except (KeyError, ValueError, IndexError, OSError, zipfile.BadZipFile) as error:
        raise UnsupportedFile("the spreadsheet could not be read") from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text.removesuffix(" 00:00:00")
