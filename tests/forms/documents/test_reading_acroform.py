"""Fillable forms are read as their authors made them."""

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from forms.documents.papers import drawn, form, looks, saved, truth, widget, words
from frontdesk.forms.documents.acroform_widgets import frames_of, widgets_of
from frontdesk.forms.documents.opening import open_pdf
from frontdesk.forms.documents.reading import OWNER_LOCKED, SIGNED, UnreadablePdf, read

NAMES = ("fw9-2024", "fw9-2018-xfa", "f1040-2025", "f8888-2025", "va-10182", "ff-b8dc2bf7", "comb-textfields")


@pytest.mark.parametrize("name", NAMES)
def test_every_widget_is_found_in_its_place(name: str) -> None:
    with open_pdf(form(f"acroform/{name}")) as document:
        found = widgets_of(document, frames_of(document))
    fields = truth(name)["fields"]
    assert len(found) == len(fields)
    for field in fields:
        assert any(
            each.page == field["page"]
            and each.name == field["name"]
            and max(abs(a - b) for a, b in zip(each.box, field["rect"], strict=True)) < 0.6
            for each in found
        ), field["id"]


@pytest.mark.parametrize("name", NAMES)
def test_only_what_can_be_filled_in_is_offered(name: str) -> None:
    fields = read(form(f"acroform/{name}")).fields
    asked = {field["name"] for field in truth(name)["fields"] if field["detectable"]}
    assert {field.name for field in fields} == asked
    assert [field.number for field in fields] == list(range(1, len(fields) + 1))


@pytest.mark.parametrize("name", ["fw9-2018-xfa", "f1040-2025", "f8888-2025"])
def test_labels_come_from_the_xfa_template_where_no_tooltip_is(name: str) -> None:
    labels = {field.name: field.label for field in read(form(f"acroform/{name}")).fields}
    told = [field for field in truth(name)["fields"] if str(field["label_source"]).startswith("xfa")]
    assert told
    wrong = [field["name"] for field in told if field["detectable"] and labels[field["name"]] != field["label"]]
    assert len(wrong) <= len(told) // 10


def test_widgets_missing_from_the_list_of_fields_are_found() -> None:
    assert len(read(form("special/fields-array-empty")).fields) == 18


def test_boxes_that_are_one_of_many_by_name_are_a_group() -> None:
    fields = [field for field in read(form("acroform/fw9-2024")).fields if field.kind == "checkbox"]
    groups = {field.group for field in fields if field.name and "c1_1[" in field.name}
    assert len(groups) == 1
    assert None not in groups
    assert [field.group for field in fields if field.name and "c1_2[" in field.name] == [None]


def test_options_of_choices_are_read_with_what_is_chosen() -> None:
    fields = read(form("acroform/choice-widget")).fields
    assert [field.kind for field in fields] == ["dropdown", "listbox", "listbox"]
    assert fields[0].options[0].label == "Lorem"
    assert fields[0].value == "Dolor"
    assert fields[2].value == ("Ipsum", "Amet", "Consectetur", "Elit")


def test_a_comb_has_its_number_of_characters() -> None:
    combs = [field for field in read(form("acroform/fw9-2024")).fields if field.comb]
    assert [field.max_length for field in combs] == [3, 2, 4, 2, 7]


def test_a_page_that_is_turned_keeps_places_in_the_page_as_it_lies() -> None:
    turned, upright = read(form("special/rotate90")), read(form("special/fields-array-empty"))
    assert turned.pages[0].rotation == 90
    places = {(field.name, field.rect.x, field.rect.y) for field in turned.fields}
    assert places == {(field.name, field.rect.x, field.rect.y) for field in upright.fields}


def test_places_count_from_the_corner_of_the_media_box() -> None:
    document = drawn(MediaBox=Array([100, 50, 712, 842]), CropBox=Array([110, 60, 702, 832]))
    widget(document, "Tx", (172, 650, 372, 670), "name")
    (field,) = read(saved(document)).fields
    assert (field.rect.x, field.rect.y, field.rect.w, field.rect.h) == (72, 600, 200, 20)


def test_radio_buttons_are_one_field_with_options_labelled_by_the_page() -> None:
    document = drawn(words(60, 702, "Delivery") + words(152, 702, "By post") + words(252, 702, "By hand"))
    group = document.make_indirect(Dictionary(FT=Name.Btn, Ff=1 << 15, T="delivery", V=Name("/hand")))
    for x, state in ((140, "post"), (240, "hand")):
        kid = widget(document, "Btn", (x, 700, x + 10, 710), "", Parent=group, AP=looks(document, state, "Off"))
        del kid["/T"], kid["/FT"]
        kid.AS = Name("/hand") if state == "hand" else Name.Off
    (field,) = read(saved(document)).fields
    assert field.kind == "radio"
    assert field.label == "Delivery"
    assert [(option.value, option.label) for option in field.options] == [("post", "By post"), ("hand", "By hand")]
    assert field.value == "hand"


