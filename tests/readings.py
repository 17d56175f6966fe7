"""Readings as the port would give them, made by hand: what a test states is what it is about."""

from collections.abc import Sequence

from frontdesk.ports.ocr import BandLine, Barcode, Line, Page, Reading

ERIKSSON = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def reading(
    printed: Sequence[str | tuple[str, str]] = (),
    band: Sequence[str | tuple[str, str]] = (),
    barcodes: Sequence[str] = (),
) -> Reading:
    """One page, a line every 40 pixels; a pair is what the first and the second reader saw."""
    lines = tuple(Line(*_pair(text, 0.99), _quad(i, text)) for i, text in enumerate(printed))
    zone = tuple(BandLine(_both(text)[0], _both(text)[1], _quad(len(lines) + i, text)) for i, text in enumerate(band))
    codes = tuple(Barcode("pdf417", text) for text in barcodes)
    page = Page(1, 1000, 40 * (len(lines) + len(zone) + 1), 0.0, lines, zone, codes)
    return Reading("test", 1, (page,), 0.1, 0)


def _both(text: str | tuple[str, str]) -> tuple[str, str]:
    return (text, text) if isinstance(text, str) else text


def _pair(text: str | tuple[str, str], score: float) -> tuple[str, float, str, float]:
    first, second = _both(text)
    return first, score, second, score


def _quad(row: int, text: str | tuple[str, str]) -> tuple[float, ...]:
    top, bottom, right = 40.0 * row + 10, 40.0 * row + 34, 20.0 + 14 * len(_both(text)[0])
    return (20.0, top, right, top, right, bottom, 20.0, bottom)
