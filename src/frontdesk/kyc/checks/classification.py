"""What kind of paper this is, and whether that is what was asked for."""

from collections.abc import Sequence

from frontdesk.kyc.checks.visual import Seen, contains

# Folded phrases, the most telling kinds first: a visa names the passport too, a bill names a bank.
_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("visa", ("VISA", "VISUM", "VISADO")),
    (
        "driver_license",
        (
            "DRIVING LICENCE",
            "DRIVER LICENSE",
            "DRIVERS LICENSE",
            "DRIVER LICENCE",
            "PERMIS DE CONDUIRE",
            "FUEHRERSCHEIN",
            "FUHRERSCHEIN",
            "PERMISO DE CONDUCCION",
            "PATENTE DI GUIDA",
            "RIJBEWIJS",
            "KORKORT",
            "PRAWO JAZDY",
            "CARTA DE CONDUCAO",
            "RIDICSKY PRUKAZ",
        ),
    ),
    ("passport", ("PASSPORT", "PASSEPORT", "REISEPASS", "PASAPORTE", "PASSAPORTO", "PASPOORT", "PASSAPORTE")),
    (
        "national_id",
        (
            "IDENTITY CARD",
            "IDENTITETSKORT",
            "PERSONALAUSWEIS",
            "CARTE D IDENTITE",
            "CARTE NATIONALE",
            "DOCUMENTO NACIONAL",
            "CARTA D IDENTITA",
            "NATIONAL ID",
            "RESIDENCE PERMIT",
            "IDENTITEITSKAART",
            "DOWOD OSOBISTY",
        ),
    ),
    (
        "bank_ownership",
        (
            "IBAN",
            "ACCOUNT HOLDER",
            "BANK STATEMENT",
            "ACCOUNT STATEMENT",
            "KONTOAUSZUG",
            "RELEVE DE COMPTE",
            "BANK CONFIRMATION",
            "ACCOUNT CONFIRMATION",
        ),
    ),
    (
        "company_charter",
        (
            "ARTICLES OF ASSOCIATION",
            "ARTICLES OF INCORPORATION",
            "CERTIFICATE OF INCORPORATION",
            "MEMORANDUM OF ASSOCIATION",
            "COMMERCIAL REGISTER",
            "HANDELSREGISTER",
            "STATUTS",
            "CERTIFICATE OF FORMATION",
        ),
    ),
    (
        "proof_of_address",
        (
            "UTILITY BILL",
            "ELECTRICITY",
            "GAS BILL",
            "WATER BILL",
            "COUNCIL TAX",
            "INVOICE",
            "TELEPHONE BILL",
            "FACTURE",
            "RECHNUNG",
            "METER READING",
            "ACCOUNT SUMMARY",
            "SUPPLY ADDRESS",
            "BILLING ADDRESS",
        ),
    ),
)

_IDENTITY = frozenset({"passport", "national_id", "driver_license"})
# A bank statement proves an address, and a bill from a bank proves an account: no contradiction.
_ALSO = {
    "proof_of_address": frozenset({"bank_ownership"}),
    "business_license": frozenset({"company_charter"}),
}


def recognise(seen: Sequence[Seen]) -> str:
    """The kind by what is printed; a zone or a barcode knows better and is asked first."""
    return next((kind for kind, phrases in _PHRASES if contains(seen, phrases)), "unknown")


def matches(requested_type: str, recognised_type: str) -> bool | None:
    """Whether this is the paper that was asked for; None when that cannot be told."""
    known = {kind for kind, _ in _PHRASES}
    if recognised_type not in known or requested_type not in known | {"id", *_ALSO}:
        return None
    if requested_type == "id":
        return recognised_type in _IDENTITY
    return recognised_type == requested_type or recognised_type in _ALSO.get(requested_type, frozenset())
