"""Papers without a fixed form: bills, bank confirmations, company papers. Labels and shapes; seldom sure
enough alone."""

import re
from collections.abc import Sequence

from frontdesk.kyc.checks import dates, evidence
from frontdesk.kyc.checks.dates import Calendar
from frontdesk.kyc.checks.evidence import Value
from frontdesk.kyc.checks.visual import Seen, has_label, labelled, with_neighbours

_ISSUED = (
    "INVOICE DATE",
    "BILL DATE",
    "STATEMENT DATE",
    "DATE OF ISSUE",
    "ISSUE DATE",
    "ISSUED ON",
    "DATE ISSUED",
    "BILLING DATE",
    "RECHNUNGSDATUM",
    "DATE DE FACTURE",
    "FECHA DE EMISION",
    "DATUM",
    "DATE",
)
_POSTCODE = re.compile(
    r"\b(?:\d{5}(?:-\d{4})?|\d{4}\s?[A-Z]{2}|\d{4}|\d{2}-\d{3}|\d{3}\s?\d{2}|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\b"
)
_STREET = re.compile(r"\d")
_PERSON = re.compile(r"[^\W\d_]+(?:[ '.\-]+[^\W\d_]+){1,4}")
_COMPANY = re.compile(
    r"\b(?:LTD|LIMITED|PLC|INC|LLC|GMBH|AG|S\.?A\.?S?|S\.?P\.?A|B\.?V|N\.?V|OY|A/?B|APS|BANK|ENERGY|POWER|WATER|GAS|ELECTRIC|"
    r"TELECOM|MOBILE|COUNCIL|STADTWERKE)\b\.?",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8})\b")

_BANK = {
    "account_holder": (
        "ACCOUNT HOLDER",
        "ACCOUNT NAME",
        "ACCOUNT OWNER",
        "KONTOINHABER",
        "TITULAIRE",
        "TITULAR",
    ),
    "account_number": ("ACCOUNT NUMBER", "ACCOUNT NO", "KONTONUMMER", "NUMERO DE COMPTE", "NUMERO DE CUENTA"),
    "bank_name": ("BANK NAME", "NAME OF BANK", "BANK"),
    "country": ("COUNTRY",),
}
_CHARTER = {
    "company_name": (
        "COMPANY NAME",
        "NAME OF COMPANY",
        "NAME OF THE COMPANY",
        "CORPORATE NAME",
        "FIRMA",
        "DENOMINATION SOCIALE",
    ),
    "registration_number": (
        "REGISTRATION NUMBER",
        "COMPANY NUMBER",
        "REGISTRATION NO",
        "COMPANY NO",
        "REGISTER NUMBER",
        "HRB",
    ),
    "incorporation_date": (
        "DATE OF INCORPORATION",
        "INCORPORATION DATE",
        "INCORPORATED ON",
        "DATE OF REGISTRATION",
    ),
    "country": ("COUNTRY OF INCORPORATION", "COUNTRY", "JURISDICTION"),
    "legal_form": ("LEGAL FORM", "COMPANY TYPE", "TYPE OF COMPANY", "RECHTSFORM", "FORME JURIDIQUE"),
}


def address_fields(seen: Sequence[Seen], calendar: Calendar) -> dict[str, Value]:
    """Keys of a proof of address."""
    out = {"issue_date": _issue_date(seen, calendar), "issuer": _issuer(seen)}
    block = _address_block(seen)
    if block is not None:
        name, rest = block
        # That a block is the addressee's and not the sender's rests on its shape alone.
        out["full_name"] = Value(name.text, _once(name))
        out["address"] = Value(", ".join(line.text for line in rest), min(_once(line) for line in rest))
    return _present(out)


def bank_fields(seen: Sequence[Seen], calendar: Calendar) -> dict[str, Value]:
    """Keys of a proof that an account is somebody's."""
    out = {key: _beside(seen, labels) for key, labels in _BANK.items()}
    iban = _iban(seen)
    if iban is not None:
        out["iban"] = iban
        out["country"] = Value(iban.text[:2], iban.score)
    if out["bank_name"].text == "":
        out["bank_name"] = _issuer([line for line in seen if "BANK" in line.text.upper()])
    return _present(out)


