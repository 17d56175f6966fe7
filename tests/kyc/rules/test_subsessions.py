"""Sessions of related parties: how they are planned and counted."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.session import FINISHED, LIFECYCLE
from frontdesk.kyc.rules.links import MetadataTooLarge
from frontdesk.kyc.rules.steps import StatusForbids, StepNotEditable
from frontdesk.kyc.rules.subsessions import (
    CollectionStepNotFound,
    LabelInvalid,
    SubsessionFinished,
    SubsessionNotFound,
    TooManySubsessions,
    added,
    count,
    delete_subsession,
    listed,
    plan_subsession,
    regenerate_subsession,
)
from kyc.factories import CHILD_WORKFLOW, at, collection_step, definition, form_step, related, session


def parent(*statuses, **config):
    parties = tuple(related(f"sub_{place}", status) for place, status in enumerate(statuses))
    return session(definition(form_step(), collection_step(**config)), related=parties)


def plan(progress, step_id="owners", label="Rui Costa", **more):
    return plan_subsession(progress, step_id, label, at(1), **more)


def test_a_planned_subsession_takes_over_what_the_step_says():
    planned = plan(parent())
    assert planned.answer.workflow_id == CHILD_WORKFLOW
    assert (planned.answer.tag, planned.answer.category) == ("ubo", "ubo")
    assert planned.answer.expires_at == parent().expires_at
    assert planned.progress.step("owners").status == "in_progress"
    done = added(planned, "sub_9", at(1))
    assert [one.subsession_id for one in done.progress.related] == ["sub_9"]
    assert done.events[-1] == ("kyc.subsession.created", {"subsession_id": "sub_9", "step_id": "owners"})


def test_a_life_of_its_own_counts_from_now():
    assert plan(parent(ttl_days=3)).answer.expires_at == at(1) + timedelta(days=3)
    staff = plan(parent(), ttl_days=2, workflow_id="other").answer
    assert (staff.expires_at, staff.workflow_id, staff.ttl_days) == (at(1) + timedelta(days=2), "other", 2)


def test_a_parent_past_its_end_gives_its_own_length_of_life():
    late = replace(parent(), expires_at=at(0))
    assert plan(late).answer.expires_at == at(1) + timedelta(days=7)


def test_the_published_words_for_too_many_and_for_a_wrong_step():
    with pytest.raises(TooManySubsessions, match=r"^Maximum number of subsessions \(2\) reached$"):
        plan(parent("active", "completed"))
    for step_id in ("nowhere", "about_you"):
        with pytest.raises(CollectionStepNotFound, match=f"^Subsession collection step {step_id} not found$"):
            plan(parent(), step_id)


@pytest.mark.parametrize("label", ["", "  ", "x" * 121])
def test_a_label_has_one_to_120_characters(label):
    with pytest.raises(LabelInvalid):
        plan(parent(), label=label)


def test_metadata_has_its_limit():
    with pytest.raises(MetadataTooLarge):
        plan(parent(), metadata={"x": "y" * 4096})


def test_none_is_opened_in_a_closed_session_or_inside_another():
    with pytest.raises(StepNotEditable):
        plan(replace(parent(), status="completed"))
    with pytest.raises(StepNotEditable):
        plan(replace(parent(), parent_session_id="p"))


@pytest.mark.parametrize("status", sorted(LIFECYCLE.statuses))
def test_a_subsession_is_completed_or_pending(status):
    found = count(parent(status), "owners")
    assert (found.total, found.completed, found.pending) == (1, status in FINISHED, status not in FINISHED)


@pytest.mark.parametrize(
    ("statuses", "least", "strict", "proceed"),
    [
        ((), 0, False, True),
        ((), 1, False, False),
        (("active",), 1, False, True),
        (("active",), 0, True, False),
        (("approved",), 1, True, True),
        (("approved", "awaiting_client_correction"), 1, True, False),
        ((), 0, True, True),
    ],
)
def test_whether_the_parent_can_proceed(statuses, least, strict, proceed):
    counts = count(parent(*statuses, min_required=least, require_completion_before_proceed=strict))
    assert counts.can_proceed is proceed


def test_without_a_step_all_collections_are_summed():
    steps = definition(collection_step(min_required=1), collection_step("directors", category="director"))
    both = session(steps, related=(related(), related("sub_2", "approved", step_id="directors")))
    found = count(both)
    assert (found.total, found.completed, found.pending) == (2, 1, 1)
    assert (found.min_required, found.max_allowed, found.can_proceed, found.category) == (1, 4, True, None)
    assert count(both, "directors").category == "director"
    assert [one.subsession_id for one in listed(both, "directors")] == ["sub_2"]
    assert len(listed(both)) == 2
    assert count(session()).total == 0


def test_an_unfinished_one_gets_a_new_link_or_is_deleted():
    renewed = regenerate_subsession(parent("active"), "sub_0", at(5), ttl_days=2)
    assert renewed.answer == renewed.progress.related[0].expires_at == at(5) + timedelta(days=2)
    assert delete_subsession(parent("active", "active"), "sub_0").progress.related == (related("sub_1"),)


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_finished_one_stays_as_it_is(status):
    with pytest.raises(SubsessionFinished) as caught:
        delete_subsession(parent(status), "sub_0")
    assert caught.value.code == "FORBIDDEN"
    with pytest.raises(SubsessionFinished):
        regenerate_subsession(parent(status), "sub_0", at(1), ttl_days=1)


def test_one_of_another_parent_is_not_found():
    with pytest.raises(SubsessionNotFound, match=r"^Subsession not found$") as caught:
        delete_subsession(parent(), "sub_0")
    assert caught.value.code == "NOT_FOUND"


def test_staff_may_do_it_as_long_as_the_parent_is_undecided():
    closed = replace(parent("active"), status="completed")
    with pytest.raises(StepNotEditable):
        delete_subsession(closed, "sub_0")
    assert delete_subsession(closed, "sub_0", by_staff=True).answer
    with pytest.raises(StatusForbids):
        delete_subsession(replace(closed, status="approved"), "sub_0", by_staff=True)
