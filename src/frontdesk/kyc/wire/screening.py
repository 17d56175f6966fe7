"""How a screening without a session looks on the wire."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.basics.clock import iso
from frontdesk.kyc.checks.lists.judging import MATCH_FROM
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.wire.shown_to_staff import ListShown


class ScreenedList(msgspec.Struct, frozen=True):
    """What one of several lists holds of the subject."""

    list_name: str
    is_match: bool
    confidence_score: float
    matches: int


class ScreeningSummary(msgspec.Struct, frozen=True):
    """Of several lists: how many were looked through, how many hold somebody like this, and what each holds."""

    lists_checked: int
    lists_matched: int
    total_matches: int
    highest_confidence: float
    by_list: list[ScreenedList]


class ScreeningFound(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `is_match` is true as soon as a person must look; `status` tells `match` from `review`.
    `confidence_score` is that of the best match, 0 to 1. `summary` is there when `lists` was sent."""

    list_name: str | UnsetType = UNSET
    is_match: bool
    status: str
    confidence_score: float
    matches: list[dict[str, Any]]
    matches_left_out: int | UnsetType = UNSET
    lists_checked: list[str]
    lists: list[ListShown]
    summary: ScreeningSummary | UnsetType = UNSET
    screened_at: str


def screening_found(found: Finding, asked: Sequence[str], *, one: bool, now: datetime) -> ScreeningFound:
    """`found` is a finding of lists that all could be looked through."""
    facts: Mapping[str, Any] = found.facts
    matches = [{key: value for key, value in each.items() if key != "source"} for each in facts["matches"]]
    best = max((each["confidence"] for each in matches), default=0.0)
    return ScreeningFound(
        list_name=asked[0] if one else UNSET,
        is_match=bool(matches),
        status="match" if best >= MATCH_FROM else "review" if matches else "clear",
        confidence_score=best,
        matches=matches,
        matches_left_out=facts.get("matches_left_out", UNSET),
        lists_checked=list(facts["lists_checked"]),
        lists=[ListShown(**each) for each in facts["lists"]],
        summary=UNSET if one else _summary(matches, facts["lists_checked"], facts.get("matches_left_out", 0)),
        screened_at=iso(now),
    )


def _summary(matches: Sequence[Mapping[str, Any]], checked: Sequence[str], left_out: int) -> ScreeningSummary:
    by_list = []
    for name in checked:
        scores = [each["confidence"] for each in matches if each["list_name"] == name]
        by_list.append(ScreenedList(name, bool(scores), max(scores, default=0.0), len(scores)))
    return ScreeningSummary(
        len(checked),
        sum(each.is_match for each in by_list),
        len(matches) + left_out,
        max((each.confidence_score for each in by_list), default=0.0),
        by_list,
    )
