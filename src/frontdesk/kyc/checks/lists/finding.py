"""What screening found out, as the check `lists` tells it."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from frontdesk.kyc.checks.lists.judging import MATCH_FROM, REVIEW_FROM
from frontdesk.kyc.checks.names.words import words
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.screening import Listed, Loaded, Subject, Verdict

MOST_MATCHES = 50
_THRESHOLDS = {"review": REVIEW_FROM, "match": MATCH_FROM}


class Hit(msgspec.Struct, frozen=True):
    """An entry of a list that a subject may be."""

    subject: Subject
    loaded: Loaded
    entry: Listed
    verdict: Verdict


class Report(msgspec.Struct, frozen=True):
    """Who was looked for, where, which lists that were asked for are not loaded, and what was found."""

    subjects: tuple[Subject, ...]
    loaded: tuple[Loaded, ...]
    missing: tuple[str, ...]
    hits: tuple[Hit, ...]


def finding(report: Report, now: datetime) -> Finding:
    """`clear` only when everybody could be looked for in every list that was asked for."""
    found = matches(report.hits)
    facts: dict[str, Any] = {
        "lists_checked": [one.name for one in report.loaded],
        "matches": found[:MOST_MATCHES],
        "names_checked": len(report.subjects),
        "thresholds": _THRESHOLDS,
        "lists": [generation(one) for one in report.loaded],
    }
    if len(found) > MOST_MATCHES:
        facts["matches_left_out"] = len(found) - MOST_MATCHES
    status, reason = _status(report, found)
    if reason:
        facts["reason"] = reason
    if report.missing:
        facts["lists_missing"] = list(report.missing)
    return Finding("lists", status, now, _digest(report), facts)


def matches(hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """The hits as they are published, the surest first; an entry once, by the subject that fits it best."""
    best: dict[tuple[str, str, str], Hit] = {}
    for hit in hits:
        key = (hit.loaded.scope, hit.loaded.name, hit.entry.entry_id)
        if key not in best or best[key].verdict.confidence < hit.verdict.confidence:
            best[key] = hit
    ordered = sorted(best.values(), key=lambda hit: (-hit.verdict.confidence, hit.loaded.name, hit.entry.entry_id))
    return [_shown(hit) for hit in ordered]


def generation(one: Loaded) -> dict[str, Any]:
    """Which edition of a list it was."""
    return {
        "list_name": one.name,
        "category": one.category,
        "generation": one.generation,
        "digest": one.digest,
        "source_date": one.source_date,
        "entries": one.entries,
    }


def _shown(hit: Hit) -> dict[str, Any]:
    return {
        "list_name": hit.loaded.name,
        "category": hit.loaded.category,
        "entry_id": hit.entry.entry_id,
        "kind": hit.entry.kind,
        "matched_name": hit.verdict.matched_name,
        "confidence": hit.verdict.confidence,
        "explanation": list(hit.verdict.explanation),
        "programmes": list(hit.entry.programmes),
        "name": hit.subject.text,
        "source": hit.subject.source,
    }


def _status(report: Report, found: list[dict[str, Any]]) -> tuple[str, str | None]:
    if report.missing:
        return "error", "list_not_loaded"
    if not report.loaded:
        return "skipped", "not_configured"
    if not report.subjects:
        return "skipped", "no_names"
    has_wallets = any(one.kind == "wallet" for one in report.subjects)
    if has_wallets and all(one.category != "crypto" for one in report.loaded):
        return "error", "no_list_of_wallets"
    if found and found[0]["confidence"] >= MATCH_FROM:
        return "match", None
    if found:
        return "review", None
    if any(one.kind != "wallet" and not words(one.text) for one in report.subjects):
        return "error", "name_not_readable"
    return "clear", None


def _digest(report: Report) -> str:
    inputs = [
        [[one.text, one.kind, one.born, sorted(one.countries), sorted(one.numbers)] for one in report.subjects],
        [[one.scope, one.name, one.generation, one.digest] for one in report.loaded],
        list(report.missing),
        _THRESHOLDS,
    ]
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
