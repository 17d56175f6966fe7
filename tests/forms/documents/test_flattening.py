"""What is in the fields becomes part of the page, in its place and turned as it was."""

from io import BytesIO

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from forms.documents.papers import drawn, form, saved, widget
from frontdesk.forms.documents.filling import fill
from frontdesk.forms.documents.pictures import picture
from frontdesk.forms.documents.reading import UnreadablePdf, read
from viewers import pdfium


def test_links_stay_and_fields_go() -> None:
    document = drawn()
    widget(document, "Tx", (50, 700, 250, 720), "asked")
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 10, 10]))
    document.pages[0].obj.Annots.append(document.make_indirect(link))
    pdf = saved(document)
    flat = pikepdf.open(BytesIO(fill(pdf, read(pdf).fields, {1: "Ada"}, flatten=True).pdf))
    assert [str(each.Subtype) for each in flat.pages[0].obj.Annots] == ["/Link"]
    assert "/AcroForm" not in flat.Root


def test_what_is_hidden_and_buttons_for_the_screen_are_not_drawn() -> None:
    document = drawn()
    shown = Dictionary(N=document.make_stream(b"0 0 100 100 re f", BBox=Array([0, 0, 100, 100])))
    widget(document, "Tx", (50, 700, 250, 720), "hidden", F=2, AP=shown)
    widget(document, "Btn", (50, 600, 250, 620), "button", F=0, Ff=1 << 16, AP=shown)
    pdf = saved(document)
    (page,) = pdfium(fill(pdf, (), {}, flatten=True).pdf, [0]).values()
    assert page.min() == 255


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_field_looks_the_same_when_it_is_flat(turn: int) -> None:
    document = drawn()
    widget(document, "Tx", (50, 600, 90, 720), "asked", MK=Dictionary(R=turn, BC=Array([0])), DA="/Helv 9 Tf 0 g")
    pdf = saved(document)
    fields = read(pdf).fields
    (before,) = pdfium(fill(pdf, fields, {1: "Ada L."}).pdf, [0]).values()
    (after,) = pdfium(fill(pdf, fields, {1: "Ada L."}, flatten=True).pdf, [0]).values()
    assert before.min() < 100
    assert np.abs(before.astype(int) - after.astype(int)).max() < 120


def test_a_page_that_moves_its_coordinates_does_not_move_the_fields() -> None:
    document = drawn("2 0 0 2 100 100 cm 0 g")
    widget(document, "Tx", (50, 700, 250, 720), "asked")
    pdf = saved(document)
    (page,) = pdfium(fill(pdf, read(pdf).fields, {1: "Ada"}, flatten=True).pdf, [0]).values()
    dark = np.argwhere(page < 128) / 1.5
    assert dark.size > 0
    assert 792 - 720 <= dark[:, 0].min() <= dark[:, 0].max() <= 792 - 700


def test_a_form_that_was_flattened_is_filled_again_without_a_clash_of_fonts() -> None:
    pdf = form("acroform/fw9-2018-xfa")
    fields = read(pdf).fields
    once = fill(pdf, fields, {1: "Łukasz"}, flatten=True).pdf
    document = pikepdf.open(BytesIO(once))
    widget(document, "Tx", (50, 700, 250, 720), "again")
    pdf = saved(document)
    twice = fill(pdf, read(pdf).fields, {1: "Ωμέγα"}, flatten=True).pdf
    (first,), (second,) = pdfium(once, [0]).values(), pdfium(twice, [0]).values()
    assert ((second < 128).sum() - (first < 128).sum()) > 20
    assert ((first < 128) & (second > 200)).sum() == 0


def test_a_picture_shows_what_is_in_the_fields() -> None:
    pdf = form("acroform/fw9-2024")
    fields = read(pdf).fields
    blank, filled = picture(pdf, 0, 320), picture(fill(pdf, fields, {1: "Ada Lovelace"}).pdf, 0, 320)
    assert blank.startswith(b"\x89PNG")
    assert blank != filled


def test_a_picture_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError):
        picture(form("acroform/fw9-2024"), 6, 320)
    with pytest.raises(UnreadablePdf):
        picture(b"%PDF-1.7 and nothing else", 0, 320)
