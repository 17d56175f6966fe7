"""Names and addresses in their parts, as forms ask for them; states by name; codes by their legend."""

import re
from dataclasses import dataclass
from typing import Final

from frontdesk.adapters.interpreter_builtin_words import fold

_STATES: Final = (
    "alabama AL alaska AK arizona AZ arkansas AR california CA colorado CO connecticut CT delaware DE florida FL"
    " georgia GA"
    " hawaii HI idaho ID illinois IL indiana IN iowa IA kansas KS kentucky KY louisiana LA maine ME maryland MD"
    " massachusetts MA michigan MI minnesota MN mississippi MS missouri MO montana MT nebraska NE nevada NV"
    " new_hampshire NH"
    " new_jersey NJ new_mexico NM new_york NY north_carolina NC north_dakota ND ohio OH oklahoma OK oregon OR"
    " pennsylvania PA"
    " rhode_island RI south_carolina SC south_dakota SD tennessee TN texas TX utah UT vermont VT virginia VA"
    " washington WA"
    " west_virginia WV wisconsin WI wyoming WY district_of_columbia DC puerto_rico PR"
)
_WORDS = _STATES.split()
STATES: Final[dict[str, str]] = {
    name.replace("_", " "): code for name, code in zip(_WORDS[::2], _WORDS[1::2], strict=True)
}
"""Names of the states of the USA, folded, and their two letters."""

