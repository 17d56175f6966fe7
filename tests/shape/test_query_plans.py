"""No statement on a request path reads a whole table: every plan of both databases finds its rows by an index."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from databases import Place
from frontdesk.adapters.db_postgres import PostgresDb
from frontdesk.migrations import migrate
from frontdesk.ports.db import Db, Value
from servers.postgres import fresh_database

ROOMS = ("frontdesk.kernel", "frontdesk.kyc.store", "frontdesk.forms.store", "frontdesk.agents.store")
"""Where SQL is written. A room that does not exist yet is passed over; one that exists must have statements."""

FROM_THE_BEGINNING = {"kernel.outbox.SELECT_NEXT": "reads the first entry of an index"}
"""Statements without a condition that read an index from its beginning, and why that costs nothing."""

VERB = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s", re.IGNORECASE)
SAMPLES: dict[str, Value] = {"text": "x", "bigint": 1, "integer": 1, "bytea": b"x"}
"""A value of each kind: with NULL the planner sees that nothing can match, and looks no further."""


def statements() -> Iterator[tuple[str, str]]:
    """Every module-level UPPERCASE text, or tuple of texts, that is SQL: its name and itself."""
    for room in ROOMS:
        try:
            package = importlib.import_module(room)
        except ModuleNotFoundError:
            continue
        yield from _of(package)
        if hasattr(package, "__path__"):
            for found in pkgutil.walk_packages(package.__path__, room + "."):
                yield from _of(importlib.import_module(found.name))


def _of(module: Any) -> Iterator[tuple[str, str]]:
    for name, content in vars(module).items():
        texts = content if isinstance(content, tuple) else (content,)
        for number, text in enumerate(texts):
            if name.isupper() and isinstance(text, str) and VERB.match(text):
                place = f"{module.__name__.removeprefix('frontdesk.')}.{name}"
                yield place if text is content else f"{place}[{number}]", text


async def arguments(place: Place, sql: str) -> list[Value]:
    """Values of the kinds that the statement wants, as far as the database minds."""
    if place.dialect == "sqlite":
        return ["x"] * max((int(number) for number in re.findall(r"\$(\d+)", sql)), default=0)
    connection = await asyncpg.connect(place.url)
    statement = await connection.prepare(sql)
    kinds = [
        await connection.fetchval("SELECT format_type($1, NULL)", parameter.oid)
        for parameter in statement.get_parameters()
    ]
    await connection.close()
    return [SAMPLES[kind] for kind in kinds]


def scans_of_sqlite(plan: str) -> list[str]:
    """The lines of a plan that read a table or an index from end to end."""
    return [line for line in plan.splitlines() if line.startswith("SCAN") and "CONSTANT ROW" not in line]


def scans_of_postgres(plan: str, leading: dict[str, str]) -> list[str]:
    """The nodes of a plan that read a table or an index from end to end.

    PostgreSQL also uses an index whose first column has no condition: then it reads all of it and filters.
    """

    def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for inner in node.get("Plans", []):
            yield from nodes(inner)

    def is_scan(node: dict[str, Any]) -> bool:
        if node["Node Type"] in INDEX_SCANS:
            column = leading[node["Index Name"]]
            return re.search(rf"\b{column}\b", node.get("Index Cond", "")) is None
        return str(node["Node Type"]) == "Seq Scan"

    return [
        f"{node['Node Type']} {node.get('Index Name', node.get('Relation Name'))}"
        for node in nodes(json.loads(plan)[0]["Plan"])
        if is_scan(node)
    ]


async def scans(db: Db, sql: str, values: list[Value]) -> tuple[list[str], str]:
    """What the plan of a statement reads from end to end, and the plan."""
    plan = await db.explain(sql, values)
    if db.dialect == "sqlite":
        return scans_of_sqlite(plan), plan
    return scans_of_postgres(plan, {str(row[0]): str(row[1]) for row in await db.all(LEADING)}), plan


LEADING = """
SELECT c.relname::text, a.attname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
"""
"""The first column of every index."""
INDEX_SCANS = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
ALL = dict(statements())


@pytest.fixture(scope="module")
def postgres_place(postgres_server: str) -> Iterator[Place]:
    """A database in which nothing was ever written: what other tests leave behind would change the estimates."""
    with fresh_database(postgres_server) as url:
        migrate(url)
        yield Place("postgresql", url, lambda: PostgresDb(url))


def test_the_statements_of_the_kernel_are_found() -> None:
    assert {name.split(".")[1] for name in ALL if name.startswith("kernel.")} >= {
        "blobs",
        "credentials",
        "erasure",
        "events",
        "expiry",
        "idempotency",
        "outbox",
        "sessions",
        "tenants",
        "webhooks",
    }
    assert set(FROM_THE_BEGINNING) <= set(ALL)


@pytest.mark.parametrize("name", sorted(ALL))
async def test_it_is_planned_without_a_full_scan(place: Place, db: Db, name: str) -> None:
    found, plan = await scans(db, ALL[name], await arguments(place, ALL[name]))
    if name in FROM_THE_BEGINNING:
        found = [each for each in found if "Seq Scan" in each or ("INDEX" not in each and "Index" not in each)]
    assert found == [], plan


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM sessions WHERE status = $1",
        "SELECT id FROM sessions WHERE tenant_id = $1 OR parent_id || $2 = $1",
        "DELETE FROM events WHERE number = $1",
        "SELECT e.id FROM access_tokens a JOIN events e ON e.type = a.session_id WHERE a.digest = $1",
    ],
)
async def test_a_full_scan_would_be_found(place: Place, db: Db, sql: str) -> None:
    found, plan = await scans(db, sql, await arguments(place, sql))
    assert found != [], plan
