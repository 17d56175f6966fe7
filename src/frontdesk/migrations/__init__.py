"""The database's numbered versions: bring a database to the newest one, or say which one it is at."""

from pathlib import Path
from typing import Any

from frontdesk.basics.errors import Unavailable


def _url(database_url: str) -> str:
    scheme, rest = database_url.split("://", 1)
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+asyncpg://{rest}"
    return database_url


def migrate(database_url: str) -> str:
    """Bring the database to the newest version and name it. Raises `Unavailable`.

    Two processes may do so at once: one migrates, the other waits and finds nothing left to do.
    """
    # SQLAlchemy and alembic are imported here so that no request path ever pays for them.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy.exc import DBAPIError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    head = ScriptDirectory.from_config(config).get_current_head() or ""

    def upgrade(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        _run(_url(database_url), upgrade)
    except (DBAPIError, OSError) as error:
        raise Unavailable(f"The database cannot be migrated: {type(error).__name__}") from error
    return head


def _run(url: str, upgrade: Any) -> None:
    if url.startswith("sqlite"):
        from sqlalchemy import create_engine, text

        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 30})
        with engine.connect() as connection:
            # The driver begins no transaction before DDL, so the lock is taken by hand.
            connection.execute(text("PRAGMA journal_mode=WAL"))
            connection.commit()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            upgrade(connection)
            connection.commit()
        engine.dispose()
        return
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    async def on_postgres() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(7263819)"))
            await connection.run_sync(upgrade)
        await engine.dispose()

    asyncio.run(on_postgres())
