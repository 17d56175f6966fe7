"""The clocks: each session rests in one way since one instant, and a clock that is not set keeps it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from frontdesk.kyc.model.session import LIFECYCLE, Progress, Review
from frontdesk.kyc.rules.retention import CLOCKS, RetentionInvalid, check, is_over, resting
from kyc.factories import NOW, at, session

ALL = dict.fromkeys(CLOCKS.values(), 30)


def in_status(status: str, **changes: object) -> Progress:
    given = {"status": status, "completed_at": at(5), **changes}
    return replace(session(), **given)


@pytest.mark.parametrize("status", sorted(LIFECYCLE.statuses))
def test_every_status_rests_in_one_way(status: str) -> None:
    phase, _ = resting(in_status(status))
    assert phase == {
        "approved": "decided", "rejected": "decided", "active": "open", "awaiting_client_correction": "open",
    }.get(status, "completed")  # fmt: skip


def test_a_decision_counts_from_the_latest_word() -> None:
    by_rule = in_status("approved", processed_at=at(7))
    assert resting(by_rule) == ("decided", at(7))
    assert resting(replace(by_rule, review=Review("key k", at(90)))) == ("decided", at(90))


def test_an_open_session_counts_from_the_end_of_its_link() -> None:
    open_one = in_status("active", expires_at=at(60))
    assert resting(open_one) == ("open", at(60))


def test_a_session_that_lost_its_tries_counts_from_the_end_of_its_link() -> None:
    assert resting(in_status("manual_review", completed_at=None, expires_at=at(60))) == ("completed", at(60))


def test_a_subsession_has_no_clock() -> None:
    inner = in_status("approved", parent_session_id="parent")
    assert resting(inner)[0] == "within"
    assert not is_over(inner, ALL, NOW + timedelta(days=10_000))


@given(st.sampled_from(sorted(LIFECYCLE.statuses)), st.integers(1, 400), st.integers(0, 500))
def test_it_is_over_exactly_when_its_own_clock_says_so(status: str, days: int, passed: int) -> None:
    progress = in_status(status, processed_at=at(7), expires_at=at(60))
    phase, since = resting(progress)
    now = since + timedelta(days=passed)
    assert is_over(progress, {CLOCKS[phase]: days}, now) is (passed >= days)
    others = {name: 1 for own, name in CLOCKS.items() if own != phase}
    assert not is_over(progress, others, now)
    assert not is_over(progress, {CLOCKS[phase]: None}, now)
    assert not is_over(progress, {}, now)


def test_days_have_limits() -> None:
    check({"after_expiry_days": None, "after_decision_days": 1})
    for days in (0, -3, 36_501):
        with pytest.raises(RetentionInvalid, match="after_expiry_days must be 1 to 36500 days"):
            check({"after_expiry_days": days})
