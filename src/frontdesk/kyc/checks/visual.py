"""The printed part of a paper: lines in their places, labels in several languages, and the values beside
them."""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from rapidfuzz import fuzz

from frontdesk.kyc.checks.text import fold, squeeze
from frontdesk.ports.ocr import Page

# Folded. A label is found by likeness, because small print is what readers get wrong most.
LABELS: dict[str, tuple[str, ...]] = {
    "surname": (
        "SURNAME",
        "LAST NAME",
        "FAMILY NAME",
        "NOM",
        "NACHNAME",
        "FAMILIENNAME",
        "APELLIDOS",
        "COGNOME",
        "ACHTERNAAM",
        "EFTERNAMN",
        "NAZWISKO",
        "APELIDO",
    ),
    "given_names": (
        "GIVEN NAMES",
        "GIVEN NAME",
        "FIRST NAME",
        "FORENAMES",
        "PRENOMS",
        "PRENOM",
        "VORNAMEN",
        "VORNAME",
        "NOMBRES",
        "NOMBRE",
        "NOME",
        "VOORNAMEN",
        "FORNAMN",
        "IMIONA",
    ),
    "date_of_birth": (
        "DATE OF BIRTH",
        "BIRTH DATE",
        "BORN ON",
        "DOB",
        "DATE DE NAISSANCE",
        "GEBURTSDATUM",
        "GEBURTSTAG",
        "GEBOORTEDATUM",
        "FECHA DE NACIMIENTO",
        "DATA DI NASCITA",
        "DATA DE NASCIMENTO",
        "FODELSEDATUM",
        "DATA URODZENIA",
    ),
    "expiry_date": (
        "DATE OF EXPIRY",
        "EXPIRY DATE",
        "EXPIRES",
        "EXPIRES ON",
        "VALID UNTIL",
        "VALID TO",
        "DATE D EXPIRATION",
        "GUELTIG BIS",
        "GULTIG BIS",
        "GELDIG TOT",
        "VALIDO HASTA",
        "FECHA DE CADUCIDAD",
        "DATA DI SCADENZA",
        "SCADENZA",
        "VALIDADE",
        "GILTIG TILL",
        "EXP",
    ),
    "issue_date": (
        "DATE OF ISSUE",
        "ISSUE DATE",
        "ISSUED ON",
        "VALID FROM",
        "DATE DE DELIVRANCE",
        "AUSSTELLUNGSDATUM",
        "DATUM VAN AFGIFTE",
        "FECHA DE EXPEDICION",
        "DATA DI RILASCIO",
        "DATA DE EMISSAO",
        "UTFARDAD",
        "ISS",
    ),
    "document_number": (
        "PASSPORT NO",
        "PASSPORT NUMBER",
        "DOCUMENT NO",
        "DOCUMENT NUMBER",
        "LICENCE NUMBER",
        "LICENSE NUMBER",
        "LICENCE NO",
        "LICENSE NO",
        "DL NO",
        "CARD NO",
        "CARD NUMBER",
        "ID NUMBER",
        "IDENTITY CARD NO",
        "NO DE PASSEPORT",
        "AUSWEISNUMMER",
        "DOCUMENTNUMMER",
        "NUMERO DE DOCUMENTO",
        "NUMERO DE DOCUMENT",
    ),
    "gender": ("SEX", "SEXE", "GENDER", "GESCHLECHT", "SEXO", "SESSO", "GESLACHT", "KON"),
    "nationality": (
        "NATIONALITY",
        "NATIONALITE",
        "STAATSANGEHOERIGKEIT",
        "NACIONALIDAD",
        "CITTADINANZA",
        "NATIONALITEIT",
    ),
}


class Seen(msgspec.Struct, frozen=True):
    """A printed line with both readings and its place on the page."""

    text: str
    second: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def readings(self) -> tuple[str, ...]:
        return (self.text, self.second) if self.second else (self.text,)

    @property
    def agreed(self) -> bool:
        """Both readers saw the same letters; spaces, accents and points do not count."""
        return bool(self.second) and squeeze(self.text) == squeeze(self.second)


