"""Lines that were recognised on a turned picture come back to where they lie on the page."""

import math

import pytest

from forms.documents.papers import form
from frontdesk.forms.documents import works
from frontdesk.forms.documents.recognised import lines_on
from frontdesk.forms.model.field import PageSize
from frontdesk.ports.ocr import Line, Page

SIZE = PageSize(612, 792)
LABEL = "Business name, if different from above"
BOX = (100.0, 200.0, 220.0, 212.0)


def page(
    turned: float,
    size: tuple[float, float] = (612, 792),
    score: float = 0.9,
    text: str = "Full  name",
    box: tuple[float, float, float, float] = BOX,
) -> Page:
    """A page at two pixels a point, as a reader has it that made it upright by turning it clockwise."""
    turn = math.radians(turned)
    cosine, sine = math.cos(turn), math.sin(turn)
    wide = 2 * (size[1] * abs(sine) + size[0] * abs(cosine))
    high = 2 * (size[1] * abs(cosine) + size[0] * abs(sine))
    quad: list[float] = []
    corners = [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]
    # The reader begins with the upper left corner of the upright page.
    first = -round(turned / 90) % 4
    for x, y in corners[first:] + corners[:first]:
        across, down = 2 * (x - size[0] / 2), 2 * (y - size[1] / 2)
        quad += [wide / 2 + across * cosine - down * sine, high / 2 + across * sine + down * cosine]
    return Page(1, round(wide), round(high), turned, (Line(text, score, "", 0.0, tuple(quad)),), (), ())


@pytest.mark.parametrize("turned", [0.0, 0.6, 90.0, 180.0, 270.0, 359.4])
def test_a_line_keeps_its_place_however_the_page_was_turned(turned: float) -> None:
    (line,) = lines_on(page(turned), SIZE)
    assert line.text == "Full name"
    assert line.box == pytest.approx(BOX, abs=2.5)


def test_a_page_shown_on_its_side_is_measured_as_it_is_shown() -> None:
    (line,) = lines_on(page(0.0, (792, 612)), PageSize(612, 792, 90))
    assert line.box == pytest.approx(BOX, abs=0.5)


def test_what_the_reader_doubts_is_left_out() -> None:
    assert lines_on(page(0.0, score=0.2), SIZE) == ()


@pytest.mark.parametrize("turned", [0.0, 180.0, 359.4])
def test_a_scan_is_labelled_wherever_the_reader_turned_it(turned: float) -> None:
    printed = (60.0, 110.0, 260.0, 119.0)
    recognised = page(turned, text=LABEL, box=printed)
    layout = works.read(form("scanned/fw9-2018-xfa"), {0: (recognised, SIZE)})
    assert any("Business name" in field.label for field in layout.fields)
