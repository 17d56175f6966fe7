"""Reading the fields of a workflow: ids, options, nesting."""

import pytest

from kyc.bodies import field, form, full_name, workflow
from kyc.parsing import faults, parse


def test_missing_field_ids_are_made_and_missing_step_ids_are_refused():
    found = parse(workflow(form({"name": "City", "type": "text"})))
    assert found.steps[0].custom_fields[0].field_id == "f_1"
    assert faults(workflow(form(full_name(), step_id=None))) == {"steps[0].step_id": "is required"}


def test_field_ids_are_unique_in_the_whole_workflow():
    found = faults(workflow(form(full_name()), form(full_name(), step_id="again")))
    assert found == {"steps[1].custom_fields[0].field_id": "is used twice"}


def test_nested_field_ids_are_unique_among_their_neighbours():
    items = [full_name(), full_name()]
    found = faults(workflow(form(field("entity_array", item_fields=items), full_name())))
    assert found == {"steps[0].custom_fields[0].item_fields[1].field_id": "is used twice"}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (field("text", max_length=0), "max_length"),
        (field("number", min_value=5, max_value=1), "min_value"),
        (field("number", decimals=1.5), "decimals"),
        (field("date", max_date="yesterday"), "max_date"),
        (field("date", min_date="2020-01-02", max_date="2020-01-01"), "min_date"),
        (field("select", options=["a", "a"]), "options[1]"),
        (field("select", options=[{"label": "x"}]), "options[0]"),
        (field("file", accepted_mime_types=["text/html"]), "accepted_mime_types[0]"),
        (field("file", default_value="doc_1"), "default_value"),
        (field("phone", format="national"), "default_country"),
        (field("country", allowed=["ZZ"]), "allowed[0]"),
        (field("country", default_value="Portugal"), "default_value"),
        (field("wallet", network="gold"), "network"),
        (field("address", country_field="nowhere"), "country_field"),
        (field("entity_array"), "item_fields"),
        (field("object", fields=[field("file")]), "fields[0].type"),
        (field("sub_merchants", sum_field="name"), "sum_field"),
        (field("sub_merchants", min_items=4, max_items=2), "min_items"),
        (field("text", default_value=5), "default_value"),
        (field("text", validation_rules={"min_length": 9, "max_length": 3}), "validation_rules.min_length"),
        (field("text", validation_rules={"equals_field": "two"}), "validation_rules.equals_field"),
        (field("text", validation_rules={"pattern": "a" * 501}), "validation_rules.pattern"),
        (field("text", field_id="a b"), "field_id"),
        (field("text", required="yes"), "required"),
    ],
)
def test_wrong_options_are_told_with_their_path(wrong, path):
    assert f"steps[0].custom_fields[0].{path}" in faults(workflow(form(wrong)))


def test_fields_nest_three_deep_at_most():
    deep = field("text")
    for _ in range(4):
        deep = field("object", fields=[deep])
    assert any("nest at most" in message for message in faults(workflow(form(deep))).values())


def test_related_merchants_have_their_fields_built_in():
    found = parse(workflow(form(field("sub_merchants", item_fields=[field("text")]))))
    nested = found.steps[0].custom_fields[0].fields
    assert [one.field_id for one in nested] == ["name", "country", "website", "tax_id", "one"]
