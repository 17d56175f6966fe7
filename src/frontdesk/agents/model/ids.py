"""Published ids: a prefix, `_`, and the 32 hexadecimal digits of a UUID; those of events also tell their number."""

import hashlib
import re
from datetime import datetime

from frontdesk.basics.clock import to_micros
from frontdesk.basics.ids import uuid7

_HEX = re.compile(r"[0-9a-f]{32}")
_TAG_BITS = 34
_LOW_NUMBER_BITS = 62 - _TAG_BITS


def new(prefix: str) -> str:
    """A new id of this kind."""
    return f"{prefix}_{uuid7().replace('-', '')}"


def published(prefix: str, uuid: str) -> str:
    """A UUID as the API writes it."""
    return f"{prefix}_{uuid.replace('-', '')}"


def digits_in(prefix: str, text: str) -> str | None:
    """The 32 digits of an id of this kind, or None if it is malformed."""
    start, _, digits = text.partition("_")
    return digits if start == prefix and _HEX.fullmatch(digits) else None


def uuid_in(prefix: str, text: str) -> str | None:
    """The UUID that an id of this kind stands for, or None if it is malformed."""
    digits = digits_in(prefix, text)
    if digits is None:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def event_id(session_id: str, number: int, at: datetime) -> str:
    """A UUIDv7 of the event's instant whose next 40 bits are its number, so that it sorts as the log does."""
    tag = int.from_bytes(hashlib.sha256(f"{session_id} {number}".encode()).digest()[:8], "big") >> (64 - _TAG_BITS)
    high, low = number >> _LOW_NUMBER_BITS, number & ((1 << _LOW_NUMBER_BITS) - 1)
    value = (to_micros(at) // 1000 << 80) | (0x7 << 76) | (high & 0xFFF) << 64
    return f"event_{value | (0b10 << 62) | low << _TAG_BITS | tag:032x}"


def place_in(event: str) -> tuple[int, int] | None:
    """The instant (milliseconds since 1970) and the number in an event's id, or None if it is malformed.

    Of an id that is none of ours the number is what stands in its place: it still sorts where the id would.
    """
    digits = digits_in("event", event)
    if digits is None:
        return None
    value = int(digits, 16)
    number = (value >> 64 & 0xFFF) << _LOW_NUMBER_BITS | (value >> _TAG_BITS & ((1 << _LOW_NUMBER_BITS) - 1))
    return value >> 80, number
