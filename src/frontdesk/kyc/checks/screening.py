"""From what a screening service answered to a finding. A service that is not there, or is silent, clears nobody."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec

from frontdesk.kyc.checks import subjects
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.session import Progress
from frontdesk.ports.screening import Match, Subject

SCREENED = ("crypto", "adverse_media")
"""The checks that a service of the operator's makes."""


class InputsMovedError(Exception):
    """The session says something else than what the services were asked: they have to be asked again."""


class Screened(msgspec.Struct, frozen=True):
    """An answer and the digest of what was asked; `failure` says in a word why there is none."""

    inputs: str
    matches: tuple[Match, ...] = ()
    failure: str | None = None


def finding(progress: Progress, check: str, now: datetime, answers: Mapping[str, Screened] | None) -> Finding:
    """What the check finds. `answers` are those of the services that there are. Raises `InputsMovedError`."""
    asked = subjects.asked(progress, check)
    inputs = digest(asked)
    if answers is None or check not in answers:
        return Finding(check, "skipped", now, inputs, {"reason": "not_configured"})
    if not asked:
        return Finding(check, "skipped", now, inputs, {"reason": "nobody_to_screen"})
    answer = answers[check]
    if answer.inputs != inputs:
        raise InputsMovedError
    if answer.failure is not None:
        return Finding(check, "error", now, inputs, {"reason": answer.failure})
    names = {one.id: one.name for one in asked}
    matches = [_match(one, names) for one in answer.matches]
    return Finding(check, "match" if matches else "clear", now, inputs, {"matches": matches})


def digest(asked: tuple[Subject, ...]) -> str:
    """The SHA-256 of everything that is asked about, in hex."""
    text = json.dumps([asdict(one) for one in asked], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _match(one: Match, names: Mapping[str, str]) -> dict[str, Any]:
    """In the shape that rules on list matches read."""
    found: dict[str, Any] = {
        "list_name": one.source,
        "category": one.category,
        "confidence": one.confidence,
        "name": names[one.subject_id],
        "entry": one.title,
    }
    return found if one.url is None else {**found, "url": one.url}
