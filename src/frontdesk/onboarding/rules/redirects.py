"""Where a user may be sent when the bank is done, and how the result is put into that address."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from frontdesk.onboarding.rules.refusals import InvalidField

LONGEST = 2048
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_UNSAFE = frozenset({"javascript", "data", "file", "vbscript", "blob", "about", "view-source", "ws", "wss", "ftp"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\<>\"`{}|^]")


def check_target(url: str, allowed: Sequence[str], name: str = "data.psu_redirect_link") -> None:
    """Whether a user may be sent there: https, http on this machine, or an app's own scheme. Raises `InvalidField`.

    With `allowed` (hosts, or `myapp:` for a scheme) only what it names.
    """
    expected = "an absolute address: https, http on loopback, or the scheme of an app"
    if len(url) > LONGEST:
        raise InvalidField(name, f"at most {LONGEST} characters")
    scheme, colon, rest = url.partition(":")
    if not colon or not rest.strip("/") or _FORBIDDEN.search(url) or _SCHEME.fullmatch(scheme) is None:
        raise InvalidField(name, expected)
    scheme = scheme.lower()
    try:
        host = (urlsplit(url).hostname or "").lower()
        _ = urlsplit(url).port
    except ValueError as error:
        raise InvalidField(name, expected) from error
    if scheme in _UNSAFE or (scheme in ("http", "https") and (not rest.startswith("//") or not host)):
        raise InvalidField(name, expected)
    if scheme == "http" and host not in _LOOPBACK:
        raise InvalidField(name, expected)
    if scheme in ("http", "https") and "@" in urlsplit(url).netloc:
        raise InvalidField(name, "an address without a user name")
    if allowed and (host if scheme in ("http", "https") else f"{scheme}:") not in allowed:
        raise InvalidField(name, "an address that this tenant allows")


def with_query(url: str, **values: str) -> str:
    """The address with these in its query; an earlier query and the fragment stay."""
    head, hash_sign, fragment = url.partition("#")
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
    joined = "" if head.endswith(("?", "&")) else ("&" if "?" in head else "?")
    return f"{head}{joined}{added}{hash_sign}{fragment}"