_STATE = "|".join([*STATES.values(), *sorted((re.escape(name) for name in STATES), key=len, reverse=True)])
_PLACES = (
    re.compile(rf"^(?:(?P<street>.+?),\s*)?(?P<city>[^,\d]+?),?\s+(?P<state>{_STATE})\.?,?\s+(?P<zip>\d{{5}}(?:-\d{{4}})?)"
               r"(?:,?\s+(?P<country>[A-Za-z. ]+))?$", re.IGNORECASE),
    re.compile(r"^(?P<street>.+?),?\s+(?P<zip>[A-Z]{1,2}-?\d{4,5}|\d{4,5})\s+(?P<city>[^\d,]+)(?:,\s*(?P<country>[^\d,]+))?$"),
    re.compile(r"^(?P<street>.+?),\s*(?P<city>[^,\d]+?),?\s+(?P<zip>[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})"
               r"(?:,\s*(?P<country>[^\d,]+))?$"),
    re.compile(rf"^(?P<street>.+?\d.*?|\d.+?),\s*(?P<city>[^,\d]+?),\s+(?P<state>{_STATE})$", re.IGNORECASE),
    re.compile(r"^(?P<street>[^,]*?\d[^,]*?\s[^,]+|[^,\d]+\s\d+\w?),\s*(?P<city>[A-ZÀ-Þ][^,\d]{2,30})$"),
)  # fmt: skip
_UNIT = re.compile(
    r",?\s+(?:apt\.?|apt\.? no\.?|apartment|unit|suite|ste\.?|#)\s*#?\s*(?P<apt>[\w-]{1,8})$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts; `behind` is what was written after the street."""

    street: str
    behind: str
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""

    @property
    def apt(self) -> str:
        """Number of the flat or suite, where the street ends with one."""
        match = _UNIT.search(self.street)
        return match["apt"] if match else ""

    @property
    def house(self) -> str:
        """The street without the flat."""
        return _UNIT.sub("", self.street)


def place_of(text: str) -> Place | None:
    """An address taken apart, None if where one part ends and the next begins is not plain."""
    line = " ".join(text.replace("\n", ", ").split())
    for pattern in _PLACES:
        match = pattern.match(line)
        if match is None:
            continue
        parts = {name: (value or "").strip(" ,.") for name, value in match.groupdict().items()}
        street = parts.pop("street")
        behind = line[match.end("street") if match["street"] else 0 :].strip(" ,")
        state = state_code(parts.get("state", "")) or parts.get("state", "")
        return Place(street, behind, parts["city"], state, parts.get("zip", ""), parts.get("country", ""))
    return None


def state_code(text: str) -> str | None:
    """The two letters of a state of the USA by its name or letters."""
    said = fold(text)
    return STATES.get(said) or (said.upper() if said.upper() in STATES.values() else None)


_PARTICLES = frozenset(
    (
        "de",
        "da",
        "del",
        "della",
        "di",
        "der",
        "den",
        "dos",
        "du",
        "la",
        "le",
        "van",
        "von",
        "zu",
        "zum",
        "el",
        "al",
        "bin",
    )
)
_SUFFIX = re.compile(
    r"^(?:jr|sr|ii|iii|iv|phd|md|esq|inc|llc|ltd|llp|corp|co|gmbh|ag|sa|sarl|plc|lp|pc)\.?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person's name in its parts; `middle` is what stands between."""

    first: str
    middle: str
    last: str


def person_of(text: str) -> Person | None:
    """A name taken apart, None if it is one word or too many."""
    if text.count(",") == 1 and not _SUFFIX.match(text.split(",")[1].strip()):
        last, _, first = (part.strip() for part in text.partition(","))
        return Person(*_fronts(first.split()), last) if first and last else None
    words = text.replace(",", " ").split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.match(words[-1]) else ""
    if not 2 <= len(words) <= 6:
        return None
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return Person(*_fronts(words[:start]), " ".join([*words[start:], suffix]).strip())


def _fronts(words: list[str]) -> tuple[str, str]:
    return (words[0], " ".join(words[1:])) if words else ("", "")


def name_in(text: str) -> str:
    """The name that a clause begins with: what follows a comma is left off, unless it belongs to the name."""
    head, comma, tail = text.partition(",")
    while comma and tail.strip() and (_SUFFIX.match(tail.split(",")[0].strip()) or len(head.split()) == 1):
        more, comma, rest = tail.partition(",")
        if (
            len(head.split()) == 1
            and not re.fullmatch(r"\s*(?:[A-Z][\w.'’-]*\s*){1,3}", more)
            and not _SUFFIX.match(more.strip())
        ):
            break
        head, tail = f"{head},{more}", rest
    return re.split(r"\s+(?:and|und|et|y|but)\s+(?=[a-z])", head.strip())[0].strip()


def looks_like_name(text: str) -> bool:
    """Whether a text is written as names are: two to six words, each beginning with a capital."""
    words = text.replace(",", " ").split()
    return (
        2 <= len(words) <= 6
        and all(word[0].isupper() or word.lower() in _PARTICLES or word == "&" for word in words)
        and not any(each.isdigit() for each in text)
    )


_LEGEND = re.compile(r"\b([A-Z0-9])\s?[=:-]\s?([A-Za-z][A-Za-z ]+)")


def code_for(said: str, label: str, labels: list[str]) -> str | None:
    """The one letter that a form wants for some words: by its legend (`P = Partnership`), else by what is allowed."""
    legend = {code: fold(words) for each in (label, *labels) for code, words in _LEGEND.findall(each)}
    allowed = re.search(r"\(([A-Z0-9](?:\s?,\s?[A-Z0-9])*(?:\s?,?\s?(?:or|and)\s[A-Z0-9]))\)", label)
    letters = set(re.findall(r"\b[A-Z0-9]\b", allowed.group(1))) if allowed else set(legend)
    folded = fold(said)
    if folded.upper() in letters:
        return folded.upper()
    fitting = {code for code, words in legend.items() if code in letters and _same_beginning(folded, words)}
    return fitting.pop() if len(fitting) == 1 else None


def _same_beginning(said: str, words: str) -> bool:
    bare = re.sub(r"^(?:an?|the) ", "", said)
    return bare == words or (len(bare) >= 4 and words.startswith(bare)) or re.sub(r"oration$", "", words) == bare
