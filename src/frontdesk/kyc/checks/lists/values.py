"""Values of lists in our form: days of birth, more or less known, and countries by any of their names."""

import calendar
import re
from datetime import date
from functools import cache

from anyascii import anyascii

from frontdesk.kyc.model.screening import Born
from frontdesk.kyc.rules.fields.countries import COUNTRIES

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_ABOUT = re.compile(r"^(?:circa|approximately|approx\.?|about|ca\.?|c\.|~)\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:\bto\b|\band\b|\.\.)\s*", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*|[zZ]|[+-]\d\d:\d\d)?")
_WORDED = re.compile(r"(?:(\d{1,2}) )?(?:([A-Za-z]{3})[a-z]* )?(\d{4})")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_OTHER_NAMES = """
iran islamic republic of=IR;korea north=KP;north korea=KP;democratic peoples republic of korea=KP;dprk=KP;korea south=KR
republic of korea=KR;south korea=KR;burma=MM;syrian arab republic=SY;russian federation=RU;viet nam=VN;lao=LA
lao peoples democratic republic=LA;congo democratic republic of the=CD;democratic republic of the congo=CD
congo republic of the=CG;republic of the congo=CG;congo=CG;cote divoire=CI;ivory coast=CI;moldova republic of=MD
republic of moldova=MD;tanzania united republic of=TZ;united republic of tanzania=TZ;bolivia plurinational state of=BO
venezuela bolivarian republic of=VE;bolivarian republic of venezuela=VE;united states of america=US;usa=US
united kingdom of great britain and northern ireland=GB;great britain=GB;uk=GB;united arab emirates=AE;uae=AE
palestinian=PS;palestinian territories=PS;west bank=PS;region gaza=PS;state of palestine=PS;czech republic=CZ;czechia=CZ
macedonia=MK;north macedonia=MK;turkiye=TR;turkey=TR;swaziland=SZ;cape verde=CV;east timor=TL;hong kong=HK;macau=MO
bahamas the=BS;gambia the=GM;holland=NL;kingdom of the netherlands=NL;micronesia federated states of=FM;kosovo=XK
taiwan=TW;brunei=BN;vatican=VA;holy see=VA;libyan arab jamahiriya=LY;yemen republic of=YE;sao tome and principe=ST
"""


def births(text: str) -> tuple[Born, ...]:
    """A day of birth as lists write it: `07 Oct 1954`, `1954`, `circa 1961`, `1959 to 1960`, `1960-02`; else none."""
    text = " ".join(text.split())
    is_about = _ABOUT.match(text) is not None
    found = [_span(part) for part in _BETWEEN.split(_ABOUT.sub("", text))]
    known = [one for one in found if one is not None]
    if not known or len(known) != len(found) or len(found) > 2:
        return ()
    earliest, latest = min(one[0] for one in known), max(one[1] for one in known)
    return (Born(earliest.isoformat(), latest.isoformat(), is_about),)


def years(earliest: str, latest: str, *, is_about: bool = False) -> tuple[Born, ...]:
    """From one year to another; either may be empty."""
    first, last = earliest or latest, latest or earliest
    return births(f"{'~' if is_about else ''}{first}..{last}") if first else ()


def day(text: str) -> str | None:
    """An ISO day of an instant or a day in any of the forms that lists have."""
    span = _span(" ".join(text.split()))
    return span[0].isoformat() if span is not None and span[0] == span[1] else None


def _span(text: str) -> tuple[date, date] | None:
    if match := _ISO.fullmatch(text):
        year, month, number = (int(one) if one else None for one in match.groups())
    elif match := _AMERICAN.fullmatch(text):
        month, number, year = (int(one) for one in match.groups())
    elif match := _WORDED.fullmatch(text):
        number = int(match.group(1)) if match.group(1) else None
        month = _MONTHS.get(match.group(2).lower()) if match.group(2) else None
        year = int(match.group(3))
        if match.group(2) and month is None:
            return None
    else:
        return None
    try:
        if year is None or (number and not month):
            return None
        if number and month:
            return date(year, month, number), date(year, month, number)
        if month:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except (ValueError, calendar.IllegalMonthError):
        return None


def country(text: str) -> str | None:
    """The two letters of a country by its letters or its English name; None for one that is not known."""
    bare = text.strip()
    if bare.upper() in COUNTRIES:
        return bare.upper()
    return _names().get(_folded(bare))


def countries(found: list[str]) -> tuple[str, ...]:
    """Those that are known, each once."""
    return tuple(dict.fromkeys(code for one in found if (code := country(one))))


@cache
def _names() -> dict[str, str]:
    """English names from the data of the package for telephone numbers, and the ways in which lists write them."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # half a second, and only imports of lists need it

    names = {}
    for code, spoken in LOCALE_DATA.items():
        name = spoken.get("en", "")
        name = spoken.get(name[1:], "") if name.startswith("*") else name
        if name and code in COUNTRIES:
            names[_folded(name)] = code
    for line in re.split(r"[;\n]", _OTHER_NAMES.strip()):
        name, _, code = line.partition("=")
        names[name] = code
    return names


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[^a-z ]", "", anyascii(name).lower().replace("-", " ")).split())
