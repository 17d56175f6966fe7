"""What a session's calls do to its fields: the published table, line by line."""

from dataclasses import replace

import pytest

from forms.factories import SESSION, field, fields, sheet
from frontdesk.forms.model.session import Mark, Outcome, Sheet
from frontdesk.forms.rules import filling
from frontdesk.forms.rules.filling import Entry, Said
from frontdesk.forms.rules.refusals import (
    ConflictingValues,
    InUse,
    InvalidValues,
    NotFilled,
    NothingToConfirm,
    SessionCompleted,
    UnknownField,
    UnknownFields,
    UnprocessableChoice,
    UnprocessableFields,
    UnprocessableValues,
)

MARKS = {
    "empty": Mark(),
    "proposed": Mark("proposed", "Old", "turn"),
    "confirmed": Mark("confirmed", "Old", "direct"),
    "skipped": Mark("skipped"),
    "declined": Mark("declined"),
}


def put(read: Sheet, *pairs: tuple[str | int, object], as_updates: bool = False) -> Outcome:
    entries = [Entry(name, value, ("fields", place)) for place, (name, value) in enumerate(pairs)]
    return filling.put(read, SESSION, entries, as_updates=as_updates)


def say(read: Sheet, *said: Said, asked_of: Sheet | None = None) -> Outcome:
    return filling.turn(read, SESSION, asked_of or read, "a message", "a reply", said, None)


@pytest.mark.parametrize("state", MARKS)
def test_the_table_of_states_is_kept(state: str) -> None:
    read = sheet(marks={1: MARKS[state]} if state != "empty" else {})
    assert filling.act(read, SESSION, "skip", "f_001").sheet.mark(1) == Mark("skipped")
    assert filling.act(read, SESSION, "decline", "f_001").sheet.mark(1) == Mark("declined")
    assert put(read, ("f_001", "New")).sheet.mark(1) == Mark("confirmed", "New", "direct")
    assert put(read, ("f_001", None)).sheet.mark(1) == Mark("skipped")
    assert say(read, Said("f_001", "propose", "New")).sheet.mark(1) == Mark("proposed", "New", "turn")
    if state in ("proposed", "confirmed"):
        confirmed = filling.act(read, SESSION, "confirm", "f_001").sheet.mark(1)
        assert confirmed == replace(MARKS[state], state="confirmed")
    else:
        with pytest.raises(NothingToConfirm):
            filling.act(read, SESSION, "confirm", "f_001")


@pytest.mark.parametrize("name", ["f_001", 1, "1"])
def test_a_field_is_named_by_its_id_or_its_number(name: str | int) -> None:
    assert filling.act(sheet(), SESSION, "skip", name).updated == ("f_001",)


@pytest.mark.parametrize("name", ["f_999", 0, -1, "name", "", "f_0_1", True])
def test_an_unknown_field_is_told(name: str | int) -> None:
    with pytest.raises(UnknownField):
        filling.act(sheet(), SESSION, "skip", name)


def test_a_direct_fill_is_all_or_nothing_and_names_every_bad_entry() -> None:
    read = sheet()
    with pytest.raises(InvalidValues) as caught:
        put(read, ("f_001", "Fine"), ("f_999", "x"), ("f_005", "perhaps"))
    assert "f_999" in caught.value.message
    assert "f_005" in caught.value.message
    assert "perhaps" not in caught.value.message
    assert read.marks == {}


def test_the_two_bodies_are_refused_in_their_own_way() -> None:
    with pytest.raises(UnknownFields) as unknown:
        put(sheet(), ("f_999", "x"))
    assert not isinstance(unknown.value, UnprocessableFields)
    with pytest.raises(UnprocessableFields):
        put(sheet(), (999, "x"), as_updates=True)
    with pytest.raises(UnprocessableValues) as wrong:
        put(sheet(), (5, "perhaps"), as_updates=True)
    assert wrong.value.details is not None
    assert wrong.value.details["errors"][0]["loc"] == ["body", "fields", 0, "value"]


