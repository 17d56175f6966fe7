"""Flat pages: what is drawn for a field is found, labelled and read in order."""

import pytest

from forms.documents.papers import drawn, form, right, saved, words
from frontdesk.forms.documents.reading import UNREAD, TextLine, read
from frontdesk.forms.model.field import Field, Layout


def line(x0: float, y: float, x1: float) -> str:
    """Operators that draw a rule."""
    return f"0.7 w {x0} {y} m {x1} {y} l S\n"


def box(x: float, y: float, width: float, height: float) -> str:
    """Operators that draw a frame."""
    return f"0.7 w {x} {y} {width} {height} re S\n"


APPLICATION = (
    words(72, 740, "Stallholder application", 18)
    + words(72, 690, "Trading name")
    + line(150, 688, 420)
    + words(72, 660, "Date of first market")
    + line(180, 658, 320)
    + words(72, 620, "Hot food")
    + box(150, 618, 10, 10)
    + words(165, 620, "Yes")
    + box(210, 618, 10, 10)
    + words(225, 620, "No")
    + words(72, 540, "Signature of applicant")
    + line(190, 538, 420)
)


def by_label(layout: Layout, part: str) -> Field:
    """The one field whose label holds these words."""
    (found,) = [field for field in layout.fields if part.lower() in field.label.lower()]
    return found


@pytest.fixture(scope="module")
def application() -> Layout:
    return read(saved(drawn(APPLICATION)))


def test_lines_with_labels_are_text_fields(application: Layout) -> None:
    name = by_label(application, "Trading name")
    assert name.kind == "text"
    assert name.rect.x == pytest.approx(150, abs=6)
    assert name.rect.w == pytest.approx(270, abs=10)
    assert name.rect.y == pytest.approx(689, abs=5)
    assert 7 < name.rect.h < 30


def test_small_squares_are_boxes_to_tick_and_yes_and_no_are_a_group(application: Layout) -> None:
    ticks = [field for field in application.fields if field.kind == "checkbox"]
    assert [field.label for field in ticks] == ["Hot food: Yes", "Hot food: No"]
    assert ticks[0].group is not None
    assert ticks[0].group == ticks[1].group
    assert ticks[0].rect.x == pytest.approx(150, abs=3)
    assert ticks[0].data_type == "boolean"


def test_labels_tell_signatures_and_dates(application: Layout) -> None:
    assert by_label(application, "Signature").kind == "signature"
    assert by_label(application, "Date of first market").data_type == "date"


def test_fields_are_numbered_as_a_page_is_read(application: Layout) -> None:
    labels = [field.label for field in application.fields]
    assert labels == ["Trading name", "Date of first market", "Hot food: Yes", "Hot food: No", "Signature of applicant"]
    assert [field.id for field in application.fields] == ["f_001", "f_002", "f_003", "f_004", "f_005"]


def test_the_largest_print_is_the_title(application: Layout) -> None:
    assert application.title == "Stallholder application"
    assert application.source_kind == "flat"


def test_cells_under_heads_are_a_table() -> None:
    heads = "".join(words(80 + 110 * column, 606, text) for column, text in enumerate(("Name", "Birth date", "Phone")))
    grid = "".join(line(72, 620 - 22 * row, 402) for row in range(6))
    grid += "".join(f"0.7 w {72 + 110 * column} 510 m {72 + 110 * column} 620 l S\n" for column in range(4))
    cells = [field for field in read(saved(drawn(heads + grid))).fields if field.table]
    assert len(cells) == 12
    assert {(cell.table.row, cell.table.column) for cell in cells if cell.table} == {
        (row, column) for row in range(4) for column in range(3)
    }
    assert {cell.label for cell in cells} == {"Name", "Birth date", "Phone"}


def test_a_page_without_fields_has_none() -> None:
    text = "".join(words(72, 740 - 14 * row, "Plain text that asks nobody for anything at all.") for row in range(30))
    layout = read(saved(drawn(text)))
    assert layout.fields == ()
    assert layout.source_kind == "flat"
    assert read(saved(drawn())).fields == ()


def test_a_turned_page_is_read_as_it_is_shown() -> None:
    turned = read(form("special/rotate90-flat"))
    assert turned.pages[0].rotation == 90
    assert len(turned.fields) >= 8
    upright = {field.label for field in read(form("flat/ff-e5e3527a")).fields}
    assert len({field.label for field in turned.fields} & upright) >= 0.7 * len(upright)


