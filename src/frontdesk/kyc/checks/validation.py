"""The checks of a session by name, each from what is there to a finding; one without a provider is skipped."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from frontdesk.kyc.checks.classification import matches
from frontdesk.kyc.checks.comparison import comparison
from frontdesk.kyc.checks.evidence import CONFIDENT, ONCE
from frontdesk.kyc.checks.faces import face_dedup, face_match, presence
from frontdesk.kyc.checks.screening import SCREENED, Screened, finding
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.faces import FaceEvidence
from frontdesk.kyc.rules.papers import Paper, missing_types, papers
from frontdesk.kyc.rules.steps import answers_by_key

EXPIRES_SOON_FOR = timedelta(days=30)
MOST_NAMED = 20
"""How many of the sessions that have shown the same paper are named."""
_FAILING = frozenset({"missing", "expired", "mrz_invalid", "dates_impossible", "data_mismatch"})
"""Issues that no honest paper has. Everything else a person may wave through."""
_Issue = dict[str, Any]


class Known(msgspec.Struct, frozen=True):
    """What was asked and seen before the checks run.

    `answers` are those of the screening services that there are; `elsewhere` the tenant's other sessions that have
    shown a paper with the same number, by document; `faces` what was seen on the session's pictures; `done` the
    findings of checks that had to ask the database, by name.
    """

    answers: Mapping[str, Screened] = msgspec.field(default_factory=dict)
    elsewhere: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
    faces: FaceEvidence | None = None
    done: Mapping[str, Finding] = msgspec.field(default_factory=dict)


NOTHING = Known()


def findings(progress: Progress, checks: Collection[str], now: datetime, known: Known = NOTHING) -> list[Finding]:
    """What these checks find now. Raises `InputsMovedError` when an answer is about something else than is there."""
    found = []
    for check in checks:
        if check in known.done:
            found.append(known.done[check])
        elif check == "documents":
            found.append(_documents(progress, now, known.elsewhere))
        elif check == "liveness":
            found.append(presence(progress, now))
        elif check == "face_match":
            found.append(face_match(progress, known.faces, now))
        elif check == "face_dedup":
            found.append(face_dedup(progress, known.faces, now))
        elif check in SCREENED:
            found.append(finding(progress, check, now, known.answers))
        else:
            found.append(Finding(check, "skipped", now, _digest([]), {"reason": "not_configured"}))
    return found


def _documents(progress: Progress, now: datetime, elsewhere: Mapping[str, Sequence[str]]) -> Finding:
    seen, absent = papers(progress), missing_types(progress)
    inputs = _digest(
        [
            answers_by_key(progress),
            absent,
            {doc_id: list(sessions) for doc_id, sessions in elsewhere.items()},
            [[one.document.doc_id, one.document.sha256, dict(one.values), one.document.flags] for one in seen],
        ]
    )
    if not seen and not absent:
        return Finding("documents", "skipped", now, inputs, {"reason": "no_documents"})
    table = comparison(progress, seen)
    issues: list[_Issue] = [{"document_type": one, "code": "missing"} for one in absent]
    for paper in seen:
        issues += [{"doc_id": paper.document.doc_id, "code": code} for code in _codes(paper, now.date())]
        if sessions := elsewhere.get(paper.document.doc_id):
            issues.append(_seen_before(paper, sessions))
    issues += _contradictions(table)
    codes = {one["code"] for one in issues}
    status = "failed" if codes & _FAILING else "review" if codes else "passed"
    return Finding("documents", status, now, inputs, {"issues": issues, "comparison": table})


def _seen_before(paper: Paper, sessions: Sequence[str]) -> _Issue:
    return {
        "doc_id": paper.document.doc_id,
        "code": "document_seen_before",
        "count": len(sessions),
        "session_ids": list(sessions[:MOST_NAMED]),
    }


def _contradictions(table: Iterable[dict[str, Any]]) -> Iterator[_Issue]:
    codes = {"differs": "data_mismatch", "close": "data_close"}
    for line in table:
        if line["agreement"] in codes:
            code = codes[line["agreement"]]
            for doc_id in dict.fromkeys(one["doc_id"] for one in line["values"] if "doc_id" in one):
                yield {"doc_id": doc_id, "code": code, "field": line["field"]}


def _codes(paper: Paper, today: date) -> list[str]:
    reading = paper.reading
    if not paper.is_readable:
        return list(paper.document.flags)
    if reading is None or not reading.values:
        return [*paper.document.flags, "not_read"]
    codes = [*paper.document.flags, *reading.issues]
    if matches(paper.document.document_type, reading.recognised_as) is False:
        codes.append("wrong_type")
    end = paper.day("expiry_date")
    if end is not None and end < today:
        codes.append("expired")
    elif end is not None and end <= today + EXPIRES_SOON_FOR:
        codes.append("expires_soon")
    if reading.values.get("mrz_valid") == "false":
        sure = reading.scores.get("mrz_valid", 0) >= CONFIDENT
        codes.append("mrz_invalid" if sure else "mrz_doubtful")
    if _impossible(paper, today):
        codes.append("dates_impossible")
    if reading.scores.get("overall", 0) < ONCE:
        codes.append("low_confidence")
    return list(dict.fromkeys(codes))


def _impossible(paper: Paper, today: date) -> bool:
    """Born before issued before expiring, and neither born nor issued in the future."""
    born, issued, end = (paper.day(key) for key in ("date_of_birth", "issue_date", "expiry_date"))
    known = [day for day in (born, issued, end) if day is not None]
    past = [day for day in (born, issued) if day is not None]
    return known != sorted(known) or any(day > today for day in past)


def _digest(inputs: Any) -> str:
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
