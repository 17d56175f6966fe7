"""Migrating: to the newest version, as often as one likes, by several at once, and the same on both databases."""

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from databases import Place
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.basics.errors import Unavailable
from frontdesk.kernel.vault import Vault
from frontdesk.kyc.store import customers
from frontdesk.migrations import migrate
from frontdesk.ports.db import Db

SCRIPT = "import sys; from frontdesk.migrations import migrate; sys.stdin.read(1); print(migrate(sys.argv[1]))"
TYPES = {"INTEGER": "number", "BIGINT": "number", "TEXT": "text", "BLOB": "bytes", "BYTEA": "bytes"}


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/new folder/100%/frontdesk.db"


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def test_twice_is_as_good_as_once(url: str) -> None:
    head = migrate(url)
    assert head == max(path.name[:4] for path in versions())
    assert migrate(url) == head


def versions() -> list[Path]:
    return list((Path(sys.modules["frontdesk.migrations"].__path__[0]) / "versions").glob("[0-9]*.py"))


def test_several_processes_at_once_migrate_it_once(url: str) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("x")
        child.stdin.flush()
    ended = [(*child.communicate(timeout=60), child.returncode) for child in children]
    assert [code for _, _, code in ended] == [0, 0, 0], ended
    assert {printed.strip() for printed, _, _ in ended} == {migrate(url)}


def test_an_address_with_further_parameters_is_taken_as_the_server_takes_it(postgres_url: str) -> None:
    assert migrate(postgres_url + "?sslmode=disable&application_name=desk") == migrate(postgres_url)
    assert migrate(postgres_url.replace("postgresql://", "postgres://")) == migrate(postgres_url)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        migrate("postgresql://frontdesk@127.0.0.1:1/none")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        migrate(f"sqlite:///{tmp_path}/file/frontdesk.db")


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.db").write_bytes(b"no database " * 500)
    with pytest.raises(Unavailable):
        migrate(f"sqlite:///{tmp_path}/frontdesk.db")


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    migrate(url)
    ahead = "UPDATE alembic_version SET version_num = '9999'"
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(ahead)
        connection.close()
    else:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(ahead)
    with pytest.raises(Unavailable, match="newer version"):
        migrate(url)


