"""From a start of the durable engine to its stop: DBOS launched, jobs run, signs of life given, old jobs pruned."""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from frontdesk.adapters.engine_database import Liveness, connect
from frontdesk.basics.errors import Unavailable
from frontdesk.ports.engine import Job

_QUEUE = "frontdesk"
_WORKFLOW = "frontdesk.job"
_VERSION = "1"
"""DBOS runs only work of its own version. Ours never changes: a job is known by name, whatever the code around it."""
_DAY = 24 * 3600.0
_WAITING = ("ENQUEUED", "DELAYED")
_RUNNING = ("PENDING",)
_FAILED = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")
_COUNT = "SELECT status, count(*) FROM {table} WHERE status IN :statuses GROUP BY status"
_PRUNED_AT_ONCE = 200
_ENQUEUE_SECONDS = 30
_RECORD_SECONDS = 3
_Result = TypeVar("_Result")
_log = structlog.get_logger(__name__)


class JobFailed(RuntimeError):
    """What DBOS keeps of a failed job: its name and the kinds of its errors, no personal value."""


class _LeftForLater(BaseException):
    """Leaves a DBOS workflow as it is. DBOS records every `Exception` as the result, and this is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the engine paces itself, in seconds; tests hurry it."""

    polling: float = 0.25
    """Each look at the queue costs some 5 ms of processor time, and takes the interpreter from the loop meanwhile."""
    concurrency: int = 8
    attempts: int = 10
    deaths: int = 1000
    """How often a job may be found half done. Who dies with it is seldom the job's fault, so this is no attempt."""
    first_pause: float = 2
    pause_growth: float = 3
    longest_pause: float = 600
    stop_grace: float = 5
    beat: float = 5
    dead_after: float = 20
    prune: float = 600
    keep_done: float = 7 * _DAY
    keep_failed: float = 90 * _DAY


