"""After a whole journey nothing that opens something is found where it has no business: log, events, errors, tables."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from frontdesk.config import Settings
from frontdesk.kernel import events, sessions
from journeys.apps import AISP, PERSON, USER, App, World, good, refused, world

pytestmark = pytest.mark.xdist_group("journeys-onboarding-secrets")


@pytest.fixture
def here(files: Settings) -> Iterator[World]:
    with world(files) as found:
        yield found


class Searched:
    """Everything that opens something, as it was given out in a journey."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.texts: set[str] = {app.tenant.client_app_key, app.tenant.client_secret}
        self.personal: set[str] = {USER, *PERSON.values(), "123456"} - {"Ana", "Pop"}

    def learn(self, *texts: str) -> None:
        self.texts |= set(texts)

    def check(self, place: str, text: str, *, allowed: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        found = {one for one in self.texts | self.personal if one in text} - allowed
        assert not found, f"{place} holds {found}"


def journey(app: App) -> Searched:
    """Both skills to their ends, with refusals on the way."""
    searched = Searched(app)
    walk = app.begin()
    searched.learn(walk.nonce)
    refused(walk.submit("product_form", {"value": "secret-value"}), 400, "missing_fields")
    walk.to_code()
    refused(walk.submit("sms_code", {"code": "000000"}), 400, "invalid_field")
    searched.learn(walk.spent, walk.nonce)
    token = good(walk.submit("sms_code", {"code": "123456"}))["temp_token"]
    holder = app.exchange(token)
    refused(app.exchanged(token), 401, "invalid_temp_token")
    refused(app.exchanged(token, repeat="x"), 401, "invalid_temp_token")
    searched.learn(token, holder["access_token"])
    shared = app.begin(AISP)
    searched.learn(shared.nonce)
    link = shared.to_bank()
    searched.learn(shared.nonce)
    back = shared.at_bank(link)
    query = parse_qs(urlsplit(back).query)
    searched.learn(query["state"][0], query["code"][0])
    target = app.http.get(back).headers["location"]
    token = parse_qs(urlsplit(target).query)["temp_token"][0]
    refused(app.http.get(back), 400, "tpp_redirect_error")
    holder = app.exchange(token)
    searched.learn(token, holder["access_token"])
    for what in ("accounts", "balances", "transactions"):
        good(app.read(f"/v1/{what}/get", holder))
    refused(app.read("/v1/accounts/get", holder, user="somebody"), 401, "invalid_credentials_id")
    good(app.post("/v1/consents/get", holder))
    return searched


def test_no_secret_is_found_where_it_has_no_business(here: World) -> None:
    app = App(here.server)
    searched = journey(app)
    for line in here.server.journal.lines:
        searched.check("the log", repr(line))
    for path, text in _logged_events(here):
        searched.check(f"an event of {path}", text)
    for response in app.asked:
        path = response.request.url.path
        searched.check("an address", str(response.request.url))
        if response.status_code >= 400:
            searched.check(f"the refusal of {path}", response.text)
    assert here.server.house.settings.sqlite_path is not None
    for table, row in _rows(here.server.house.settings.sqlite_path):
        searched.check(f"the table {table}", row)
    for file in sorted(here.server.house.settings.data.rglob("*")):
        if file.is_file() and "blobs" in file.parts:
            searched.check("a stored file", file.read_bytes().decode("latin-1"))


def _logged_events(here: World) -> Iterator[tuple[str, str]]:
    house = here.server.house
    for (session_id,) in here.server.wait(house.db.all("SELECT session_id FROM onboarding_sessions")):
        session = here.server.wait(sessions.load_any(house.db, session_id))
        assert session is not None
        seal = house.vault.open_session_key(session.id, session.wrapped_key)
        for event in here.server.wait(events.after(house.db, session.id, 0, 1000)):
            yield event.type, json.dumps(event.facts(seal))


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield table, " ".join(_text(value) for value in row)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
