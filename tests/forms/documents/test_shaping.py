"""Text becomes glyphs of the right fonts, in the right direction."""

import random

import pytest
from bidi import get_display

from frontdesk.forms.documents.fonts import Fonts, installed, lacking
from frontdesk.forms.documents.fonts_faces import COURIER, HELVETICA, TIMES_BOLD, LoadedFace, standard_for
from frontdesk.forms.documents.shaping import Line, Shaper, graphemes, western
from frontdesk.forms.documents.shaping_directions import Piece, is_rtl, levels, visual

LETTERS = "אבגabc12  ()[].,-/:ع٣"


def line_of(text: str, language: str = "") -> Line:
    return Shaper(installed(), language).line(text, HELVETICA)


def files(line: Line) -> list[str]:
    """Which fonts draw a line, from left to right."""
    return [run.face.file.path.name if isinstance(run.face, LoadedFace) else run.face.name for run in line.runs]


def test_western_text_needs_no_font_file() -> None:
    line = line_of("Zoë O’Brien, 5 €")
    assert files(line) == ["Helvetica"]
    assert line.width == pytest.approx(7.45, abs=0.6)


def test_what_no_standard_font_knows_needs_one() -> None:
    assert western("Zoë") is not None
    for text in ("Łódź", "a\x81b", "tab\tbed", "\x00"):
        assert western(text) is None


def test_a_word_is_drawn_by_one_font() -> None:
    assert files(line_of("Łódź and Kraków")) == ["NotoSans[wdth,wght].ttf"]


@pytest.mark.parametrize(
    ("text", "language", "index"),
    [
        ("北京大学", "", 2),
        ("臺灣", "", 3),
        ("漢字かな", "", 0),
        ("한국", "", 1),
        ("大学", "ja-JP", 0),
        ("大学", "zh-TW", 3),
    ],
)
def test_han_characters_take_the_shapes_of_their_language(text: str, language: str, index: int) -> None:
    (run,) = line_of(text, language).runs
    assert isinstance(run.face, LoadedFace)
    assert run.face.file.index == index


def test_every_script_that_is_promised_has_a_font() -> None:
    assert lacking(installed()) == ()
    assert len(lacking(Fonts(()))) == 10


def test_what_no_font_draws_is_remembered_and_left_out() -> None:
    shaper = Shaper(Fonts(()))
    line = shaper.line("Ada 北", HELVETICA)
    assert shaper.missing == {"北"}
    assert "".join(run.text for run in line.runs) == "Ada "


@pytest.mark.parametrize("name", ["HelveticaLTStd-Bold", "ArialMT", "Helv", "CourierNewPSMT", "TimesNewRomanPS-BoldMT"])
def test_a_font_that_a_form_names_becomes_its_nearest(name: str) -> None:
    wanted = {"H": "Helvetica", "A": "Helvetica", "C": "Courier", "T": "Times-Bold"}[name[0]]
    assert standard_for(name).name == ("Helvetica-Bold" if name.endswith("Std-Bold") else wanted)


def test_widths_are_those_of_the_standard_fonts() -> None:
    widths = {face.name: face.widths[ord("W") - 32] for face in (HELVETICA, TIMES_BOLD, COURIER)}
    assert widths == {"Helvetica": 944, "Times-Bold": 1000, "Courier": 600}
    assert all(len(face.widths) == 224 for face in (HELVETICA, TIMES_BOLD, COURIER))


def test_arabic_letters_join_and_run_from_right_to_left() -> None:
    (run,) = line_of("محمد").runs
    assert run.rtl
    assert "".join(glyph.text for glyph in run.glyphs) == "محمد"[::-1]
    (alone,) = line_of("م").runs
    assert run.glyphs[-1].parts != alone.glyphs[0].parts


def test_a_cluster_of_several_glyphs_is_one() -> None:
    (run,) = line_of("क्षेत्र").runs
    assert "".join(glyph.text for glyph in run.glyphs) == "क्षेत्र"
    assert all(glyph.text for glyph in run.glyphs)


def test_directions_are_those_of_the_library_that_knows_brackets_too() -> None:
    chance = random.Random(7)
    for _ in range(1500):
        text = "".join(chance.choice(LETTERS) for _ in range(chance.randint(1, 14))).strip()
        rtl = is_rtl(text)
        pieces = [Piece(level, None, char) for level, char in zip(levels(text, rtl=rtl), text, strict=True)]
        assert "".join(piece.text for piece in visual(pieces)) == get_display(text, base_dir="R" if rtl else "L"), text


def test_brackets_of_a_standard_font_are_mirrored() -> None:
    line = Shaper(Fonts(installed().packaged)).line("(שלום)", HELVETICA)
    assert [run.text for run in line.runs if not isinstance(run.face, LoadedFace)] in ([], ["(", ")"])


@pytest.mark.parametrize("mark", ["\u200f", "\u202b", "\u2067", "\u200b"])
def test_marks_of_direction_are_not_drawn_and_not_missed(mark: str) -> None:
    shaper = Shaper(installed())
    shaper.line(f"Ł{mark}שלום", HELVETICA)
    assert shaper.missing == set()


def test_what_a_reader_takes_for_one_character_stays_together() -> None:
    assert graphemes("ab") == ["a", "b"]
    assert graphemes("e\u0301क्षि") in (["e\u0301", "क्षि"], ["e\u0301", "क्", "षि"])