def charter_fields(seen: Sequence[Seen], calendar: Calendar) -> dict[str, Value]:
    """Keys of a company's founding paper."""
    out = {key: _beside(seen, labels) for key, labels in _CHARTER.items()}
    out["incorporation_date"] = _date_beside(seen, _CHARTER["incorporation_date"], calendar)
    return _present(out)


def plain_text(seen: Sequence[Seen]) -> dict[str, Value]:
    """What is printed, line by line, for papers that nobody taught us to read."""
    if not seen:
        return {}
    sure = sum(line.agreed for line in seen) / len(seen)
    return {"text": Value("\n".join(line.text for line in seen), round(evidence.DOUBTED * sure, 4))}


def _beside(seen: Sequence[Seen], labels: Sequence[str]) -> Value:
    for place, exact in labelled(seen, labels):
        if exact and not has_label(place, labels, exactly=True):
            return Value(place.text, _once(place))
    return Value("", 0.0)


def _date_beside(seen: Sequence[Seen], labels: Sequence[str], calendar: Calendar) -> Value:
    for place, exact in labelled(seen, labels):
        found = dates.find(place.text, calendar.order)
        if exact and found and (full := found[0].on(calendar.today, past=True)) is not None:
            sure = place.second and dates.find(place.second, calendar.order)[:1] == found[:1] and not found[0].ambiguous
            return Value(full.isoformat(), evidence.CHECKED if sure else evidence.ONCE)
    return Value("", 0.0)


def _issue_date(seen: Sequence[Seen], calendar: Calendar) -> Value:
    for label in _ISSUED:
        value = _date_beside(list(with_neighbours(seen)), (label,), calendar)
        if value.text:
            # "DATE" alone may be any date.
            return value if label not in ("DATE", "DATUM") else Value(value.text, min(value.score, evidence.DOUBTED))
    every = {
        full
        for line in seen
        for d in dates.find(line.text, calendar.order)
        if (full := d.on(calendar.today, past=True)) and full <= calendar.today
    }
    return Value(every.pop().isoformat(), evidence.ONCE) if len(every) == 1 else Value("", 0.0)


def _issuer(seen: Sequence[Seen]) -> Value:
    for line in seen:
        if _COMPANY.search(line.text) and ":" not in line.text and len(line.text) < 60:
            return Value(line.text, evidence.ONCE)
    return Value("", 0.0)


def _address_block(seen: Sequence[Seen]) -> tuple[Seen, list[Seen]] | None:
    """A person's name with a street and a town with its code right beneath, all beginning at the same left
    edge."""
    for name in seen:
        if not _PERSON.fullmatch(name.text) or _COMPANY.search(name.text):
            continue
        rest: list[Seen] = []
        above = name
        for line in seen:
            aligned = abs(line.left - name.left) < 1.5 * name.height
            if line.top > above.top and aligned and line.top - above.bottom < 1.5 * name.height and len(rest) < 5:
                rest.append(line)
                above = line
                if _POSTCODE.search(line.text) and len(rest) >= 2 and any(_STREET.search(r.text) for r in rest[:-1]):
                    return name, rest
    return None


def _iban(seen: Sequence[Seen]) -> Value | None:
    for line in with_neighbours(seen):
        for candidate in _IBAN.findall(line.text.upper()):
            for bare in _shortened(candidate.replace(" ", "")):
                if _mod97(bare) == 1:
                    again = bare in line.second.upper().replace(" ", "")
                    return Value(bare, evidence.PROVED if again else evidence.CHECKED)
    return None


def _shortened(bare: str) -> list[str]:
    """A word that follows the number may have been taken along."""
    return [bare[:length] for length in range(min(34, len(bare)), 14, -1)]


def _mod97(iban: str) -> int:
    """ISO 7064 MOD 97-10: 1 when right."""
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97


def _once(line: Seen) -> float:
    return evidence.DOUBTED if line.agreed else evidence.ONCE


def _present(values: dict[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in values.items() if value.text}