def test_an_off_state_with_another_name_is_no_option() -> None:
    document = drawn()
    widget(document, "Btn", (100, 700, 110, 710), "agree", AP=looks(document, "N", "1"), AS=Name("/N"))
    (field,) = read(saved(document)).fields
    assert field.value is None
    document = drawn()
    widget(document, "Btn", (100, 700, 110, 710), "agree", AP=looks(document, "Oui", "Off"), AS=Name("/Oui"))
    assert read(saved(document)).fields[0].value is True


def test_hidden_and_read_only_fields_and_buttons_are_left_alone() -> None:
    document = drawn()
    widget(document, "Tx", (100, 700, 200, 712), "shown", Ff=2, MaxLen=5, TU="Postcode")
    widget(document, "Tx", (100, 600, 200, 612), "hidden", F=2)
    widget(document, "Tx", (100, 500, 200, 512), "fixed", Ff=1)
    widget(document, "Btn", (100, 400, 200, 412), "print", Ff=1 << 16)
    widget(document, "Tx", (100, 300, 200, 312), "barcode", PMD=Dictionary(Symbology="PDF417"))
    (field,) = read(saved(document)).fields
    assert (field.name, field.required, field.max_length, field.label) == ("shown", True, 5, "Postcode")


def test_a_field_with_a_date_format_asks_for_a_date() -> None:
    document = drawn()
    script = Dictionary(F=Dictionary(S=Name.JavaScript, JS='AFDate_FormatEx("mm/dd/yyyy");'))
    widget(document, "Tx", (100, 700, 200, 712), "when", TU="Signed", AA=script, V="01/02/2026")
    (field,) = read(saved(document)).fields
    assert (field.data_type, field.format, field.value) == ("date", "MM/DD/YYYY", "01/02/2026")


def test_text_widgets_of_one_name_are_one_field() -> None:
    document = drawn()
    parent = document.make_indirect(Dictionary(FT=Name.Tx, T="name", V="Ada"))
    for y in (700, 600):
        kid = widget(document, "Tx", (100, y, 200, y + 12), "", Parent=parent)
        del kid["/T"], kid["/FT"]
    (field,) = read(saved(document)).fields
    assert (field.name, field.rect.y, field.value) == ("name", 700, "Ada")


def test_broken_widgets_are_passed_over() -> None:
    document = drawn()
    widget(document, "Tx", (100, 700, 200, 712), "whole")
    widget(document, "Tx", (100, 600, 200, 612), "placeless").Rect = Array([1, 2])
    widget(document, "Xy", (100, 500, 200, 512), "kindless")
    parent = document.make_indirect(Dictionary(T="loop"))
    parent.Parent = parent
    widget(document, "Tx", (100, 400, 200, 412), "looping", Parent=parent)
    document.pages[0].obj.Annots.append(pikepdf.Object.parse(b"null"))
    assert {field.name and field.name[-5:] for field in read(saved(document)).fields} == {"whole", "oping"}


def test_five_hundred_fields_are_read() -> None:
    document = drawn(size=(2000, 2000))
    for index in range(500):
        x, y = 20 + index % 20 * 95, 1950 - index // 20 * 70
        widget(document, "Tx", (x, y, x + 80, y + 12), f"f{index}")
    fields = read(saved(document)).fields
    assert [field.name for field in fields] == [f"f{index}" for index in range(500)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("encrypted-user-password", "pdf_encrypted"),
        ("truncated", "pdf_corrupt"),
        ("not-a-pdf", "unsupported_file"),
        ("xfa-dynamic", "unsupported_file"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code(name: str, code: str) -> None:
    with pytest.raises(UnreadablePdf) as refused:
        read(form(f"special/{name}"))
    assert refused.value.code == code
    assert refused.value.message == str(refused.value)


def test_too_many_pages_are_refused() -> None:
    assert len(read(saved(drawn(pages=100))).pages) == 100
    with pytest.raises(UnreadablePdf) as refused:
        read(saved(drawn(pages=101)))
    assert refused.value.code == "too_many_pages"


def test_a_broken_table_of_contents_is_mended() -> None:
    assert len(read(form("special/broken-xref")).fields) == 18


def test_a_file_that_only_its_owner_locked_is_read_with_a_warning() -> None:
    layout = read(form("special/encrypted-owner-only"))
    assert len(layout.fields) == 18
    assert OWNER_LOCKED in layout.warnings


def test_a_signed_file_is_read_with_a_warning() -> None:
    assert SIGNED in read(form("special/signed")).warnings


def test_boxes_with_unusual_appearances_are_read() -> None:
    fields = read(form("special/checkbox-bad-appearance")).fields
    assert [(field.kind, field.value) for field in fields] == [("checkbox", None), ("checkbox", True)]


def test_the_same_bytes_give_the_same_layout() -> None:
    assert read(form("acroform/f8888-2025")) == read(form("acroform/f8888-2025"))
