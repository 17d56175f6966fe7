"""SQLite tables that refuse a value of another type, as PostgreSQL's do by themselves."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Table, event
from sqlalchemy.ext.compiler import compiles

_NOT_OURS = "alembic_version"


@cache
def install() -> None:
    """From now on every table of ours is made STRICT on SQLite; done once for the process."""
    event.listen(Table, "before_create", _strict)


def _strict(table: Table, connection: Any, **_: Any) -> None:
    if table.name != _NOT_OURS:
        table.dialect_options["sqlite"]["strict"] = True
        table.dialect_options["sqlite"]["with_rowid"] = False


@compiles(BigInteger, "sqlite")
def _integer(*_: Any, **__: Any) -> str:
    # A strict table knows no BIGINT; SQLite's INTEGER has the same 64 bits.
    return "INTEGER"
