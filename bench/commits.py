"""Group commit, measured: changes per second on both databases, for 1, 8 and 64 writers at once.

    python bench/commits.py                                   # SQLite in a temporary folder
    python bench/commits.py --postgresql postgresql://…/empty # also PostgreSQL, in an empty database

A change is what a submitted step costs: the guard of its session, two events, and a job for every tenth.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from frontdesk.adapters.db_postgres import PostgresDb
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.basics.ids import uuid7
from frontdesk.kernel import change, sessions
from frontdesk.kernel.events import START, Fact
from frontdesk.kernel.lifecycle import Lifecycle
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.migrations import migrate
from frontdesk.ports.db import Db

LIFECYCLE = Lifecycle("open", {("open", "advance"): "open", ("open", "expire"): "expired"})
FACTS = [Fact("kyc.step_submitted", {"step": "personal"}), Fact("kyc.step_advanced", {"step": "address"})]


async def started(db: Db, vault: Vault) -> tuple[Session, Seal]:
    """A session in the database and its seal."""
    session_id, now = uuid7(), datetime.now(UTC)
    seal, wrapped = vault.new_session_key(session_id)
    new = Session(session_id, "t1", "kyc", "open", None, 1, now, now + timedelta(hours=1), 0, START, wrapped)
    await db.commit(change.start(new, seal, FACTS[:1], now).writes)
    return new, seal


async def writer(db: Db, vault: Vault, until: float) -> int:
    """Load, decide and commit until the time is over; how many changes that were."""
    new, seal = await started(db, vault)
    done = 0
    while time.monotonic() < until:
        read = await sessions.load(db, new.id, new.tenant_id, new.kind)
        assert read is not None
        jobs = [Intent("look", f"look {new.id} {done}", {}, new.id)] if done % 10 == 0 else []
        await db.commit(change.change(read, LIFECYCLE, "advance", seal, FACTS, datetime.now(UTC), jobs=jobs).writes)
        done += 1
    return done


async def measured(name: str, db: Db, seconds: float, writers: list[int]) -> None:
    """Print one line for each number of writers."""
    vault = Vault(os.urandom(32))
    await db.open()
    for count in writers:
        began, busy = time.monotonic(), time.process_time()
        done = sum(await asyncio.gather(*[writer(db, vault, began + seconds) for _ in range(count)]))
        rate, cost = done / (time.monotonic() - began), (time.process_time() - busy) / done * 1e6
        print(f"{name:12} {count:3} writers {rate:8.0f} changes/s {cost:6.0f} µs of this process each", flush=True)
    await db.close()


def main() -> None:
    """See the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", metavar="URL")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--lanes", type=int, nargs="+", default=[4])
    parser.add_argument("--no-sqlite", action="store_true")
    parser.add_argument("--profile", action="store_true", help="where the time of the event loop's thread goes")
    arguments = parser.parse_args()
    profile = cProfile.Profile() if arguments.profile else None
    if not arguments.no_sqlite:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "frontdesk.db"
            migrate(f"sqlite:///{path}")
            run("SQLite", SqliteDb(path), arguments, profile)
    if arguments.postgresql:
        migrate(arguments.postgresql)
        for lanes in arguments.lanes:
            run(f"PostgreSQL/{lanes}", PostgresDb(arguments.postgresql, lanes=lanes), arguments, profile)
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def run(name: str, db: Db, arguments: argparse.Namespace, profile: cProfile.Profile | None) -> None:
    """Measure one adapter in a loop of its own, as the server has it."""
    if profile is not None:
        profile.enable()
    uvloop.run(measured(name, db, arguments.seconds, arguments.writers))
    if profile is not None:
        profile.disable()


if __name__ == "__main__":
    main()
