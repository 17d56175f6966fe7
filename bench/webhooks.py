"""Ten thousand random webhook faults at a receiver on loopback: what was lost, forged, or sent where nobody may go.

    python bench/webhooks.py                    # 10,000 faults, seed 20260409
    python bench/webhooks.py --faults 2000 --seed 7

Time-outs, errors, refusals, resets, halves, garbage, redirects to a private address, slow heads and bodies. The pauses
between tries cost no time: the clock is moved. It ends with status 1 when an event is missing or the log is wrong.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from databases import SECRET, SettableClock
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.adapters.wakeup_memory import MemoryWakeup
from frontdesk.kernel.vault import Vault
from frontdesk.migrations import migrate
from kernel.webhooks.storm import Weather, storming


async def measured(faults: int, seed: int, patience: float) -> None:
    """Print what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frontdesk.db"
        migrate(f"sqlite:///{path}")
        db = SqliteDb(path)
        await db.open()
        async with storming(seed) as storm:
            weather = Weather(db, MemoryWakeup(), Vault(SECRET), SettableClock(), storm, patience)
            await weather.keep(faults)
            began = time.monotonic()
            report = await weather.run()
            seconds = time.monotonic() - began
        await db.close()
    print(
        f"webhooks: {report.events} events, {report.faults} faults, {report.tries} tries, seed {seed}, {seconds:.0f} s"
    )
    print(f"  arrived, signed right, and in the log: all; sent again by hand: {report.resent}")
    print(f"  wrongly signed or altered: {storm.forged}; reached a private address: {storm.trapped}")
    print("  met:      " + ", ".join(f"{name} {count}" for name, count in report.kinds.most_common()))
    print("  outcomes: " + ", ".join(f"{name} {count}" for name, count in report.outcomes.most_common()))
    if storm.forged or storm.trapped:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20260409)
    parser.add_argument("--patience", type=float, default=0.5, help="seconds that a receiver has, ten in production")
    wanted = parser.parse_args()
    asyncio.run(measured(wanted.faults, wanted.seed, wanted.patience))
