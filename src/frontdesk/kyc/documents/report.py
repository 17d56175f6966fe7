"""The report of a session for people: who, what, when, on which grounds, and what nobody has looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import fields

from frontdesk.kyc.documents.chain import Row
from frontdesk.kyc.documents.report_blocks import Block, Grid, Heading, Pairs, Paragraph, Report
from frontdesk.kyc.documents.report_checks import comparison, findings, rules, unchecked
from frontdesk.kyc.documents.report_papers import Picture, other_pictures, papers
from frontdesk.kyc.documents.report_presence import attempts, named
from frontdesk.kyc.documents.report_words import NONE, TONES, instant, recorded, shown, words
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.steps import answered_form, answers_by_key

_NAMES = ("full_name", "name", "legal_full_name", "company_name", "legal_name")
_PARTS = (("given_names", "first_name", "first_names"), ("surname", "last_name", "family_name"))
_MOST_EVENTS = 1000
_KNOWN = frozenset(
    {
        *("session_id", "definition", "created_at", "expires_at", "ttl_days", "status", "steps", "form_data"),
        *("documents", "corrections", "related", "parent_session_id", "completed_at", "processed_at"),
        *("final_decision", "review", "findings", "validated_at", "triggered", "seen", "liveness"),
    }
)
"""What has a section of its own; whatever else a session may hold is shown by `_more`."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of. `pictures` are by document; `others` are files that belong to no document."""

    progress: Progress
    workflow: tuple[str, int]
    tenant: tuple[str, str]
    metadata: Mapping[str, Any]
    label: str | None
    customer: tuple[str, str] | None
    log: tuple[Row, ...]
    pictures: Mapping[str, Picture]
    others: tuple[tuple[str, Picture], ...]
    exported_at: datetime
    exported_by: str
    key_id: str


def composed(material: Material) -> Report:
    """The whole report."""
    progress = material.progress
    shown_above = named(progress)
    blocks = [
        *_head(material),
        *_decision(progress),
        *_steps(progress),
        *_answers(progress),
        *papers(progress, material.pictures),
        *attempts(progress, dict(material.others)),
        *other_pictures((name, picture) for name, picture in material.others if name not in shown_above),
        *comparison(progress),
        *findings(progress),
        *unchecked(progress),
        *rules(progress),
        *_corrections(progress),
        *_related(progress),
        *_more(material),
        *_events(material),
        *_checking(material),
    ]
    return Report(
        title="Evidence of an identity check",
        subtitle=(person(progress) or "").partition("\n")[0][:200],
        badge=words(progress.final_decision or progress.status),
        badge_tone=TONES.get(progress.status, "open"),
        footer=f"Session {progress.session_id}",
        made_at=material.exported_at.isoformat(),
        blocks=tuple(blocks),
    )


def person(progress: Progress) -> str | None:
    """Whom the session is about, as entered, else as read from a paper."""
    said = {key: value for key, value in answers_by_key(progress).items() if isinstance(value, str) and value.strip()}
    for key in _NAMES:
        if key in said:
            return said[key]
    parts = [next((said[key] for key in keys if key in said), "") for keys in _PARTS]
    if any(parts):
        return " ".join(part for part in parts if part)
    read = (one.values.get("full_name") for paper in progress.documents for one in reversed(paper.extractions))
    return next((name for name in read if name), None)


def _head(material: Material) -> Iterator[Block]:
    progress = material.progress
    rows = [
        ("Session", progress.session_id),
        ("Workflow", f"{progress.definition.name}, version {material.workflow[1]}\n{material.workflow[0]}"),
        ("Asked for by", f"{material.tenant[1]}\n{material.tenant[0]}"),
        ("Person", person(progress) or "not known"),
    ]
    if material.customer is not None:
        rows.append(("Customer", f"{material.customer[1]}\n{material.customer[0]}"))
    if material.label:
        rows.append(("Label", material.label))
    if progress.parent_session_id is not None:
        rows.append(("Part of session", progress.parent_session_id))
    rows += [
        ("Status", words(progress.status)),
        ("Opened", instant(progress.created_at)),
        ("Completed", instant(progress.completed_at)),
        ("Link lived until", instant(progress.expires_at)),
        ("Exported", f"{instant(material.exported_at)}, by {material.exported_by}"),
        ("Log", f"{len(material.log)} events; the last one's digest is\n{material.log[-1].digest}"),
    ]
    yield Pairs(tuple(rows))


