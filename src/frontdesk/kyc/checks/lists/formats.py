"""The formats in which lists come, by name, and how the format of a file is recognised by its first bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from frontdesk.kyc.checks.lists import european_union, ofac, ofac_csv, own_csv, united_nations
from frontdesk.kyc.checks.lists.reading import ListDamaged, Opened, Passing
from frontdesk.kyc.model.screening import Listed

Read = Callable[[Passing, Opened, Path], Iterator[Listed]]
FORMATS: dict[str, Read] = {
    "ofac-xml": ofac.entries,
    "ofac-csv": ofac_csv.entries,
    "un-xml": united_nations.entries,
    "eu-xml": european_union.entries,
    "csv": own_csv.entries,
}
SANCTIONS = frozenset({"ofac-xml", "ofac-csv", "un-xml", "eu-xml"})
"""Formats of publishers whose lists are of category sanctions."""
LOOKED_AT = 4096


def recognised(first: bytes, name: str) -> str:
    """The format of a file that begins like this. Raises `ListDamaged`."""
    text = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        for sign, found in ((b"<sdnList", "ofac-xml"), (b"<CONSOLIDATED_LIST", "un-xml"), (b"<export", "eu-xml")):
            if sign in text:
                return found
        raise ListDamaged("line 1: this is XML, but none of the lists of OFAC, the UN or the EU")
    if own_csv.is_header(text):
        return "csv"
    if Path(name).name.lower() == "sdn.csv":
        return "ofac-csv"
    raise ListDamaged(f"line 1: the format was not recognised; name one of {', '.join(FORMATS)} with --format")
