"""Values with a telling shape: addresses of mail, numbers of telephones, papers, accounts and taxes, money."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shape:
    """A value and its place. `is_certain` when its writing alone says what it is."""

    kind: str
    text: str
    start: int
    end: int
    is_certain: bool = False


_PATTERNS: Final[dict[str, re.Pattern[str]]] = {
    "email": re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
    "iban": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.IGNORECASE),
    "vat": re.compile(r"\b(?:AT ?U|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)"
                      r" ?[0-9A-Z](?: ?[0-9A-Z]){6,11}\b", re.IGNORECASE),
    "ssn": re.compile(r"(?<![\d-])\d{3}([- ]?)\d{2}\1\d{4}(?![\d-])"),
    "ein": re.compile(r"(?<![\d-])\d{2}-?\d{7}(?![\d-])"),
    "routing": re.compile(r"(?<![\d-])\d{9}(?![\d-])"),
    "zip": re.compile(r"(?<![\d-])(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(?![\d-])"),
    "phone": re.compile(r"(?<![\w+.-])(?:\+\d{1,3}[\s./-]?)?(?:\(\d{1,5}\)[\s./-]?)?"
                        r"\d{1,5}(?:[\s./-]?\d{2,9}){1,5}(?![\w-])"),
    "amount": re.compile(r"(?:[$€£]\s?|\b(?:USD|EUR|CHF|GBP)\s)?(?<![\w.,])-?\d{1,3}(?:[.,'"
                         r" ]\d{3})*(?:[.,]\d{1,2})?(?![\d])"
                         r"|(?:[$€£]\s?)?(?<![\w.,])-?\d+(?:[.,]\d{1,2})?(?![\d])"),
    "number": re.compile(r"(?<![\w.,-])-?\d[\d.,]*(?<![.,])(?!\w)"),
}  # fmt: skip
_CERTAIN: Final[dict[str, re.Pattern[str]]] = {
    "ssn": re.compile(r"\d{3}-\d{2}-\d{4}"),
    "ein": re.compile(r"\d{2}-\d{7}"),
    "phone": re.compile(r"\+\d.*|\(\d{3}\) ?\d{3}[- ]\d{4}|\d{3}[-. ]\d{3}[-. ]\d{4}"),
}


def shapes(text: str, kind: str) -> Iterator[Shape]:
    """The values of one kind in a text, those only that can be one (check digits and all)."""
    for match in _PATTERNS[kind].finditer(text):
        found = match.group().strip()
        if sound(kind, found):
            certain = kind in ("email", "iban", "vat") or bool(kind in _CERTAIN and _CERTAIN[kind].fullmatch(found))
            yield Shape(kind, found, match.start(), match.end(), certain)


def certain_shapes(text: str) -> list[Shape]:
    """What can be nothing else, without any word beside it."""
    found: list[Shape] = []
    for kind in ("email", "iban", "ssn", "ein", "phone", "vat"):
        for shape in shapes(text, kind):
            if shape.is_certain and not any(shape.start < each.end and each.start < shape.end for each in found):
                found.append(shape)
    return sorted(found, key=lambda shape: shape.start)


def sound(kind: str, text: str) -> bool:
    """Whether this can be such a value at all: its check digits, its ranges."""
    return kind not in _SOUND or _SOUND[kind](text)


def _email(text: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return True


def _phone(text: str) -> bool:
    import phonenumbers

    digits = sum(each.isdigit() for each in text)
    if not 7 <= digits <= 15:
        return False
    for region in (None,) if text.startswith("+") else ("US", "DE", "FR", "ES", "GB"):
        try:
            if phonenumbers.is_possible_number(phonenumbers.parse(text, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def _iban(text: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(text))


def _vat(text: str) -> bool:
    from stdnum.eu import vat

    return any(each.isdigit() for each in text) and bool(vat.is_valid(text))


def _ssn(text: str) -> bool:
    from stdnum.us import itin, ssn

    digits = re.sub(r"\D", "", text)
    # 987-65-4320 to 4329 were set aside for advertisements: they belong to nobody, and samples use them.
    sample = digits.startswith("98765432")
    return len(digits) == 9 and (sample or bool(ssn.is_valid(digits)) or bool(itin.is_valid(digits)))


def _ein(text: str) -> bool:
    from stdnum.us import ein

    return bool(ein.is_valid(re.sub(r"\D", "", text)))


def _routing(text: str) -> bool:
    from stdnum.us import rtn

    return bool(rtn.is_valid(text))


_SOUND: Final[dict[str, Callable[[str], bool]]] = {
    "email": _email,
    "phone": _phone,
    "iban": _iban,
    "vat": _vat,
    "ssn": _ssn,
    "ein": _ein,
    "routing": _routing,
}


def plain_amount(text: str) -> str | None:
    """A sum as digits with a point: `$1,250.00` and `1.250,00 EUR` are `1250.00`; None if it is no sum."""
    bare = re.sub(r"[^\d.,'\- ]", "", text).strip(" .,'")
    bare = re.sub(r"(?<=\d)[' ](?=\d{3})", "", bare)
    if not re.fullmatch(r"-?\d[\d.,]*", bare):
        return None
    cents = re.search(r"[.,](\d{1,2})$", bare)
    whole = re.sub(r"[.,]", "", bare[: cents.start()] if cents else bare)
    return f"{whole}.{cents.group(1)}" if cents else whole
