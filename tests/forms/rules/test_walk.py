"""Somebody who calls everything at any time: final means final, values are where states say they are."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from forms.factories import SESSION, field, fields, sheet
from frontdesk.forms.model.session import FIELD, LIFECYCLE, Outcome
from frontdesk.forms.rules import filling, values
from frontdesk.forms.rules.filling import Entry, Said
from frontdesk.forms.rules.refusals import Refusal

NAMES = st.sampled_from([*(one.id for one in fields()), 1, 4, "f_099"])
VALUES = st.sampled_from([None, "", "Harbor", "2026-11-03", True, False, "yes", "Red", ["Red", "Green"], 12])
SAID = st.builds(Said, NAMES.map(str), st.sampled_from(["propose", "skip", "decline"]), VALUES.map(str))


class Walk(RuleBasedStateMachine):
    @initialize(held=st.booleans())
    def open(self, held):
        first = field(1, label="Trading name", required=True, value="Held" if held else None)
        self.sheet = filling.begun(sheet(first, *fields()[1:]))
        self.before = self.sheet
        self.final = False

    def take(self, decide):
        try:
            outcome: Outcome = decide(self.sheet)
        except Refusal:
            return
        assert not self.final
        status = LIFECYCLE.move(self.sheet.status, outcome.verb)
        changed = {one.id for one in fields() if outcome.sheet.mark(one.number) != self.sheet.mark(one.number)}
        assert changed <= set(outcome.updated) or outcome.verb != "change"
        self.before, self.sheet = self.sheet, replace(outcome.sheet, status=status)
        self.final = status in LIFECYCLE.final

    @rule(verb=st.sampled_from(["confirm", "skip", "decline"]), name=NAMES)
    def act(self, verb, name):
        self.take(lambda read: filling.act(read, SESSION, verb, name))

    @rule(pairs=st.lists(st.tuples(NAMES, VALUES), max_size=4), as_updates=st.booleans())
    def put(self, pairs, as_updates):
        entries = [Entry(name, value) for name, value in pairs]
        self.take(lambda read: filling.put(read, SESSION, entries, as_updates=as_updates))

    @rule(said=st.lists(SAID, max_size=3), late=st.booleans())
    def turn(self, said, late):
        asked_of = self.before if late else self.sheet
        self.take(lambda read: filling.turn(read, SESSION, asked_of, "message", "reply", said, None))

    @rule(flatten=st.booleans())
    def fill(self, flatten):
        self.take(lambda read: filling.begin_fill(read, SESSION, flatten=flatten))

    @rule(works=st.booleans())
    def render(self, works):
        if self.sheet.status != "filling":
            return
        render = filling.render_of(self.sheet, "key", [])
        self.take(
            lambda read: filling.finish_fill(read, render) if works else filling.give_up_fill(read, "pdf_corrupt")
        )

    @invariant()
    def values_are_where_states_say(self):
        for one in fields():
            mark = self.sheet.mark(one.number)
            assert mark.state in FIELD.statuses
            if mark.state in ("empty", "skipped", "declined"):
                assert mark.value is None
            else:
                assert values.accepted(one, mark.value)[0] == mark.value or one.data_type == "date"

    @invariant()
    def one_box_of_a_question_is_on_at_most(self):
        assert [self.sheet.mark(number).value for number in (3, 4)].count(True) <= 1

    @invariant()
    def no_turn_has_signed(self):
        assert self.sheet.mark(8).source != "turn"


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
