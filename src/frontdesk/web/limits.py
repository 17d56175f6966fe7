"""Rate limits: fixed windows in memory of bounded size, and whose address a request really has.

Several processes behind one port count together: `limits_shared`.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from frontdesk.web.endpoint import Limit, Lockout
from frontdesk.web.problems import RateLimited

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PER_ADDRESS = Limit("address", 1_000, 300, "address")
PER_TOKEN_WRITES = Limit("token_writes", 120, 300, "access_token")
GUESSES = Limit("token_guesses", 30, 300, "address")
GUESSING_PAUSE_SECONDS = 900


class Rules(NamedTuple):
    """The limits that hold everywhere."""

    address: Limit = PER_ADDRESS
    token_writes: Limit = PER_TOKEN_WRITES
    guesses: Limit = GUESSES
    pause_seconds: int = GUESSING_PAUSE_SECONDS


class Counts(Protocol):
    """Where calls are counted and pauses are kept. Memory is bounded: when it is full, some caller is forgotten."""

    def add(self, rule: str, caller: str, ends_at: int) -> int:
        """How many calls this one makes in the window of the rule that ends then (Unix seconds)."""
        ...

    def pause(self, caller: str, until: float) -> None:
        """Keep it in mind until then (Unix seconds)."""
        ...

    def paused_until(self, caller: str) -> float:
        """The end of its pause, which may be over; 0 when there was none."""
        ...


class _Window:
    """Counts of one rule in the present window. A new window forgets the old one whole."""

    __slots__ = ("counts", "ends_at", "most")

    def __init__(self, most: int) -> None:
        self.counts: dict[str, int] = {}
        self.ends_at = 0
        self.most = most

    def add(self, caller: str, ends_at: int) -> int:
        if ends_at != self.ends_at:
            self.counts = {}
            self.ends_at = ends_at
        counts = self.counts
        count = counts.get(caller, 0) + 1
        if count == 1 and len(counts) >= self.most:
            # Full: the caller seen first in this window is forgotten. Memory stays bounded whoever floods us.
            del counts[next(iter(counts))]
        counts[caller] = count
        return count


class OwnCounts:
    """The counts of one process; `most` bounds the callers remembered for each rule."""

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._windows: dict[str, _Window] = {}
        self._paused: dict[str, float] = {}

    def add(self, rule: str, caller: str, ends_at: int) -> int:
        window = self._windows.get(rule)
        if window is None:
            window = self._windows[rule] = _Window(self._most)
        return window.add(caller, ends_at)

    def pause(self, caller: str, until: float) -> None:
        if len(self._paused) >= self._most:
            del self._paused[next(iter(self._paused))]
        self._paused[caller] = until

    def paused_until(self, caller: str) -> float:
        return self._paused.get(caller, 0.0)

    def remembered(self, rule: str) -> int:
        """How many callers the rule has counted in its window."""
        return len(self._windows[rule].counts)


class Limiter:
    """Counts callers. `on=False` lets everything pass."""

    def __init__(self, *, on: bool = True, rules: Rules | None = None, counts: Counts | None = None) -> None:
        self.on = on
        self.rules = rules or Rules()
        self._counts: Counts = counts or OwnCounts()

    def count(self, limit: Limit, caller: str, now: float) -> None:
        """One call more. Raises `RateLimited` when it is one too many. `now` in Unix seconds."""
        if not self.on or limit.count <= 0:
            return
        ends_at = int(now // limit.seconds + 1) * limit.seconds
        if self._counts.add(limit.name, caller, ends_at) > limit.count:
            raise _refusal(limit.count, ends_at, now)

    def count_address(self, address: str, now: float) -> None:
        """One request of this address. Raises `RateLimited`."""
        self.count(self.rules.address, address, now)

    def refuse_guessers(self, address: str, now: float) -> None:
        """Raises `RateLimited` while this address is paused for guessing access tokens."""
        self._refuse_paused(address, self.rules.guesses.count, now)

    def count_guess(self, address: str, now: float) -> None:
        """An access token that was not found; one too many starts the pause."""
        try:
            self.count(self.rules.guesses, address, now)
        except RateLimited:
            self._counts.pause(address, now + self.rules.pause_seconds)

    def refuse_locked_out(self, lockout: Lockout, caller: str, now: float) -> None:
        """Raises `RateLimited` while this caller is paused for its failures."""
        self._refuse_paused(f"{lockout.name} {caller}", lockout.count, now)

    def count_failure(self, lockout: Lockout, caller: str, now: float) -> None:
        """One failure more; the last that is allowed starts the pause."""
        limit = Limit(lockout.name, lockout.count - 1, lockout.seconds)
        try:
            self.count(limit, caller, now)
        except RateLimited:
            self._counts.pause(f"{lockout.name} {caller}", now + lockout.pause_seconds)

    def _refuse_paused(self, caller: str, count: int, now: float) -> None:
        until = self._counts.paused_until(caller) if self.on else 0.0
        if now < until:
            raise _refusal(count, until, now)


def _refusal(limit: int, ends_at: float, now: float) -> RateLimited:
    return RateLimited(limit, int(ends_at), max(1, int(ends_at - now + 0.999)))


class Addresses:
    """Finds a client's address: the socket's, or behind trusted proxies the last hop that is none of them."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        """`trusted` are addresses or networks. Raises `ValueError` for anything else."""
        self._trusted: tuple[Network, ...] = tuple(ipaddress.ip_network(each, strict=False) for each in trusted)
        self._is_trusted = lru_cache(maxsize=4096)(self._look)

    def of(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """The client's address, as text."""
        if not self._trusted or not self._is_trusted(peer):
            return peer
        hops = [
            hop.strip()
            for name, value in headers
            if name == b"x-forwarded-for"
            for hop in value.decode("latin-1").split(",")
        ]
        client = peer
        for hop in reversed(hops):
            address = _address_in(hop)
            if address is None:
                # Not written by a proxy of ours: nothing to the left of it can be believed either.
                return client
            client = address
            if not self._is_trusted(address):
                return client
        return client

    def _look(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def _address_in(hop: str) -> str | None:
    """The address of a forwarded hop, which some proxies write with a port."""
    text = hop.strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


@lru_cache(maxsize=16_384)
def counted_as(address: str) -> str:
    """Whom a limit counts: an IPv4 address, or the /64 that one IPv6 customer holds whole."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
