"""Subsessions: sessions of related parties, collected by a step of their parent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Step, SubsessionConfig
from frontdesk.kyc.model.session import DECIDED, FINISHED, Outcome, Progress, Related
from frontdesk.kyc.rules.links import check_metadata, check_ttl
from frontdesk.kyc.rules.refusals import Forbidden, Invalid, NotFound
from frontdesk.kyc.rules.steps import StatusForbids, StepNotEditable, editable, touch, visible_steps

LARGEST_METADATA = 4 * 1024
LONGEST_LABEL = 120


class CollectionStepNotFound(Invalid):
    """The workflow has no such step that collects subsessions."""

    reason: ClassVar[str] = "collection_step_not_found"

    def __init__(self, step_id: str) -> None:
        super().__init__(f"Subsession collection step {step_id} not found")


class TooManySubsessions(Invalid):
    """The step holds as many as it may."""

    reason: ClassVar[str] = "too_many_subsessions"

    def __init__(self, most: int) -> None:
        super().__init__(f"Maximum number of subsessions ({most}) reached")


class LabelInvalid(Invalid):
    """A subsession needs a name that its parent knows it by."""

    reason: ClassVar[str] = "label_invalid"


class SubsessionNotFound(NotFound):
    """The session has no such subsession."""

    reason: ClassVar[str] = "subsession_not_found"

    def __init__(self) -> None:
        super().__init__("Subsession not found")


class SubsessionFinished(Forbidden):
    """What is finished can neither be deleted nor be given a new link."""

    reason: ClassVar[str] = "subsession_finished"


class SubsessionPlan(msgspec.Struct, frozen=True):
    """What the new session is to be. `ttl_days` is what a new link of it would get."""

    step_id: str
    workflow_id: str
    label: str
    category: str | None
    tag: str | None
    expires_at: datetime
    ttl_days: int


class Counts(msgspec.Struct, frozen=True):
    """How far a collection is."""

    total: int
    completed: int
    pending: int
    min_required: int
    max_allowed: int
    can_proceed: bool
    category: str | None


def plan_subsession(
    progress: Progress,
    step_id: str,
    label: str,
    now: datetime,
    *,
    metadata: Mapping[str, Any] | None = None,
    ttl_days: int | None = None,
    workflow_id: str | None = None,
) -> Outcome:
    """Whether one more may be opened. The answer is a `SubsessionPlan`; the parent's step counts as begun.

    `ttl_days` and `workflow_id` are for staff. The parent's progress gets the new one with `added`.
    """
    config = _config(progress, step_id)
    if not editable(progress, step_id):
        raise StepNotEditable
    name = label.strip()
    if not 1 <= len(name) <= LONGEST_LABEL:
        raise LabelInvalid(f"label must have 1 to {LONGEST_LABEL} characters")
    check_metadata(metadata, LARGEST_METADATA)
    if len(_of_step(progress, step_id)) >= config.max_allowed:
        raise TooManySubsessions(config.max_allowed)
    days = check_ttl(ttl_days) if ttl_days is not None else config.ttl_days
    expires_at = progress.expires_at
    if days or expires_at <= now:
        expires_at = now + timedelta(days=days or progress.ttl_days)
    plan = SubsessionPlan(
        step_id,
        workflow_id or config.workflow_id,
        name,
        config.category,
        config.tag or config.category,
        expires_at,
        days or progress.ttl_days,
    )
    after, events = touch(progress, step_id, now)
    return Outcome(after, events=events, answer=plan)


def added(outcome: Outcome, subsession_id: str, now: datetime) -> Outcome:
    """The same outcome with the planned subsession in the parent's list."""
    plan: SubsessionPlan = outcome.answer
    related = Related(
        subsession_id, plan.step_id, "active", plan.label, plan.workflow_id, plan.expires_at, now, plan.tag
    )
    after = replace(outcome.progress, related=(*outcome.progress.related, related))
    created = ("kyc.subsession.created", {"subsession_id": subsession_id, "step_id": plan.step_id})
    return replace(outcome, progress=after, events=(*outcome.events, created))


def count(progress: Progress, step_id: str | None = None) -> Counts:
    """Of one step, or of all that collect. Raises `CollectionStepNotFound`."""
    if step_id is not None:
        return _count(progress, step_id, _config(progress, step_id))
    seen = [
        _count(progress, step.step_id, step.subsession_config)
        for step in visible_steps(progress)
        if step.subsession_config is not None
    ]
    categories = {one.category for one in seen}
    return Counts(
        total=sum(one.total for one in seen),
        completed=sum(one.completed for one in seen),
        pending=sum(one.pending for one in seen),
        min_required=sum(one.min_required for one in seen),
        max_allowed=sum(one.max_allowed for one in seen),
        can_proceed=all(one.can_proceed for one in seen),
        category=categories.pop() if len(categories) == 1 else None,
    )


def listed(progress: Progress, step_id: str | None = None) -> tuple[Related, ...]:
    """The subsessions of one step, or all. Raises `CollectionStepNotFound`."""
    if step_id is None:
        return progress.related
    _config(progress, step_id)
    return _of_step(progress, step_id)


def regenerate_subsession(
    progress: Progress, subsession_id: str, now: datetime, *, ttl_days: int, by_staff: bool = False
) -> Outcome:
    """A new link for an unfinished one; `ttl_days` is the subsession's own. The answer is the link's end."""
    found = _find_unfinished(progress, subsession_id, "get a new link", by_staff=by_staff)
    until = now + timedelta(days=check_ttl(ttl_days))
    others = tuple(replace(one, expires_at=until) if one is found else one for one in progress.related)
    facts = {"subsession_id": subsession_id}
    return Outcome(replace(progress, related=others), events=(("kyc.subsession_link_renewed", facts),), answer=until)


def delete_subsession(progress: Progress, subsession_id: str, *, by_staff: bool = False) -> Outcome:
    """Take an unfinished one from the parent. The answer is what it was."""
    found = _find_unfinished(progress, subsession_id, "be deleted", by_staff=by_staff)
    after = replace(progress, related=tuple(one for one in progress.related if one is not found))
    facts = {"subsession_id": subsession_id, "step_id": found.step_id}
    return Outcome(after, events=(("kyc.subsession_deleted", facts),), answer=found)


def _find_unfinished(progress: Progress, subsession_id: str, wish: str, *, by_staff: bool) -> Related:
    found = next((one for one in progress.related if one.subsession_id == subsession_id), None)
    if found is None:
        raise SubsessionNotFound
    if by_staff and progress.status in DECIDED:
        raise StatusForbids(f"This is not possible while the status is {progress.status}")
    if not by_staff and not editable(progress, found.step_id):
        raise StepNotEditable
    if found.status in FINISHED:
        raise SubsessionFinished(f"A finished subsession cannot {wish}")
    return found


def _config(progress: Progress, step_id: str) -> SubsessionConfig:
    step: Step | None = progress.definition.find_step(step_id)
    if step is None or step.subsession_config is None:
        raise CollectionStepNotFound(step_id)
    return step.subsession_config


def _of_step(progress: Progress, step_id: str) -> tuple[Related, ...]:
    return tuple(one for one in progress.related if one.step_id == step_id)


def _count(progress: Progress, step_id: str, config: SubsessionConfig) -> Counts:
    mine = _of_step(progress, step_id)
    completed = sum(one.status in FINISHED for one in mine)
    pending = len(mine) - completed
    enough = len(mine) >= config.min_required
    if config.require_completion_before_proceed:
        enough = completed >= config.min_required and pending == 0
    return Counts(len(mine), completed, pending, config.min_required, config.max_allowed, enough, config.category)
