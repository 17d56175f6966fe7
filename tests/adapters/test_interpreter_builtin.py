"""The built-in interpreter: what it takes from a message, what it leaves, and what it says."""

from dataclasses import replace
from datetime import date

import pytest

from contracts.test_interpreter import StillClock
from frontdesk.adapters import interpreter_builtin_dates as dates
from frontdesk.adapters.interpreter_builtin import BuiltinInterpreter
from frontdesk.adapters.interpreter_builtin_parts import code_for, person_of, place_of
from frontdesk.adapters.interpreter_builtin_shapes import certain_shapes, plain_amount, sound
from frontdesk.adapters.interpreter_values import held
from frontdesk.ports.interpreter import Answer, Ask, Passage, Question, Said, Update
from talk import forms, messages

TODAY = date(2026, 11, 24)
W9, VISITOR = "fw9-2024", "lo-form"


async def said(message: str, form: tuple[Question, ...] | str = W9, **more: object) -> dict[str, Answer | str | None]:
    """What a message does, by field: a value, `=skip` or `=decline`."""
    questions = forms()[form] if isinstance(form, str) else form
    understood = await BuiltinInterpreter(StillClock()).take_turn(Ask(message, questions, **more))  # type: ignore[arg-type]
    return {each.id: told(each) for each in understood.updates}


def told(update: Update) -> Answer | str | None:
    return update.value if update.action == "propose" else f"={update.action}"


async def reply(message: str, form: str = W9, **more: object) -> str:
    ask = Ask(message, forms()[form], **more)  # type: ignore[arg-type]
    return (await BuiltinInterpreter(StillClock()).take_turn(ask)).reply


def with_value(form: str, name: str, value: Answer, state: str = "proposed") -> tuple[Question, ...]:
    return tuple(replace(each, state=state, value=value) if each.id == name else each for each in forms()[form])


@pytest.mark.parametrize(
    ("file", "least", "most_wrong"),
    [
        ("messages.json", 0.95, 0.02),
        ("held_out.json", 0.85, 0.02),
        ("held_out_forms.json", 0.9, 0.02),
        ("everyday.json", 0.88, 0.02),
        ("held_out_2026_11_28.json", 0.65, 0.05),
        ("held_out_2026_11_28_later.json", 0.78, 0.02),
    ],
)
async def test_the_messages_of_the_measurement_are_understood(file: str, least: float, most_wrong: float) -> None:
    interpreter, exact, wrong, updates = BuiltinInterpreter(StillClock()), 0, 0, 0
    entries = messages(file)
    for ask, expected in entries:
        found = {each.id: told(each) for each in (await interpreter.take_turn(ask)).updates}
        exact += found == expected
        wrong += sum(expected.get(name) != value for name, value in found.items())
        updates += len(found)
    assert exact / len(entries) >= least
    assert wrong / updates <= most_wrong


class TestOnFormsOfOthers:
    async def test_five_digits_fill_a_postal_code_that_has_room_for_nine(self) -> None:
        assert await said("ZIP 97405", "or40-2021") == {"f_030": "97405"}
        assert await said("ZIP 97405-1234", "or40-2021") == {"f_030": "97405", "f_031": "1234"}

    async def test_a_flat_in_small_letters_ends_no_sentence(self) -> None:
        found = await said("Address 900 Ocotillo Way, apt. 12, Tucson, AZ 85701", "az140v")
        assert found == {
            "f_007": "900 Ocotillo Way", "f_008": "12", "f_010": "Tucson", "f_011": "AZ", "f_012": "85701",
        }  # fmt: skip

    @pytest.mark.parametrize("asked", [None, "f_001", "f_002"])
    async def test_a_box_named_in_its_own_words_is_no_answer_to_another_question(self, asked: str | None) -> None:
        form = (
            Question("f_001", "Trading name", "text", "string"),
            Question("f_002", "Hot food: yes", "checkbox", "boolean", group="g"),
            Question("f_003", "Hot food: no", "checkbox", "boolean", group="g"),
        )
        assert await said("Hot food: yes", form, asked=asked) == {"f_002": True}
        assert "f_001" not in await said("Hot food: no", form, asked=asked)


