"""What is filled in stands in the file as the form wants it, and nothing contradicts it."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from forms.documents.papers import drawn, form, saved, widget
from forms.documents.values import values_for
from frontdesk.forms.documents.filling import Filled, UnreadablePdf, fill, fillable
from frontdesk.forms.documents.fonts import Fonts
from frontdesk.forms.documents.reading import read
from frontdesk.forms.model.field import Field, Layout, Value

ACROFORMS = (
    *("choice-widget", "comb-textfields", "f1040-2025", "f8888-2025", "ff-9dda7eb4", "ff-b8dc2bf7", "ff-e5e3527a"),
    *("fw9-2018-xfa", "fw9-2024", "va-10182"),
)


def one(kind: str = "Tx", rect: tuple[float, float, float, float] = (50, 700, 250, 720), **more: Any) -> bytes:
    """A form of one field."""
    document = drawn()
    widget(document, kind, rect, "asked", **more)
    return saved(document)


def filled(pdf: bytes, value: Value, **more: Any) -> tuple[Filled, pikepdf.Object, pikepdf.Pdf]:
    """The form with one value in its first field, and that field as it stands in the file, which must stay open."""
    layout = read(pdf)
    result = fill(pdf, layout.fields, {layout.fields[0].number: value}, **more)
    document = pikepdf.open(BytesIO(result.pdf))
    return result, document.Root.AcroForm.Fields[0], document


def codes(result: Filled) -> list[str]:
    return [warning.code for warning in result.warnings]


def content(field: pikepdf.Object) -> bytes:
    return bytes(field.AP.N.read_bytes())


def read_again(result: Filled) -> dict[str, Value]:
    """What a reader of the filled form finds in it, by name."""
    return {field.name or "": field.value for field in read(result.pdf).fields}


@pytest.mark.parametrize("name", ACROFORMS)
def test_what_is_filled_in_is_read_again(name: str) -> None:
    pdf = form(f"acroform/{name}")
    layout = read(pdf)
    values = values_for(layout.fields)
    result = fill(pdf, layout.fields, values)
    assert [field.name for field in read(result.pdf).fields] == [field.name for field in layout.fields]
    found = read_again(result)
    for field in layout.fields:
        value = values[field.number]
        wanted = (value,) if field.kind == "listbox" else value
        if field.kind != "signature" and field.data_type != "date":
            assert found[field.name or ""] == wanted


@pytest.mark.parametrize("name", ["fw9-2018-xfa", "fw9-2024", "f1040-2025"])
def test_nothing_is_left_that_hides_or_contradicts_the_values(name: str) -> None:
    pdf = form(f"acroform/{name}")
    layout = read(pdf)
    result = pikepdf.open(BytesIO(fill(pdf, layout.fields, values_for(layout.fields)).pdf))
    assert "/NeedAppearances" not in result.Root.AcroForm
    assert "/XFA" not in result.Root.AcroForm
    assert "/Perms" not in result.Root


def test_the_same_input_gives_the_same_bytes() -> None:
    pdf = form("acroform/fw9-2024")
    layout = read(pdf)
    values = values_for(layout.fields) | {1: "Łukasz 北京 محمد"}
    assert fill(pdf, layout.fields, values).pdf == fill(pdf, layout.fields, values).pdf


def test_widgets_that_the_form_does_not_list_are_listed_then() -> None:
    pdf = form("special/fields-array-empty")
    layout = read(pdf)
    before = pikepdf.open(BytesIO(pdf))
    assert len(before.Root.AcroForm.Fields) == 0
    result = pikepdf.open(BytesIO(fill(pdf, layout.fields, {1: "Ada"}).pdf))
    assert len(result.Root.AcroForm.Fields) == 18


def test_rights_of_one_program_are_removed_and_told() -> None:
    pdf = form("acroform/f1040-2025")
    result = fill(pdf, read(pdf).fields, {})
    assert codes(result) == ["usage_rights_removed"]
    assert result.warnings[0].field is None


def test_a_signature_that_breaks_is_removed_and_told() -> None:
    result = fill(form("special/signed"), (), {})
    assert codes(result) == ["signature_removed"]
    assert b"/ByteRange" not in result.pdf


def test_a_number_that_is_no_fields_is_refused() -> None:
    pdf = one()
    with pytest.raises(ValueError, match="no field has the number 7"):
        fill(pdf, read(pdf).fields, {7: "Ada"})


def test_a_field_that_is_not_named_stays_as_it_is() -> None:
    pdf = one(V="before")
    assert read_again(fill(pdf, read(pdf).fields, {})) == {"asked": "before"}


def test_a_field_is_blanked_by_nothing() -> None:
    result, field, _open = filled(one(V="before", RV="<p>before</p>"), None)
    assert "/V" not in field
    assert "/RV" not in field
    assert b"Tj" not in content(field)
    assert read_again(result) == {"asked": None}


def test_a_value_that_the_old_file_left_to_its_viewer_is_drawn() -> None:
    document = drawn()
    widget(document, "Tx", (50, 700, 250, 720), "before", V="Ada")
    widget(document, "Tx", (50, 600, 250, 620), "asked")
    document.Root.AcroForm.NeedAppearances = True
    pdf = saved(document)
    fields = read(pdf).fields
    asked = next(field.number for field in fields if field.name == "asked")
    result = pikepdf.open(BytesIO(fill(pdf, fields, {asked: "Bob"}).pdf))
    shown = {str(each.T): content(each) for each in result.Root.AcroForm.Fields}
    assert b"(Ada)" in shown["before"]
    assert b"(Bob)" in shown["asked"]


def test_the_forms_size_colour_and_alignment_are_kept() -> None:
    _, field, _open = filled(one(DA="0.1 0.2 0.3 rg /TimesNewRomanPS-BoldMT 8 Tf", Q=2), "Ada")
    drawn_text = content(field)
    assert b"0.1 0.2 0.3 rg" in drawn_text
    assert b"/FdTiBo 8 Tf" in drawn_text
    left = float(drawn_text.split(b" Tm")[0].split()[-2])
    assert 225 - 50 < left < 250 - 50


def test_border_background_and_turn_are_kept() -> None:
    look = Dictionary(BC=Array([1, 0, 0]), BG=Array([0.9]), R=90)
    _, field, _open = filled(one(rect=(50, 500, 70, 700), MK=look, BS=Dictionary(W=2)), "Ada")
    assert b"0.9 g" in content(field)
    assert b"1 0 0 RG 2 w" in content(field)
    assert [float(part) for part in field.AP.N.BBox] == [0, 0, 200, 20]
    assert [float(part) for part in field.AP.N.Matrix] == [0, 1, -1, 0, 20, 0]


def test_a_font_that_exists_nowhere_is_not_left_to_whoever_edits() -> None:
    _, field, document = filled(one(DA="/MyriadPro 9 Tf 1 g"), "Ada")
    assert str(field.DA) == "/Helv 9 Tf 1 g"
    assert "/Helv" in document.Root.AcroForm.DR.Font


@pytest.mark.parametrize("states", [("Oui", "Off"), ("1", "Off"), ("Y", "N"), ("7",)])
def test_a_box_takes_the_state_that_the_form_names(states: tuple[str, ...]) -> None:
    document = drawn()
    looks = Dictionary({f"/{state}": document.make_stream(b"") for state in states})
    widget(document, "Btn", (50, 700, 60, 710), "asked", AP=Dictionary(N=document.make_indirect(looks)))
    _, field, _open = filled(saved(document), True)
    assert Name(f"/{states[0]}") == field.V
    assert Name(f"/{states[0]}") == field.AS
    assert not field.AP.N.is_indirect
    assert b" f Q" in field.AP.N[f"/{states[0]}"].read_bytes()
    _, field, _open = filled(saved(document), False)
    assert (Name.Off, Name.Off) == (field.V, field.AS)


def test_one_of_several_buttons_is_marked_and_the_others_are_not() -> None:
    document = drawn()
    kids = [widget(document, "Btn", (50, 700 - 20 * i, 60, 710 - 20 * i), "") for i in range(3)]
    root = document.make_indirect(Dictionary(FT=Name.Btn, T="asked", Ff=1 << 15, Kids=Array(kids), V=Name("/b")))
    for kid, state in zip(kids, "abc", strict=True):
        del kid["/T"]
        del kid["/FT"]
        kid.Parent = root
        kid.AS = Name("/b") if state == "b" else Name.Off
        kid.AP = Dictionary(N=Dictionary({f"/{state}": document.make_stream(b""), "/Off": document.make_stream(b"")}))
    document.Root.AcroForm = Dictionary(Fields=Array([root]))
    result, field, _open = filled(saved(document), "c")
    assert Name("/c") == field.V
    assert [str(kid.AS) for kid in field.Kids] == ["/Off", "/Off", "/c"]
    assert read_again(result) == {"asked": "c"}
    result, field, _open = filled(saved(document), "d")
    assert codes(result) == ["unknown_option"]
    assert Name.Off == field.V


def test_a_choice_stores_its_value_and_shows_its_label() -> None:
    pairs = Array([Array(["de", "Germany"]), Array(["fr", "France"])])
    _, field, _open = filled(one("Ch", Ff=1 << 17, Opt=pairs), "fr")
    assert str(field.V) == "fr"
    assert b"(France)" in content(field)


def test_a_list_shows_what_was_chosen_on_a_ground_of_its_own() -> None:
    pairs = Array([Array([code, code.upper()]) for code in ("de", "fr", "it")])
    _, field, _open = filled(one("Ch", (50, 600, 150, 700), Opt=pairs, Ff=1 << 21), ("de", "it"))
    assert [str(part) for part in field.V] == ["de", "it"]
    assert [int(part) for part in field.I] == [0, 2]
    assert content(field).count(b"re f Q") == 2
    assert content(field).count(b"Tj") == 3


def test_what_a_choice_does_not_offer_is_told() -> None:
    result, field, _open = filled(one("Ch", (50, 600, 150, 700), Opt=Array(["de", "fr"])), "it")
    assert codes(result) == ["unknown_option"]
    assert "/V" not in field


def test_a_typed_signature_becomes_a_text() -> None:
    result, field, _open = filled(one("Sig"), "Ada Lovelace")
    assert Name.Tx == field.FT
    assert read_again(result) == {"asked": "Ada Lovelace"}


def asked_for(layout: Layout, **more: Any) -> tuple[Field, ...]:
    first = layout.fields[0]
    return (
        Field(
            first.number,
            first.kind,
            more.get("data_type", "string"),
            "",
            first.rect,
            first.name,
            **{key: value for key, value in more.items() if key != "data_type"},
        ),
    )


@pytest.mark.parametrize(
    ("value", "wanted", "stored", "told"),
    [
        ("2026-03-09", "MM/DD/YYYY", "03/09/2026", []),
        ("2026-03-09", "D MMM YY", "9 Mar 26", []),
        ("2026-03-09", "dd.mm.yyyy", "09.03.2026", []),
        ("03/09/2026", "MM/DD/YYYY", "03/09/2026", []),
        ("2026-03-09", None, "2026-03-09", []),
        ("next spring", "MM/DD/YYYY", "next spring", ["date_kept_as_text"]),
        ("2026-13-09", "MM/DD/YYYY", "2026-13-09", ["date_kept_as_text"]),
    ],
)
def test_a_date_takes_the_format_of_the_form(value: str, wanted: str | None, stored: str, told: list[str]) -> None:
    pdf = one()
    fields = asked_for(read(pdf), data_type="date", format=wanted)
    result = fill(pdf, fields, {fields[0].number: value})
    assert read_again(result) == {"asked": stored}
    assert codes(result) == told


def test_what_is_longer_than_the_field_is_cut_by_characters_as_read() -> None:
    result, field, _open = filled(one(MaxLen=3), "e\u0301e\u0301e\u0301e\u0301")
    assert str(field.V) == "e\u0301e\u0301e\u0301"
    assert codes(result) == ["cut"]


def test_a_character_that_no_font_draws_is_left_out_and_told() -> None:
    pdf = one()
    layout = read(pdf)
    result = fill(pdf, layout.fields, {1: "Ada 北京"}, fonts=Fonts(()))
    assert codes(result) == ["characters_left_out"]
    assert "fonts-noto" in result.warnings[0].text
    assert read_again(result) == {"asked": "Ada 北京"}


def test_a_form_that_only_its_owner_may_change_is_filled_all_the_same() -> None:
    pdf = form("special/encrypted-owner-only")
    layout = read(pdf)
    result = fill(pdf, layout.fields, {1: "Ada"})
    assert not pikepdf.open(BytesIO(result.pdf)).is_encrypted


@pytest.mark.parametrize("name", ["truncated", "not-a-pdf", "encrypted-user-password", "xfa-dynamic"])
def test_what_cannot_be_opened_is_refused(name: str) -> None:
    for act in (lambda pdf: fill(pdf, (), {}), lambda pdf: fillable(pdf, ())):
        with pytest.raises(UnreadablePdf):
            act(form(f"special/{name}"))


@pytest.mark.parametrize(
    "damage",
    [
        {"MK": 5},
        {"BS": Array([1])},
        {"DA": 7},
        {"Q": Name.Left},
        {"AP": Dictionary(N=4)},
        {"MaxLen": "three"},
        {"F": Name.Print},
        {"Parent": Dictionary(Kids=3)},
        {"MK": Dictionary(BC=Array([Name.A]), R="x")},
    ],
    ids=str,
)
def test_a_damaged_field_is_filled_or_refused_but_never_breaks(damage: dict[str, Any]) -> None:
    pdf = one(**damage)
    fields = (Field(1, "text", "string", "", read(one()).fields[0].rect, "asked"),)
    try:
        assert fill(pdf, fields, {1: "Ada"}).pdf.startswith(b"%PDF")
    except UnreadablePdf as refused:
        assert refused.code == "pdf_corrupt"
