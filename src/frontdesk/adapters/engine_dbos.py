"""The durable engine on DBOS Transact, with SQLite (a file of its own) or PostgreSQL (its own schema, `dbos`)."""

import sqlalchemy as sa

from frontdesk.adapters.engine_running import Pace, Running
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.engine import Job

__all__ = ["DbosEngine", "Pace"]


class DbosEngine:
    """One DBOS workflow a job, one step an attempt, the job itself in the loop that called `start`.

    DBOS is one for a whole process, so one engine runs in a process at a time. `executor_id` names this process:
    of two that run at once each needs its own. After a crash the same id goes on at once, another after `dead_after`.
    """

    def __init__(self, database_url: str, executor_id: str, pace: Pace | None = None) -> None:
        self._url = sa.make_url(database_url)
        self._executor_id = executor_id
        self._pace = pace or Pace()
        self._jobs: dict[str, Job] = {}
        self._running: Running | None = None

    def register(self, name: str, job: Job) -> None:
        if self._running is not None:
            raise ValueError("Jobs are registered before the engine starts")
        self._jobs[name] = job

    async def start(self) -> None:
        running = Running(self._url, self._executor_id, self._pace, dict(self._jobs))
        await running.start()
        self._running = running

    async def stop(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            await running.stop()

    async def enqueue(self, key: str, name: str, argument: str) -> None:
        if not key.strip() or "\0" in key + argument:
            raise Rejected("A job needs a key, and texts without NUL")
        await self._started().enqueue(key, name, argument)

    async def counts(self) -> dict[str, int]:
        return await self._started().counts()

    def _started(self) -> Running:
        if self._running is None:
            raise Unavailable("The engine is stopped")
        return self._running
