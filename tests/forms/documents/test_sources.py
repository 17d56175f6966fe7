"""Supporting material: what every kind of file says, and which files are refused, by name."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date

import pikepdf
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

import hostile_files as hostile
from frontdesk.forms.documents import sources, sources_limits
from frontdesk.forms.documents.sources import Read, passages, read, recognised
from frontdesk.forms.documents.sources_limits import UnreadableSource
from frontdesk.ports.interpreter import Passage


def keyed(found: tuple[Passage, ...]) -> list[tuple[str | None, str]]:
    return [(passage.key, passage.text) for passage in found]


def refused(content: bytes, name: str = "file", mime_type: str = "") -> str:
    with pytest.raises(UnreadableSource) as caught:
        read(content, name, mime_type)
    assert name in caught.value.message
    return caught.value.code


def written(fill: Callable[[Workbook], None]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    fill(book)
    book.save(out)
    return out.getvalue()


def word(fill: Callable[..., None]) -> bytes:
    document, out = Document(), io.BytesIO()
    fill(document)
    document.save(out)
    return out.getvalue()


def package(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


class TestText:
    def test_text_is_one_passage_with_its_source(self) -> None:
        found = passages(b"My EIN is 12-3456789.\nI am an LLC.", "context.txt", "text/plain")
        assert found == (Passage("My EIN is 12-3456789.\nI am an LLC.", "context.txt"),)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_the_usual_encodings_are_read(self, encoding: str) -> None:
        assert passages("Straße, café".encode(encoding), "a.txt")[0].text == "Straße, café"

    def test_long_text_comes_in_pieces(self) -> None:
        found = passages(("a line of text\n" * 5000).encode(), "a.txt")
        assert len(found) > 5
        assert max(len(passage.text) for passage in found) < 10_000

    def test_bytes_that_are_no_text_are_refused(self) -> None:
        assert refused(b"\x00\x01\x02\x03" * 50, "context") == "unsupported_file"


class TestJson:
    def test_every_value_has_its_path(self) -> None:
        told = {
            "owner": {"name": "Ada", "city": None},
            "children": [{"name": "Tim"}, {"name": "Eva"}],
            "llc": True,
            "age": 7,
        }
        assert keyed(passages(json.dumps(told).encode(), "context")) == [
            ("owner.name", "Ada"),
            ("children.1.name", "Tim"),
            ("children.2.name", "Eva"),
            ("llc", "yes"),
            ("age", "7"),
        ]

    def test_what_is_called_json_and_is_none_is_refused(self) -> None:
        assert refused(b'{"a": ', "a.json") == "corrupt"
        assert passages(b"[sic] a note", "note.txt")[0].key is None

    @pytest.mark.parametrize(
        "told",
        [
            pytest.param('{"a":' * 60 + "1" + "}" * 60, id="levels"),
            pytest.param("[" + "1," * 30_000 + "1]", id="many"),
        ],
    )
    def test_more_than_a_form_needs_is_refused(self, told: str) -> None:
        assert refused(told.encode(), "a.json") == "too_large"

    def test_levels_beyond_the_reader_are_refused(self) -> None:
        assert refused(b"[" * 100_000, "a.json") == "corrupt"


class TestTables:
    def test_a_row_stands_under_its_header(self) -> None:
        found = passages(b"EIN;Business name;City\n12-3456789;Blue Door;Portland\n", "rows.csv")
        assert keyed(found) == [("EIN", "12-3456789"), ("Business name", "Blue Door"), ("City", "Portland")]

    def test_two_columns_are_names_and_values(self) -> None:
        found = passages(b"Business name,Blue Door\nCity,Portland\nEIN,12-3456789\n", "rows.csv")
        assert keyed(found) == [("Business name", "Blue Door"), ("City", "Portland"), ("EIN", "12-3456789")]

    def test_two_columns_with_a_header_are_rows(self) -> None:
        assert keyed(passages(b"name,email\nAda,ada@example.org\n", "a.csv"))[1] == ("email", "ada@example.org")

    def test_a_bare_name_is_read_by_its_bytes(self) -> None:
        found = passages(b"EIN\tCity\n12-3456789\tPortland\n", "context", "application/octet-stream")
        assert keyed(found) == [("EIN", "12-3456789"), ("City", "Portland")]

    def test_a_spreadsheet_is_read_with_its_dates_and_numbers(self) -> None:
        def fill(book: Workbook) -> None:
            sheet = book.active
            assert sheet is not None
            sheet.append(["Name", "Born", "Account", "Amount", "LLC"])
            sheet.append(["Ada", date(1980, 5, 3), 4455667788, 12.5, True])

        assert keyed(passages(written(fill), "a.xlsx")) == [
            ("Name", "Ada"), ("Born", "1980-05-03"), ("Account", "4455667788"), ("Amount", "12.5"), ("LLC", "yes"),
        ]  # fmt: skip

    def test_a_huge_sheet_is_read_as_far_as_a_form_needs(self) -> None:
        rows = "a,b,c\n" + "1,2,3\n" * 50_000
        assert len(passages(rows.encode(), "a.csv")) <= 3 * sources_limits.MOST_ROWS


class TestWord:
    def test_paragraphs_and_tables_are_read(self) -> None:
        def fill(document: "Document") -> None:  # type: ignore[valid-type]
            document.add_paragraph("Business name: Blue Door")  # type: ignore[attr-defined]
            table = document.add_table(rows=2, cols=2)  # type: ignore[attr-defined]
            for row, (name, value) in zip(table.rows, (("EIN", "12-3456789"), ("City", "Portland")), strict=True):
                row.cells[0].text, row.cells[1].text = name, value

        found = passages(word(fill), "letter.docx")
        assert keyed(found) == [(None, "Business name: Blue Door"), ("EIN", "12-3456789"), ("City", "Portland")]


class TestPdf:
    def test_text_comes_page_by_page_and_pictures_wait(self) -> None:
        content = hostile.saved(hostile.document(2))
        found = read(content, "scan.pdf")
        assert found == Read((), (0, 1))

    def test_what_was_filled_in_is_found_under_its_name(self) -> None:
        made = hostile.document()
        widget = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="ein",
            TU="Employer identification number",
            V="12-3456789",
            Rect=[0, 0, 100, 20],
        )
        placed = made.make_indirect(widget)
        made.pages[0].Annots = made.make_indirect(pikepdf.Array([placed]))
        made.Root.AcroForm = pikepdf.Dictionary(Fields=[placed])
        found = read(hostile.saved(made), "old.pdf").passages
        assert found == (Passage("12-3456789", "old.pdf", "Employer identification number", 0),)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            pytest.param(b"%PDF-1.7\n" + b"garbage\n" * 300, "corrupt", id="garbage"),
            pytest.param(hostile.encrypted(), "encrypted", id="password"),
            pytest.param(hostile.saved(hostile.document(120)), "too_large", id="pages"),
        ],
    )
    def test_a_pdf_that_cannot_be_read_is_refused(self, content: bytes, code: str) -> None:
        assert refused(content, "a.pdf") == code


class TestPictures:
    def test_a_picture_waits_for_recognised_text(self) -> None:
        assert read(hostile.picture(), "photo.jpg") == Read((), (0,), "image/jpeg")
        assert read(hostile.picture(kind="PNG"), "photo.txt") == Read((), (0,), "image/png")

    def test_recognised_lines_become_passages(self) -> None:
        assert recognised("photo.jpg", [(0, ["EIN 12-3456789", "LLC"]), (1, [])]) == (
            Passage("EIN 12-3456789\nLLC", "photo.jpg", None, 0),
        )

    @pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
    def test_other_pictures_are_refused(self, kind: str) -> None:
        out = io.BytesIO()
        Image.new("RGB", (20, 20)).save(out, kind)
        assert refused(out.getvalue(), "photo") == "unsupported_file"


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b" \n ", "empty", id="blanks"),
        pytest.param(b"x" * (10 * 1024 * 1024 + 1), "too_large", id="above 10 MB"),
        pytest.param(package(a_xml=b"<a/>"), "unsupported_file", id="an archive"),
        pytest.param(package(word__document_xml=BOMB), "unsafe", id="entities in a Word file"),
        pytest.param(package(xl__workbook_xml=OUTSIDE), "unsafe", id="external entities in a spreadsheet"),
        pytest.param(package(word__document_xml=BOMB.decode().encode("utf-16")), "unsafe", id="entities in UTF-16"),
        pytest.param(package(xl__workbook_xml=b"<a>" + b" " * (70 << 20) + b"</a>"), "unsafe", id="zip bomb"),
        pytest.param(package(**{f"n{number}_xml": b"<a/>" for number in range(2500)}), "unsafe", id="many parts"),
        pytest.param(package(word__document_xml=b"<a"), "corrupt", id="broken XML"),
        pytest.param(package(word__document_xml=b"<a/>"), "corrupt", id="no real Word file"),
        pytest.param(package(xl__workbook_xml=b"<a/>"), "corrupt", id="no real spreadsheet"),
        pytest.param(package(a_xml=b"<a/>" * 9)[:-30], "corrupt", id="a cut archive"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "unsupported_file", id="an old Word file"),
    ],
)
def test_a_file_that_will_never_be_read_is_refused_by_name(content: bytes, code: str) -> None:
    assert refused(content, "material") == code


def test_a_word_file_with_a_damaged_picture_is_refused_as_damaged() -> None:
    content = bytearray(WHOLE["docx"])
    inside = content.index(b"docProps/thumbnail.jpeg") + 200  # past the part's own head, in its packed bytes
    content[inside] ^= 0xFF
    assert refused(bytes(content), "letter.docx") == "corrupt"


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["docx", "xlsx", "pdf", "json", "csv"]), st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(kind: str, seed: int, times: int) -> None:
    content = bytearray(WHOLE[kind])
    for number in range(times):
        place = (seed * 2_654_435_761 + number * 40_503) % len(content)
        content[place] = (seed >> (number % 24)) & 0xFF
    try:
        found = sources.read(bytes(content), f"a.{kind}")
    except UnreadableSource as refusal:
        assert refusal.code in ("empty", "too_large", "unsupported_file", "corrupt", "encrypted", "unsafe")
    else:
        assert all(isinstance(passage.text, str) for passage in found.passages)


def _sheet(book: Workbook) -> None:
    sheet = book.active
    assert sheet is not None
    sheet.append(["EIN", "City"])
    sheet.append(["12-3456789", "Portland"])


WHOLE = {
    "docx": word(lambda document: document.add_paragraph("EIN: 12-3456789")),
    "xlsx": written(_sheet),
    "pdf": hostile.saved(hostile.document(2)),
    "json": b'{"ein": "12-3456789", "names": ["a", "b"]}',
    "csv": b"EIN,City\n12-3456789,Portland\n",
}
