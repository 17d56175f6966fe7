"""The same blank is known again however it was saved and whatever is in it; another one is not."""

import io
import warnings
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from forms.documents.papers import form
from frontdesk.forms.documents.filling import fill
from frontdesk.forms.documents.fingerprint import fingerprint, with_values
from frontdesk.forms.documents.opening import UnreadablePdf
from frontdesk.forms.documents.reading import read

BLANKS = ("acroform/fw9-2024", "acroform/comb-textfields", "flat/ff-9dda7eb4", "scanned/ff-9dda7eb4")


def again(content: bytes, change: Callable[[pikepdf.Pdf], None] | None = None, **how: object) -> bytes:
    """The document written anew."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        if change:
            change(document)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of widgets that the form does not list: they are the blank's
            document.save(out, **how)
    return out.getvalue()


def described(document: pikepdf.Pdf) -> None:
    document.docinfo["/Producer"] = "another program"
    document.docinfo["/ModDate"] = "D:20261103120000Z"
    document.Root.Metadata = document.make_stream(b"<x/>")
    for page in document.pages:
        page.obj.LastModified = String("D:20261103120000Z")


@pytest.mark.parametrize("name", BLANKS)
def test_a_blank_that_was_saved_again_is_the_same(name: str) -> None:
    content = form(name)
    for how in (
        {"linearize": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate, "recompress_flate": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.disable, "stream_decode_level": pikepdf.StreamDecodeLevel.none},
    ):
        other = again(content, described, **how)
        assert other != content
        assert fingerprint(other) == fingerprint(content)


def test_values_are_no_part_of_a_blank_and_are_read_from_each_document() -> None:
    content = form("acroform/comb-textfields")
    layout = read(content)
    text = next(field for field in layout.fields if field.kind == "text")
    one, other = (fill(content, layout.fields, {text.number: word}).pdf for word in ("Ada", "Bea"))
    assert fingerprint(one) == fingerprint(other) == fingerprint(content)
    first = read(one)
    assert with_values(other, first) == read(other)
    assert [field.value for field in with_values(other, first).fields if field.value] == ["Bea"]


def test_ticks_are_values_too() -> None:
    content = form("acroform/fw9-2024")
    layout = read(content)
    boxes = [field.number for field in layout.fields if field.kind == "checkbox"][:2]
    one, other = (fill(content, layout.fields, {number: True}).pdf for number in boxes)
    assert fingerprint(one) == fingerprint(other)
    assert with_values(other, read(one)) == read(other)


def test_fields_without_names_keep_their_own_values() -> None:
    def unnamed(values: tuple[str, ...]) -> bytes:
        document = pikepdf.new()
        document.add_blank_page()
        places = [
            document.make_indirect(
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Widget,
                    FT=Name.Tx,
                    V=String(value),
                    Rect=Array([72, 700 - 40 * row, 300, 720 - 40 * row]),
                )
            )
            for row, value in enumerate(values)
        ]
        document.pages[0].Annots = Array(places)
        document.Root.AcroForm = Dictionary(Fields=Array(places))
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    one, other = unnamed(("a", "b", "c")), unnamed(("", "x", "y"))
    assert fingerprint(one) == fingerprint(other)
    assert [field.value for field in with_values(other, read(one)).fields] == [None, "x", "y"]


def other_words(document: pikepdf.Pdf) -> None:
    document.pages[0].contents_add(b"BT /F1 9 Tf 72 20 Td (Rev. 2) Tj ET")


def larger(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.MediaBox = Array([0, 0, 700, 900])


def one_page_more(document: pikepdf.Pdf) -> None:
    document.pages.append(document.pages[0])


@pytest.mark.parametrize("change", [other_words, larger, one_page_more])
@pytest.mark.parametrize("name", BLANKS)
def test_another_blank_is_another(name: str, change: Callable[[pikepdf.Pdf], None]) -> None:
    assert fingerprint(again(form(name), change)) != fingerprint(form(name))


def test_a_field_that_is_called_or_placed_otherwise_makes_another_blank() -> None:
    def renamed(document: pikepdf.Pdf) -> None:
        document.pages[0].Annots[0].T = String("another")

    def moved(document: pikepdf.Pdf) -> None:
        document.pages[0].Annots[0].Rect = Array([10, 10, 90, 30])

    content = form("acroform/comb-textfields")
    for change in (renamed, moved):
        assert fingerprint(again(content, change)) != fingerprint(content)


def test_forms_of_the_fixtures_all_differ() -> None:
    assert len({fingerprint(form(name)) for name in BLANKS}) == len(BLANKS)


def test_what_cannot_be_opened_is_refused() -> None:
    with pytest.raises(UnreadablePdf):
        fingerprint(b"GIF89a")
