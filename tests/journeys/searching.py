"""What opens something is looked for where it has no business: logs, events, refusals, addresses, tables, files."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx

from frontdesk.kernel import events, sessions

if TYPE_CHECKING:
    from journeys.running import Running

OPENING = frozenset({"nonce", "temp_token", "access_token", "client_secret", "client_app_key", "state", "code"})
"""Names, in bodies and addresses, of values that open something."""
RETURN = "/v1/redirects/aisp"
"""The bank's way back: the one address that carries such values, as documented."""
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables"
    " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
}


class Given:
    """Everything that opens something, as it went over the wire; and where it might have been repeated."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.answers: list[httpx.Response] = []

    def __call__(self, response: httpx.Response) -> None:
        """A hook of clients: learn from a call that was accepted, and keep every answer."""
        response.read()
        self.answers.append(response)
        if response.request.url.path == RETURN:
            self._learn_address(str(response.request.url))
        if response.status_code < 400:
            sent: Any = None
            with suppress(ValueError, httpx.RequestNotRead):
                sent = json.loads(response.request.content)
            self._learn(sent)
            self._learn_address(response.headers.get("location", ""))
            if response.headers.get("content-type", "").startswith("application/json"):
                self._learn(response.json())

    def _learn(self, told: Any) -> None:
        if isinstance(told, list):
            for one in told:
                self._learn(one)
        elif isinstance(told, dict):
            for name, value in told.items():
                # A bank's code of four figures opens nothing by itself and is found in any number.
                if name in OPENING and isinstance(value, str) and len(value) > 12:
                    self.texts.add(value)
                elif name == "url" and isinstance(value, str):
                    self._learn_address(value)
                else:
                    self._learn(value)

    def _learn_address(self, address: str) -> None:
        for name, values in parse_qs(urlsplit(address).query).items():
            if name in OPENING:
                self.texts |= {one for one in values if len(one) > 12}


def places(server: "Running", given: Given) -> Iterator[tuple[str, str]]:
    """Every place that must be free of them, by a name that says where it is."""
    for line in (*server.journal.lines, *server.journal.faults):
        yield "the log", repr(line)
    for response in given.answers:
        address = response.request.url
        if address.path != RETURN:
            yield "an address", str(address)
        if response.status_code >= 400:
            yield f"the refusal of {address.path}", response.text
    yield from _events(server)
    yield from _tables(server)
    for file in sorted(server.house.settings.data.rglob("*")):
        if file.is_file() and "blobs" in file.parts:
            yield "a stored file", file.read_bytes().decode("latin-1")


def search(server: "Running") -> None:
    """After all that a server was asked: nothing it gave out is found in any of these places."""
    given = server.given
    assert given.texts, "nothing was given out, so nothing would be found"
    for place, text in places(server, given):
        found = [one for one in given.texts if one in text]
        assert not found, f"{place} holds what opens something: {found}"


def _events(server: "Running") -> Iterator[tuple[str, str]]:
    house = server.house
    for (session_id,) in server.wait(house.db.all("SELECT session_id FROM onboarding_sessions")):
        session = server.wait(sessions.load_any(house.db, session_id))
        assert session is not None
        seal = house.vault.open_session_key(session.id, session.wrapped_key)
        for event in server.wait(events.after(house.db, session.id, 0, 1000)):
            yield f"an event {event.type}", json.dumps(event.facts(seal))


def _tables(server: "Running") -> Iterator[tuple[str, str]]:
    db = server.house.db
    for (table,) in server.wait(db.all(_TABLES[db.dialect])):
        for row in server.wait(db.all(f"SELECT * FROM {table}")):
            yield f"the table {table}", " ".join(_text(value) for value in row)
    path = server.house.settings.sqlite_path
    if path is not None:
        yield from _rows(path.with_name("engine.db"))


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        for (table,) in connection.execute(_TABLES["sqlite"]).fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield f"the engine's table {table}", " ".join(_text(value) for value in row)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
