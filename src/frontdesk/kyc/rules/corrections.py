"""Corrections: what a reviewer asks to be fixed, and what it takes to have fixed it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Step
from frontdesk.kyc.model.reasons import CORRECTION_REASONS
from frontdesk.kyc.model.session import (
    CORRECTION_LIFECYCLE,
    STEP_LIFECYCLE,
    Correction,
    Note,
    Outcome,
    Progress,
)
from frontdesk.kyc.rules.refusals import Conflicting, Invalid
from frontdesk.kyc.rules.requirements import requirement_for, satisfies
from frontdesk.kyc.rules.steps import move, visible_steps

MOST_AT_ONCE = 50
LONGEST_MESSAGE = 1000
LONGEST_NOTE = 5000


class CorrectionsInvalid(Invalid):
    """The demands do not fit the session's workflow."""

    reason: ClassVar[str] = "corrections_invalid"


class CorrectionsUsedUp(Conflicting):
    """The session was sent back as often as its workflow allows: now it can only be decided."""

    reason: ClassVar[str] = "corrections_used_up"


class Demand(msgspec.Struct, frozen=True):
    """One thing that a reviewer wants fixed."""

    step_id: str
    message: str
    field_ids: tuple[str, ...] = ()
    document_types: tuple[str, ...] = ()
    internal_note: str | None = None
    reason_code: str | None = None


def request_corrections(
    progress: Progress,
    demands: Sequence[Demand],
    *,
    requested_by: str,
    new_id: Callable[[], str],
    now: datetime,
    ttl_days: int = 7,
) -> Outcome:
    """Send the session back to its customer. The answer is the new corrections."""
    faults = _faults(progress, demands, ttl_days)
    if faults:
        listed = [{"path": path, "message": message} for path, message in faults]
        raise CorrectionsInvalid(f"Invalid corrections: {faults[0][1]}", details={"errors": listed})
    after = move(progress, "request_corrections")
    most = progress.definition.validation_config.max_corrections
    if len({one.created_at for one in progress.corrections}) >= most:
        times = "once" if most == 1 else f"{most} times"
        allowed = "This workflow allows no corrections" if most == 0 else f"Corrections were asked for {times} already"
        raise CorrectionsUsedUp(f"{allowed}: the session can only be decided now", details={"max_corrections": most})
    made = tuple(
        Correction(
            correction_id=new_id(),
            step_id=one.step_id,
            message=one.message.strip(),
            created_at=now,
            field_ids=one.field_ids,
            document_types=one.document_types,
            requested_by=requested_by,
            internal_note=one.internal_note,
            reason_code=one.reason_code,
        )
        for one in demands
    )
    for step_id in dict.fromkeys(one.step_id for one in demands):
        state = after.step(step_id)
        status = STEP_LIFECYCLE.move(state.status, "request_correction")
        after = after.with_step(replace(state, status=status))
    after = replace(
        after,
        corrections=(*after.corrections, *made),
        expires_at=max(after.expires_at, now + timedelta(days=ttl_days)),
        final_decision=None,
    )
    facts = {
        "correction_ids": [one.correction_id for one in made],
        "requested_by": requested_by,
        "reason_codes": [one.reason_code for one in made],
    }
    return Outcome(after, "request_corrections", (("kyc.session.correction_requested", facts),), answer=made)


def resolve_corrections(progress: Progress, step_id: str, now: datetime) -> tuple[Progress, tuple[Note, ...]]:
    """The step was completed again: what was open about it is settled."""
    settled = [one.correction_id for one in progress.open_corrections(step_id)]
    if not settled:
        return progress, ()
    after = _settle(progress, settled, "resolve", now, None)
    facts = {"step_id": step_id, "correction_ids": settled}
    return after, (("kyc.session.correction_resolved", facts),)


def cancel_corrections(
    progress: Progress, step_ids: Collection[str], now: datetime, by: str | None
) -> tuple[Progress, tuple[Note, ...]]:
    """Drop what is open about these steps, and put them back to where they were."""
    dropped = [one for one in progress.corrections if one.status == "open" and one.step_id in step_ids]
    if not dropped:
        return progress, ()
    ids = [one.correction_id for one in dropped]
    after = _settle(progress, ids, "cancel", now, by)
    for step_id in dict.fromkeys(one.step_id for one in dropped):
        state = after.step(step_id)
        verb = "withdraw" if state.completed_at else "withdraw_unfinished"
        after = after.with_step(replace(state, status=STEP_LIFECYCLE.move(state.status, verb)))
    return after, (("kyc.corrections_cancelled", {"correction_ids": ids}),)


def uncorrected_documents(progress: Progress, step: Step) -> list[str]:
    """The document types that open corrections ask for and no newer file answers yet."""
    files = [one for one in progress.documents if one.current and one.step_id == step.step_id]
    return [
        wanted
        for correction in progress.open_corrections(step.step_id)
        for wanted in correction.document_types
        if not any(
            satisfies(one.document_type, wanted)
            and one.uploaded_at is not None
            and one.uploaded_at > correction.created_at
            for one in files
        )
    ]


def _settle(progress: Progress, ids: Collection[str], verb: str, now: datetime, by: str | None) -> Progress:
    settled = tuple(
        replace(one, status=CORRECTION_LIFECYCLE.move(one.status, verb), resolved_at=now, resolved_by=by)
        if one.correction_id in ids
        else one
        for one in progress.corrections
    )
    return replace(progress, corrections=settled)


def _faults(progress: Progress, demands: Sequence[Demand], ttl_days: int) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if not 1 <= len(demands) <= MOST_AT_ONCE:
        faults.append(("corrections", f"must have 1 to {MOST_AT_ONCE} entries"))
    if not 1 <= ttl_days <= 90:
        faults.append(("ttl_days", "must be 1 to 90"))
    visible = {step.step_id: step for step in visible_steps(progress)}
    for place, one in enumerate(demands):
        path = f"corrections[{place}]"
        if not 1 <= len(one.message.strip()) <= LONGEST_MESSAGE:
            faults.append((f"{path}.message", f"must have 1 to {LONGEST_MESSAGE} characters"))
        if one.internal_note is not None and len(one.internal_note) > LONGEST_NOTE:
            faults.append((f"{path}.internal_note", f"must have at most {LONGEST_NOTE} characters"))
        if one.reason_code is not None and one.reason_code not in CORRECTION_REASONS:
            faults.append((f"{path}.reason_code", "must be one of " + ", ".join(CORRECTION_REASONS)))
        if progress.definition.find_step(one.step_id) is None:
            faults.append((f"{path}.step_id", "Step not found"))
        elif one.step_id not in visible:
            faults.append((f"{path}.step_id", "the step is hidden from this customer"))
        else:
            faults += _scope_faults(visible[one.step_id], one, path)
    return faults


def _scope_faults(step: Step, one: Demand, path: str) -> list[tuple[str, str]]:
    faults = [
        (f"{path}.field_ids[{place}]", "the step has no such field")
        for place, field_id in enumerate(one.field_ids)
        if step.find_field(field_id) is None
    ]
    return faults + [
        (f"{path}.document_types[{place}]", "Document type not allowed for this step")
        for place, wanted in enumerate(one.document_types)
        if requirement_for(step, wanted) is None
    ]
