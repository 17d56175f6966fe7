"""The database's numbered versions: bring a database to the newest one, or say which one it is at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from frontdesk.basics.errors import Unavailable

_LOCK = 7263819
_BUSY_SECONDS = 30


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
