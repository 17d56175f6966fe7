"""Text fits into its place: by its size, then by its lines, then by its length."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.forms.documents.appearance_text import CENTRE, LEAST_SIZE, RIGHT, Box, Setting, set_text
from frontdesk.forms.documents.fonts import installed
from frontdesk.forms.documents.fonts_faces import HELVETICA, StandardFace
from frontdesk.forms.documents.shaping import Line, Shaper


class Counting(Shaper):
    """Counts the characters that it shapes."""

    shaped = 0

    def line(self, text: str, standard: StandardFace, *, rtl: bool | None = None) -> Line:
        self.shaped += len(text)
        return super().line(text, standard, rtl=rtl)


BOX = Box(200, 16, HELVETICA)
LONG = "The quick brown fox jumps over the lazy dog and goes on until nobody can follow it any more."


def placed(text: str, box: Box) -> Setting:
    return set_text(text, box, Shaper(installed()))


def texts(setting: Setting) -> list[str]:
    return [each.line.text for each in setting.lines]


def test_a_size_that_is_open_follows_the_height() -> None:
    sizes = [placed("Ada", replace(BOX, height=height)).size for height in (8, 12, 40)]
    assert sizes[0] < sizes[1] < sizes[2] == 12


def test_the_forms_size_is_kept_when_it_fits() -> None:
    setting = placed("Ada", replace(BOX, size=9))
    assert (setting.size, setting.shrunk, setting.cut) == (9, False, False)


def test_a_long_text_is_made_smaller() -> None:
    setting = placed("A text that is a little too long for its own place", replace(BOX, size=10))
    assert LEAST_SIZE <= setting.size < 10
    assert (setting.shrunk, setting.cut, len(setting.lines)) == (True, False, 1)


def test_a_longer_one_is_wrapped() -> None:
    setting = placed(LONG, replace(BOX, size=10, height=20))
    assert setting.size == LEAST_SIZE
    assert (setting.shrunk, setting.cut, len(setting.lines)) == (True, False, 2)
    assert " ".join(texts(setting)) == LONG


def test_what_does_not_fit_at_all_is_cut() -> None:
    setting = placed(LONG, replace(BOX, size=10, height=8))
    assert (setting.cut, len(setting.lines)) == (True, 1)
    assert LONG.startswith(texts(setting)[0])
    assert setting.lines[0].line.width * setting.size > 0.9 * BOX.room


def test_a_size_below_the_least_that_the_form_wants_is_kept() -> None:
    assert placed("Ada", replace(BOX, size=4)).size == 4


@pytest.mark.parametrize(("quadding", "share"), [(0, 0.0), (CENTRE, 0.5), (RIGHT, 1.0)])
def test_alignment_is_as_in_the_form(quadding: int, share: float) -> None:
    setting = placed("Ada", replace(BOX, size=10, quadding=quadding))
    free = BOX.room - setting.lines[0].line.width * 10
    assert setting.lines[0].x == pytest.approx(BOX.padding + share * free)


def test_what_is_read_from_the_right_begins_there() -> None:
    setting = placed("שלום", BOX)
    assert setting.lines[0].x + setting.lines[0].line.width * setting.size == pytest.approx(198)


def test_paragraphs_and_words_are_kept() -> None:
    setting = placed(f"First.\n{LONG}", replace(BOX, height=120, multiline=True, size=10))
    assert texts(setting)[0] == "First."
    assert " ".join(texts(setting)[1:]) == LONG
    assert all(each.line.width * 10 <= BOX.room for each in setting.lines)
    heights = [each.y for each in setting.lines]
    assert heights == sorted(heights, reverse=True)


def test_scripts_without_spaces_are_wrapped_too() -> None:
    text = "北京市朝阳区建国门外大街一号国贸大厦二十八层"
    setting = placed(text, replace(BOX, width=100, height=100, multiline=True, size=12))
    assert "".join(texts(setting)) == text
    assert len(setting.lines) >= 3


def test_each_character_of_a_comb_stands_in_the_middle_of_its_cell() -> None:
    setting = placed("1WI", replace(BOX, cells=10, size=10))
    middles = [each.x + each.line.width * 5 for each in setting.lines]
    assert middles == pytest.approx([10, 30, 50])
    assert setting.whole == "1WI"


def test_a_comb_that_is_aligned_right_ends_in_its_last_cell() -> None:
    setting = placed("12", replace(BOX, cells=10, size=10, quadding=RIGHT))
    assert setting.lines[-1].x + setting.lines[-1].line.width * 5 == pytest.approx(190)


def test_a_comb_takes_no_more_than_it_has_cells() -> None:
    setting = placed("12345", replace(BOX, cells=3))
    assert (setting.whole, setting.cut) == ("123", True)


@pytest.mark.parametrize("part", ["word ", "x", "北京", "السيد ", "กรุงเทพ"])
def test_a_text_without_end_is_cut_without_being_shaped_to_its_end(part: str) -> None:
    shaper = Counting(installed())
    setting = set_text("begin " + part * 100_000, replace(BOX, height=60, multiline=True, size=10), shaper)
    assert setting.cut
    assert len(setting.lines) > 3
    assert shaper.shaped < 50_000


@settings(deadline=None)  # The first text of a script opens its font.
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=80),
    st.floats(1, 400),
    st.floats(1, 200),
    st.sampled_from([0.0, 4.0, 10.0, 30.0]),
    st.booleans(),
)
def test_every_text_finds_a_place(text: str, width: float, height: float, size: float, multiline: bool) -> None:
    setting = placed(text, Box(width, height, HELVETICA, size, multiline=multiline))
    assert 0 < setting.size <= max(size, 12.0)
    if not setting.cut and width > 20:
        assert all(each.line.width * setting.size <= width + 0.5 for each in setting.lines)
