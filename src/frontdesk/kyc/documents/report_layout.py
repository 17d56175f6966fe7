"""A report as PDF: A4, one font for each script, tables that go on over pages. Runs in the sandbox's child."""

from datetime import datetime
from io import BytesIO
from typing import Any

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TextMode, XPos, YPos
from fpdf.fonts import FontFace

from frontdesk.kyc.documents import report_fonts
from frontdesk.kyc.documents.report_blocks import Block, Grid, Heading, Pairs, Paragraph, Pictures, Report

_MARGIN, _WIDTH = 18.0, 174.0
_INK, _QUIET, _ACCENT, _LINE, _SHADE = (28, 32, 38), (100, 108, 118), (24, 66, 110), (205, 211, 218), (243, 245, 248)
_TONES = {"plain": _INK, "quiet": _QUIET, "good": (22, 108, 60), "bad": (165, 38, 30), "open": (146, 92, 8)}
_LONGEST_CELL = 1500
_PICTURE_HEIGHT, _GAP = 105.0, 6.0


def drawn(report: Report) -> bytes:
    """The PDF."""
    return _Page(report).drawn()


class _Page(FPDF):
    def __init__(self, report: Report) -> None:
        super().__init__(format="A4")
        self._report = report
        self._fonts = report_fonts.needed("".join(_texts(report)))
        for name, path, number in self._fonts:
            ranges = report_fonts.MAIN_RANGES if name == report_fonts.MAIN else None
            self.add_font(name, "", path, collection_font_number=number, unicode_range=ranges)
        self.set_text_shaping(True)
        self.set_fallback_fonts([name for name, _, _ in self._fonts[1:]], exact_match=False)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, 20)
        self.set_title(self._legible(report.title))
        self.set_lang("en")
        self.set_creator("Frontdesk")
        self.set_creation_date(datetime.fromisoformat(report.made_at))

    def drawn(self) -> bytes:
        self.add_page()
        self._write_title()
        for number, block in enumerate(self._report.blocks):
            following = self._report.blocks[number + 1 : number + 2]
            self._write(block, following[0] if following else None)
        return bytes(self.output())

    def footer(self) -> None:
        """On every page."""
        self.set_y(-14)
        self._pen(7.5, _QUIET)
        self.cell(_WIDTH * 0.8, 5, self._legible(self._report.footer))
        self.cell(_WIDTH * 0.2, 5, f"page {self.page_no()} of {{nb}}", align="R")

    def _write_title(self) -> None:
        report = self._report
        self._strong(19, _ACCENT, report.title, 9)
        if report.subtitle:
            self._pen(11, _QUIET)
            self._text(report.subtitle, 6)
        self.ln(2)
        self._pen(11, (255, 255, 255))
        self.set_fill_color(*_TONES[report.badge_tone])
        badge = self._legible(report.badge)
        self.cell(self.get_string_width(badge) + 8, 8, badge, fill=True, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_fill_color(255, 255, 255)  # tables fill their cells with whatever was the last
        self.ln(3)

    def _write(self, block: Block, following: Block | None) -> None:
        match block:
            case Heading():
                self._write_heading(block, following)
            case Paragraph():
                self._pen(9.5, _TONES[block.tone])
                self._text(block.text, 4.8)
                self.ln(1.5)
            case Pairs():
                self._write_rows(Grid((), block.rows, (4, 11)), label_first=True)
            case Grid():
                self._write_rows(block, label_first=False)
            case Pictures():
                self._write_pictures(block)

    def _write_heading(self, block: Heading, following: Block | None) -> None:
        # A heading alone at the foot of a page would belong to nothing.
        room = 60.0 if isinstance(following, Pictures) else 54.0 if isinstance(following, Heading) else 32.0
        if self.will_page_break(room):
            self.add_page()
        self.ln(2 if block.is_part else 5)
        if block.is_part:
            self._strong(10.5, _INK, block.text, 5.6)
        else:
            self._strong(13, _ACCENT, block.text, 7)
            self.set_draw_color(*_ACCENT)
            self.set_line_width(0.35)
            self.line(_MARGIN, self.get_y(), _MARGIN + _WIDTH, self.get_y())
        self.ln(1.8)

    def _write_rows(self, grid: Grid, *, label_first: bool) -> None:
        if not grid.rows:
            return
        self._pen(8.6, _INK)
        self.set_draw_color(*_LINE)
        self.set_line_width(0.2)
        small = {number for number, name in enumerate(grid.columns) if name in grid.machine}
        with self.table(
            width=_WIDTH,
            col_widths=grid.widths,
            align="L",
            text_align="L",
            v_align="T",
            line_height=4.4,
            padding=(1.1, 1.6),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            first_row_as_headings=bool(grid.columns),
            headings_style=FontFace(color=_QUIET, fill_color=_SHADE, size_pt=8),
            repeat_headings=1,
        ) as table:
            for row in (grid.columns, *grid.rows) if grid.columns else grid.rows:
                line = table.row()
                for number, text in enumerate(row):
                    style: Any = None
                    if label_first and number == 0:
                        style = FontFace(color=_QUIET)
                    elif row is not grid.columns and number in small:
                        style = FontFace(size_pt=6.6)
                    line.cell(self._cut(text), style=style)
        self.ln(2.5)

    def _write_pictures(self, block: Pictures) -> None:
        width = (_WIDTH - _GAP * (block.across - 1)) / block.across
        for begun in range(0, len(block.pictures), block.across):
            row = block.pictures[begun : begun + block.across]
            sizes = [self._fitted(content, width) for content, _ in row]
            height = max(tall for _, tall in sizes)
            if self.will_page_break(height + 8):
                self.add_page()
            top = self.get_y()
            below = top
            for place, ((content, words), (wide, tall)) in enumerate(zip(row, sizes, strict=True)):
                left = _MARGIN + place * (width + _GAP)
                self.image(BytesIO(content), left, top, wide, tall)
                self.set_draw_color(*_LINE)
                self.rect(left, top, wide, tall)
                self.set_xy(left, top + tall + 1)
                self._pen(7.5, _QUIET)
                self.multi_cell(width, 3.8, self._legible(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
                below = max(below, self.get_y())
            self.set_y(below + 2)

    def _fitted(self, content: bytes, width: float) -> tuple[float, float]:
        from PIL import Image

        with Image.open(BytesIO(content)) as picture:
            wide, tall = picture.size
        scale = min(width / wide, _PICTURE_HEIGHT / tall)
        return wide * scale, tall * scale

    def _pen(self, size: float, color: tuple[int, int, int]) -> None:
        self.set_font(report_fonts.MAIN, "", size)
        self.set_text_color(*color)

    def _strong(self, size: float, color: tuple[int, int, int], text: str, height: float) -> None:
        self._pen(size, color)
        # The bold cut of a variable font takes fontTools ten seconds to make; a thin outline takes none.
        with self.local_context(text_mode=TextMode.FILL_STROKE, line_width=size * 0.012, draw_color=color):
            self._text(text, height)

    def _text(self, text: str, height: float) -> None:
        self.multi_cell(_WIDTH, height, self._legible(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _cut(self, text: str) -> str:
        shown = text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]} … (whole in session.json)"
        return self._legible(shown)

    def _legible(self, text: str) -> str:
        return report_fonts.legible(text, self._fonts)


def _texts(report: Report) -> list[str]:
    found = [report.title, report.subtitle, report.badge, report.footer]
    for block in report.blocks:
        match block:
            case Heading() | Paragraph():
                found.append(block.text)
            case Pairs():
                found += [text for row in block.rows for text in row]
            case Grid():
                found += [text for row in (block.columns, *block.rows) for text in row]
            case Pictures():
                found += [words for _, words in block.pictures]
    return found
