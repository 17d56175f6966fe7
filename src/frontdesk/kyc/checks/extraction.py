"""From what was read to the documented keys: one pure function over all kinds of paper."""

from collections.abc import Sequence
from datetime import date

import msgspec

from frontdesk.kyc.checks import barcodes, identity, letters, printed_identity
from frontdesk.kyc.checks.classification import recognise
from frontdesk.kyc.checks.dates import Calendar, order_in
from frontdesk.kyc.checks.evidence import DOUBTED, Value, overall
from frontdesk.kyc.checks.visual import Seen, printed
from frontdesk.kyc.checks.zone import find_zone
from frontdesk.ports.ocr import Reading

_IDENTITY = ("id", "passport", "national_id", "driver_license", "visa")
_LETTERS = {
    "proof_of_address": letters.address_fields,
    "bank_ownership": letters.bank_fields,
    "company_charter": letters.charter_fields,
}


class Extraction(msgspec.Struct, frozen=True):
    """Values by key, and a score between 0 and 1 for each and for the whole (`overall`).

    `document_type` is what was recognised, which need not be what was asked for. From a score of 0.9 on a
    value has two independent witnesses. `issues` are codes for the reviewer. `printed` is what stands in print on a
    paper with a zone, as far as two readers agree on it.
    """

    document_type: str
    values: dict[str, str]
    scores: dict[str, float]
    engine: str
    issues: tuple[str, ...]
    printed: dict[str, str]


def extract(
    reading: Reading, document_type: str, today: date, engine: str = "auto", languages: Sequence[str] = ()
) -> Extraction:
    """Everything that can be read for a paper of the type that was asked for; what cannot is left out.

    `engine` names the one source that counts: `mrz`, `ocr` or `barcode`; with `auto` each that there is. `languages`
    are those of the paper, as tags: they decide between day and month where both could come first.
    """
    seen, calendar = printed(*reading.pages), Calendar(today, order_in(languages))
    kind, values, issues, how = _identity(reading, seen, today, engine)
    prints = engine in ("auto", "ocr")
    if not values:
        kind, how = recognise(seen), "ocr"
        if document_type in _IDENTITY and prints:
            asked = document_type if kind == "unknown" else kind
            values = _printed_only(seen, asked, calendar)
    if document_type in _LETTERS and prints:
        values = _LETTERS[document_type](seen, calendar)
    elif document_type not in _IDENTITY and prints:
        values = letters.plain_text(seen)
    if not values:
        issues = (*issues, "nothing_readable")
    scores = {key: round(value.score, 4) for key, value in values.items()}
    return Extraction(
        kind,
        {key: value.text for key, value in values.items()},
        {"overall": overall(scores.values()), **scores},
        f"{how}:{reading.engine}",
        issues,
        _beside_zone(seen, kind, calendar) if how == "mrz" else {},
    )


def _beside_zone(seen: Sequence[Seen], kind: str, calendar: Calendar) -> dict[str, str]:
    found = printed_identity.fields(seen, kind, calendar)
    return {key: value.text for key, value in found.items() if value.score >= DOUBTED and key != "full_name"}


def _identity(
    reading: Reading, seen: Sequence[Seen], today: date, engine: str
) -> tuple[str, dict[str, Value], tuple[str, ...], str]:
    """By zone, else by the barcode of a licence, on the first page that has one."""
    for page in reading.pages if engine in ("auto", "mrz") else ():
        zone = find_zone(page, seen)
        if zone is not None:
            found = identity.fields(zone, seen, today)
            return found.kind, found.values, found.issues, "mrz"
    for page in reading.pages if engine in ("auto", "barcode") else ():
        for code in page.barcodes:
            if barcodes.is_licence(code.text):
                return "driver_license", barcodes.licence_fields(code.text), (), "barcode"
    return "unknown", {}, (), "ocr"


def _printed_only(seen: Sequence[Seen], kind: str, calendar: Calendar) -> dict[str, Value]:
    """Without its zone nothing on a passport or visa is sure: what confirms the print is missing."""
    values = printed_identity.fields(seen, kind, calendar) if kind in _IDENTITY else {}
    if kind not in ("passport", "visa"):
        return values
    return {key: Value(value.text, min(value.score, DOUBTED)) for key, value in values.items()}
