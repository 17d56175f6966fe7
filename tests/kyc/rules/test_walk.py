"""A customer and a reviewer who do anything at any time."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.session import LIFECYCLE
from frontdesk.kyc.rules.completion import complete_step
from frontdesk.kyc.rules.confirm import confirm_upload
from frontdesk.kyc.rules.corrections import Demand, request_corrections
from frontdesk.kyc.rules.decision import decide
from frontdesk.kyc.rules.public_state import public_state
from frontdesk.kyc.rules.refusals import Refusal
from frontdesk.kyc.rules.steps import all_completed, due_steps, editable, next_step_id, visible_steps
from frontdesk.kyc.rules.subsessions import added, delete_subsession, plan_subsession
from kyc.factories import (
    ANSWERS,
    at,
    collection_step,
    confirmation,
    definition,
    document_step,
    form_step,
    inspection,
    new_ids,
    reserve,
    session,
    when,
)

COMPANY = Field("company", "Company?", "boolean", required=True)
VAT = Field("vat", "VAT", "text", required=True, conditional_logic=when("company", "equals", True))
STEPS = (
    document_step(),
    form_step("kind", custom_fields=(COMPANY,)),
    form_step("details", custom_fields=(*form_step().custom_fields, VAT)),
    document_step("charter", conditional_logic=when("company", "equals", True)),
    replace(collection_step(), required=False),
)
STEP_IDS = st.sampled_from([step.step_id for step in STEPS])
FORMS = st.sampled_from(
    [None, {}, {"company": True}, {"company": False}, ANSWERS, {**ANSWERS, "vat": "1"}, {"full_name": "X"}]
)


class Walk(RuleBasedStateMachine):
    @initialize(
        resolution=st.sampled_from(["manual_review", "auto_process", "completed"]),
        auto=st.booleans(),
        ahead=st.booleans(),
    )
    def open(self, resolution, auto, ahead):
        self.progress = session(definition(*STEPS, resolution=resolution, auto=auto))
        self.minute = 0
        self.new_doc, self.new_corr, self.new_sub = new_ids("doc"), new_ids("corr"), new_ids("sub")
        if ahead:
            self.do_all_that_is_due()

    def now(self):
        self.minute += 1
        return at(self.minute)

    def attempt(self, verb, *args, **more):
        """Do it if it is allowed. What is refused has changed nothing, by construction."""
        before = self.progress
        try:
            outcome = verb(before, *args, **more)
        except Refusal:
            return None
        after = outcome.progress
        if outcome.verb is None:
            assert after.status == before.status
        else:
            assert after.status == LIFECYCLE.move(before.status, outcome.verb)
        if not outcome.changed:
            assert (after, outcome.events, outcome.jobs) == (before, (), ())
        elif outcome.verb != "send_to_review":
            assert outcome.events
        if before.status in ("approved", "rejected") and outcome.changed:
            assert outcome.verb == "reopen"
        entered = [name for name, _ in outcome.events].count("kyc.session.completed")
        assert entered == (after.status == "completed" != before.status)
        self.progress = after
        return outcome

    @rule(step_id=STEP_IDS, fits=st.booleans())
    def upload(self, step_id, fits):
        doc_id = self.new_doc()
        begun = self.attempt(lambda progress: reserve(progress, doc_id, step_id, "id", self.now()))
        if begun is not None:
            found = inspection(mime_type="image/png" if fits else "image/jpeg")
            request = confirmation(begun.answer.document)
            done = self.attempt(confirm_upload, request, found, self.now())
            assert fits is (done.refusal is None)

    @rule(step_id=STEP_IDS, form=FORMS)
    def complete(self, step_id, form):
        open_before = editable(self.progress, step_id)
        done = self.attempt(complete_step, step_id, form, self.now())
        if done is not None:
            assert open_before or not done.changed
            again = complete_step(self.progress, step_id, form, self.now())
            assert (again.answer, again.changed) == (done.answer, False)

    @rule(step_id=STEP_IDS)
    def complete_rightly(self, step_id):
        self.upload(step_id, True)
        form = {"kind": {"company": False}, "details": {**ANSWERS, "vat": "1"}}.get(step_id)
        self.complete(step_id, form)

    @rule()
    def do_all_that_is_due(self):
        """Without this the walk seldom leaves `active`."""
        for step in due_steps(self.progress):
            self.complete_rightly(step.step_id)

    @rule(step_ids=st.lists(STEP_IDS, min_size=1, max_size=3))
    def correct(self, step_ids):
        demands = [Demand(one, "Please look again") for one in step_ids]
        self.attempt(request_corrections, demands, requested_by="rev", new_id=self.new_corr, now=self.now())

    @rule(status=st.sampled_from(["approved", "rejected", "manual_review"]), reason=st.sampled_from([None, "r"]))
    def judge(self, status, reason):
        self.attempt(decide, status, decided_by="rev", now=self.now(), reason=reason)

    @rule(finish=st.booleans())
    def invite(self, finish):
        now = self.now()
        planned = self.attempt(
            lambda progress: added(plan_subsession(progress, "owners", "Rui", now), self.new_sub(), now)
        )
        if planned is not None and finish:
            done = tuple(replace(one, status="completed") for one in self.progress.related)
            self.progress = replace(self.progress, related=done)

    @precondition(lambda self: self.progress.status == "awaiting_client_correction")
    @rule(step_id=STEP_IDS)
    def answer_a_correction(self, step_id):
        self.complete_rightly(step_id)

    @rule(number=st.integers(1, 4))
    def withdraw(self, number):
        self.attempt(delete_subsession, f"sub_{number}")

    @invariant()
    def the_session_makes_sense(self):
        progress = self.progress
        waiting = [one.step_id for one in progress.corrections if one.status == "open"]
        assert bool(waiting) is (progress.status == "awaiting_client_correction")
        fixing = [one.step_id for one in progress.steps if one.status == "needs_correction"]
        assert set(waiting) == set(fixing)
        assert (next_step_id(progress) is None) is all_completed(progress)
        if progress.status == "completed":
            assert all_completed(progress)
        if progress.status == "active":
            assert not all_completed(progress)
            assert all(editable(progress, one.step_id) for one in visible_steps(progress))
        current = [one for one in progress.documents if one.current and one.step_id == "passport"]
        assert len(current) <= 1
        assert len(progress.related) <= 2
        assert public_state(progress)["status"] == progress.status


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
