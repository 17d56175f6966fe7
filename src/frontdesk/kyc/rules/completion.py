"""Completing a step: what it takes, and what follows for the session."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Step
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.model.session import STEP_LIFECYCLE, Note, Outcome, Progress, StepAnswer, StepState
from frontdesk.kyc.rules.conditions import is_empty, requires
from frontdesk.kyc.rules.confirm import supersede
from frontdesk.kyc.rules.corrections import cancel_corrections, resolve_corrections, uncorrected_documents
from frontdesk.kyc.rules.fields.around import Around
from frontdesk.kyc.rules.fields.check import Checked, check_fields
from frontdesk.kyc.rules.fields.merge import merge
from frontdesk.kyc.rules.liveness import passed
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.requirements import documents_for, documents_of_field, requirement_for, requirements_of
from frontdesk.kyc.rules.steps import (
    check_order,
    due_steps,
    find_editable_step,
    find_step,
    is_required,
    move,
    started,
    view,
    visible_steps,
)
from frontdesk.kyc.rules.subsessions import count
from frontdesk.kyc.rules.validation_steps import (
    checks_of,
    keep_findings,
    reopen_stale,
    wants_a_person,
    with_verdicts,
)

PROCESSING_REQUESTED: Note = ("kyc.processing_requested", {})
"""The session is due to be processed: the job `PROCESSING` does it."""
PROCESSING: Note = ("process", {})
_encode = msgspec.json.Encoder(order="sorted").encode
_PATH_END = re.compile(r"[.\[]")


class FieldsMissing(Invalid):
    """Something that the step requires is not there."""

    reason: ClassVar[str] = "fields_missing"

    def __init__(self, names: list[str], missing: list[str], faults: list[dict[str, str]] | None = None) -> None:
        details: dict[str, Any] = {"missing_fields": missing}
        if faults:
            details["fields"] = faults
        super().__init__("Campos requeridos: " + ", ".join(names), details=details)


class FieldsInvalid(Invalid):
    """Answers were given that cannot be right."""

    reason: ClassVar[str] = "fields_invalid"


class FormNotAnObject(Invalid):
    """Form data is keyed by field."""

    reason: ClassVar[str] = "form_not_an_object"


class SubsessionsUnfinished(Invalid):
    """The step's related parties are not all there, or not all done."""

    reason: ClassVar[str] = "subsessions_unfinished"


class PresenceUnproved(Invalid):
    """The step is completed by passing its liveness check."""

    reason: ClassVar[str] = "presence_unproved"


def checks_before(progress: Progress, step_id: str) -> tuple[str, ...]:
    """The checks that are run before `complete_step`, which takes what they find. None for steps that run none, and
    where the call repeats an earlier one. Raises what `complete_step` raises."""
    step = find_step(progress, step_id)
    if step.type != "validation" or _accepted(progress, step, _digest(step, None)) is not None:
        return ()
    find_editable_step(progress, step_id)
    check_order(progress, step)
    return checks_of(progress, step)


def complete_step(
    progress: Progress,
    step_id: str,
    form_data: Mapping[str, Any] | None,
    now: datetime,
    found: Iterable[Finding] = (),
) -> Outcome:
    """Accept a step, and see what follows for the session. The answer is a `StepAnswer`. `found` is what the checks of
    a validation step have found."""
    step = find_step(progress, step_id)
    digest = _digest(step, form_data)
    state = progress.step(step_id)
    if (accepted := _accepted(progress, step, digest)) is not None:
        return Outcome(progress, answer=accepted, changed=False)
    find_editable_step(progress, step_id)
    check_order(progress, step)
    if step.type == "form_fill":
        after, events = _fill(progress, step, form_data, now)
    elif step.type in ("document_upload", "selfie"):
        after, events = progress, ()
        _check_documents(progress, step)
    elif step.type == "liveness":
        after, events = progress, ()
        _check_presence(progress, step)
    elif step.type == "validation":
        listed = tuple(found)
        after, events = keep_findings(progress, listed, now, None) if listed else (progress, ())
    else:
        after, events = progress, ()
        _check_subsessions(progress, step)
    first = () if state.started_at else (started(step_id),)
    done = replace(
        after.step(step_id),
        status=STEP_LIFECYCLE.move(state.status, "complete"),
        started_at=state.started_at or now,
        completed_at=now,
    )
    after, resolved = resolve_corrections(after.with_step(done), step_id, now)
    after, reopened = _reopen(after, step_id)
    after, stale = reopen_stale(after)
    after, dropped = _drop_hidden(with_verdicts(after), now)
    due = due_steps(after)
    settled = _settle_session(after, now, finished=not due)
    after = settled.progress
    answer = StepAnswer(step_id, "completed", due[0].step_id if due else None, session_completed=not due)
    after = after.with_step(replace(done, accepted_digest=digest, accepted_answer=answer))
    completed: Note = ("kyc.step_completed", {"step_id": step_id})
    told = (*first, *events, completed, *resolved, *reopened, *stale, *dropped, *settled.events)
    return replace(settled, progress=after, events=told, answer=answer)