class TestEverydayForms:
    RENTAL, CLAIM, JOB, HOTEL = "everyday-rental", "everyday-claim", "everyday-job", "everyday-hotel"

    async def test_a_name_is_not_given_to_another_owner(self) -> None:
        assert await said("I'm Tessa Marlowe", self.RENTAL) == {"f_001": "Tessa Marlowe"}
        coach = (Question("f_001", "Coach's name", "text", "string"), Question("f_002", "Team", "text", "string"))
        assert await said("I'm Tessa Marlowe", coach) == {}

    async def test_whoever_is_spoken_of_owns_what_follows(self) -> None:
        found = await said("my landlord is Gus Petrakis, his number is 206-555-0187", self.RENTAL)
        assert found == {"f_011": "Gus Petrakis", "f_012": "206-555-0187"}

    async def test_the_one_number_of_a_sentence_goes_where_its_word_stands(self) -> None:
        assert await said("There will be 3 occupants", self.RENTAL) == {"f_015": "3"}
        assert await said("I'd like to move in on 1 March 2027", self.RENTAL) == {"f_014": "2027-03-01"}

    async def test_a_number_whose_word_is_another_fields_stays_out(self) -> None:
        assert await said("I'm a guest in room 214", self.HOTEL) == {}

    @pytest.mark.parametrize(
        ("message", "form", "box", "value"),
        [("we have no pets", RENTAL, "f_017", True), ("no extra bed", HOTEL, "f_016", False)],
    )
    async def test_having_none_of_it_is_an_answer(self, message: str, form: str, box: str, value: bool) -> None:
        assert await said(message, form) == {box: value}

    async def test_nobody_of_a_kind_leaves_blank_what_is_about_one(self) -> None:
        assert await said("there were no witnesses", self.CLAIM) == {"f_018": "=skip", "f_019": "=skip"}

    async def test_from_one_day_to_another_fills_the_pair(self) -> None:
        found = await said("employed from 2019-03-02 to 2026-06-30", self.JOB)
        assert found == {"f_028": "2019-03-02", "f_029": "2026-06-30"}

    async def test_the_very_words_of_a_label_go_before_a_synonym(self) -> None:
        assert await said("position: night auditor", self.JOB) == {"f_001": "night auditor"}

    async def test_the_letters_a_label_begins_with_name_it(self) -> None:
        found = await said("My PCP is Dr. Imani Okoro", "everyday-clinic")
        assert found == {"f_010": "Dr. Imani Okoro"}

    async def test_an_option_is_named_with_the_words_of_its_list(self) -> None:
        assert await said("12 month lease please", self.RENTAL) == {"f_024": "12_months"}
        assert await said("income: 5,200 per month", self.RENTAL) == {"f_021": "5200"}

    async def test_an_option_is_named_by_its_letter(self) -> None:
        assert await said("Box B", "f8949-2025") == {"f_004": True}

    async def test_one_option_and_not_the_other(self) -> None:
        assert await said("collision, not theft", self.CLAIM) == {"f_023": True}
        assert await said("not card, cash", self.HOTEL) == {"f_008": True}

    async def test_no_sentence_becomes_a_number(self) -> None:
        assert "f_003" not in await said("the claim number is for the office", self.CLAIM)


