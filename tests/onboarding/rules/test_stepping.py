"""Whose turn it is, what a submission makes of a session, and when enough is enough: plain values."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.basics.errors import Problem
from frontdesk.onboarding.model.session import LIFECYCLE, Journey, Outcome, Progress
from frontdesk.onboarding.model.skill import Accepted
from frontdesk.onboarding.rules import stepping
from frontdesk.onboarding.rules.refusals import (
    ExpiredNonce,
    InvalidField,
    InvalidNonce,
    InvalidSession,
    InvalidSkill,
    InvalidStep,
    MissingFields,
    UnusableReturn,
)
from frontdesk.onboarding.steps.skills import account_information, deposit

NOW = datetime(2031, 1, 4, 8, 0, tzinfo=UTC)
SKILL = deposit.SKILL


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def begun(**changes: Any) -> Progress:
    made = Progress(
        "s", "t", "c", SKILL.name, "u", "SESSION_CREATED", NOW, at(24 * 60), place=0, serial=1, nonce_until=at(30)
    )
    return replace(made, **changes)


def taken(progress: Progress, minutes: float = 1, step_id: str = "step") -> Outcome:
    [step] = stepping.stage(progress, SKILL)
    return stepping.accepted(progress, SKILL, step, Accepted(), at(minutes), step_id=step_id, data={"a": "b"})


class TestTheNonce:
    def test_it_is_good_until_its_instant(self) -> None:
        stepping.check_nonce(begun(), "n", "n", at(29.99))
        with pytest.raises(ExpiredNonce):
            stepping.check_nonce(begun(), "n", "n", at(30))

    def test_a_wrong_one_is_wrong_also_when_the_right_one_has_lapsed(self) -> None:
        with pytest.raises(InvalidNonce):
            stepping.check_nonce(begun(), "m", "n", at(31))

    def test_it_is_held_while_a_bank_is_asked_and_free_when_that_takes_too_long(self) -> None:
        held = stepping.claimed(begun(), "key", NOW).progress
        with pytest.raises(InvalidNonce):
            stepping.check_nonce(held, "n", "n", NOW)
        stepping.check_nonce(held, "n", "n", NOW + stepping.CLAIM_HOLDS_FOR)
        stepping.check_nonce(stepping.released(held, "down").progress, "n", "n", NOW)

    def test_a_claim_that_was_lost_is_told(self) -> None:
        held = stepping.claimed(begun(), "key", NOW).progress
        stepping.check_claim(held, "key", NOW)
        for progress, kind in ((begun(), InvalidNonce), (replace(held, status="SESSION_FAILED"), InvalidSession)):
            with pytest.raises(kind):
                stepping.check_claim(progress, "key", NOW)


class TestATurn:
    @pytest.mark.parametrize(
        ("skill", "step", "kind"),
        [("other", "product_form", InvalidSkill), (SKILL.name, "sms_code", InvalidStep), (SKILL.name, "", InvalidStep)],
    )
    def test_only_the_next_step_of_the_sessions_skill_is_taken(
        self, skill: str, step: str, kind: type[Problem]
    ) -> None:
        with pytest.raises(kind):
            stepping.expected_step(begun(), SKILL, skill, step)

    def test_an_accepted_step_moves_on_with_a_fresh_nonce(self) -> None:
        after = taken(replace(begun(), rejections=3)).progress
        assert (after.place, after.serial, after.rejections, after.nonce_until) == (1, 2, 0, at(31))
        assert (after.taken[0].serial, after.values) == (1, {"product_form": {"a": "b"}})

    def test_a_required_file_is_asked_for_before_the_next_step(self) -> None:
        second = taken(taken(begun()).progress, step_id="two").progress
        with pytest.raises(MissingFields, match="id_front"):
            stepping.expected_step(second, SKILL, SKILL.name, "sms_request")

    def test_the_last_step_ends_with_a_token_of_half_an_hour(self) -> None:
        last = replace(begun(), place=3, status="SESSION_IN_PROGRESS")
        outcome = taken(last, minutes=5)
        assert outcome.verb == "complete"
        assert outcome.progress.token is not None
        assert outcome.progress.token.until == outcome.progress.expires_at == at(35)

    def test_ten_rejections_on_one_nonce_end_the_session_and_forget_it(self) -> None:
        progress = taken(begun()).progress
        for number in range(1, 11):
            outcome = stepping.rejected(progress, InvalidField("data.a", "b"))
            progress = outcome.progress
            assert progress.status == ("SESSION_FAILED" if number == 10 else "SESSION_IN_PROGRESS")
        assert (progress.values, outcome.verb) == ({}, "fail")
        assert [name for name, _ in outcome.events] == ["onboarding.step_refused", "onboarding.session_failed"]


class TestAVisitToABank:
    def away(self) -> Progress:
        skill = account_information.SKILL
        journey = Journey(b"state", at(60), "myapp://x", "ref", "step")
        return stepping.sent_away(replace(begun(), skill=skill.name), skill.steps[0], journey, NOW, {}).progress

    def test_the_same_step_may_be_taken_again_and_replaces_the_first_try(self) -> None:
        skill = account_information.SKILL
        away = self.away()
        assert stepping.expected_step(away, skill, skill.name, "sca").name == "sca"
        again = stepping.sent_away(away, skill.steps[0], replace(away.journey, step_id="two"), NOW, {}).progress  # type: ignore[type-var]
        assert [one.step_id for one in again.taken] == ["two"]

    def test_what_comes_back_is_used_up_at_once(self) -> None:
        back = stepping.coming_back(self.away(), "key", at(59)).progress
        with pytest.raises(UnusableReturn):
            stepping.coming_back(back, "key", at(59))
        with pytest.raises(UnusableReturn):
            stepping.coming_back(replace(back, claim=None), "key", at(59))

    @pytest.mark.parametrize("minutes", [60, 25 * 60])
    def test_it_lasts_an_hour(self, minutes: int) -> None:
        with pytest.raises(UnusableReturn):
            stepping.coming_back(self.away(), "key", at(minutes))

    def test_coming_back_ends_the_session_and_its_nonce(self) -> None:
        away = self.away()
        ended = stepping.came_back(away, Accepted(keep={"grant": "g"}), at(5)).progress
        assert (ended.status, ended.journey, ended.kept) == ("SESSION_COMPLETED", None, {"grant": "g"})
        assert ended.serial > away.serial


def test_time_ends_what_is_open_only() -> None:
    assert stepping.status_at(begun(), at(24 * 60)) == "SESSION_EXPIRED"
    assert stepping.status_at(begun(status="SESSION_COMPLETED"), at(24 * 60)) == "SESSION_COMPLETED"


def test_every_status_can_be_reached_and_final_ones_stay() -> None:
    assert LIFECYCLE.statuses == {
        "SESSION_CREATED", "SESSION_IN_PROGRESS", "SESSION_COMPLETED", "SESSION_FAILED", "SESSION_EXPIRED",
    }  # fmt: skip
    assert LIFECYCLE.final == {"SESSION_FAILED", "SESSION_EXPIRED"}
