"""What filling a form in yields: the document, and what its reader should know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FillWarning:
    """What did not go as asked. `field` is its number, None for the whole document.

    Codes: `shrunk`, `cut`, `date_kept_as_text`, `characters_left_out`, `unknown_option`, `no_place`,
    `signature_removed`, `usage_rights_removed`.
    """

    field: int | None
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled document and its warnings, in the order of the fields."""

    pdf: bytes
    warnings: tuple[FillWarning, ...] = ()
