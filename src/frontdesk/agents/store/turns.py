"""Running turns by the process that does them, and the signs of life of these processes."""

from frontdesk.kernel.outbox import Intent
from frontdesk.ports.db import Db, Write

JOB = "agents.turn"
INSERT = "INSERT INTO agents_turns (session_id, turn_id, runner) VALUES ($1, $2, $3)"
DELETE = "DELETE FROM agents_turns WHERE session_id = $1"
SELECT_OF_RUNNER = "SELECT t.session_id, t.turn_id FROM agents_turns t WHERE t.runner = $1 ORDER BY t.session_id"
UNWATCH = "DELETE FROM outbox WHERE session_id = $1 AND job = 'agents.turn'"
BEAT = """
INSERT INTO agents_runners (name, beat) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET beat = agents_runners.beat + 1
"""
SELECT_BEAT = "SELECT r.beat FROM agents_runners r WHERE r.name = $1"
SELECT_BEATS = "SELECT r.name, r.beat FROM agents_runners r WHERE r.name > $1 ORDER BY r.name"
SELECT_LIKE = "SELECT r.name FROM agents_runners r WHERE r.name >= $1 AND r.name < $2"
LEAVE = "DELETE FROM agents_runners WHERE name = $1"


def held(session_id: str, turn_id: str, runner: str) -> tuple[Write, ...]:
    """The turn is this process's now."""
    return (Write(DELETE, (session_id,)), Write(INSERT, (session_id, turn_id, runner)))


def released(session_id: str) -> tuple[Write, ...]:
    """No turn runs, and nobody needs to look after one."""
    return (Write(DELETE, (session_id,)), Write(UNWATCH, (session_id,)))


def watch(session_id: str, turn_id: str, number: int) -> Intent:
    """The job that looks whether the turn is still being done. Keys of done jobs are remembered, hence the number."""
    argument = {"session_id": session_id, "turn_id": turn_id, "number": number}
    return Intent(JOB, f"{JOB} {session_id} {turn_id} {number}", argument, session_id)


async def of_runner(db: Db, runner: str) -> list[tuple[str, str]]:
    """The sessions and turns that this process holds."""
    return [(row[0], row[1]) for row in await db.all(SELECT_OF_RUNNER, runner)]


async def beat(db: Db, runner: str) -> None:
    """A sign of life."""
    await db.commit([Write(BEAT, (runner,))])


async def beat_of(db: Db, runner: str) -> int | None:
    """The last sign of life of a process, a number that grows; None when it has left, or never was."""
    row = await db.one(SELECT_BEAT, runner)
    return None if row is None else int(row[0])


async def beats(db: Db) -> list[tuple[str, int]]:
    """The last sign of life of every process."""
    return [(row[0], int(row[1])) for row in await db.all(SELECT_BEATS, "")]


async def runners_like(db: Db, prefix: str) -> list[str]:
    """The processes whose names begin so."""
    return [row[0] for row in await db.all(SELECT_LIKE, prefix, prefix + "~")]


async def leave(db: Db, runner: str) -> None:
    """This process does no more turns."""
    await db.commit([Write(LEAVE, (runner,))])
