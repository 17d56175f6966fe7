"""What lists say of those who are on them, whom a session names, and what a hit is."""

from typing import Any

import msgspec

CATEGORIES = ("sanctions", "pep", "crypto", "watchlist")
KINDS = ("person", "entity", "vessel", "aircraft", "wallet", "unknown")


class Born(msgspec.Struct, frozen=True):
    """A day of birth as lists give it: somewhere from `earliest` to `latest` (ISO days), or about then."""

    earliest: str
    latest: str
    is_about: bool = False


class ListedName(msgspec.Struct, frozen=True):
    """A name of an entry; a weak one is an alias that its publisher calls unreliable."""

    text: str
    is_weak: bool = False


class Listed(msgspec.Struct, frozen=True):
    """An entry of a list. `entry_id` is the publisher's, `countries` are alpha-2, `numbers` of papers or wallets."""

    entry_id: str
    kind: str
    names: tuple[ListedName, ...]
    born: tuple[Born, ...] = ()
    countries: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


class Subject(msgspec.Struct, frozen=True):
    """Somebody to be looked for: a name, or the address of a wallet, with where it stands in the session."""

    text: str
    kind: str
    born: str | None = None
    countries: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    source: dict[str, Any] = msgspec.field(default_factory=dict)
    network: str | None = None


class Loaded(msgspec.Struct, frozen=True):
    """A list as it was brought in. `scope` is the tenant that it belongs to, or empty: everybody's."""

    scope: str
    name: str
    category: str
    format: str
    source_date: str | None
    digest: str
    entries: int
    names: int
    generation: str
    imported_at: int


class Verdict(msgspec.Struct, frozen=True):
    """How well an entry fits a subject, from 0 to 1, and why, part by part."""

    confidence: float
    matched_name: str
    explanation: tuple[dict[str, Any], ...]
