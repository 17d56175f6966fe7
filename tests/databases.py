"""Migrated databases of both kinds, made once for each test worker and copied for each test; a clock, a vault."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from frontdesk.adapters.db_postgres import PostgresDb
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.kernel.vault import Vault
from frontdesk.migrations import migrate
from frontdesk.ports.db import Db
from frontdesk.ports.wakeup import Wakeup

SECRET = b"the key of the tests, 32 characters or more"


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = datetime(2026, 4, 9, 8, 15, 30, 123456, tzinfo=UTC)

    def now(self) -> datetime:
        """The instant it was set to."""
        return self._now

    def advance(self, **duration: float) -> datetime:
        """Move on by `timedelta(**duration)` and say what time it is then."""
        self._now += timedelta(**duration)
        return self._now


@dataclass(frozen=True)
class Place:
    """One migrated database: `url` as in the settings, `connect` makes a further adapter for it, not yet open."""

    dialect: str
    url: str
    connect: Callable[[], Db]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file."""
    path = tmp_path_factory.mktemp("template") / "frontdesk.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database that others are copied from."""
    name = "template_" + os.urandom(8).hex()
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(_named(postgres_server, name))
    yield name
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def sqlite_place(sqlite_template: Path, tmp_path: Path) -> Place:
    path = tmp_path / "frontdesk.db"
    shutil.copyfile(sqlite_template, path)
    return Place("sqlite", f"sqlite:///{path}", lambda: SqliteDb(path))


@pytest.fixture
def postgres_place(postgres_server: str, postgres_template: str) -> Iterator[Place]:
    name = "test_" + os.urandom(8).hex()
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
        admin.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(postgres_template)))
        url = _named(postgres_server, name)
        yield Place("postgresql", url, lambda: PostgresDb(url))
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _named(server_url: str, name: str) -> str:
    return server_url.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """A migrated database of each kind in turn."""
    chosen: Place = request.getfixturevalue("sqlite_place" if request.param == "sqlite" else "postgres_place")
    return chosen


@pytest.fixture
async def db(place: Place) -> AsyncIterator[Db]:
    """An open adapter on a migrated database of each kind in turn."""
    opened = place.connect()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def vault() -> Vault:
    return Vault(SECRET)
