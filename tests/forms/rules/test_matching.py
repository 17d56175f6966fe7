"""What of the answers in supporting material is written."""

import pytest

from forms.factories import sheet
from frontdesk.forms.rules import mapping, matching
from frontdesk.forms.rules.matching import Answered
from frontdesk.forms.rules.refusals import BadRequest


def answer(name: str, value: object, confidence: str = "high") -> Answered:
    return Answered(name, value, confidence, "context.txt", "the words")  # type: ignore[arg-type]


def test_safe_writes_high_and_medium_strict_only_high() -> None:
    answers = [answer("f_001", "Harbor"), answer("f_002", "2026-11-03", "medium"), answer("f_005", True, "low")]
    after, report, _ = matching.judged(sheet(), answers, (), "safe")
    assert [one.id for one in report.filled] == ["f_001", "f_002"]
    assert after.mark(2).value == "11/03/2026"
    assert [(one.id, one.reason) for one in report.dropped] == [("f_005", "low confidence under policy safe")]
    _, report, _ = matching.judged(sheet(), answers, (), "strict")
    assert [one.id for one in report.filled] == ["f_001"]


def test_what_does_not_fit_and_what_was_dropped_before_is_told_with_its_reason() -> None:
    answers = [answer("f_006", "Blue"), answer("f_003", True), answer("f_004", True)]
    _, report, _ = matching.judged(sheet(), answers, [("f_002", "about 12", "not a date")], "safe")
    assert [one.id for one in report.dropped] == ["f_002", "f_006", "f_004"]
    assert [one.id for one in report.filled] == ["f_003"]


def test_a_signature_stays_blank_whatever_the_material_says() -> None:
    _, report, _ = matching.judged(sheet(), [answer("f_008", "Ada Wren")], (), "safe")
    assert report.filled == ()
    assert "Signature of applicant" in report.left_blank


def test_nothing_found_is_a_warning() -> None:
    _, report, warnings = matching.judged(sheet(), (), (), "safe")
    assert warnings == ("no_values_found",)
    assert report.summary.startswith("Filled 0 of 8 fields. Left blank: Trading name")


def test_another_policy_is_refused() -> None:
    assert matching.policy_of(None) == matching.policy_of("") == "safe"
    with pytest.raises(BadRequest, match="safe or strict"):
        matching.policy_of("bold")


def test_columns_are_mapped_by_id_and_label_and_the_rest_is_told() -> None:
    found, unmapped = mapping.suggested(["f_005", "TRADING NAME", "hot food yes", "shoe size"], sheet().layout.fields)
    assert found == {"f_005": 5, "TRADING NAME": 1, "hot food yes": 3}
    assert unmapped == ["shoe size"]


def test_a_row_puts_its_cells_into_the_fields_of_its_columns() -> None:
    columns = ("name", "agree", "colour")
    found, wrong = mapping.row_values(sheet(), columns, ("Harbor", "x", "Blue"), {"name": 1, "agree": 5, "colour": 6})
    assert found == {1: "Harbor", 5: True}
    assert len(wrong) == 1
    assert wrong[0].startswith("colour:")


def test_a_mapping_names_columns_and_fields_that_are_there() -> None:
    assert mapping.checked({"name": "f_001", "spare": None}, ("name", "spare"), sheet()) == {"name": 1}
    for wrong in ({"nome": "f_001"}, {"name": "f_099"}, ["name"]):
        with pytest.raises(BadRequest, match="mapping"):
            mapping.checked(wrong, ("name",), sheet())
