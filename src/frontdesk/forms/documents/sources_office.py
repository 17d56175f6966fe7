"""Word files and spreadsheets as passages. The package is looked through before a library opens it."""

import io
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from frontdesk.forms.documents.sources_limits import (
    LARGEST_PART,
    LARGEST_UNPACKED,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_SHEETS,
    UnreadableSource,
)
from frontdesk.forms.documents.sources_tables import rows_as_passages
from frontdesk.forms.documents.sources_text import pieces
from frontdesk.ports.interpreter import Passage

_DAMAGE = (
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the libraries raise of a file whose parts are not what they say; parts without XML are first read by them."""


def read(content: bytes, name: str) -> list[Passage]:
    """Passages of a .docx or .xlsx file. Raises `UnreadableSource`."""
    names = _inspected(content, name)
    if "word/document.xml" in names:
        return _word(content, name)
    if "xl/workbook.xml" in names:
        return _sheets(content, name)
    raise UnreadableSource("unsupported_file", f"{name} is an archive; send the files inside it one by one")


def _inspected(content: bytes, name: str) -> frozenset[str]:
    """The names of what is inside, after its size and its XML were found harmless."""
    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            # What the directory promises is checked first; what comes out is checked again below.
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise UnreadableSource("unsafe", f"{name} unpacks to far more than it is; save it anew and send that")
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableSource("encrypted", f"{name} is protected with a password; send a copy without one")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    parseString(_unpacked(package, part, name), _Silent(), forbid_dtd=True)
            return frozenset(part.filename for part in parts)
    except DefusedXmlException as error:
        raise UnreadableSource("unsafe", f"{name} declares things that no office file needs; save it anew") from error
    except (zipfile.BadZipFile, zlib.error, SAXException, EOFError, OSError, ValueError, RuntimeError) as error:
        raise UnreadableSource("corrupt", f"{name} is damaged or incomplete; send a whole copy") from error


def _unpacked(package: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> bytes:
    with package.open(part) as file:
        content = file.read(LARGEST_PART + 1)
    if len(content) > LARGEST_PART:
        raise UnreadableSource("unsafe", f"{name} unpacks to far more than it is; save it anew and send that")
    return content


def _word(content: bytes, name: str) -> list[Passage]:
    from docx import Document
    from docx.opc.exceptions import OpcError
    from docx.table import Table

    found: list[Passage] = []
    lines: list[str] = []
    try:
        for block in Document(io.BytesIO(content)).iter_inner_content():
            if isinstance(block, Table):
                found += rows_as_passages(_cells(block), name, is_drawn=True)
            else:
                lines.append(block.text)
    except (OpcError, *_DAMAGE) as error:
        raise UnreadableSource("corrupt", f"{name} is damaged or incomplete; send a whole copy") from error
    return [*pieces("\n".join(lines), name), *found]


def _cells(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells[:MOST_COLUMNS]] for row in table.rows[:MOST_ROWS]]


def _sheets(content: bytes, name: str) -> list[Passage]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    found: list[Passage] = []
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets[:MOST_SHEETS]:
            sheet.reset_dimensions()  # what a sheet says of its own size may be anything
            rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
            found += rows_as_passages([_written(row) for row in rows], name)
        book.close()
    except (InvalidFileException, *_DAMAGE) as error:
        raise UnreadableSource("corrupt", f"{name} is damaged or incomplete; send a whole copy") from error
    return found


def _written(row: Iterable[Any]) -> list[str]:
    return [_cell(value) for value in row]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class _Silent(ContentHandler):
    """Reads everything, keeps nothing."""