def _accepted(progress: Progress, step: Step, digest: str) -> StepAnswer | None:
    """The answer that an earlier call of the same kind got, if it still stands."""
    state = progress.step(step.step_id)
    return state.accepted_answer if state.accepted_digest == digest and _stands(progress, state) else None


def _stands(progress: Progress, state: StepState) -> bool:
    """Whether the last completion may be answered again.

    Once corrections are asked for, only completions that have answered one of them stand: a step that was
    completed before and is not to be corrected is closed.
    """
    if progress.status != "awaiting_client_correction":
        return state.status == "completed"
    asked_at = max(one.created_at for one in progress.corrections if one.status == "open")
    return state.status == "completed" and any(
        one.status == "resolved" and one.resolved_at == state.completed_at and one.resolved_at >= asked_at
        for one in progress.corrections
        if one.step_id == state.step_id and one.resolved_at is not None
    )


def _digest(step: Step, form_data: Mapping[str, Any] | None) -> str:
    sent = form_data if step.type == "form_fill" else None
    return hashlib.sha256(_encode(sent or {})).hexdigest()


def _fill(
    progress: Progress, step: Step, form_data: Mapping[str, Any] | None, now: datetime
) -> tuple[Progress, tuple[Note, ...]]:
    if form_data is not None and not isinstance(form_data, (dict, Mapping)):  # a Mapping is told far more slowly
        raise FormNotAnObject("form_data must be an object keyed by field_id")
    stored = progress.form_data.get(step.step_id, {})
    merged = merge(step.custom_fields, stored, form_data or {})
    if is_required(progress, step) or progress.open_corrections(step.step_id) or not is_empty(merged):
        around = _around(progress, step, now)
        checked = check_fields(step.custom_fields, merged, around)
        uncorrected = _uncorrected_fields(progress, step, checked)
        if checked.missing or checked.faults or uncorrected:
            raise _refusal(checked, uncorrected)
        merged = checked.values
    else:
        merged = {}
    unused = [
        document
        for one in step.custom_fields
        if one.type == "file"
        for document in documents_of_field(progress, step.step_id, one.field_id)
        if document.doc_id not in _doc_ids(merged.get(one.field_id))
    ]
    after, events = supersede(progress, unused)
    return replace(after, form_data={**after.form_data, step.step_id: merged}), events


def _refusal(checked: Checked, uncorrected: list[tuple[str, str]]) -> Invalid:
    faults = [{"field_id": one.field_id, "message": one.message} for one in checked.faults]
    missing = [*((one.field_id, one.name) for one in checked.missing), *uncorrected]
    if missing:
        return FieldsMissing([name for _, name in missing], [key for key, _ in missing], faults)
    names = ", ".join(dict.fromkeys(one.name for one in checked.faults))
    return FieldsInvalid(f"Invalid value: {names}", details={"fields": faults})


def _around(progress: Progress, step: Step, now: datetime) -> Around:
    earlier = {one.step_id for one in progress.definition.steps if one.order < step.order}
    answers: dict[tuple[str | None, str], Any] = {}
    for (step_id, field_id), value in view(progress).answers.items():
        if step_id in earlier:
            answers[step_id, field_id] = answers[None, field_id] = value
    return Around(
        today=now.date(),
        step_id=step.step_id,
        answers=answers,
        documents={
            one.field_id: frozenset(
                document.doc_id for document in documents_of_field(progress, step.step_id, one.field_id)
            )
            for one in step.custom_fields
            if one.type == "file"
        },
        fill_defaults=progress.step(step.step_id).completed_at is None,
    )


