"""The database's numbered versions: bring a database to the newest one, or say which one it is at."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from frontdesk.basics.errors import Unavailable

_LOCK = 7263819
_BUSY_SECONDS = 30
_STANDING = "SELECT version_num FROM alembic_version"
_TABLE_SQLITE = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
_TABLE_POSTGRES = "SELECT to_regclass('alembic_version') IS NOT NULL"


def migrate(database_url: str) -> str:
    """Bring the database to the newest version and name it. Raises `Unavailable`.

    Two processes may do so at once: one migrates, the other waits and finds nothing left to do.
    """
    # SQLAlchemy and alembic are imported here so that no request path ever pays for them.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError
    from asyncpg import InterfaceError, PostgresError
    from sqlalchemy.exc import DBAPIError

    config = Config()
    # A per cent sign in the path would be taken for the beginning of a variable.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head() or ""

    def upgrade(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    run = _run_sqlite if database_url.startswith("sqlite") else _run_postgres
    try:
        run(database_url, upgrade)
    except CommandError as error:
        raise Unavailable("The database was made by a newer version of Frontdesk; install that one") from error
    except (DBAPIError, PostgresError, InterfaceError, OSError, TimeoutError) as error:
        raise Unavailable(f"The database cannot be migrated: {type(error).__name__}") from error
    return head


def newest() -> str:
    """The version that `migrate` brings a database to: the number of the last file."""
    return max(path.name.partition("_")[0] for path in Path(__file__).parent.glob("versions/[0-9]*.py"))


def standing(database_url: str) -> str:
    """The version that the database is at, "" if it is empty or not there yet. Raises `Unavailable`."""
    if database_url.startswith("sqlite"):
        return _standing_sqlite(Path(database_url.removeprefix("sqlite:///")))
    return _standing_postgres(database_url)


def _standing_sqlite(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
            if connection.execute(_TABLE_SQLITE).fetchone() is None:
                return ""
            row = connection.execute(_STANDING).fetchone()
    except sqlite3.Error as error:
        raise Unavailable(f"The database {path} cannot be read: {error}") from error
    return "" if row is None else str(row[0])


def _standing_postgres(url: str) -> str:
    import asyncio

    import asyncpg

    async def looking() -> str:
        connection = await asyncpg.connect(url, timeout=_BUSY_SECONDS)
        try:
            if not await connection.fetchval(_TABLE_POSTGRES):
                return ""
            return await connection.fetchval(_STANDING) or ""
        finally:
            await connection.close()

    try:
        return asyncio.run(looking())
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise Unavailable(f"The database does not answer: {type(error).__name__}; is it running?") from error


def _run_sqlite(url: str, upgrade: Callable[[Any], None]) -> None:
    from sqlalchemy import create_engine

    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            # The driver begins no transaction before DDL, so the lock is taken by hand.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            upgrade(connection)
            connection.commit()
    finally:
        engine.dispose()


def _run_postgres(url: str, upgrade: Callable[[Any], None]) -> None:
    import asyncio

    import asyncpg
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    async def connect() -> Any:
        # asyncpg reads the address itself, as it does for the server: SQLAlchemy knows no `sslmode`.
        return await asyncpg.connect(url)

    async def migrating() -> None:
        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
        try:
            async with engine.begin() as connection:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                await connection.run_sync(upgrade)
        finally:
            await engine.dispose()

    asyncio.run(migrating())
