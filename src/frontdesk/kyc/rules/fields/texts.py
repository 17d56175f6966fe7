"""Texts of all sorts: free text, names, host names, addresses of pages, wallets."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

import idna
from stdnum import bitcoin

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.fields.around import Around, BadValueError

LONGEST_TEXT = 1000
LONGEST_NAME = 200
LONGEST_URL = 2048
_EVM = re.compile(r"0x[0-9a-fA-F]{40}")
_TRON = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")
_SOLANA = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_ANY_WALLET = re.compile(r"[0-9A-Za-z:._-]{8,128}")
EVM_NETWORKS = ("ethereum", "polygon", "bsc", "arbitrum", "optimism", "base", "avalanche")
NETWORKS = ("bitcoin", *EVM_NETWORKS, "tron", "solana", "other")


def text_of(value: Any, longest: int, *, lines: bool = False) -> str:
    """A trimmed string of at most so many characters, without control characters."""
    if not isinstance(value, str):
        raise BadValueError("must be text")
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if len(text) > longest:
        raise BadValueError(f"must have at most {longest} characters")
    allowed = "\n\t" if lines else ""
    # What is printable throughout holds none of them, and that is told far quicker than letter by letter.
    if not text.isprintable() and any(
        unicodedata.category(letter) in ("Cc", "Cs") and letter not in allowed for letter in text
    ):
        raise BadValueError("must not contain line breaks or control characters")
    return text


def check_text(field: Field, value: Any, around: Around) -> str:
    """Free text; several lines only where the field says so."""
    longest = field.options.get("max_length") or LONGEST_TEXT
    return text_of(value, longest, lines=bool(field.options.get("multiline")))


def check_name(field: Field, value: Any, around: Around) -> str:
    """A name has a letter in it (a company's may have digits only), and single spaces."""
    name = " ".join(text_of(value, LONGEST_NAME).split())
    if field.options.get("name_type") != "company" and not any(letter.isalpha() for letter in name):
        raise BadValueError("must be a name")
    return name


def host_of(value: str) -> str:
    """A host name with at least one dot, in its ASCII form."""
    try:
        host = idna.encode(value.rstrip("."), uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise BadValueError("must be a domain name, like example.com") from error
    last = host.rsplit(".", 1)[-1]
    if "." not in host or len(host) > 253 or last.isdigit():
        raise BadValueError("must be a domain name, like example.com")
    return host


def check_domain(field: Field, value: Any, around: Around) -> str:
    """A host name alone, without scheme or path."""
    return host_of(text_of(value, 253))


def check_url(field: Field, value: Any, around: Around) -> str:
    """An absolute address of a page."""
    url = text_of(value, LONGEST_URL)
    return absolute_url(url, https_only=bool(field.options.get("https_only")))


def absolute_url(url: str, *, https_only: bool) -> str:
    """The same address if it is absolute, names a public sort of host, and carries no credentials."""
    wanted = "must be an address that begins with https://"
    if not https_only:
        wanted += " or http://"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise BadValueError(wanted) from error
    schemes = ("https",) if https_only else ("https", "http")
    if parts.scheme.lower() not in schemes or not parts.hostname or " " in url or "\\" in url:
        raise BadValueError(wanted)
    if parts.username is not None or parts.password is not None:
        raise BadValueError("must not contain a user name or password")
    host_of(parts.hostname)
    return url


def check_wallet(field: Field, value: Any, around: Around) -> str:
    """An address on the field's network; without a network, anything that looks like one."""
    wallet = text_of(value, 128)
    network = field.options.get("network") or "other"
    if network == "bitcoin":
        fits = bool(bitcoin.is_valid(wallet))
    elif network in EVM_NETWORKS:
        fits = _EVM.fullmatch(wallet) is not None
    elif network == "tron":
        fits = _TRON.fullmatch(wallet) is not None
    elif network == "solana":
        fits = _SOLANA.fullmatch(wallet) is not None
    else:
        fits = _ANY_WALLET.fullmatch(wallet) is not None
    if not fits:
        raise BadValueError("must be a wallet address" + ("" if network == "other" else f" on {network}"))
    return wallet
