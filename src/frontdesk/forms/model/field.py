"""A form's fields as they were read from its pages, and the layout that they make together."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "checkbox", "radio", "dropdown", "listbox", "signature"]
DataType = Literal["string", "boolean", "signature", "number", "date", "currency", "email", "phone", "choice"]
SourceKind = Literal["flat", "acroform", "xfa", "scanned"]
Value = str | bool | tuple[str, ...] | None
"""Text, a box that is on or off, an option's value, the values of a list box; None for a blank."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A place on a page: points, pages from 0, origin at the lower left of the page's unrotated media box."""

    page: int
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `value` is what is stored, `label` what a person reads. `rect` is the place of a radio button."""

    value: str
    label: str
    rect: Rect | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of a field in a detected table; rows and columns count from 0, without the header."""

    table: str
    row: int
    column: int
    header: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `number` counts from 1 in reading order and stays the same for one form.

    `name` is the full name in the PDF's own form, None where the field was detected on a flat page. `value` is what
    the document held when it came. `max_length` counts characters. `format` is a date format such as `MM/DD/YYYY`.
    """

    number: int
    kind: Kind
    data_type: DataType
    label: str
    rect: Rect
    name: str | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    group: str | None = None
    description: str | None = None
    section: str | None = None
    max_length: int | None = None
    multiline: bool = False
    comb: bool = False
    format: str | None = None
    table: Cell | None = None
    confidence: float = 1.0
    value: Value = None

    @property
    def id(self) -> str:
        """The published id: `f_001` and so on."""
        return f"f_{self.number:03d}"


@dataclass(frozen=True, slots=True)
class PageSize:
    """The media box of a page in points, and how far it is turned when shown (0, 90, 180, 270)."""

    width: float
    height: float
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """All that reading a PDF yields. `unread` are the pages (from 0) that are pictures and need recognised text."""

    source_kind: SourceKind
    title: str | None
    pages: tuple[PageSize, ...]
    fields: tuple[Field, ...]
    warnings: tuple[str, ...] = ()
    unread: tuple[int, ...] = ()