def printed(*pages: Page) -> list[Seen]:
    """The lines from top to bottom, page beneath page, without those of machine-readable zones."""
    out: list[Seen] = []
    above = 0.0
    for page in pages:
        zone = {line.quad for line in page.band}
        lines = [line for line in page.lines if line.quad not in zone and "<<" not in line.text]
        out += [_seen(line.text, line.second, line.quad, above) for line in lines]
        above += page.height
    return sorted(out, key=lambda line: (line.top, line.left))


def with_neighbours(seen: Sequence[Seen]) -> Iterator[Seen]:
    """Every line, and every line joined with its right neighbour: a date may have been cut in two."""
    yield from seen
    for line in seen:
        right = right_of(seen, line)
        if right is not None and right.left - line.right < 4 * line.height:
            yield Seen(
                f"{line.text} {right.text}",
                f"{line.second} {right.second}",
                line.left,
                line.top,
                right.right,
                line.bottom,
            )


def right_of(seen: Sequence[Seen], line: Seen) -> Seen | None:
    """The next line on the same row."""
    row = [other for other in seen if other.left >= line.right - 2 and _same_row(line, other) and other is not line]
    return min(row, key=lambda other: other.left, default=None)


def below(seen: Sequence[Seen], line: Seen) -> Seen | None:
    """The nearest line under this one that begins about where it begins."""
    near = [
        other
        for other in seen
        if other is not line
        and line.bottom - 0.5 * line.height <= other.top <= line.bottom + 2.2 * line.height
        and other.left < line.right
        and other.right > line.left
    ]
    return min(near, key=lambda other: (other.top - line.bottom) + abs(other.left - line.left) / 4, default=None)


def labelled(seen: Sequence[Seen], labels: Iterable[str]) -> Iterator[tuple[Seen, bool]]:
    """Where a value of such a label may stand, the likeliest first; and whether the label was read without a
    fault."""
    phrases = tuple(labels)
    for line in seen:
        exact = has_label(line, phrases, exactly=True)
        if not exact and not has_label(line, phrases):
            continue
        rest = _after_colon(line)
        if rest is not None:
            yield rest, exact
        for place in (below(seen, line), right_of(seen, line)):
            if place is not None:
                yield place, exact


def has_label(line: Seen, phrases: Sequence[str], *, exactly: bool = False) -> bool:
    """Whether one of the phrases is in the line, as whole words, or almost."""
    for text in line.readings:
        words = f" {fold(text)} "
        if any(f" {phrase} " in words for phrase in phrases):
            return True
        if not exactly and any(len(p) >= 8 and fuzz.partial_ratio(p, words, score_cutoff=85) for p in phrases):
            return True
    return False


def contains(seen: Sequence[Seen], phrases: Iterable[str]) -> bool:
    """Whether one of the phrases is printed anywhere, with or without its spaces."""
    wanted = tuple(phrases)
    short = [phrase for phrase in wanted if len(phrase) < 8]
    long = [phrase.replace(" ", "") for phrase in wanted if len(phrase) >= 8]
    for line in seen:
        for text in line.readings:
            words = f" {fold(text)} "
            if any(f" {phrase} " in words for phrase in short):
                return True
            if any(phrase in words.replace(" ", "") for phrase in long):
                return True
    return False


def _after_colon(line: Seen) -> Seen | None:
    head, colon, rest = line.text.partition(":")
    if not colon or not re.search(r"\w", rest):
        return None
    second = line.second.partition(":")[2].strip()
    share = len(head) / max(1, len(line.text))
    return Seen(rest.strip(), second, line.left + share * (line.right - line.left), line.top, line.right, line.bottom)


def _same_row(one: Seen, other: Seen) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.height, other.height)


def _seen(text: str, second: str, quad: tuple[float, ...], above: float) -> Seen:
    xs, ys = quad[0::2], quad[1::2]
    return Seen(text, second, min(xs), above + min(ys), max(xs), above + max(ys))
