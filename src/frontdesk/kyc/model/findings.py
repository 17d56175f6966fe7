"""What checks found out about a session, and which automation rules spoke."""

from datetime import datetime
from typing import Any

import msgspec

CHECKS = ("lists", "crypto", "adverse_media", "liveness", "face_match", "face_dedup", "documents")
UNDONE = frozenset({"skipped", "error"})
"""Statuses of a check that says nothing about the customer."""


class Finding(msgspec.Struct, frozen=True):
    """The outcome of one check. `status` is `clear`, `passed`, `match`, `failed`, `review`, `skipped` or `error`.

    `facts` are the published keys besides the status, JSON-able. `inputs` is the SHA-256 of what the check looked
    at; personal values are in it, so it is stored as they are: sealed.
    """

    check: str
    status: str
    checked_at: datetime
    inputs: str
    facts: dict[str, Any] = msgspec.field(default_factory=dict)


class Triggered(msgspec.Struct, frozen=True):
    """A rule that spoke, by its place in the workflow (`country_rules[2]`), with what it wants done."""

    rule: str
    action: str
    reason: str | None = None