def test_of_the_same_field_twice_the_last_wins() -> None:
    assert put(sheet(), ("f_001", "One"), (1, "Two")).sheet.mark(1).value == "Two"


def test_nothing_to_set_is_no_error() -> None:
    assert put(sheet()).updated == ()


def test_two_boxes_of_one_question_cannot_both_be_on() -> None:
    with pytest.raises(ConflictingValues):
        put(sheet(), ("f_003", True), ("f_004", True))
    with pytest.raises(UnprocessableChoice):
        put(sheet(), ("f_003", True), ("f_004", True), as_updates=True)


def test_a_box_that_goes_on_switches_the_other_of_its_question_off() -> None:
    before = put(sheet(), ("f_003", True)).sheet
    after = put(before, ("f_004", True))
    assert after.updated == ("f_003", "f_004")
    assert (after.sheet.mark(3).value, after.sheet.mark(4).value) == (False, True)


def test_a_turn_that_contradicts_a_confirmed_box_proposes_to_switch_it_off() -> None:
    before = put(sheet(), ("f_003", True)).sheet
    after = say(before, Said("f_004", "propose", True)).sheet
    assert (after.mark(3), after.mark(4)) == (Mark("proposed", False, "turn"), Mark("proposed", True, "turn"))


def test_a_turn_leaves_alone_what_was_changed_since_it_was_asked() -> None:
    asked_of = sheet()
    meanwhile = put(asked_of, ("f_001", "Direct")).sheet
    outcome = say(meanwhile, Said("f_001", "propose", "Said"), Said("f_005", "propose", True), asked_of=asked_of)
    assert outcome.updated == ("f_005",)
    assert outcome.sheet.mark(1) == Mark("confirmed", "Direct", "direct")


def test_a_turn_never_signs_and_takes_no_value_that_does_not_fit() -> None:
    outcome = say(sheet(), Said("f_008", "propose", "Ada"), Said("f_006", "propose", "Blue"), Said("f_999", "skip"))
    assert outcome.updated == ()
    assert [one.text for one in outcome.sheet.spoken] == ["a message", "a reply"]


def test_a_turn_that_repeats_a_confirmed_value_changes_nothing() -> None:
    before = put(sheet(), ("f_001", "Harbor")).sheet
    assert say(before, Said("f_001", "propose", "Harbor")).sheet.mark(1).state == "confirmed"


def test_a_completed_session_takes_nothing_and_says_so() -> None:
    done = sheet(status="completed")
    for call in (
        lambda: put(done, ("f_001", "x")),
        lambda: filling.act(done, SESSION, "skip", "f_001"),
        lambda: say(done),
        lambda: filling.begin_fill(done, SESSION, flatten=False),
    ):
        with pytest.raises(SessionCompleted, match=SESSION):
            call()
    with pytest.raises(InUse):
        put(sheet(status="filling"), ("f_001", "x"))


def test_only_confirmed_values_are_drawn_and_what_the_document_held_is_removed_else() -> None:
    held = sheet(field(1, value="From the document"), field(2), field(3))
    begun = filling.begun(held)
    assert begun.mark(1) == Mark("confirmed", "From the document", "document")
    declined = filling.act(begun, SESSION, "decline", 1).sheet
    proposed = say(declined, Said("f_002", "propose", "Maybe")).sheet
    sure = put(proposed, (3, "Sure")).sheet
    assert filling.drawn(sure) == {1: None, 3: "Sure"}
    render = filling.render_of(sure, "key", ["text of f_003 was shrunk"])
    assert (render.filled, render.left_blank, render.unconfirmed) == (("f_003",), ("f_001", "f_002"), ("f_002",))


def test_required_fields_that_are_empty_are_told_and_block_nothing() -> None:
    render = filling.render_of(sheet(), "key", [])
    assert [warning.split(" is ")[0] for warning in render.warnings] == ["Trading name", "Signature of applicant"]
    assert render.left_blank == tuple(one.id for one in fields())


def test_a_session_without_a_pdf_says_how_to_get_one() -> None:
    with pytest.raises(NotFilled, match="fill"):
        filling.rendered(sheet(), SESSION)
