"""The engine's own database: connections to it, and the signs of life of the processes that run jobs."""

from typing import Any

import sqlalchemy as sa

_NOW = {
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)",
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
}
_TABLE = {"postgresql": "dbos.engine_heartbeats", "sqlite": "engine_heartbeats"}
_LOCK = 7_305_200_131  # any number that nobody else locks


def connect(url: sa.URL) -> sa.Engine:
    """Connections as DBOS needs them."""
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url)
        sa.event.listen(engine, "connect", _set_up_sqlite)
        return engine
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=5,
        max_overflow=15,
        pool_timeout=30,
        pool_pre_ping=True,
        connect_args={"application_name": "frontdesk engine", "connect_timeout": 10},
    )


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = "IMMEDIATE"  # DBOS reads, then writes: a deferred transaction would fail half-way
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


class Liveness:
    """One row a process, so that a survivor knows whose work to take over.

    The database's clock decides: the machines' clocks may differ.
    """

    def __init__(self, engine: sa.Engine, executor_id: str, dead_after_seconds: float) -> None:
        self._engine = engine
        self._executor_id = executor_id
        self._dead_after = dead_after_seconds
        self._table = _TABLE[engine.dialect.name]
        self._now = _NOW[engine.dialect.name]

    def make_table(self) -> None:
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                # IF NOT EXISTS does not keep two processes from making it at once.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.execute(
                sa.text(
                    f"CREATE TABLE IF NOT EXISTS {self._table}"
                    " (executor_id TEXT PRIMARY KEY, beat_at DOUBLE PRECISION NOT NULL)"
                )
            )

    def beat(self) -> None:
        self._execute(
            f"INSERT INTO {self._table} (executor_id, beat_at) VALUES (:id, {self._now})"
            " ON CONFLICT (executor_id) DO UPDATE SET beat_at = excluded.beat_at",
            id=self._executor_id,
        )

    def leave(self) -> None:
        """Say that this process has stopped, so that nobody waits for it."""
        self._execute(f"UPDATE {self._table} SET beat_at = 0 WHERE executor_id = :id", id=self._executor_id)

    def claim_dead(self) -> list[str]:
        """The processes that gave no sign of life. Of several survivors that ask, one gets each of them.

        A claim is a new beat in the dead one's name: should the claimant die too, it lapses like any other.
        """
        with self._engine.connect() as connection:
            dead = connection.execute(
                sa.text(
                    f"SELECT executor_id, beat_at FROM {self._table}"
                    f" WHERE beat_at < {self._now} - :dead_after AND executor_id <> :id"
                ),
                {"dead_after": self._dead_after, "id": self._executor_id},
            ).all()
        claim = f"UPDATE {self._table} SET beat_at = {self._now} WHERE executor_id = :id AND beat_at = :seen"
        return [row[0] for row in dead if self._execute(claim, id=row[0], seen=row[1]) == 1]

    def forget(self, executor_id: str) -> None:
        """Its work has been taken over."""
        self._execute(f"DELETE FROM {self._table} WHERE executor_id = :id", id=executor_id)

    def _execute(self, statement: str, **values: str | float) -> int:
        with self._engine.begin() as connection:
            return connection.execute(sa.text(statement), values).rowcount