class TestDoubt:
    async def test_between_two_fields_it_asks(self) -> None:
        assert await said("our postcode est 75001", "fr-2041mec") == {}
        assert "or" in await reply("we are a corporation") or await said("we are a corporation") == {}

    async def test_two_boxes_of_one_group_are_none(self) -> None:
        assert await said("tick partnership and tick trust/estate") == {}

    @pytest.mark.parametrize("message", ["My EIN is 12345", "my SSN is 000-12-3456", "EIN: soon"])
    async def test_a_number_that_cannot_be_is_not_taken(self, message: str) -> None:
        assert await said(message) == {}
        assert "does not fit" in await reply(message)

    @pytest.mark.parametrize("message", ["hello", "thanks!", "I don't know", "", "???", "my cousin likes boats"])
    async def test_small_talk_changes_nothing(self, message: str) -> None:
        assert await said(message, asked="f_001" if message == "I don't know" else None) == {}

    async def test_a_settled_field_is_not_touched_in_passing(self) -> None:
        form = with_value(W9, "f_022", "12", "confirmed")
        form = tuple(replace(each, state="confirmed", value="3456789") if each.id == "f_023" else each for each in form)
        assert await said("98-7654321", form) == {}
        assert await said("the EIN is 98-7654321", form) == {"f_022": "98", "f_023": "7654321"}


class TestCorrections:
    async def test_the_last_thing_said_is_replaced(self) -> None:
        form = with_value(W9, "f_002", "Blue Door")
        history = (Said("user", "the business name is Blue Door"), Said("assistant", "Noted."))
        assert await said("no, it's Red Door", form, history=history) == {"f_002": "Red Door"}

    async def test_the_other_one_takes_the_value(self) -> None:
        form = with_value("f13614c-2025", "f_016", "503-555-0100")
        history = (Said("user", "my telephone is 503-555-0100"), Said("assistant", "Noted."))
        assert await said("no, the other phone", form, history=history) == {
            "f_016": "=decline",
            "f_017": "503-555-0100",
        }

    async def test_what_is_wrong_is_taken_back(self) -> None:
        assert await said("das ist falsch", with_value("lo-form-de", "f_002", "Weber"), asked="f_002") == {
            "f_002": "=decline"
        }


class TestReplies:
    async def test_it_answers_in_the_language_of_the_message(self) -> None:
        assert "Was soll bei" in await reply("Ich heiße Lena Weber", "lo-form-de")
        assert "Anotado" in await reply("Me llamo Carmen Ruiz y soy española", "lo-form-es")
        assert "noté" in await reply("La forme juridique est SARL", "fr-2041mec")

    async def test_it_answers_from_what_the_form_prints(self) -> None:
        printed = (
            "General instructions.\n\nA disregarded entity is an entity with one owner.\n\nSign and date the form."
        )
        assert "one owner" in await reply("What is a disregarded entity?", printed=printed)

    async def test_it_names_the_choices(self) -> None:
        assert "Italian" in await reply("What nationality can I choose?", VISITOR)

    async def test_it_does_not_sign(self) -> None:
        assert "signatures stay blank" in await reply("Please sign it for me", "ff-3902bb0b")

    async def test_at_the_end_nothing_is_asked(self) -> None:
        done = tuple(replace(each, state="confirmed", value="x") for each in forms()[W9])
        understood = await BuiltinInterpreter(StillClock()).take_turn(Ask("thanks", done))
        assert understood.asking is None
        assert "confirm" in understood.reply


