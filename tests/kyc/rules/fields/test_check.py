"""Every field type: which values are kept, in which form, and which are refused."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Field, ValidationRules
from frontdesk.kyc.rules.definition import parse_workflow
from frontdesk.kyc.rules.fields.around import Around
from frontdesk.kyc.rules.fields.check import CHECKS, check_fields
from kyc.bodies import EVERY_FIELD, form, workflow
from kyc.factories import new_ids, when

AROUND = Around(today=date(2026, 4, 9), step_id="s", documents={"one": frozenset({"doc_1", "doc_2"})})


def one(kind, *, rules=None, fields=(), **options):
    return Field("one", "One", kind, options=options, validation_rules=rules or ValidationRules(), fields=tuple(fields))


def check(field, value, around=AROUND):
    return check_fields((field,), {"one": value}, around)


def accepted(field, value):
    found = check(field, value)
    assert found.faults == ()
    assert found.missing == ()
    return found.values["one"]


def refused(field, value):
    found = check(field, value)
    assert "one" not in found.values
    assert found.faults or found.missing
    return (found.faults or found.missing)[0].message


SHARE = Field("share", "Share", "number", required=True)
OWNERS = one("entity_array", fields=[Field("who", "Who", "name", required=True), SHARE], sum_field="share")
COLOURS = [{"value": "r", "label": "Red"}, {"value": "g", "label": "Green"}]


@pytest.mark.parametrize(
    ("field", "value", "normal"),
    [
        (one("text"), "  Ana  ", "Ana"),
        (one("text", multiline=True), "a\r\nb", "a\nb"),
        (one("number"), "12.50", 12.5),
        (one("number"), " -7 ", -7),
        (one("number", decimals=2), 0.1, 0.1),
        (one("number"), 0, 0),
        (one("date"), "1985-03-15", "1985-03-15"),
        (one("date", max_date="today"), "2026-04-09", "2026-04-09"),
        (one("date", max_date="today-18y"), "2008-04-09", "2008-04-09"),
        (one("boolean"), False, False),
        (one("boolean", must_be_true=True), True, True),
        (one("select", options=COLOURS), "r", "r"),
        (one("select", options=COLOURS, allow_other=True), "blue", "blue"),
        (one("select", options=COLOURS, allow_multiple=True), ["g", "r", "g"], ["g", "r"]),
        (one("file"), "doc_1", "doc_1"),
        (one("file", allow_multiple=True), ["doc_2", "doc_1"], ["doc_2", "doc_1"]),
        (one("email"), "Ana@Example.NET", "Ana@example.net"),
        (one("phone", format="international"), "+351 912 345 678", "+351912345678"),
        (one("phone", default_country="PT"), "912 345 678", "+351912345678"),
        (one("phone", default_country="PT", format="national"), "+351912345678", "912 345 678"),
        (one("url"), "http://example.com/a?b#c", "http://example.com/a?b#c"),
        (one("country"), " pt", "PT"),
        (one("name"), "Ana   Ruiz", "Ana Ruiz"),
        (one("name", name_type="company"), "1881", "1881"),
        (one("wallet", network="bitcoin"), "1NEDqZPvTWRaoho48qXuLLsrYomMXPABfD", None),
        (one("wallet", network="ethereum"), "0x" + "aB" * 20, None),
        (one("domain"), "Müller.Example", "xn--mller-kva.example"),
        (
            one("address"),
            {"city": " Porto ", "country": "pt", "planet": "x"},
            {"city": "Porto", "country": "PT"},
        ),
        (OWNERS, [{"who": "Ana", "share": "33.33"}], [{"who": "Ana", "share": 33.33}]),
        (one("object", fields=[SHARE]), {"share": 1, "x": 2}, {"share": 1}),
    ],
)
def test_a_right_value_is_kept_in_its_normal_form(field, value, normal):
    assert accepted(field, value) == (value if normal is None else normal)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (one("text"), 5),
        (one("text"), "a\nb"),
        (one("text"), "a\x00b"),
        (one("text", max_length=3), "abcd"),
        (one("number"), True),
        (one("number"), "1e5"),
        (one("number"), "1,5"),
        (one("number"), float("inf")),
        (one("number", min_value=1), 0.5),
        (one("number", max_value=1), 2),
        (one("number", decimals=0), 1.5),
        (one("date"), "15/03/1985"),
        (one("date"), "2025-02-29"),
        (one("date", max_date="today"), "2026-04-10"),
        (one("date", max_date="today-18y"), "2008-04-10"),
        (one("date", min_date="today+30d"), "2026-05-08"),
        (one("boolean"), "yes"),
        (one("boolean", must_be_true=True), False),
        (one("select", options=COLOURS), "blue"),
        (one("select", options=COLOURS), ["r"]),
        (one("select", options=COLOURS, allow_multiple=True), "r"),
        (one("file"), "doc_9"),
        (one("file"), ["doc_1"]),
        (one("file", allow_multiple=True, max_files=1), ["doc_1", "doc_2"]),
        (one("email"), "ana(at)example.net"),
        (one("email"), "ana@localhost"),
        (one("email", block_disposable=True), "x@mail.yopmail.com"),
        (one("phone"), "933 345 678"),
        (one("phone"), "+351 1"),
        (one("url"), "javascript:alert(1)"),
        (one("url"), "/relative"),
        (one("url", https_only=True), "http://example.com"),
        (one("url"), "https://user:pw@example.com"),
        (one("url"), "https://example.com:99999"),
        (one("country"), "PRT"),
        (one("country", allowed=["ES"]), "PT"),
        (one("country", blocked=["PT"]), "PT"),
        (one("name"), "12345"),
        (one("wallet", network="bitcoin"), "1NEDqZPvTWRaoho48qXuLLsrYomMXPABfX"),
        (one("wallet", network="tron"), "0x" + "ab" * 20),
        (one("wallet"), "a b"),
        (one("domain"), "https://example.com"),
        (one("domain"), "1.2.3.4"),
        (one("address"), "Rua 1"),
        (one("address"), {"country": "Portugal"}),
        (one("address", required_parts=["city"]), {"line1": "Rua 1"}),
        (OWNERS, {"who": "Ana"}),
        (OWNERS, [3]),
        (OWNERS, [{"who": "Ana", "share": 60}, {"who": "Rui", "share": 41}]),
        (one("entity_array", fields=[SHARE], min_items=2), [{"share": 1}]),
        (one("object", fields=[SHARE]), [1]),
    ],
)
def test_a_wrong_value_is_refused_without_being_repeated(field, value):
    message = refused(field, value)
    assert str(value) not in message


@pytest.mark.parametrize("value", [None, "", "   ", [], {}, {"city": " "}])
def test_nothing_counts_as_missing_and_false_does_not(value):
    required = replace(one("address"), required=True)
    assert [fault.field_id for fault in check(required, value).missing] == ["one"]
    assert check(replace(one("boolean"), required=True), False).missing == ()


def test_parts_are_told_by_their_path():
    found = check(OWNERS, [{"who": "Ana", "share": 1}, {"share": "x"}])
    assert [(fault.field_id, fault.name) for fault in found.missing] == [("one[1].who", "One 2: Who")]
    assert [fault.field_id for fault in found.faults] == ["one[1].share"]


def test_thirds_add_up_to_a_hundred():
    thirds = [{"who": "A", "share": 33.33}, {"who": "B", "share": 33.33}, {"who": "C", "share": 33.34}]
    assert accepted(replace(OWNERS, options={"sum_field": "share", "sum_max": 100}), thirds) == thirds


@pytest.mark.parametrize(
    ("rules", "field", "right", "wrong"),
    [
        (ValidationRules(pattern="[A-Z]{2}[0-9]+"), one("text"), "AB1", "xAB1"),
        (ValidationRules(min_length=3), one("text"), "abc", "ab"),
        (ValidationRules(max_length=3), one("name"), "abc", "abcd"),
        (ValidationRules(min_value=3, max_value=4), one("number"), 3, 5),
        (
            ValidationRules(min_items=2),
            one("select", options=COLOURS, allow_multiple=True),
            ["r", "g"],
            ["r"],
        ),
        (
            ValidationRules(max_items=1),
            one("select", options=COLOURS, allow_multiple=True),
            ["r"],
            ["r", "g"],
        ),
        (
            ValidationRules(unique_items=True),
            one("entity_array", fields=[SHARE]),
            [{"share": 1}, {"share": 2}],
            [{"share": 1}, {"share": 1.0}],
        ),
    ],
)
def test_common_limits_hold_for_every_type(rules, field, right, wrong):
    limited = replace(field, validation_rules=rules)
    assert accepted(limited, right) == right
    assert refused(limited, wrong)


def test_a_field_may_have_to_equal_another():
    twice = Field("two", "Two", "email", validation_rules=ValidationRules(equals_field="one"))
    both = (one("email"), twice)
    assert not check_fields(both, {"one": "a@Example.net", "two": "a@example.NET"}, AROUND).faults
    assert check_fields(both, {"one": "a@example.net", "two": "b@example.net"}, AROUND).faults


def test_a_pattern_without_end_is_stopped_in_time():
    hungry = one("text", rules=ValidationRules(pattern="(a|aa)+$"))
    before = time.perf_counter()
    assert refused(hungry, "a" * 80 + "b") == "does not have the expected form"
    assert time.perf_counter() - before < 1


def test_a_slow_pattern_is_not_tried_for_every_entry():
    inner = Field("x", "X", "text", validation_rules=ValidationRules(pattern="(a|aa)+$"))
    before = time.perf_counter()
    found = check(one("entity_array", fields=[inner]), [{"x": "a" * 80 + "b"}] * 50)
    assert len(found.faults) == 50
    assert time.perf_counter() - before < 1


def test_a_pattern_may_say_what_it_wants():
    rules = ValidationRules(pattern="[0-9]+", pattern_message="digits, please")
    assert refused(one("text", rules=rules), "x") == "digits, please"


def test_hidden_fields_are_dropped_and_never_required():
    vat = Field("vat", "VAT", "text", required=True, conditional_logic=when("one", "equals", True))
    fields = (one("boolean"), vat)
    hidden = check_fields(fields, {"one": False, "vat": "PT1"}, AROUND)
    assert (hidden.values, hidden.missing, hidden.visible) == ({"one": False}, (), {"one"})
    shown = check_fields(fields, {"one": True}, AROUND)
    assert [fault.field_id for fault in shown.missing] == ["vat"]


def test_a_condition_may_make_a_field_required():
    vat = Field("vat", "VAT", "text", conditional_logic=when("one", "equals", True, action="require"))
    assert check_fields((one("boolean"), vat), {"one": True}, AROUND).missing
    assert not check_fields((one("boolean"), vat), {"one": False}, AROUND).missing


def test_a_default_stands_for_what_was_never_entered():
    filled = replace(AROUND, fill_defaults=True)
    field = replace(one("country"), default_value="PT", required=True)
    assert check_fields((field,), {}, filled).values == {"one": "PT"}
    assert check_fields((field,), {"one": None}, filled).missing
    assert check_fields((field,), {}, AROUND).missing


def test_an_address_takes_its_country_from_a_field():
    source = Field("home", "Home", "country")
    fields = (source, one("address", country_field="home", required_parts=["country"]))
    found = check_fields(fields, {"home": "pt", "one": {"city": "Porto"}}, AROUND)
    assert found.values["one"] == {"city": "Porto", "country": "PT"}


PARSED = {
    kind: parse_workflow(workflow(form(body)), workflow_exists={}, new_id=new_ids("f")).steps[0].custom_fields
    for kind, body in EVERY_FIELD.items()
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["who", "share", "city"]), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(PARSED)), JSON)
def test_every_value_is_either_kept_or_told_and_keeping_it_again_changes_nothing(kind, value):
    fields = PARSED[kind]
    found = check_fields(fields, {"one": value}, AROUND)
    if found.values:
        assert not found.faults
        assert check_fields(fields, found.values, AROUND).values == found.values


def test_every_type_has_its_check():
    assert set(CHECKS) == set(EVERY_FIELD)
