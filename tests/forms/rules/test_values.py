"""Which values a field accepts."""

from typing import Any

import pytest

from forms.factories import OPTIONS, field
from frontdesk.forms.rules import values
from frontdesk.forms.rules.values import Unfit


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("text", "Harbor Bakery Ltd", "Harbor Bakery Ltd"),
        ("text", 12, "12"),
        ("text", 12.5, "12.5"),
        ("text", 3.0, "3"),
        ("text", "", ""),
        ("text", None, None),
        ("checkbox", True, True),
        ("checkbox", "Yes", True),
        ("checkbox", "OFF", False),
        ("checkbox", " true ", True),
        ("dropdown", "1", "1"),
        ("dropdown", "red", "1"),
        ("radio", "Green", "2"),
        ("listbox", "Red", ("1",)),
        ("listbox", ["Red", "2", "red"], ("1", "2")),
        ("listbox", [], ()),
        ("signature", "Ada Wren", "Ada Wren"),
    ],
)
def test_a_value_is_kept_as_its_kind_has_it(kind: str, raw: Any, kept: Any) -> None:
    assert values.accepted(field(1, kind, options=OPTIONS[:2]), raw) == (kept, None)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", True),
        ("text", ["a"]),
        ("text", {"a": 1}),
        ("checkbox", "perhaps"),
        ("checkbox", 1),
        ("checkbox", None.__class__),
        ("dropdown", "Blue"),
        ("dropdown", 1),
        ("listbox", ["Red", 7]),
        ("signature", False),
        ("text", "x" * 20_001),
    ],
)
def test_another_value_is_refused(kind: str, raw: Any) -> None:
    with pytest.raises(Unfit):
        values.accepted(field(1, kind, options=OPTIONS[:2]), raw)


def test_a_label_that_two_options_share_must_be_said_by_its_value() -> None:
    with pytest.raises(Unfit, match="more than one"):
        values.accepted(field(1, "radio", options=OPTIONS), "GREEN")
    assert values.accepted(field(1, "radio", options=OPTIONS), "3") == ("3", None)


@pytest.mark.parametrize(
    ("form", "raw", "kept"),
    [
        ("MM/DD/YYYY", "2026-11-03", "11/03/2026"),
        ("D.M.YY", "2026-11-03", "3.11.26"),
        ("YYYY-MM-DD", "2026-11-03", "2026-11-03"),
        (None, "2026-11-03", "2026-11-03"),
        ("MM/DD/YYYY", "11/03/2026", "11/03/2026"),
    ],
)
def test_a_date_is_kept_as_it_will_be_drawn(form: str | None, raw: str, kept: str) -> None:
    assert values.accepted(field(1, data_type="date", format=form), raw) == (kept, None)


@pytest.mark.parametrize("raw", ["next week", "2026-13-40", "3.11.26"])
def test_what_is_no_date_is_kept_as_text_with_a_warning(raw: str) -> None:
    kept, warning = values.accepted(field(1, data_type="date", format="MM/DD/YYYY"), raw)
    assert kept == raw
    assert warning is not None
    assert raw not in warning
