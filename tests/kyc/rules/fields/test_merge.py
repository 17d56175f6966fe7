"""Answers that are sent again: what stays, what is cleared, and how secrets come back."""

from datetime import date

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.fields.around import BULLETS, Around
from frontdesk.kyc.rules.fields.check import check_fields
from frontdesk.kyc.rules.fields.merge import masked, merge

AROUND = Around(today=date(2026, 4, 9))
SECRET = Field("pin", "Pin", "text", sensitive=True)
ENTRIES = Field("one", "One", "entity_array", fields=(SECRET,))


def test_secrets_are_shown_as_bullets_however_deep():
    fields = (SECRET, Field("box", "Box", "object", fields=(SECRET,)), ENTRIES)
    values = {"pin": "1", "box": {"pin": "2"}, "one": [{"pin": "3"}], "gone": "4"}
    assert masked(fields, values) == {
        "pin": BULLETS,
        "box": {"pin": BULLETS},
        "one": [{"pin": BULLETS}],
    }


def test_bullets_that_come_back_stand_for_the_stored_secret():
    fields = (SECRET, Field("box", "Box", "object", fields=(SECRET,)))
    stored = {"pin": "1", "box": {"pin": "2"}}
    assert merge(fields, stored, masked(fields, stored)) == stored


def test_bullets_that_stand_for_nothing_are_refused():
    faults = check_fields((SECRET,), {"pin": BULLETS}, AROUND).faults
    assert [fault.message for fault in faults] == ["must be entered again"]
    merged = merge((ENTRIES,), {"one": [{"pin": "3"}]}, {"one": [{"pin": BULLETS}]})
    assert check_fields((ENTRIES,), merged, AROUND).faults


def test_what_is_not_sent_stays_and_null_clears():
    fields = (Field("one", "One", "text"), Field("two", "Two", "text"))
    assert merge(fields, {"one": "a", "two": "b"}, {"two": None, "odd": 1}) == {"one": "a", "two": None}
