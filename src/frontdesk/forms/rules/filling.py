"""What a session's calls do to its sheet: single fields, direct values, turns, and the way to its PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from frontdesk.forms.model.field import Field, Value
from frontdesk.forms.model.session import FIELD, Mark, Outcome, Render, Sheet, Source, Spoken
from frontdesk.forms.rules import values
from frontdesk.forms.rules.refusals import (
    BadRequest,
    ConflictingValues,
    InUse,
    InvalidValues,
    NotFilled,
    NothingToConfirm,
    SessionCompleted,
    UnknownField,
    UnknownFields,
    UnprocessableChoice,
    UnprocessableFields,
    UnprocessableValues,
)
from frontdesk.forms.rules.values import Unfit
from frontdesk.kernel.lifecycle import IllegalMove

REMEMBERED = 40
"""Messages of a conversation that are kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a direct fill, as it was sent. `place` is where it stands in the body."""

    field: str | int
    value: Any
    place: tuple[str | int, ...] = ()


def refuse_unless_open(sheet: Sheet, session_id: str) -> None:
    """Raises `SessionCompleted`, or `InUse` while the PDF is being rendered."""
    if sheet.status == "completed":
        raise SessionCompleted(f"session {session_id} is completed; open a new session to change values")
    if sheet.status == "filling":
        raise InUse(f"session {session_id} is being rendered; its values can no longer be changed")


def begun(sheet: Sheet) -> Sheet:
    """The sheet of a new session: what the document held when it came is confirmed."""
    held = {
        field.number: Mark("confirmed", field.value, "document")
        for field in sheet.layout.fields
        if field.kind != "signature" and not values.is_blank(field.value)
    }
    return sheet.marked(held)


def act(sheet: Sheet, session_id: str, verb: str, name: str | int) -> Outcome:
    """Confirm, skip or decline one field."""
    refuse_unless_open(sheet, session_id)
    field = sheet.find(name)
    if field is None:
        raise UnknownField(f"session {session_id} has no such field")
    mark = sheet.mark(field.number)
    try:
        state = FIELD.move(mark.state, verb)
    except IllegalMove as error:
        raise NothingToConfirm(f"field {field.id} is {mark.state}: it holds no value to confirm") from error
    after = replace(mark, state=state) if verb == "confirm" else Mark(state)  # type: ignore[arg-type]
    return _changed(sheet.marked({field.number: after}), [field], ACTED[verb])


ACTED = {"confirm": "forms.field_confirmed", "skip": "forms.field_skipped", "decline": "forms.field_declined"}
"""The event of each verb."""


def put(sheet: Sheet, session_id: str, entries: Sequence[Entry], *, as_updates: bool) -> Outcome:
    """Set values directly, all or none. `as_updates` tells which of the two published bodies it was."""
    refuse_unless_open(sheet, session_id)
    wanted, faults = _wanted(sheet, entries)
    if faults:
        raise _refused(faults, as_updates=as_updates)
    _refuse_two_of_a_group(sheet, {number: value for number, (value, _) in wanted.items()}, as_updates=as_updates)
    marks = {number: _put_mark(value) for number, (value, _) in wanted.items()}
    marks |= _others_of_the_groups(sheet, {number: value for number, (value, _) in wanted.items()})
    after = sheet.marked(marks)
    warned = tuple(warning for _, warning in wanted.values() if warning)
    touched = [field for field in sheet.layout.fields if field.number in marks]
    return replace(_changed(after, touched, "forms.values_set"), warnings=warned)


def _put_mark(value: Value) -> Mark:
    return Mark("skipped") if value is None else Mark("confirmed", value, "direct")


@dataclass(frozen=True, slots=True)
class _Fault:
    place: tuple[str | int, ...]
    name: str
    reason: str
    is_unknown: bool


def _wanted(sheet: Sheet, entries: Sequence[Entry]) -> tuple[dict[int, tuple[Value, str | None]], list[_Fault]]:
    wanted: dict[int, tuple[Value, str | None]] = {}
    faults: list[_Fault] = []
    for entry in entries:
        field = sheet.find(entry.field)
        if field is None:
            faults.append(_Fault((*entry.place, "id"), str(entry.field)[:40], "the form has no such field", True))
            continue
        try:
            value = values.accepted(field, entry.value)
        except Unfit as unfit:
            faults.append(_Fault((*entry.place, "value"), field.id, unfit.message, False))
            continue
        wanted.pop(field.number, None)  # the last one wins, also in the order
        wanted[field.number] = value
    return wanted, faults


def _refused(faults: list[_Fault], *, as_updates: bool) -> BadRequest:
    told = "; ".join(f"{fault.name}: {fault.reason}" for fault in faults[:50])
    only_unknown = all(fault.is_unknown for fault in faults)
    if as_updates:
        kind: type[BadRequest] = UnprocessableFields if only_unknown else UnprocessableValues
    else:
        kind = UnknownFields if only_unknown else InvalidValues
    errors = [
        {"loc": ["body", *fault.place], "msg": f"{fault.name}: {fault.reason}", "type": kind.code} for fault in faults
    ]
    return kind(told, details={"errors": errors})


def _refuse_two_of_a_group(sheet: Sheet, wanted: Mapping[int, Value], *, as_updates: bool) -> None:
    first: dict[str, Field] = {}
    for field in sheet.layout.fields:
        if field.group is None or field.kind != "checkbox" or wanted.get(field.number) is not True:
            continue
        other = first.setdefault(field.group, field)
        if other is not field:
            told = f"{other.id} and {field.id} are answers to one question: only one of them can be set"
            errors = [{"loc": ["body", "updates"], "msg": told, "type": ConflictingValues.code}]
            raise (UnprocessableChoice if as_updates else ConflictingValues)(told, details={"errors": errors})


def _others_of_the_groups(
    sheet: Sheet, chosen: Mapping[int, Value], states: tuple[str, ...] = ("confirmed", "proposed")
) -> dict[int, Mark]:
    """The boxes that go off because another of their group goes on."""
    groups = {
        field.group
        for field in sheet.layout.fields
        if field.group is not None and field.kind == "checkbox" and chosen.get(field.number) is True
    }
    off: dict[int, Mark] = {}
    for field in sheet.layout.fields:
        mark = sheet.mark(field.number)
        if field.group in groups and field.number not in chosen and mark.value is True and mark.state in states:
            off[field.number] = replace(mark, value=False)
    return off


@dataclass(frozen=True, slots=True)
class Said:
    """What a message was understood to say of one field."""

    id: str
    action: str
    value: Value = None


def turn(
    sheet: Sheet, session_id: str, asked_of: Sheet, message: str, reply: str, said: Sequence[Said], asking: str | None
) -> Outcome:
    """Take what a message said. `asked_of` is the sheet that it was read against.

    A field that was changed since then keeps what it has: the message was not written in view of that.
    """
    refuse_unless_open(sheet, session_id)
    marks: dict[int, Mark] = {}
    for one in said:
        field = sheet.find(one.id)
        if field is None or sheet.mark(field.number) != asked_of.mark(field.number):
            continue
        found = _said_mark(field, sheet.mark(field.number), one)
        if found is not None and found != sheet.mark(field.number):
            marks[field.number] = found
    chosen = {number: mark.value for number, mark in marks.items()}
    others = _others_of_the_groups(sheet, chosen)
    # What was confirmed by a person is not switched off behind its back: it becomes a proposal, as any other.
    marks |= {number: Mark("proposed", False, "turn") for number in others}
    spoken = (*sheet.spoken, Spoken("user", message), Spoken("assistant", reply))[-REMEMBERED:]
    after = replace(sheet.marked(marks), spoken=spoken, asked=asking)
    touched = [field for field in sheet.layout.fields if field.number in marks]
    return _changed(after, touched, "forms.turn_taken")


def _said_mark(field: Field, mark: Mark, said: Said) -> Mark | None:
    if said.action in ("skip", "decline"):
        return Mark(FIELD.move(mark.state, said.action))  # type: ignore[arg-type]
    if field.kind == "signature":
        return None  # a signature is given by the person, never taken from a message
    try:
        value, _ = values.accepted(field, said.value)
    except Unfit:
        return None
    if value is None or (mark.state == "confirmed" and mark.value == value):
        return None
    return Mark("proposed", value, "turn")


def begin_fill(sheet: Sheet, session_id: str, *, flatten: bool) -> Outcome:
    """Claim the session for rendering: from now on its values stay as they are."""
    refuse_unless_open(sheet, session_id)
    return Outcome(replace(sheet, flatten=flatten), "fill", facts=(("forms.fill_begun", {"flatten": flatten}),))


def drawn(sheet: Sheet) -> dict[int, Value]:
    """The values that go into the PDF: the confirmed ones. None removes what the document held when it came."""
    held = {field.number: None for field in sheet.layout.fields if not values.is_blank(field.value)}
    return {**held, **{number: mark.value for number, mark in sheet.marks.items() if mark.state == "confirmed"}}


def render_of(sheet: Sheet, blob_key: str, warnings: Sequence[str]) -> Render:
    """What is told about a rendered PDF."""
    filled, blank, unconfirmed, told = [], [], [], list(warnings)
    for field in sheet.layout.fields:
        mark = sheet.mark(field.number)
        if mark.state == "confirmed" and not values.is_blank(mark.value):
            filled.append(field.id)
            continue
        blank.append(field.id)
        if mark.state == "proposed":
            unconfirmed.append(field.id)
        if field.required:
            told.append(f"{field.label} is required and was left empty")
    return Render(blob_key, tuple(filled), tuple(blank), tuple(unconfirmed), tuple(told))


def finish_fill(sheet: Sheet, render: Render) -> Outcome:
    """The PDF is there."""
    facts = {"filled": list(render.filled), "unconfirmed": list(render.unconfirmed)}
    return Outcome(replace(sheet, render=render), "finish", facts=(("forms.filled", facts),))


def give_up_fill(sheet: Sheet, code: str) -> Outcome:
    """The PDF could not be made: the session is open again."""
    return Outcome(sheet, "give_up", facts=(("forms.fill_failed", {"code": code}),))


def rendered(sheet: Sheet, session_id: str) -> Render:
    """The session's PDF. Raises `NotFilled`."""
    if sheet.render is None or sheet.status != "completed":
        raise NotFilled(f"session {session_id} has not been filled yet; call POST /sessions/{session_id}/fill first")
    return sheet.render


def from_context(sheet: Sheet, found: Mapping[int, Value], source: Source = "context") -> Sheet:
    """The sheet with the answers of supporting material, confirmed."""
    marks = {number: Mark("confirmed", value, source) for number, value in found.items()}
    return sheet.marked({**marks, **_others_of_the_groups(sheet, found)})


def _changed(sheet: Sheet, fields: Sequence[Field], event: str) -> Outcome:
    updated = tuple(field.id for field in fields)
    return Outcome(sheet, "change", updated, ((event, {"fields": list(updated)}),))