def _decision(progress: Progress) -> Iterator[Block]:
    yield Heading("Decision")
    review = progress.review
    if progress.final_decision is None and review is None:
        yield Paragraph("Nothing has been decided yet.", "quiet")
        return
    rows = []
    if progress.processed_at is not None:
        rows.append(("Rules applied", instant(progress.processed_at)))
    if progress.final_decision is not None:
        rows.append(("Final decision", words(progress.final_decision)))
    if review is not None:
        rows.append(("Decided by", f"{review.decided_by}, a person or program of the tenant, by this key"))
        rows += recorded(review, ("decided_by",))
    elif progress.final_decision is not None:
        rows.append(("Decided by", "the rules of the workflow; no person was asked"))
    yield Pairs(tuple(rows))


def _steps(progress: Progress) -> Iterator[Block]:
    yield Heading("Steps")
    rows = [
        (
            str(step.order),
            step.name,
            words(step.type),
            words(progress.step(step.step_id).status),
            instant(progress.step(step.step_id).started_at),
            instant(progress.step(step.step_id).completed_at),
        )
        for step in progress.definition.steps
    ]
    yield Grid(("", "Step", "Kind", "Status", "Begun", "Completed"), tuple(rows), (1, 5, 4, 3, 6, 6))


def _answers(progress: Progress) -> Iterator[Block]:
    counted = answered_form(progress)
    for step in progress.definition.steps:
        given = progress.form_data.get(step.step_id, {})
        if not given:
            continue
        yield Heading(f"Answers: {step.name}")
        rows = []
        for name, value in given.items():
            field = step.find_field(name)
            asked = name if field is None else field.name
            note = "" if name in counted.get(step.step_id, {}) else "\n(not asked in the end)"
            rows.append((asked + note, shown(value)))
        yield Grid(("Question", "Answer"), tuple(rows), (4, 8))


def _corrections(progress: Progress) -> Iterator[Block]:
    if not progress.corrections:
        return
    yield Heading("Corrections")
    for number, one in enumerate(progress.corrections, 1):
        step = progress.definition.find_step(one.step_id)
        yield Heading(f"{number}. {one.step_id if step is None else step.name}", is_part=True)
        yield Pairs(recorded(one, ("step_id",)))


def _related(progress: Progress) -> Iterator[Block]:
    if not progress.related:
        return
    yield Heading("Related parties")
    yield Paragraph("Each has a session of its own, and its own evidence file.", "quiet")
    rows = [(one.label, words(one.status), instant(one.completed_at), one.subsession_id) for one in progress.related]
    yield Grid(("Label", "Status", "Completed", "Session"), tuple(rows), (5, 3, 4, 6), ("Session",))


def _more(material: Material) -> Iterator[Block]:
    """What is recorded and has no section: metadata, and whatever else a session may hold."""
    progress = material.progress
    rows = [(words(str(key)), shown(value)) for key, value in material.metadata.items()]
    if rows:
        yield Heading("What the tenant noted when it opened the session")
        yield Pairs(tuple(rows))
    for each in fields(progress):
        value = getattr(progress, each.name)
        if each.name in _KNOWN or value in (None, "", (), {}, 0):
            continue
        yield Heading(words(each.name).capitalize())
        for one in value if isinstance(value, tuple) else (value,):
            plain = msgspec.to_builtins(one)
            if isinstance(plain, dict):
                told = {key: part for key, part in plain.items() if part not in (None, [], ())}
                yield Pairs(tuple((words(str(key)), shown(part)) for key, part in told.items()))
            else:
                yield Paragraph(shown(plain))


def _events(material: Material) -> Iterator[Block]:
    yield Heading("What happened, in order")
    yield Paragraph(
        "Each digest covers the event and every one before it, so a missing or altered event shows. The whole log, "
        "with what the digests are made of, is in events.jsonl.",
        "quiet",
    )
    rows = [
        (
            str(row.number),
            row.at.replace("T", " ").removesuffix("Z"),
            row.type,
            shown(row.facts) if row.facts else NONE,
            row.digest,
        )
        for row in material.log[:_MOST_EVENTS]
    ]
    if len(material.log) > _MOST_EVENTS:
        yield Paragraph(f"These are the first {_MOST_EVENTS} of {len(material.log)} events.", "bad")
    yield Grid(("", "When (UTC)", "Event", "Facts", "Digest"), tuple(rows), (2, 5, 12, 11, 8), ("Digest", "When (UTC)"))


def _checking(material: Material) -> Iterator[Block]:
    yield Heading("How to check this file")
    yield Paragraph(
        "This report is one member of a ZIP. manifest.json names every member with its size and SHA-256; manifest.sig "
        "is the Ed25519 signature over manifest.json. “frontdesk evidence verify FILE --key FINGERPRINT” checks all of "
        "it without a server. By hand: compare the digests with sha256sum, and the signature with openssl pkeyutl "
        "-verify -rawin. The signature shows who made the file only if the fingerprint below is known from another "
        "source: ask the tenant, or the server that made it."
    )
    yield Pairs((("Key", material.key_id),))
