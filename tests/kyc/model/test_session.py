"""The lifecycles: which statuses there are, which are final, and that no walk leaves the table."""

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.model.session import (
    CORRECTION_LIFECYCLE,
    LIFECYCLE,
    STEP_LIFECYCLE,
    UPLOAD_LIFECYCLE,
    StepState,
)
from kyc.factories import session

TABLES = (LIFECYCLE, STEP_LIFECYCLE, CORRECTION_LIFECYCLE, UPLOAD_LIFECYCLE)


def reached(table):
    found, waiting = {table.start}, [table.start]
    while waiting:
        status = waiting.pop()
        for (source, _), target in table.moves.items():
            if source == status and target not in found:
                found.add(target)
                waiting.append(target)
    return found


def test_the_published_statuses_are_all_there_and_can_be_reached():
    assert LIFECYCLE.statuses == {
        "active",
        "awaiting_client_correction",
        "manual_review",
        "completed",
        "processed",
        "approved",
        "rejected",
    }
    assert STEP_LIFECYCLE.statuses == {"pending", "in_progress", "completed", "needs_correction"}
    for table in TABLES:
        assert reached(table) == table.statuses


def test_a_decided_session_is_left_only_by_opening_it_again():
    for status in ("approved", "rejected"):
        assert [verb for source, verb in LIFECYCLE.moves if source == status] == ["reopen"]
    assert LIFECYCLE.final == frozenset()


def test_settled_corrections_and_lost_uploads_are_final():
    assert CORRECTION_LIFECYCLE.final == {"resolved", "cancelled"}
    assert UPLOAD_LIFECYCLE.final == {"rejected", "expired", "superseded"}


@given(st.sampled_from(TABLES), st.lists(st.integers(0, 50), max_size=40))
def test_a_random_walk_never_leaves_the_table(table, choices):
    status = table.start
    for choice in choices:
        verbs = sorted(verb for source, verb in table.moves if source == status)
        if not verbs:
            assert status in table.final
            return
        status = table.move(status, verbs[choice % len(verbs)])
        assert status in table.statuses


def test_an_unrecorded_step_is_pending():
    assert session(steps=()).step("passport") == StepState("passport", "pending")


def test_a_changed_step_keeps_its_place():
    changed = session(steps=()).with_step(StepState("about_you")).with_step(StepState("passport"))
    assert [one.step_id for one in changed.steps] == ["passport", "about_you"]