def _doc_ids(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _uncorrected_fields(progress: Progress, step: Step, checked: Checked) -> list[tuple[str, str]]:
    """Fields that open corrections name must be answered, even optional ones, as long as they are seen."""
    asked = {key for one in progress.open_corrections(step.step_id) for key in one.field_ids}
    if not asked:
        return []
    told = {_PATH_END.split(one.field_id)[0] for one in (*checked.missing, *checked.faults)}
    return [
        (one.field_id, one.name)
        for one in step.custom_fields
        if one.field_id in asked & checked.visible - told and is_empty(checked.values.get(one.field_id))
    ]


def _check_documents(progress: Progress, step: Step) -> None:
    present = any(one.current and one.step_id == step.step_id for one in progress.documents)
    corrected = bool(progress.open_corrections(step.step_id))
    if not present and not corrected and not is_required(progress, step):
        return
    wanted = [
        (requirement.document_type, requirement.label)
        for requirement in requirements_of(step)
        if requirement.required and len(documents_for(progress, step, requirement)) < requirement.sides
    ]
    if not requirements_of(step) and not present:
        wanted = [(one, step.name) for one in step.document_types[:1]]
    for document_type in uncorrected_documents(progress, step):
        requirement = requirement_for(step, document_type)
        label = requirement.label if requirement is not None else document_type
        if all(label != known for _, known in wanted):
            wanted.append((document_type, label))
    if wanted:
        raise FieldsMissing([label for _, label in wanted], [key for key, _ in wanted])


def _check_presence(progress: Progress, step: Step) -> None:
    if passed(progress, step.step_id):
        return
    if is_required(progress, step) or progress.open_corrections(step.step_id):
        raise PresenceUnproved("Pass the liveness check to complete this step")


def _check_subsessions(progress: Progress, step: Step) -> None:
    counts = count(progress, step.step_id)
    if counts.can_proceed or (counts.total == 0 and not is_required(progress, step)):
        return
    if counts.total < counts.min_required:
        raise SubsessionsUnfinished(f"At least {counts.min_required} subsessions are required")
    raise SubsessionsUnfinished("All subsessions must be completed first")


def _reopen(progress: Progress, edited: str) -> tuple[Progress, tuple[Note, ...]]:
    """Make completed forms due in which the edit has uncovered a required field without an answer."""
    events: list[Note] = []
    seen = view(progress)
    for step in seen.steps:
        if step.step_id == edited or (state := progress.step(step.step_id)).status != "completed":
            continue
        values = progress.form_data.get(step.step_id, {})
        if not is_required(progress, step) and is_empty(dict(values)):
            continue
        if any(requires(one, seen.answers) and is_empty(values.get(one.field_id)) for one in seen.fields[step.step_id]):
            due = replace(state, status=STEP_LIFECYCLE.move(state.status, "become_due"))
            progress = progress.with_step(due)
            events.append(("kyc.step_reopened", {"step_id": step.step_id}))
    return progress, tuple(events)


def _drop_hidden(progress: Progress, now: datetime) -> tuple[Progress, tuple[Note, ...]]:
    """A correction of a step that the edit has hidden cannot be answered any more."""
    if not progress.corrections:
        return progress, ()
    seen = {step.step_id for step in visible_steps(progress)}
    return cancel_corrections(progress, {one.step_id for one in progress.steps} - seen, now, None)


def _settle_session(progress: Progress, now: datetime, *, finished: bool) -> Outcome:
    """The session's own move, if the step was the last that it waited for."""
    config = progress.definition.validation_config
    if progress.status == "active":
        if not finished:
            return Outcome(progress)
        if wants_a_person(progress) and not config.processes_itself:
            after = replace(move(progress, "complete_to_review"), completed_at=now)
            told: tuple[Note, ...] = (("kyc.session.completed", {}), ("kyc.session.manual_review", {}))
            return Outcome(after, "complete_to_review", told)
        return _enter_completed(progress, "complete", now, on=config.processes_itself)
    if any(one.status == "open" for one in progress.corrections):
        return Outcome(progress)
    if not finished:
        return Outcome(replace(move(progress, "resume"), completed_at=None), "resume")
    if config.correction_resolution == "auto_process":
        return _enter_completed(progress, "resolve_to_processing", now, on=True)
    if config.correction_resolution == "completed" and not wants_a_person(progress):
        return _enter_completed(progress, "resolve_to_completed", now, on=False)
    after = move(progress, "resolve_to_review")
    return Outcome(after, "resolve_to_review", (("kyc.session.manual_review", {}),))


def _enter_completed(progress: Progress, verb: str, now: datetime, *, on: bool) -> Outcome:
    """With `on` the session goes on by itself."""
    after = replace(move(progress, verb), completed_at=now)
    told, jobs = ((PROCESSING_REQUESTED,), (PROCESSING,)) if on else ((), ())
    return Outcome(after, verb, (("kyc.session.completed", {}), *told), jobs)