def test_a_cropped_page_keeps_places_in_its_media_box() -> None:
    whole = by_label(read(saved(drawn(APPLICATION))), "Trading name").rect
    document = drawn(APPLICATION)
    document.pages[0].obj.MediaBox = [20, 10, 632, 802]
    document.pages[0].obj.CropBox = [40, 30, 612, 792]
    cut = by_label(read(saved(document)), "Trading name").rect
    assert (cut.x, cut.y) == (pytest.approx(whole.x - 20, abs=2), pytest.approx(whole.y - 10, abs=2))


@pytest.mark.parametrize("name", ["fw9-2024", "f8888-2025", "va-10182", "ff-b8dc2bf7"])
def test_known_forms_are_read_well(name: str) -> None:
    assert right(name, read(form(f"flat/{name}"))) > 0.8


def test_a_scan_is_read_although_it_lies_askew() -> None:
    layout = read(form("scanned/fw9-2018-xfa"))
    assert layout.source_kind == "scanned"
    assert layout.unread
    assert UNREAD in layout.warnings
    assert layout.fields[0].label == "Field 1 on page 1"
    assert not any("x" in field.label for field in layout.fields)
    assert right("fw9-2018-xfa.scanned", layout) > 0.7


def test_recognised_text_labels_a_scan() -> None:
    lines = [TextLine("Business name, if different from above", (60.0, 110.0, 260.0, 119.0), 9.0)]
    layout = read(form("scanned/fw9-2018-xfa"), {0: lines})
    assert 0 not in layout.unread
    assert any("Business name" in field.label for field in layout.fields)


def cells(x: float, y: float, count: int, side: float = 14.4) -> str:
    """Operators that draw a row of touching cells."""
    return "".join(box(x + number * side, y, side, 18) for number in range(count))


class TestWhatASecondLookChanges:
    def test_two_cells_beside_a_row_are_a_comb_of_their_own(self) -> None:
        found = read(form("flat/fw9-2024"))
        combs = [(field.max_length, field.rect.y) for field in found.fields if field.comb]
        assert [length for length, _ in combs] == [3, 2, 4, 2, 7]
        assert right("fw9-2024", found) >= 0.95

    def test_cells_with_strokes_between_are_one_date(self) -> None:
        page = words(72, 440, "Date of birth")
        page += cells(150, 435, 2) + words(184, 440, "/") + cells(193.2, 435, 2) + words(227, 440, "/")
        page += cells(236.4, 435, 4)
        found = read(saved(drawn(APPLICATION + page)))
        date = by_label(found, "Date of birth")
        assert (date.comb, date.max_length, date.data_type) == (True, 10, "date")
        assert date.rect.w == pytest.approx(144, abs=4)

    def test_a_number_with_dashes_has_cells_for_them(self) -> None:
        page = words(72, 440, "Social security number") + cells(190, 435, 3) + words(237, 440, "-")
        page += cells(247.6, 435, 2) + words(280, 440, "-") + cells(290.8, 435, 4)
        found = read(saved(drawn(APPLICATION + page)))
        combs = [field for field in found.fields if field.comb]
        assert sum(field.max_length or 0 for field in combs) == (11 if len(combs) == 1 else 9)
        for comb in combs:
            assert comb.rect.w / (comb.max_length or 1) == pytest.approx(14.4, abs=0.6)

    def test_dots_that_lead_to_the_number_of_a_line_are_no_field(self) -> None:
        page = words(72, 440, "Total additions") + words(150, 440, "." * 60) + words(322, 440, "8.")
        page += box(350, 434, 120, 18)
        found = read(saved(drawn(APPLICATION + page)))
        assert not [field for field in found.fields if field.rect.x < 340 and 430 < field.rect.y < 450]

    def test_a_small_box_around_a_number_is_not_to_be_ticked(self) -> None:
        page = box(72, 430, 12, 12) + words(76, 433, "1", 8) + words(90, 433, "Your first name") + line(180, 430, 420)
        found = read(saved(drawn(APPLICATION + page)))
        assert not [field for field in found.fields if field.kind == "checkbox" and field.rect.y < 500]

    def test_no_text_is_asked_for_where_boxes_below_are(self) -> None:
        page = words(72, 440, "Please mark the filing status below:")
        page += box(80, 418, 10, 10) + words(96, 420, "Single") + box(80, 400, 10, 10) + words(96, 402, "Married")
        found = read(saved(drawn(APPLICATION + page)))
        below = [field for field in found.fields if field.rect.y < 500]
        assert [field.kind for field in below] == ["checkbox", "checkbox"]
