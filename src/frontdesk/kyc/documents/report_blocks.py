"""What a report is made of: headings, sentences, tables and pictures, without a word on how they are drawn."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a section, or a part of one."""

    text: str
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences. `tone` is `plain`, `quiet`, `good` or `bad`."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and values, a line for each."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `widths` are shares; columns named in `machine` hold ids and digests, which are set small."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    machine: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pictures:
    """JPEG pictures, so many beside each other, each with the words beneath it."""

    pictures: tuple[tuple[bytes, str], ...]
    across: int = 2


Block = Heading | Paragraph | Pairs | Grid | Pictures


@dataclass(frozen=True, slots=True)
class Report:
    """`footer` is on every page; `made_at` is ISO 8601, UTC."""

    title: str
    subtitle: str
    badge: str
    badge_tone: str
    footer: str
    made_at: str
    blocks: tuple[Block, ...]
