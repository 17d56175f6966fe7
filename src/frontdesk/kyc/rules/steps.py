"""Where a session stands: which steps are seen, which are due, and which may be edited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Definition, Field, Step
from frontdesk.kyc.model.session import LIFECYCLE, STEP_LIFECYCLE, Note, Progress
from frontdesk.kyc.rules.conditions import demands, is_empty, shows
from frontdesk.kyc.rules.refusals import Conflicting, Forbidden, Invalid


class StepNotFound(Invalid):
    """The workflow has no such step."""

    reason: ClassVar[str] = "step_not_found"

    def __init__(self) -> None:
        super().__init__("Step not found")


class StepNotEditable(Forbidden):
    """The step, or the whole session, takes no changes now."""

    reason: ClassVar[str] = "step_not_editable"

    def __init__(self, message: str = "This step cannot be edited now") -> None:
        super().__init__(message)


class OutOfOrder(Forbidden):
    """An earlier required step is not completed."""

    reason: ClassVar[str] = "out_of_order"


class StatusForbids(Conflicting):
    """The session's status does not allow the move."""

    reason: ClassVar[str] = "status_forbids"


class View(msgspec.Struct, frozen=True):
    """What the answers so far make visible: steps, fields of forms, and the answers that count."""

    steps: tuple[Step, ...]
    fields: Mapping[str, tuple[Field, ...]]
    validations: tuple[Step, ...]
    answers: Mapping[tuple[str | None, str], Any]


def see(definition: Definition, form: Mapping[str, Mapping[str, Any]], *, in_subsession: bool) -> View:
    """One pass suffices, because conditions look at earlier fields only.

    Subsessions are one level deep: inside one, a step that collects further ones is not seen.
    """
    answers: dict[tuple[str | None, str], Any] = {}
    steps: list[Step] = []
    fields: dict[str, tuple[Field, ...]] = {}
    for step in definition.steps:
        if in_subsession and step.type == "subsession_collection":
            continue
        if not shows(step.conditional_logic, answers):
            continue
        steps.append(step)
        entered = form.get(step.step_id, {})
        seen: list[Field] = []
        for one in step.custom_fields:
            if shows(one.conditional_logic, answers):
                seen.append(one)
                value = entered.get(one.field_id)
                if not is_empty(value):
                    answers[step.step_id, one.field_id] = answers[None, one.field_id] = value
        fields[step.step_id] = tuple(seen)
    validations = tuple([step for step in steps if step.type == "validation"])
    return View(tuple(steps), fields, validations, answers)


def view(progress: Progress) -> View:
    """What this session shows now. Every rule asks, so it is worked out once for each state of the answers."""
    seen = progress.seen
    if seen.form is not progress.form_data or seen.definition is not progress.definition:
        seen.view = see(progress.definition, progress.form_data, in_subsession=progress.parent_session_id is not None)
        seen.form, seen.definition = progress.form_data, progress.definition
    found: View = seen.view
    return found


def visible_steps(progress: Progress) -> tuple[Step, ...]:
    """The steps that concern this customer, in order."""
    return view(progress).steps


def answered_form(progress: Progress) -> dict[str, dict[str, Any]]:
    """The answers that count, by step: those of fields that are visible now."""
    seen = view(progress)
    return {
        step_id: {
            one.field_id: seen.answers[(step_id, one.field_id)]
            for one in fields
            if (step_id, one.field_id) in seen.answers
        }
        for step_id, fields in seen.fields.items()
        if step_id in progress.form_data
    }


def answers_by_key(progress: Progress) -> dict[str, Any]:
    """The answers that count, by the keys that webhooks use: the same in every environment."""
    form = answered_form(progress)
    return {
        field.key: form[step.step_id][field.field_id]
        for step in progress.definition.steps
        for field in step.custom_fields
        if field.field_id in form.get(step.step_id, {})
    }


def find_step(progress: Progress, step_id: str) -> Step:
    """Raises `StepNotFound`."""
    step = progress.definition.find_step(step_id)
    if step is None:
        raise StepNotFound
    return step


def editable(progress: Progress, step_id: str) -> bool:
    """Whether the customer may change the step now."""
    if step_id not in view(progress).fields:
        return False
    if progress.status == "active":
        return progress.step(step_id).status in ("pending", "in_progress", "completed")
    return progress.status == "awaiting_client_correction" and bool(progress.open_corrections(step_id))


def find_editable_step(progress: Progress, step_id: str) -> Step:
    """Raises `StepNotFound`, then `StepNotEditable`."""
    step = find_step(progress, step_id)
    if not editable(progress, step_id):
        raise StepNotEditable
    return step


def is_required(progress: Progress, step: Step) -> bool:
    """Whether the step must hold something: by itself, or by what was answered so far."""
    return step.required or demands(step.conditional_logic, view(progress).answers)


def check_order(progress: Progress, step: Step) -> None:
    """Raises `OutOfOrder`. While corrections are open, only their steps can be edited, in any order."""
    if progress.status != "active":
        return
    for earlier in visible_steps(progress):
        if earlier.order >= step.order:
            return
        if is_required(progress, earlier) and progress.step(earlier.step_id).status != "completed":
            raise OutOfOrder("Complete the earlier steps first")


def due_steps(progress: Progress) -> tuple[Step, ...]:
    """The visible steps that are not completed."""
    done = {state.step_id for state in progress.steps if state.status == "completed"}
    return tuple([one for one in visible_steps(progress) if one.step_id not in done])


def next_step_id(progress: Progress) -> str | None:
    """The first step that is due, or None."""
    due = due_steps(progress)
    return due[0].step_id if due else None


def all_completed(progress: Progress) -> bool:
    """Whether every visible step is completed. Says nothing about approval."""
    return not due_steps(progress)


def current_step_index(progress: Progress) -> int:
    """The position, among all steps, of the first that is due; their number when there is none."""
    first = next_step_id(progress)
    for place, step in enumerate(progress.definition.steps):
        if step.step_id == first:
            return place
    return len(progress.definition.steps)


def touch(progress: Progress, step_id: str, now: datetime) -> tuple[Progress, tuple[Note, ...]]:
    """Record the customer's first activity in a step."""
    state = progress.step(step_id)
    status = STEP_LIFECYCLE.move(state.status, "start") if state.status == "pending" else state.status
    touched = replace(state, status=status, started_at=state.started_at or now)
    if touched == state:
        return progress, ()
    return progress.with_step(touched), (started(step_id),)


def started(step_id: str) -> Note:
    """What is told of the customer's first activity in a step."""
    return "kyc.step_started", {"step_id": step_id}


def move(progress: Progress, verb: str) -> Progress:
    """The session after a move of its lifecycle. Raises `StatusForbids`."""
    if not LIFECYCLE.allows(progress.status, verb):
        raise StatusForbids(f"This is not possible while the status is {progress.status}")
    return replace(progress, status=LIFECYCLE.move(progress.status, verb))
