"""Identifiers: time-ordered ones for rows, opaque prefixed ones for clients, unguessable ones for links and keys."""

import os
import secrets
import time

_BASE32 = b"abcdefghijklmnopqrstuvwxyz234567" * 8
"""A letter for each byte, so that random bytes become random letters by one look-up."""
_VARIANT = {digit: "89ab"[number % 4] for number, digit in enumerate("0123456789abcdef")}
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def uuid7() -> str:
    """A UUID version 7 (RFC 9562): sorts by creation time to the millisecond."""
    millis, random = f"{time.time_ns() // 1_000_000:012x}", os.urandom(10).hex()
    return f"{millis[:8]}-{millis[8:]}-7{random[1:4]}-{_VARIANT[random[4]]}{random[5:8]}-{random[8:]}"


def uuid4() -> str:
    """A UUID version 4 from the system's secure generator: 122 random bits."""
    random = os.urandom(16).hex()
    return f"{random[:8]}-{random[8:12]}-4{random[13:16]}-{_VARIANT[random[16]]}{random[17:20]}-{random[20:]}"


def prefixed(prefix: str, length: int = 20) -> str:
    """`doc_` and the like: the prefix, an underscore and `length` random base32 characters (5 bits each)."""
    return f"{prefix}_{os.urandom(length).translate(_BASE32).decode()}"


def api_key() -> str:
    """`sk_live_` and 40 random base62 characters (238 bits)."""
    return "sk_live_" + "".join([secrets.choice(_BASE62) for _ in range(40)])