async def columns(db: Db) -> dict[str, list[tuple[str, str, bool]]]:
    """Each table's columns in order: name, kind of value, whether it may be null."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    rows: Sequence[Sequence[object]]
    if db.dialect == "sqlite":
        rows = await db.all(
            'SELECT m.name, c.name, c.type, c."notnull" = 0 FROM sqlite_master m, pragma_table_info(m.name) c '
            "WHERE m.type = 'table' ORDER BY m.name, c.cid"
        )
    else:
        rows = await db.all(
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' "
            "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        )
    for table, name, kind, may_be_null in rows:
        if table != "alembic_version":
            word = TYPES.get(str(kind).upper(), str(kind).upper())
            found.setdefault(str(table), []).append((str(name), word, bool(may_be_null)))
    return found


Key = tuple[str, bool, str, str | None]


async def keys(db: Db) -> set[Key]:
    """Every index and unique key: its table, whether it is unique, its columns in order, which rows it holds (None:
    all)."""
    found: set[Key] = set()
    if db.dialect == "sqlite":
        rows = await db.all(
            'SELECT m.name, i."unique", i.name, (SELECT sql FROM sqlite_master WHERE name = i.name) '
            "FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table'"
        )
        for table, unique, index, definition in rows:
            parts = await db.all("SELECT name FROM pragma_index_info($1) ORDER BY seqno", index)
            named = ", ".join(str(part[0]) for part in parts)
            found.add((str(table), bool(unique), named, which_rows(str(definition or ""))))
    else:
        rows = await db.all("SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        for table, told in rows:
            definition = str(told)
            named = re.sub(r".* USING \w+ \(([^()]*)\).*", r"\1", definition)
            found.add((str(table), "UNIQUE INDEX" in definition, named, which_rows(definition)))
    return {each for each in found if each[0] != "alembic_version"}


def which_rows(definition: str) -> str | None:
    """The condition of an index, without the brackets that PostgreSQL puts around it."""
    _, where, condition = definition.partition(" WHERE ")
    return condition.strip("()") if where else None


async def test_both_databases_have_the_same_tables_columns_and_indexes(
    sqlite_place: Place, postgres_place: Place
) -> None:
    shapes = []
    for place in (sqlite_place, postgres_place):
        db = place.connect()
        await db.open()
        shapes.append((await columns(db), await keys(db)))
        await db.close()
    (sqlite_columns, sqlite_keys), (postgres_columns, postgres_keys) = shapes
    assert len(sqlite_columns) > 10
    for table, described in postgres_columns.items():
        assert [(name, kind.replace("DOUBLE PRECISION", "REAL"), null) for name, kind, null in described] == (
            sqlite_columns[table]
        )
    assert set(sqlite_columns) == set(postgres_columns)
    assert sqlite_keys == postgres_keys
    assert ("sessions", False, "due_at", "due_at IS NOT NULL") in sqlite_keys


async def test_every_table_of_the_embedded_database_is_strict(sqlite_place: Place) -> None:
    db = sqlite_place.connect()
    await db.open()
    loose = await db.all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0")
    await db.close()
    assert {row[0] for row in loose} <= {"alembic_version", "sqlite_schema", "sqlite_sequence"}


async def test_migrating_beside_a_running_server_waits_and_changes_nothing(sqlite_place: Place) -> None:
    db = sqlite_place.connect()
    await db.open()
    await asyncio.to_thread(migrate, sqlite_place.url)
    assert await db.all("SELECT id FROM sessions") == []
    await db.close()


def test_what_identity_checks_hold_is_carried_over_to_the_retention_clocks(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    url = f"sqlite:///{path}"
    upgrade_to(url, "0005")
    with sqlite3.connect(path) as db:
        rows = [("approved", None), ("completed", None), ("active", None), ("active", "s0")]
        for number, (status, parent) in enumerate(rows):
            db.execute(
                "INSERT INTO sessions (id, tenant_id, kind, status, parent_id, version, created_at, updated_at, "
                "expires_at, last_number, last_digest, wrapped_key) "
                "VALUES (?, 't', 'kyc', ?, ?, 1, 1, 20, 30, 0, x'', x'')",
                (f"s{number}", status, parent),
            )
            db.execute(
                "INSERT INTO kyc_sessions (session_id, workflow_id, workflow_version, record) VALUES (?, 'w', 1, x'')",
                (f"s{number}",),
            )
        db.execute(
            "INSERT INTO kyc_customers (id, tenant_id, client_id, created_at) VALUES ('c', 't', 'client 881', 1)"
        )
    db.close()
    migrate(url)
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT tenant_id, rests_as, rests_since FROM kyc_sessions ORDER BY session_id").fetchall()
        assert rows == [("t", "decided", 20), ("t", "completed", 20), ("t", "open", 30), ("t", "within", 30)]
        assert db.execute("SELECT client_id, sealed FROM kyc_customers").fetchall() == [("client 881", None)]
    db.close()
    assert asyncio.run(sealed_customer(path)) == ("c", "client 881", None)


def upgrade_to(url: str, version: str) -> None:
    """Bring an embedded database to an older version than the newest."""
    config = Config()
    config.set_main_option("script_location", str(versions()[0].parents[1]))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


async def sealed_customer(path: Path) -> tuple[str | None, str | None, str | None]:
    """Seal what was kept in clear; the customer found by its key, its key, and what is left in clear."""
    db, vault = SqliteDb(path), Vault(b"the key of the tests, 32 characters or more")
    await db.open()
    assert await customers.seal_in_clear(db, vault) == 1
    assert await customers.seal_in_clear(db, vault) == 0
    found = await customers.of_client(db, vault, "t", "client 881")
    row = await db.one("SELECT client_id FROM kyc_customers")
    client_id = await customers.client_of(db, vault, "c", "t")
    await db.close()
    return found, client_id, row[0] if row else "nothing"