class TestMaterial:
    async def test_paths_rows_and_prose_are_matched(self) -> None:
        passages = (
            Passage("Blue Door Books", "a.json", "company.businessName"),
            Passage("Name: Ada Marlow\nTax classification: Partnership\nWe are an LLC.", "b.txt"),
            Passage("(503) 555-0100", "c.csv", "phone"),
        )
        matched = await BuiltinInterpreter(StillClock()).match(forms()[W9], passages)
        found = {each.id: (each.value, each.confidence) for each in matched.findings}
        assert found["f_001"] == ("Ada Marlow", "high")
        assert found["f_002"][0] == "Blue Door Books"
        assert found["f_008"][0] == "P"
        assert found["f_010"][0] is True
        assert "c.csv" not in {each.source for each in matched.findings}

    async def test_the_date_beside_a_signature_stays_blank(self) -> None:
        passages = (Passage("2026-11-24", "a.csv", "Date"),)
        matched = await BuiltinInterpreter(StillClock()).match(forms()["ff-3902bb0b"], passages)
        assert matched.findings == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("May 3, 1980", "1980-05-03"),
        ("3rd of May 1980", "1980-05-03"),
        ("1980-05-03", "1980-05-03"),
        ("3. März 1980", "1980-03-03"),
        ("le 1er août 2001", "2001-08-01"),
        ("5 de mayo de 1985", "1985-05-05"),
        ("03.05.80", "1980-05-03"),
        ("25/12/1999", "1999-12-25"),
        ("gestern", "2026-11-23"),
        ("31/02/2020", None),
        ("soon", None),
    ],
)
def test_dates_are_read_in_many_wordings(text: str, found: str | None) -> None:
    read = [dates.chosen(each, None, month_first=None) for each in dates.dates(text, TODAY)]
    assert [day.isoformat() for day in read if day] == ([found] if found else [])


def test_day_and_month_that_cannot_be_told_apart_stay_as_written() -> None:
    plain = Question("f_001", "Date of birth", "text", "date")
    assert held(plain, "3/4/1980", TODAY) == "3/4/1980"
    assert held(plain, "3/4/1980", TODAY, month_first=True) == "1980-03-04"
    assert held(replace(plain, format="DD.MM.YYYY"), "3/4/1980", TODAY) == "03.04.1980"
    assert held(replace(plain, format="MM/DD/YY"), "May 3, 1980", TODAY) == "05/03/80"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("iban", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"),
        ("vat", "DE136695976", "DE136695978"),
        ("routing", "021000021", "123456789"),
        ("email", "ada@example.org", "ada@.org"),
        ("phone", "+49 30 1234567", "12"),
        ("ssn", "987-65-4320", "666-12-3456"),
        ("ein", "12-3456789", "00-1234567"),
    ],
)
def test_values_with_check_digits_are_checked(kind: str, good: str, bad: str) -> None:
    assert sound(kind, good)
    assert not sound(kind, bad)


def test_shapes_are_told_apart() -> None:
    text = "reach me at ada@example.org, 503-555-0100; EIN 12-3456789, SSN 987-65-4321"
    assert [shape.kind for shape in certain_shapes(text)] == ["email", "phone", "ein", "ssn"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [("$1,250.00", "1250.00"), ("1.250,5 EUR", "1250.5"), ("2 300 euros", "2300"), ("12", "12"), ("many", None)],
)
def test_sums_are_digits_with_a_point(text: str, plain: str | None) -> None:
    assert plain_amount(text) == plain


def test_addresses_come_apart() -> None:
    american = place_of("12 Harbor Street, Apt 4, Portland, Oregon 97201")
    assert american is not None
    assert (american.house, american.apt, american.city, american.state) == ("12 Harbor Street", "4", "Portland", "OR")
    german = place_of("Hafenstraße 12, 20095 Hamburg")
    assert german is not None
    assert (german.street, german.zip, german.city) == ("Hafenstraße 12", "20095", "Hamburg")
    assert place_of("near the harbor") is None


def test_names_come_apart() -> None:
    person = person_of("Ada M. van der Berg")
    assert person is not None
    assert (person.first, person.middle, person.last) == ("Ada", "M.", "van der Berg")
    turned = person_of("Berg, Ada")
    assert turned is not None
    assert (turned.first, turned.last) == ("Ada", "Berg")
    assert person_of("Ada") is None


def test_codes_follow_their_legend() -> None:
    legend = "LLC. Enter the tax classification (C = C corporation, S = S corporation, P = Partnership)"
    assert code_for("a partnership", "LLC tax classification (C, S or P)", [legend]) == "P"
    assert code_for("a club", "LLC tax classification (C, S or P)", [legend]) is None
