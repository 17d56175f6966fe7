"""Ways to reach somebody: mail and telephone."""

import re
from functools import lru_cache
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.fields.around import Around, BadValueError
from frontdesk.kyc.rules.fields.texts import text_of

DISPOSABLE = frozenset(
    {
        "10minutemail.com",
        "20minutemail.com",
        "33mail.com",
        "dispostable.com",
        "fakeinbox.com",
        "getnada.com",
        "grr.la",
        "guerrillamail.com",
        "guerrillamail.net",
        "guerrillamail.org",
        "maildrop.cc",
        "mailinator.com",
        "mailnesia.com",
        "mintemail.com",
        "moakt.com",
        "mohmal.com",
        "sharklasers.com",
        "spam4.me",
        "temp-mail.org",
        "tempmail.com",
        "tempmailo.com",
        "throwawaymail.com",
        "trashmail.com",
        "yopmail.com",
    }
)
"""The best known providers of throw-away mailboxes. A short list: it stops the careless only."""


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_LOCAL = re.compile(rf"(?=.{{1,64}}$){_ATOM}(?:\.{_ATOM})*")
"""The part before the @ that needs no further judgement (RFC 5322 dot-atom)."""


def check_email(field: Field, value: Any, around: Around) -> str:
    """An address by its syntax, its domain in lower case. Nothing is asked of the network."""
    text = text_of(value, 254)
    local, _, domain = text.rpartition("@")
    try:
        if _PLAIN_LOCAL.fullmatch(local):
            domain, shown = _domain(domain)
        else:
            found = validate_email(text, check_deliverability=False)
            local, domain, shown = found.local_part, found.ascii_domain.lower(), found.domain.lower()
    except EmailNotValidError as error:
        raise BadValueError("must be an e-mail address, like name@example.com") from error
    if field.options.get("block_disposable") and _is_disposable(domain):
        raise BadValueError("must not be a temporary mailbox")
    return f"{local}@{shown}"


def _is_disposable(domain: str) -> bool:
    parts = domain.split(".")
    return any(".".join(parts[place:]) in DISPOSABLE for place in range(len(parts)))


@lru_cache(maxsize=4096)
def _domain(domain: str) -> tuple[str, str]:
    """A mail domain in ASCII and as shown. Most customers share a few, so the verdict is remembered."""
    found = validate_email(f"name@{domain}", check_deliverability=False)
    return found.ascii_domain.lower(), found.domain.lower()


def check_phone(field: Field, value: Any, around: Around) -> str:
    """A number that exists as a number: `+351…`, or in its country's own writing."""
    national = field.options.get("format") == "national"
    country = field.options.get("default_country")
    wanted = "must be a telephone number"
    if country is None:
        wanted += " with its country code, like +351 912 345 678"
    try:
        number = phonenumbers.parse(text_of(value, 40), country)
    except phonenumbers.NumberParseException as error:
        raise BadValueError(wanted) from error
    if not phonenumbers.is_valid_number(number):
        raise BadValueError(wanted)
    shape = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.E164
    return str(phonenumbers.format_number(number, shape))
