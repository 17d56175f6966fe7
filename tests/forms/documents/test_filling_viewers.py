"""Filled values are seen in PDFium, Poppler and pdf.js, and their text is found again."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from forms.documents.papers import form, truth
from forms.documents.seeing import differs, folded, places_of, visible
from forms.documents.values import SCRIPTS, blank_sheet, values_for
from frontdesk.forms.documents.filling import fill, fillable
from frontdesk.forms.documents.frame import frame_of
from frontdesk.forms.documents.opening import open_pdf
from frontdesk.forms.documents.reading import read
from frontdesk.forms.model.field import Field, Layout
from viewers import VIEWERS, pdfium_text, pdfjs_text, poppler_text


def detected(name: str) -> tuple[Field, ...]:
    """The fields of a flat form as a perfect detector would find them."""
    known = truth(name)
    with open_pdf(form(f"flat/{name}")) as document:
        frames = [frame_of(page, number) for number, page in enumerate(document.pages)]
    found = []
    for number, field in enumerate((each for each in known["fields"] if each["detectable"]), 1):
        kind = "checkbox" if field["kind"] in ("checkbox", "radio") else "text"
        rect = frames[field["page"]].rect(tuple(field["rect"]))
        label = field["label"] or f"Field {number}"
        comb, length = bool(field.get("comb")), field.get("max_length")
        found.append(Field(number, kind, "string", label, rect, comb=comb, max_length=length))
    return tuple(found)


@pytest.mark.parametrize(
    "name",
    ["acroform/fw9-2024", "acroform/f8888-2025", "acroform/choice-widget", "acroform/ff-b8dc2bf7", "special/rotate90"],
)
def test_every_value_is_seen_in_every_viewer(name: str) -> None:
    seen = visible(form(name), most_pages=2)
    for viewer in VIEWERS:
        assert seen[viewer]["missed"] == []
        assert seen[viewer]["text"][0] > 0


def test_odd_boxes_are_seen_in_every_viewer() -> None:
    seen = visible(form("special/checkbox-bad-appearance"), most_pages=1)
    assert {viewer: seen[viewer]["box"] for viewer in VIEWERS} == {key: [2, 2] for key in VIEWERS}


def test_a_flat_form_is_filled_through_the_places_it_is_given() -> None:
    pdf, fields = form("flat/fw9-2024"), detected("fw9-2024")
    values = values_for(fields)
    layout = Layout("flat", None, (), fields)
    places = places_of(pdf, layout, values)
    open_form, flat = fill(pdf, fields, values), fill(pdf, fields, values, flatten=True)
    for draw in VIEWERS.values():
        blank = draw(pdf, places)
        for result in (open_form, flat):
            shown = draw(result.pdf, places)
            unseen = [
                f.label
                for page, boxes in places.items()
                for f, box in boxes
                if not differs(blank[page], shown[page], box)
            ]
            assert unseen == []


def test_a_flattened_form_has_nothing_left_to_fill_in_and_looks_the_same() -> None:
    pdf = form("acroform/fw9-2018-xfa")
    layout = read(pdf)
    values = values_for(layout.fields)
    open_form, flat = fill(pdf, layout.fields, values), fill(pdf, layout.fields, values, flatten=True)
    assert "/AcroForm" not in pikepdf.open(BytesIO(flat.pdf)).Root
    places = places_of(pdf, layout, values)
    for draw in VIEWERS.values():
        before, after = draw(open_form.pdf, places), draw(flat.pdf, places)
        for page in places:
            assert (abs(before[page].astype(int) - after[page].astype(int)) > 96).mean() < 0.001


def _sheet(*, flatten: bool) -> bytes:
    pdf, fields = blank_sheet(len(SCRIPTS))
    result = fill(pdf, fields, dict(enumerate(SCRIPTS.values(), 1)), flatten=flatten)
    assert result.warnings == ()
    return result.pdf


@pytest.mark.parametrize(
    ("take", "flatten"),
    [(pdfium_text, True), (poppler_text, True), (poppler_text, False), (pdfjs_text, True)],
    ids=["PDFium, flattened", "Poppler, flattened", "Poppler, fields", "pdf.js, flattened"],
)
def test_text_of_every_script_is_found_again_as_it_is_read(take: Callable[[bytes], str], flatten: bool) -> None:
    told = folded(take(_sheet(flatten=flatten)))
    missed = {script for script, text in SCRIPTS.items() if folded(text) not in told}
    assert missed == set()


def test_the_characters_of_a_comb_are_found_as_one_word() -> None:
    pdf = form("acroform/comb-textfields")
    layout = read(pdf)
    combs = {field.number: "1A2B3C4D5E"[: field.max_length] for field in layout.fields if field.comb}
    flat = fill(pdf, layout.fields, combs, flatten=True).pdf
    assert pdfium_text(flat).count("1A2B3C4D5E") == 3
    assert poppler_text(flat).count("1A2B3C4D5E") == 3


def test_the_fillable_copy_of_a_flat_form_is_named_after_its_fields() -> None:
    fields = detected("fw9-2024")
    read_again = read(fillable(form("flat/fw9-2024"), fields)).fields
    assert {field.name for field in read_again} == {field.id for field in fields}
    assert {field.name: field.label for field in read_again} == {field.id: field.label for field in fields}
    assert {field.name: field.max_length for field in read_again if field.comb} == {
        field.id: field.max_length for field in fields if field.comb
    }


def test_the_fillable_copy_of_a_form_keeps_its_own_names() -> None:
    pdf = form("acroform/fw9-2018-xfa")
    layout = read(pdf)
    copy = read(fillable(pdf, layout.fields))
    assert [field.name for field in copy.fields] == [field.name for field in layout.fields]
    assert [field.label for field in copy.fields] == [field.label for field in layout.fields]
