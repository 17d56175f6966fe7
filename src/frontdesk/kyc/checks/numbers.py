"""The number of a paper as it is compared between sessions."""

from collections.abc import Mapping

from frontdesk.kyc.checks.text import squeeze
from frontdesk.kyc.model.session import Document, Progress

SHORTEST = 5
"""A shorter one is a slip of the reader, or nobody's own."""


def number_of(values: Mapping[str, str]) -> str | None:
    """Its letters and digits, and the state that gave it: two states may give the same number."""
    number = squeeze(values.get("document_number", ""))
    return f"{values.get('issuing_country', '')} {number}" if len(number) >= SHORTEST else None


def numbers(document: Document) -> set[str]:
    """Every number that was read on a paper."""
    return {found for one in document.extractions if (found := number_of(one.values)) is not None}


def new_numbers(before: Progress, after: Progress) -> set[str]:
    """Numbers that a change has brought."""
    if before.documents is after.documents:
        return set()
    known = {one for document in before.documents for one in numbers(document)}
    return {one for document in after.documents for one in numbers(document)} - known
