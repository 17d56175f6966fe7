"""The log of a session as JSON lines: each event in clear, and sealed as it is stored: over that goes its digest."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from frontdesk.basics.clock import from_micros, iso_millis, to_micros
from frontdesk.kernel import events
from frontdesk.kernel.events import Event
from frontdesk.kernel.vault import Seal
from frontdesk.kyc.documents.archive import EvidenceFlawed
from frontdesk.kyc.documents.manifest import EVENTS, Log


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line. `at_micros` counts microseconds since 1970; `sealed` is base64, digests are hex.

    `digest` is SHA-256 over the digest before (32 zero bytes for the first), the lines session_id, number, id, type,
    at_micros, and the sealed bytes.
    """

    number: int
    id: str
    type: str
    at: str
    at_micros: int
    facts: dict[str, Any]
    sealed: str
    digest: str


def rows(log: Iterable[Event], seal: Seal) -> list[Row]:
    """The events, opened. Raises `BrokenSeal`."""
    return [
        Row(
            one.number,
            one.id,
            one.type,
            iso_millis(one.at),
            to_micros(one.at),
            one.facts(seal),
            base64.b64encode(one.sealed).decode(),
            one.digest.hex(),
        )
        for one in log
    ]


def written(log: Sequence[Row]) -> bytes:
    """As JSON lines."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in log)


def check(session_id: str, text: bytes, told: Log) -> None:
    """Make every digest anew. Raises `EvidenceFlawed` at the first event that does not follow from the one before."""
    try:
        found = [msgspec.json.decode(line, type=Row) for line in text.removesuffix(b"\n").split(b"\n")]
        log = [
            Event(
                session_id,
                row.number,
                row.id,
                row.type,
                from_micros(row.at_micros),
                base64.b64decode(row.sealed, validate=True),
                bytes.fromhex(row.digest),
            )
            for row in found
        ]
        last = bytes.fromhex(told.last_digest)
    except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, ValueError, OverflowError) as error:
        raise EvidenceFlawed(f"{EVENTS} holds a line that is no event") from error
    broken = events.first_break(log, last)
    if broken is not None or len(log) != told.count:
        raise EvidenceFlawed(
            f"The chain of events does not hold from event {broken or min(len(log), told.count) + 1} on"
        )
    for row, one in zip(found, log, strict=True):
        if row.at != iso_millis(one.at):
            raise EvidenceFlawed(f"Event {row.number} says another time in words than in its digest")