class Running:
    """Everything that lives from a start to the next stop."""

    def __init__(self, url: sa.URL, executor_id: str, pace: Pace, jobs: dict[str, Job]) -> None:
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(pace.concurrency)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = threading.Event()
        # DBOS waits without limit for a lost database: that must not use up the threads that all others share.
        self._threads = concurrent.futures.ThreadPoolExecutor(4, thread_name_prefix="engine-")
        self._executor_id, self._pace, self._jobs = executor_id, pace, jobs
        self._engine = connect(url)
        self._liveness = Liveness(self._engine, executor_id, pace.dead_after)
        self._left: list[str] = []
        self._dbos: Any = None
        self._instance: Any = None
        self._upkeep: asyncio.Task[None] | None = None

    async def start(self) -> None:
        try:
            await self._in_thread(self._launch)
        except Unavailable:
            await self.stop()
            raise
        self._upkeep = self._loop.create_task(self._keep_up(), name="engine upkeep")

    async def stop(self) -> None:
        """Running jobs get a little time, then their tasks are cancelled and their workflows left as they are."""
        self._stopping.set()
        if self._instance is not None:
            for event in self._instance.background_thread_stop_events:
                event.set()  # take no further job from the queue
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.wait([self._upkeep])
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._pace.stop_grace)
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
        await self._loop.run_in_executor(self._threads, self._destroy)
        self._threads.shutdown(wait=False)

    async def enqueue(self, key: str, name: str, argument: str) -> None:
        options = {"workflow_name": _WORKFLOW, "queue_name": _QUEUE, "workflow_id": key, "app_version": _VERSION}
        try:
            async with asyncio.timeout(_ENQUEUE_SECONDS):
                await self._in_thread(self._dbos.enqueue_workflow_with_options, options, name, argument)
        except TimeoutError as error:
            raise Unavailable("The engine's database does not answer") from error

    async def counts(self) -> dict[str, int]:
        by_status = await self._in_thread(self._count)
        groups = {"waiting": _WAITING, "running": _RUNNING, "failed": _FAILED}
        return {group: sum(by_status.get(status, 0) for status in of) for group, of in groups.items()}

    async def _in_thread(self, call: Callable[..., _Result], *args: object) -> _Result:
        """DBOS's own asynchronous calls would replace the loop's default executor; so threads, with our own."""
        try:
            return await self._loop.run_in_executor(self._threads, partial(_translated, call, *args))
        except RuntimeError as error:
            raise Unavailable("The engine is stopping") from error

    def _launch(self) -> None:
        from dbos import DBOS, DBOSPortableJSONSerializer  # takes more than a second to import

        self._dbos = DBOS
        self._instance = DBOS(
            config={
                "name": "frontdesk",
                "system_database_url": self._engine.url.render_as_string(hide_password=False),
                "system_database_engine": self._engine,
                "executor_id": self._executor_id,
                "application_version": _VERSION,
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "CRITICAL",  # it would quote what a job raised; we log what matters
                "serializer": DBOSPortableJSONSerializer(),  # the default is pickle: who writes rows could run code
                "scheduler_polling_interval_sec": 3600,
                "notification_listener_polling_interval_sec": 0.2,  # it looks at memory; `stop` waits for it
            }
        )

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=self._pace.deaths)
        def _(name: str, argument: str) -> None:
            self._work(name, argument)

        DBOS.launch()
        DBOS.register_queue(
            _QUEUE,
            # Ten times the slots: a job that pauses between attempts keeps its place here, but no slot.
            worker_concurrency=10 * self._pace.concurrency,
            polling_interval_sec=self._pace.polling,
            on_conflict="always_update",
        )
        self._liveness.make_table()
        self._liveness.beat()
        self._take_over()

    def _destroy(self) -> None:
        try:
            if self._instance is not None:
                self._wait_for_records()
        except sa.exc.SQLAlchemyError as error:
            _log.warning("engine_records_unsure", error=type(error).__name__)
        if self._dbos is not None:
            self._dbos.destroy(destroy_registry=True)
        try:
            self._liveness.leave()
        except sa.exc.SQLAlchemyError as error:
            _log.warning("engine_left_unsaid", error=type(error).__name__)
        self._engine.dispose()

    def _wait_for_records(self) -> None:
        """DBOS records a result after the job has ended; cut off before, the job would run again."""
        table = self._status_table()
        statement = sa.text(f"SELECT count(*) FROM {table} WHERE status = 'PENDING' AND executor_id = :id")
        end = time.monotonic() + _RECORD_SECONDS
        while time.monotonic() < end:
            with self._engine.connect() as connection:
                if connection.execute(statement, {"id": self._executor_id}).scalar_one() <= len(self._left):
                    return
            time.sleep(0.02)

    def _work(self, name: str, argument: str) -> None:
        """The workflow. Attempts are steps that never fail, so that their number outlives a crash.

        DBOS's own retries sleep in a thread that nothing wakes, which would keep the process from ending.
        """
        key = self._dbos.workflow_id
        try:
            self._try_until_done(name, argument, key)
        except _LeftForLater:
            self._left.append(key)
            raise

    def _try_until_done(self, name: str, argument: str, key: str) -> None:
        errors = []
        for number in range(1, self._pace.attempts + 1):
            ran_now: list[bool] = []  # a step that ran before the crash gives its old result instead
            error = self._dbos.run_step({"name": "attempt"}, self._attempt, name, argument, ran_now)
            if not error:
                return
            errors.append(error)
            if ran_now:
                _log.warning("job_attempt_failed", job=name, key=key, attempt=number, error=error)
                if number < self._pace.attempts:
                    self._pause_after(number)
        _log.error("job_failed", job=name, key=key, attempts=len(errors))
        raise JobFailed(f"{name}: {', '.join(errors)}")

    def _attempt(self, name: str, argument: str, ran_now: list[bool]) -> str:
        """In a thread of DBOS. The kind of error, or "" if there was none."""
        ran_now.append(True)
        if self._stopping.is_set():
            raise _LeftForLater
        doing = self._run(name, argument)
        try:
            return asyncio.run_coroutine_threadsafe(doing, self._loop).result()
        except concurrent.futures.CancelledError:
            raise _LeftForLater from None
        except RuntimeError:  # the loop is closed: nobody called `stop`, and the process ends
            doing.close()
            raise _LeftForLater from None

    async def _run(self, name: str, argument: str) -> str:
        """In the loop."""
        task = asyncio.current_task()
        if self._stopping.is_set() or task is None:
            raise asyncio.CancelledError
        self._tasks.add(task)
        try:
            async with self._slots:
                if self._stopping.is_set():
                    raise asyncio.CancelledError
                job = self._jobs.get(name)
                if job is None:
                    return "NoSuchJob"
                await job(argument)
        except asyncio.CancelledError:
            if self._stopping.is_set():
                raise
            return "CancelledError"
        except Exception as error:  # noqa: BLE001 this is the worker loop: whatever a job raises is its failure
            return type(error).__name__
        finally:
            self._tasks.discard(task)
        return ""

    def _pause_after(self, number: int) -> None:
        pause = self._pace.first_pause * self._pace.pause_growth ** (number - 1)
        if self._stopping.wait(min(pause, self._pace.longest_pause)):
            raise _LeftForLater

    async def _keep_up(self) -> None:
        next_prune = 0.0
        while True:
            await asyncio.sleep(self._pace.beat)
            try:
                await self._in_thread(self._liveness.beat)
                await self._in_thread(self._take_over)
                if self._loop.time() >= next_prune:
                    await self._in_thread(self._prune)
                    next_prune = self._loop.time() + self._pace.prune
            except Unavailable as error:
                _log.warning("engine_upkeep_failed", error=str(error))

    def _take_over(self) -> None:
        for dead in self._liveness.claim_dead():
            # Not `resume_workflows`: that one would also take a job that another survivor runs by now, moves jobs
            # to a queue without limits, and forgets how often a job has already brought its process down.
            taken = self._dbos._recover_pending_workflows([dead])
            self._liveness.forget(dead)
            if taken:
                _log.warning("jobs_taken_over", of=dead, jobs=len(taken))

    def _prune(self) -> None:
        for statuses, keep in ((["SUCCESS"], self._pace.keep_done), (list(_FAILED), self._pace.keep_failed)):
            before = (datetime.now(UTC) - timedelta(seconds=keep)).isoformat()
            while not self._stopping.is_set():
                old = self._dbos.list_workflows(
                    status=statuses,
                    completed_before=before,
                    limit=_PRUNED_AT_ONCE,
                    load_input=False,
                    load_output=False,
                )
                if not old:
                    break
                self._dbos.delete_workflows([each.workflow_id for each in old])

    def _status_table(self) -> str:
        return "dbos.workflow_status" if self._engine.dialect.name == "postgresql" else "workflow_status"

    def _count(self) -> dict[str, int]:
        statement = sa.text(_COUNT.format(table=self._status_table())).bindparams(
            sa.bindparam("statuses", expanding=True)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(statement, {"statuses": [*_WAITING, *_RUNNING, *_FAILED]})
            return {row[0]: row[1] for row in rows}


def _translated(call: Callable[..., _Result], *args: object) -> _Result:
    from dbos import error as dbos_errors

    try:
        return call(*args)
    except (sa.exc.SQLAlchemyError, dbos_errors.DBOSException, OSError) as error:
        raise Unavailable(f"The engine's database cannot be used now: {type(error).__name__}") from error
