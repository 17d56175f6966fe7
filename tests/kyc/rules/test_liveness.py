"""Attempts at a liveness step: who may begin, which pictures are taken, who asks the provider, and what follows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from frontdesk.kyc.model.liveness import LIVENESS_LIFECYCLE, KeptImage
from frontdesk.kyc.model.session import LIFECYCLE
from frontdesk.kyc.rules import liveness
from frontdesk.kyc.rules.completion import PresenceUnproved, complete_step
from frontdesk.kyc.rules.corrections import Demand, request_corrections
from frontdesk.kyc.rules.liveness import (
    AttemptNotFound,
    AttemptsUsedUp,
    AttemptUnfinished,
    FrameRefused,
    FramesClosed,
    Judging,
    JudgingLost,
    JudgingUnderWay,
    NoLivenessStep,
)
from frontdesk.kyc.rules.presence import Judged, finish_attempt
from frontdesk.kyc.rules.public_state import public_state
from frontdesk.kyc.rules.refusals import Refusal
from frontdesk.kyc.rules.steps import OutOfOrder, StepNotEditable, StepNotFound
from kyc.factories import ANSWERS, NOW, at, attempt, definition, document_step, form_step, liveness_step, session, when

LABEL = "challenge, not certified"
GOOD = Judged("succeeded", LABEL, 97.5, reference=KeptImage("ref", "aa", 5000), audit=(KeptImage("one", "bb", 4000),))
BAD = Judged("failed", LABEL, 12.0, "wrong_order", audit=(KeptImage("one", "bb", 4000),))


def opened(*steps, **config):
    return session(definition(*(steps or (liveness_step(**config),))))


def begun(progress, name="liv_1", minute=0.0, **changes):
    return liveness.begin_attempt(progress, attempt(name, at(minute), **changes), at(minute)).progress


def judged(progress, verdict, name="liv_1", minute=0.5):
    """Claimed and finished."""
    claim = liveness.claim_judging(progress, name, at(minute))
    return finish_attempt(claim.progress, name, claim.answer.run, verdict, at(minute))


def frame(at_ms=0, sha256="ab" * 32, size=50_000):
    return KeptImage(f"k{at_ms}", sha256, size, at_ms)


def names(outcome):
    return [name for name, _ in outcome.events]


def corrected(progress, step_id="presence", minute=20.0):
    demands = [Demand(step_id, "Again, please.")]
    return request_corrections(
        progress, demands, requested_by="key 1", new_id=lambda: f"corr_{minute}", now=at(minute)
    ).progress


class TestBeginning:
    def test_an_attempt_starts_its_step(self):
        outcome = liveness.begin_attempt(opened(), attempt(), NOW)
        assert names(outcome) == ["kyc.step_started", "kyc.liveness_started"]
        assert outcome.progress.step("presence").status == "in_progress"
        assert liveness.attempts_left(outcome.progress, outcome.progress.definition.steps[0]) == 3

    def test_only_liveness_steps_that_may_be_edited_have_attempts(self):
        progress = opened(form_step(), liveness_step())
        for step_id, kind in (("nowhere", StepNotFound), ("about_you", NoLivenessStep), ("presence", OutOfOrder)):
            with pytest.raises(kind):
                liveness.check_start(progress, step_id, NOW)
        with pytest.raises(StepNotEditable):
            liveness.check_start(replace(opened(), status="rejected"), "presence", NOW)

    def test_a_new_attempt_gives_the_open_one_up_and_both_count(self):
        progress = begun(begun(opened()), "liv_2", 1)
        first, second = progress.liveness
        assert (first.status, first.reason, second.status) == ("expired", "given_up", "pending")
        assert liveness.attempts_left(progress, progress.definition.steps[0]) == 2

    @pytest.mark.parametrize("retries", [0, 1, 4])
    def test_there_are_as_many_attempts_as_retries_and_one(self, retries):
        progress = opened(max_retries=retries)
        for number in range(1 + retries):
            assert progress.status == "active"
            progress = judged(begun(progress, f"liv_{number}"), BAD, f"liv_{number}").progress
        assert progress.status == "manual_review"
        with pytest.raises(StepNotEditable):
            liveness.check_start(progress, "presence", NOW)

    def test_while_the_last_attempt_is_open_none_is_left_and_nothing_moves(self):
        with pytest.raises(AttemptsUsedUp):
            liveness.check_start(begun(opened(max_retries=0)), "presence", at(1))

    def test_a_last_attempt_that_ran_out_sends_the_session_to_a_person_and_refuses(self):
        outcome = liveness.check_start(begun(opened(max_retries=0)), "presence", at(4))
        assert isinstance(outcome.refusal, AttemptsUsedUp)
        assert (outcome.verb, outcome.progress.status) == ("exhaust_liveness", "manual_review")
        assert names(outcome) == ["kyc.liveness_expired", "kyc.liveness_exhausted", "kyc.session.manual_review"]

    def test_an_optional_step_without_attempts_moves_nothing_and_can_be_left_out(self):
        progress = opened(liveness_step(required=False, max_retries=0), form_step())
        after = judged(begun(progress), BAD).progress
        assert after.status == "active"
        with pytest.raises(AttemptsUsedUp):
            liveness.check_start(after, "presence", at(1))
        assert complete_step(after, "presence", None, at(2)).answer.status == "completed"

    def test_a_correction_gives_new_attempts(self):
        progress = judged(begun(opened(max_retries=0)), BAD).progress
        again = corrected(progress)
        assert again.step("presence").status == "needs_correction"
        assert liveness.attempts_left(again, again.definition.steps[0]) == 1
        done = judged(begun(again, "liv_2", 21), GOOD, "liv_2", 22)
        assert (done.verb, done.progress.status) == ("resolve_to_review", "manual_review")
        assert done.answer.step_completed


class TestFrames:
    def test_frames_are_kept_in_the_order_in_which_they_come(self):
        progress = begun(opened())
        for place, at_ms in enumerate((400, 0, 800), 1):
            outcome = liveness.add_frame(progress, "liv_1", frame(at_ms), at(0.01 * place))
            progress = outcome.progress
            assert (outcome.answer, outcome.events) == (place, ())
        assert [one.at_ms for one in progress.liveness[0].frames] == [400, 0, 800]

    def test_the_same_frame_again_changes_nothing_and_another_of_that_moment_is_refused(self):
        progress = liveness.add_frame(begun(opened()), "liv_1", frame(), NOW).progress
        again = liveness.add_frame(progress, "liv_1", frame(), NOW)
        assert (again.changed, again.answer) == (False, 1)
        with pytest.raises(FrameRefused):
            liveness.add_frame(progress, "liv_1", frame(sha256="cd" * 32), NOW)

    def test_number_and_bytes_are_bounded(self):
        progress = begun(opened())
        kept = tuple(frame(at_ms) for at_ms in range(liveness.MOST_FRAMES))
        full = progress.with_attempt(replace(progress.liveness[0], frames=kept))
        with pytest.raises(FrameRefused, match="60 frames"):
            liveness.add_frame(full, "liv_1", frame(5000), NOW)
        kept = tuple(frame(at_ms, size=liveness.LARGEST_FRAME) for at_ms in range(16))
        full = progress.with_attempt(replace(progress.liveness[0], frames=kept))
        with pytest.raises(FrameRefused, match="bytes"):
            liveness.add_frame(full, "liv_1", frame(5000, size=1), NOW)

    @pytest.mark.parametrize("at_ms", [-1, liveness.LATEST_MS + 1])
    def test_a_moment_outside_the_attempt_is_refused(self, at_ms):
        with pytest.raises(FrameRefused, match="at_ms"):
            liveness.check_frame(begun(opened()), "liv_1", at_ms, NOW)

    def test_frames_come_while_the_attempt_is_open_and_nobody_judges_it(self):
        progress = begun(opened())
        with pytest.raises(AttemptNotFound):
            liveness.check_frame(progress, "liv_9", 0, NOW)
        claimed = liveness.claim_judging(progress, "liv_1", NOW).progress
        done = judged(progress, BAD).progress
        for closed, minute in ((progress, 3), (claimed, 0), (done, 1)):
            with pytest.raises(FramesClosed):
                liveness.check_frame(closed, "liv_1", 0, at(minute))

    def test_our_own_clock_ends_the_challenge_whatever_the_frames_say(self):
        progress = liveness.add_frame(begun(opened()), "liv_1", frame(), at(1)).progress
        assert liveness.check_frame(progress, "liv_1", 1, at(1 + 21 / 60))
        with pytest.raises(FramesClosed, match="time"):
            liveness.check_frame(progress, "liv_1", 1, at(1 + 22 / 60))

    def test_a_provider_that_records_by_itself_takes_none(self):
        progress = begun(opened(), provider="aws_rekognition")
        with pytest.raises(FrameRefused):
            liveness.check_frame(progress, "liv_1", 0, NOW)


class TestJudging:
    def test_one_asks_at_a_time_and_a_dead_asker_is_replaced(self):
        first = liveness.claim_judging(begun(opened()), "liv_1", NOW)
        assert isinstance(first.answer, Judging)
        with pytest.raises(JudgingUnderWay):
            liveness.claim_judging(first.progress, "liv_1", at(0.9))
        second = liveness.claim_judging(first.progress, "liv_1", at(1))
        with pytest.raises(JudgingLost):
            finish_attempt(second.progress, "liv_1", first.answer.run, GOOD, at(1))
        assert finish_attempt(second.progress, "liv_1", second.answer.run, GOOD, at(1)).answer.passed

    def test_a_claim_that_is_given_back_may_be_taken_at_once(self):
        claim = liveness.claim_judging(begun(opened()), "liv_1", NOW)
        free = liveness.release_judging(claim.progress, "liv_1", claim.answer.run).progress
        assert liveness.claim_judging(free, "liv_1", NOW).answer.run == 2
        with pytest.raises(JudgingLost):
            liveness.release_judging(free, "liv_1", claim.answer.run)

    def test_passing_completes_step_and_session(self):
        outcome = judged(begun(opened()), GOOD)
        answer, kept = outcome.answer, outcome.progress.liveness[0]
        assert (answer.passed, answer.confidence, answer.message) == (True, 97.5, "Liveness check passed")
        assert (answer.step_completed, answer.session_completed, answer.next_step_id) == (True, True, None)
        assert answer.reference_image_key == kept.image_key
        assert (kept.status, kept.label, kept.reference, kept.frames) == ("passed", LABEL, GOOD.reference, ())
        assert (outcome.verb, outcome.progress.status) == ("complete", "completed")
        assert names(outcome)[0] == "kyc.liveness_passed"

    def test_the_next_step_is_named(self):
        answer = judged(begun(opened(liveness_step(), form_step())), GOOD).answer
        assert (answer.session_completed, answer.next_step_id) == (False, "about_you")

    @pytest.mark.parametrize(
        ("verdict", "reason"),
        [
            (BAD, "wrong_order"),
            (Judged("succeeded", LABEL, 89.9), "low_confidence"),
            (Judged("failed", LABEL), "failed"),
        ],
    )
    def test_a_failing_score_is_kept_for_staff_and_never_told(self, verdict, reason):
        outcome = judged(begun(opened()), verdict)
        answer, kept = outcome.answer, outcome.progress.liveness[0]
        assert (answer.passed, answer.confidence, answer.reference_image_key) == (False, None, None)
        assert (answer.step_completed, answer.session_completed) == (False, False)
        assert (kept.status, kept.confidence, kept.reason) == ("failed", verdict.confidence, reason)
        assert kept.audit == verdict.audit
        assert outcome.verb is None

    @pytest.mark.parametrize(("least", "passes"), [(97.5, True), (97.6, False)])
    def test_the_step_says_how_sure_it_must_be(self, least, passes):
        assert judged(begun(opened(min_confidence=least)), GOOD).answer.passed is passes

    def test_a_reference_that_is_not_wanted_is_not_kept(self):
        outcome = judged(begun(opened(save_reference_image=False)), GOOD)
        assert (outcome.answer.reference_image_key, outcome.progress.liveness[0].reference) == (None, None)

    def test_what_the_provider_has_not_finished_is_no_result_until_the_time_is_over(self):
        waiting = Judged("pending", "x")
        with pytest.raises(AttemptUnfinished):
            judged(begun(opened()), waiting)
        late = judged(begun(opened()), waiting, minute=3)
        assert (late.answer.passed, late.progress.liveness[0].status) == (False, "expired")

    def test_a_finished_attempt_gives_its_stored_answer_also_when_the_session_is_closed(self):
        done = judged(begun(opened()), GOOD)
        again = liveness.claim_judging(replace(done.progress, status="approved"), "liv_1", at(500))
        assert (again.changed, again.answer) == (False, done.answer)

    def test_a_pass_waits_for_an_earlier_step_that_became_due(self):
        asked = replace(form_step(), conditional_logic=None)
        progress = opened(asked, liveness_step())
        form = complete_step(progress, "about_you", ANSWERS, NOW).progress
        claimed = liveness.claim_judging(begun(form), "liv_1", NOW)
        due = claimed.progress.with_step(replace(form.step("about_you"), status="in_progress"))
        outcome = finish_attempt(due, "liv_1", 1, GOOD, at(1))
        assert (outcome.answer.passed, outcome.answer.step_completed) == (True, False)
        assert outcome.answer.next_step_id == "about_you"
        again = complete_step(outcome.progress, "about_you", ANSWERS, at(2)).progress
        assert complete_step(again, "presence", None, at(3)).answer.session_completed

    def test_without_a_pass_a_required_step_is_not_completed(self):
        with pytest.raises(PresenceUnproved):
            complete_step(begun(opened()), "presence", None, NOW)
        done = judged(begun(opened()), GOOD).progress
        assert complete_step(done, "presence", None, at(2)).changed is False

    def test_a_pass_from_before_a_correction_is_worth_nothing_after_it(self):
        again = corrected(judged(begun(opened()), GOOD).progress)
        with pytest.raises(PresenceUnproved):
            complete_step(again, "presence", None, at(21))

    def test_a_failed_redo_of_a_completed_step_takes_nothing_back(self):
        progress = judged(begun(opened(liveness_step(max_retries=1), form_step())), GOOD).progress
        after = judged(begun(progress, "liv_2", 1), BAD, "liv_2", 2)
        assert (after.verb, after.progress.step("presence").status) == (None, "completed")


def test_the_public_state_tells_ids_statuses_and_times_alone():
    progress = judged(begun(opened(liveness_step(), form_step())), BAD).progress
    progress = begun(progress, "liv_2", 1)
    shown = public_state(progress, None, at(9))["steps_data"][0]["liveness_sessions"]
    assert shown == [
        {"liveness_session_id": "liv_1", "status": "failed", "created_at": "2026-04-09T08:00:00Z"},
        {"liveness_session_id": "liv_2", "status": "expired", "created_at": "2026-04-09T08:01:00Z"},
    ]


def test_a_hidden_step_has_no_attempts():
    hidden = replace(liveness_step(), conditional_logic=when("email", "is_not_empty"))
    progress = opened(document_step(), hidden)
    with pytest.raises(StepNotEditable):
        liveness.check_start(progress, "presence", NOW)


DEEDS = st.lists(
    st.sampled_from(["start", "frame", "claim", "release", "pass", "fail", "wait", "expire", "correct", "later"]),
    max_size=25,
)


@settings(max_examples=300, deadline=None)
@given(DEEDS, st.integers(0, 2), st.booleans())
def test_whatever_happens_attempts_are_bounded_and_finished_means_finished(deeds, retries, required):
    progress, minute, run, newest = opened(liveness_step(max_retries=retries, required=required)), 0.0, 0, ""
    for number, deed in enumerate(deeds):
        minute += 5 if deed == "later" else 0.1
        now, before = at(minute), progress
        try:
            if deed == "start":
                newest = f"liv_{number}"
                outcome = liveness.begin_attempt(progress, attempt(newest, now), now)
            elif deed == "frame":
                outcome = liveness.add_frame(progress, newest, frame(number), now)
            elif deed == "claim":
                outcome = liveness.claim_judging(progress, newest, now)
                run = outcome.answer.run if isinstance(outcome.answer, Judging) else run
            elif deed == "release":
                outcome = liveness.release_judging(progress, newest, run)
            elif deed == "correct":
                progress = corrected(progress, minute=minute)
                continue
            elif deed == "later":
                continue
            else:
                verdict = {"pass": GOOD, "fail": BAD, "wait": Judged("pending", "x"), "expire": Judged("expired", "x")}
                outcome = finish_attempt(progress, newest, run, verdict[deed], now)
        except Refusal:
            continue
        progress = outcome.progress
        assert progress.status in LIFECYCLE.statuses
        assert outcome.verb is None or LIFECYCLE.allows(before.status, outcome.verb)
        assert len(liveness.counted(progress, "presence")) <= 1 + retries
        assert sum(one.status == "pending" for one in progress.liveness) <= 1
        for earlier in before.liveness:
            if earlier.status != LIVENESS_LIFECYCLE.start:
                assert progress.attempt(earlier.liveness_session_id) == earlier
        if progress.status == "manual_review" and before.status == "active":
            assert required
            assert liveness.attempts_left(progress, progress.definition.steps[0]) == 0
        if progress.status == "completed":
            assert not required or liveness.passed(progress, "presence")
