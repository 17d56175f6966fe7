"""Every statement fits the migrated schema on both databases, and none reads a whole table.

Assumes, from the branches that meet here: `frontdesk.migrations.migrate(url)`, the fixture `postgres_url` of
`tests/conftest.py`, and SQL in upper-case constants of the kernel and the kinds (alone, or in tuples, lists or dicts).
The plans are read with plain drivers, because a plan with the real arguments of one test may hide a scan.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from frontdesk.kyc.store.sessions import Query, list_statement
from frontdesk.migrations import migrate
from shape.statements import parameters, statements, unnamed

FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "status": {"status": "active"},
    "workflow": {"workflow_id": "w"},
    "customer": {"customer_id": "c"},
    "parent": {"parent_session_id": "p"},
    "subsessions too": {"top_level_only": False},
    "expired": {"expired": True},
    "created": {"created_from": 1, "created_to": 2},
    "everything": {
        "status": "active", "workflow_id": "w", "customer_id": "c", "parent_session_id": "p", "expired": False,
        "created_from": 1, "created_to": 2,
    },
}  # fmt: skip
"""What a list of sessions may be narrowed by: its statement is put together of these."""
LISTS = {
    f"frontdesk.kyc.store.sessions.list_statement[{name}, {order}]": list_statement(
        replace(Query("t", 1, (1, "a"), 50), newest_first=order == "newest first", **filters)
    )[0]
    for name, filters in FILTERS.items()
    for order in ("newest first", "oldest first")
}
STATEMENTS = statements() | LISTS
SCANS = {
    "frontdesk.kernel.outbox.SELECT_NEXT": "the least value of an index: both databases read its first entry only",
}
"""Statements that may read a whole table, by name, and why."""

SORTS: dict[str, str] = {}
"""Statements that may sort what they found, by name, and why: how many rows there can be."""


def test_there_are_statements_to_look_at() -> None:
    assert len(STATEMENTS) > 20


def test_every_statement_is_a_named_constant() -> None:
    assert unnamed() == []


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("schema") / "frontdesk.db"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.mark.parametrize("name", STATEMENTS)
def test_on_sqlite_a_statement_searches_by_an_index(sqlite: sqlite3.Connection, name: str) -> None:
    sql = re.sub(r"\$(\d+)", r"?\1", STATEMENTS[name])
    plan = [row[3] for row in sqlite.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * parameters(sql.replace("?", "$")))]
    scans = [line for line in plan if re.match(r"SCAN (?!CONSTANT ROW|\(?subquery|json_each|\d+ CONSTANT)", line)]
    # A sort of the right part only puts rows in order that are equal by the index.
    sorts = [line for line in plan if "TEMP B-TREE" in line and "RIGHT PART" not in line]
    assert (scans if name not in SCANS else []) == [], plan
    assert (sorts if name not in SORTS else []) == [], plan


def test_on_postgresql_every_statement_searches_by_an_index(postgres_url: str) -> None:
    migrate(postgres_url)
    found = {}
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        # With few rows the planner would rather scan; this asks whether there is any other way.
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET plan_cache_mode = force_generic_plan")
        for number, (name, sql) in enumerate(STATEMENTS.items()):
            connection.execute(f"PREPARE s{number} AS {sql}".encode())
            count = parameters(sql)
            arguments = f"({', '.join(['NULL'] * count)})" if count else ""
            row = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE s{number}{arguments}".encode()).fetchone()
            assert row is not None
            plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
            wrong = list(_scans(plan[0]["Plan"], limited=False))
            if wrong and name not in SCANS:
                found[name] = wrong
    assert found == {}


def _scans(node: dict[str, Any], *, limited: bool) -> Iterator[str]:
    """The nodes that read a table from end to end: no index, or an index without a condition and without a limit."""
    kind = node["Node Type"]
    limited = limited or kind == "Limit"
    if kind == "Seq Scan":
        yield f"Seq Scan on {node['Relation Name']}"
    elif kind in ("Index Scan", "Index Only Scan", "Bitmap Index Scan") and "Index Cond" not in node and not limited:
        yield f"{kind} of all of {node['Index Name']}"
    for child in node.get("Plans", []):
        yield from _scans(child, limited=limited)


def test_an_exception_names_a_statement() -> None:
    assert {*SCANS, *SORTS} - set(STATEMENTS) == set()
