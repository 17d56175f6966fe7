"""The PDF417 code on the back of North American driving licences (AAMVA card standard, annex D)."""

import re
from datetime import date

from frontdesk.kyc.checks import evidence
from frontdesk.kyc.checks.evidence import Value

_HEADER = re.compile(r"@\s*.{0,3}\s*(?:ANSI |AAMVA)(\d{6})", re.DOTALL)
_ELEMENT = re.compile(r"(D[A-D][A-Z])([^\n\r]*)")
_SEX = {"1": "M", "2": "F", "M": "M", "F": "F"}
_COUNTRIES = {"USA": "US", "CAN": "CA"}


def is_licence(text: str) -> bool:
    """Whether a decoded barcode follows the standard."""
    return _HEADER.search(text) is not None


def licence_fields(text: str) -> dict[str, Value]:
    """Keys of a licence. The code's own error correction is the second witness for every value."""
    elements: dict[str, str] = {}
    for line in re.split(r"[\n\r\x1e\x1d]", text):
        # The first element follows the subfile's name ("DL" or "ID") without a break.
        for code, value in _ELEMENT.findall(re.sub(r"^.*?(?:DL|ID)(?=D[A-D][A-Z])", "", line)):
            elements.setdefault(code, value.strip())
    american = elements.get("DCG", "USA") == "USA"
    given = " ".join(
        part for part in (elements.get("DAC", elements.get("DCT", "")), elements.get("DAD", "")) if _given(part)
    )
    given = given.replace(",", " ")
    surname = elements.get("DCS", elements.get("DAB", ""))
    found = {
        "surname": surname if _given(surname) else "",
        "given_names": given,
        "full_name": " ".join(part for part in (given, surname) if _given(part)),
        "document_number": elements.get("DAQ", ""),
        "date_of_birth": _day(elements.get("DBB", ""), american),
        "expiry_date": _day(elements.get("DBA", ""), american),
        "issue_date": _day(elements.get("DBD", ""), american),
        "gender": _SEX.get(elements.get("DBC", ""), ""),
        "issuing_country": _COUNTRIES.get(elements.get("DCG", ""), ""),
    }
    return {key: Value(value, evidence.TWICE) for key, value in found.items() if value}


def _given(part: str) -> bool:
    return bool(part) and part not in ("NONE", "UNAVL", "UNAVAILABLE")


def _day(digits: str, american: bool) -> str:
    """MMDDCCYY in the United States, CCYYMMDD in Canada."""
    if not re.fullmatch(r"\d{8}", digits):
        return ""
    year, month, day = (digits[4:], digits[:2], digits[2:4]) if american else (digits[:4], digits[4:6], digits[6:])
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
