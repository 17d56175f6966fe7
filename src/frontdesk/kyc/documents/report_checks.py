"""The checks in a report: what each found and from what, which rules spoke, and what nobody has looked at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from frontdesk.kyc.documents.report_blocks import Block, Grid, Heading, Pairs, Paragraph
from frontdesk.kyc.documents.report_words import CHECKS, NONE, TONES, instant, shown, words
from frontdesk.kyc.model.findings import CHECKS as ALL_CHECKS
from frontdesk.kyc.model.findings import UNDONE
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.requirements import SELFIE
from frontdesk.kyc.rules.steps import visible_steps

_ELSEWHERE = ("comparison",)
_MACHINE = ("digest", "generation", "session_id")
_COLUMNS = {"doc_id": "File", "step_id": "Step", "code": "Noticed", "list_name": "List"}


def comparison(progress: Progress) -> Iterator[Block]:
    """The table of everything that is said more than once."""
    found = progress.finding("documents")
    lines: list[dict[str, Any]] = found.facts.get("comparison", []) if found is not None else []
    if not lines:
        return
    yield Heading("What is said more than once")
    rows = []
    for line in lines:
        for number, one in enumerate(line["values"]):
            first = number == 0
            rows.append(
                (
                    words(line["field"]) if first else "",
                    str(one["value"]),
                    _place(progress, one),
                    words(line["agreement"]) if first else "",
                )
            )
    yield Grid(("Field", "Value", "Where it stands", "Together they"), tuple(rows), (4, 6, 7, 3))


def _place(progress: Progress, one: dict[str, Any]) -> str:
    if "doc_id" in one:
        document = progress.document(one["doc_id"])
        name = one["doc_id"] if document is None else document.file_name
        return f"{name}, {'in print' if one['source'] == 'print' else 'as read'}"
    step = progress.definition.find_step(one.get("step_id", ""))
    return f"form “{step.name}”" if step is not None else words(str(one.get("source", "")))


def findings(progress: Progress) -> Iterator[Block]:
    """Each check with its outcome."""
    yield Heading("Checks")
    if not progress.findings:
        yield Paragraph("No check was run.", "quiet")
        return
    for one in progress.findings:
        yield Heading(CHECKS.get(one.check, words(one.check).capitalize()), is_part=True)
        yield Paragraph(words(one.status).capitalize() + ".", TONES.get(one.status, "plain"))
        rows = [("Checked", instant(one.checked_at)), ("Digest of what it looked at", one.inputs)]
        told = {key: value for key, value in one.facts.items() if key not in _ELSEWHERE}
        tables = {key: value for key, value in told.items() if _is_table(value)}
        rows += [(words(key).capitalize(), shown(value)) for key, value in told.items() if key not in tables]
        yield Pairs(tuple(rows))
        for key, lines in tables.items():
            yield Paragraph(words(key).capitalize() + ":", "quiet")
            yield _matches(progress, lines) if key == "matches" else _table(progress, lines)


def _is_table(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(line, Mapping) for line in value)


def _matches(progress: Progress, lines: Sequence[Mapping[str, Any]]) -> Grid:
    """Who may be meant, by whom, how surely and why."""
    rows = [
        (
            _lines(one.get("matched_name") or one.get("entry"), one.get("url")),
            _lines(one.get("name"), _source(progress, one.get("source") or {})),
            _lines(
                f"{one.get('list_name', NONE)} ({words(str(one.get('category', NONE)))})",
                f"entry {one['entry_id']}, {words(one['kind'])}" if "entry_id" in one else None,
                *one.get("programmes", ()),
            ),
            shown(one.get("confidence")),
            _lines(*(f"{words(each['part'])}: {each['says']}" for each in one.get("explanation", ()))),
        )
        for one in lines
    ]
    return Grid(("Listed", "In this session", "List", "Sure to", "Because"), tuple(rows), (5, 5, 5, 2, 8))


def _source(progress: Progress, source: Mapping[str, Any]) -> str | None:
    return _place(progress, dict(source)) if source else None


def _lines(*parts: Any) -> str:
    return "\n".join(str(one) for one in parts if one) or NONE


def _table(progress: Progress, lines: Sequence[Mapping[str, Any]]) -> Grid:
    """A line for each thing found, a column for whatever is said of it."""
    columns = tuple(dict.fromkeys(key for line in lines for key, value in line.items() if value is not None))
    rows = [tuple(_cell(progress, key, line.get(key)) for key in columns) for line in lines]
    names = tuple(_COLUMNS.get(key, words(key).capitalize()) for key in columns)
    widths = tuple(3 if key in _MACHINE else 2 for key in columns)
    return Grid(names, tuple(rows), widths, tuple(words(key).capitalize() for key in _MACHINE))


def _cell(progress: Progress, key: str, value: Any) -> str:
    if key == "doc_id" and (document := progress.document(str(value))) is not None:
        return f"{document.file_name}\n{value}"
    if key == "step_id" and (step := progress.definition.find_step(str(value))) is not None:
        return step.name
    return words(value) if key in ("code", "status", "category") else shown(value)


def rules(progress: Progress) -> Iterator[Block]:
    """Each automation rule that spoke."""
    if progress.processed_at is None:
        return
    yield Heading("Rules that spoke")
    if not progress.triggered:
        yield Paragraph("No single rule applied: the workflow's default action did.", "quiet")
        return
    rows = [(one.rule, words(one.action), one.reason or NONE) for one in progress.triggered]
    yield Grid(("Rule", "What it wants", "Reason"), tuple(rows), (5, 3, 7))


def unchecked(progress: Progress) -> Iterator[Block]:
    """In plain words, everything that this session proves nothing about."""
    yield Heading("What was not checked")
    lines = []
    for check in ALL_CHECKS:
        found = progress.finding(check)
        name = CHECKS.get(check, words(check))
        if found is None:
            lines.append((name, "was never run in this session"))
        elif found.status in UNDONE:
            reason = found.facts.get("reason")
            lines.append((name, words(found.status) + (f": {words(str(reason))}" if reason else "")))
    for one in progress.documents:
        if one.current and one.document_type != SELFIE and one.extraction_state != "done":
            lines.append((f"File {one.file_name}", "its content was not read by machine"))
    for step in visible_steps(progress):
        if progress.step(step.step_id).status != "completed":
            lines.append((f"Step “{step.name}”", f"not completed ({words(progress.step(step.step_id).status)})"))
    yield Pairs(tuple(lines))
    yield Paragraph(
        "Papers were judged by what their pictures show. Nobody held them in hand; chips and features that show only "
        "in the light or under a lamp were not looked at. A score says how sure the reading is, not that a paper is "
        "genuine.",
        "quiet",
    )
