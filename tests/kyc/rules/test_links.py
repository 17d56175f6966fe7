"""Opening a session, and how long its link lives."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from frontdesk.kyc.rules.links import (
    LifeInvalid,
    MetadataTooLarge,
    WorkflowIsDraft,
    extend,
    renew_link,
    start,
)
from frontdesk.kyc.rules.steps import StatusForbids
from kyc.factories import NOW, at, definition, session

DAY = timedelta(days=1)


def test_a_session_opens_active_for_a_week():
    opened = start(definition(), "s1", NOW)
    assert opened.progress.status == "active"
    assert opened.progress.expires_at == NOW + 7 * DAY
    assert [one.status for one in opened.progress.steps] == ["pending", "pending"]
    assert opened.events == (("kyc.session.created", {}),)


@pytest.mark.parametrize("days", [0, 91, -1])
def test_a_link_lives_one_to_ninety_days(days):
    with pytest.raises(LifeInvalid):
        start(definition(), "s1", NOW, ttl_days=days)
    with pytest.raises(LifeInvalid):
        extend(session(), NOW, ttl_days=days)
    with pytest.raises(LifeInvalid):
        renew_link(session(), NOW, days)


def test_metadata_has_its_limit():
    with pytest.raises(MetadataTooLarge):
        start(definition(), "s1", NOW, metadata={"note": "x" * 8192})
    assert start(definition(), "s1", NOW, metadata={"note": "x" * 8000})


def test_drafts_open_no_sessions():
    with pytest.raises(WorkflowIsDraft):
        start(replace(definition(), status="draft"), "s1", NOW)


def test_a_link_is_extended_from_now_or_to_an_instant_even_after_its_end():
    late = at(30 * 24 * 60)
    assert extend(session(), late, ttl_days=2).answer == late + 2 * DAY
    assert extend(session(), NOW, expires_at=NOW + DAY).progress.expires_at == NOW + DAY


@pytest.mark.parametrize(
    "given",
    [{}, {"ttl_days": 1, "expires_at": NOW + DAY}, {"expires_at": NOW}, {"expires_at": NOW + 91 * DAY}],
)
def test_exactly_one_end_in_the_future_is_given(given):
    with pytest.raises(LifeInvalid):
        extend(session(), NOW, **given)


def test_a_new_link_lives_as_long_as_the_first_did():
    assert renew_link(session(ttl_days=3), at(60)).answer == at(60) + 3 * DAY


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_a_decided_session_gets_no_more_time(status):
    with pytest.raises(StatusForbids):
        extend(session(status=status), NOW, ttl_days=1)
    with pytest.raises(StatusForbids):
        renew_link(session(status=status), NOW)
