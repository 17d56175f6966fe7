"""What kind of value a text field asks for: told by its label, or by the script that formats what is typed."""

import re

from frontdesk.forms.model.field import DataType

# Labels of forms in English, French, German and Spanish.
_WORDS: tuple[tuple[DataType, str], ...] = (
    ("email", r"e-?mails?|courriel|correo electr\w+|mél"),
    ("phone", r"(?:tele)?phone|tel\.?|mobile|cell|fax|t[ée]l[ée]phone|telefon(?:nummer)?|tel[ée]fono|handy"),
    ("date", r"dates?|dated|dob|birthdate|datum|geburtsdatum|fecha|mm\W+dd\W+y+|dd\W+mm\W+y+"),
    ("currency", r"amounts?|dollars|total|\$|€|£|wages|fee|balance|montant|betrag|importe|refund"),
    ("number", r"number of|how many|quantity|percent(?:age)?|%|anzahl|nombre de|cantidad"),
)
_LABELS = tuple((kind, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for kind, words in _WORDS)
_NO_DATE = re.compile(r"up[- ]?date|to date|date format|effective date of", re.IGNORECASE)
_FORMAT = re.compile(r"AFDate_(?:Format|Keystroke)(?:Ex)?\(\s*[\"']([^\"']{1,40})[\"']")
_PRINTED = re.compile(r"(?<![A-Za-z])(mm|dd)\s?([/.-])\s?(mm|dd)\s?\2\s?(y{2,4})(?![A-Za-z])", re.IGNORECASE)


def value_type(label: str, script: str = "") -> DataType:
    """The type of a text field's value; `string` where nothing tells more."""
    if "AFDate_" in script:
        return "date"
    if "AFNumber_" in script:
        return "currency" if "$" in script or "€" in script or "£" in script else "number"
    if "AFPercent_" in script:
        return "number"
    if "AFSpecial_" in script and re.search(r"AFSpecial_\w+\(2\)", script):
        return "phone"
    short = label[:200]
    for kind, pattern in _LABELS:
        if pattern.search(short) and not (kind == "date" and _NO_DATE.search(short)):
            return kind
    return "string"


def date_format(label: str, script: str = "") -> str | None:
    """The format in which a date is asked for, such as `MM/DD/YYYY`; None if none is named."""
    if found := _FORMAT.search(script):
        return found[1].upper()
    if found := _PRINTED.search(label):
        first, mark, second, year = found.groups()
        return f"{first}{mark}{second}{mark}{year}".upper()
    return None
