"""Identifiers: time-ordered ones for rows, opaque prefixed ones for clients, unguessable ones for links and keys."""

import os
import secrets
import time
import uuid

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def uuid7() -> str:
    """A UUID version 7 (RFC 9562): sorts by creation time to the millisecond."""
    millis = time.time_ns() // 1_000_000
    bits = int.from_bytes(os.urandom(10), "big")
    value = (millis << 80) | (0x7 << 76) | ((bits >> 62 & 0xFFF) << 64) | (0b10 << 62) | (bits & ((1 << 62) - 1))
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid4() -> str:
    """A UUID version 4 from the system's secure generator: 122 random bits."""
    return str(uuid.uuid4())


def prefixed(prefix: str, length: int = 20) -> str:
    """`doc_` and the like: the prefix, an underscore and `length` random base32 characters (5 bits each)."""
    return prefix + "_" + "".join([_BASE32[byte & 31] for byte in os.urandom(length)])


def api_key() -> str:
    """`sk_live_` and 40 random base62 characters (238 bits)."""
    return "sk_live_" + "".join([secrets.choice(_BASE62) for _ in range(40)])
