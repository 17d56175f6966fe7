"""What looking for one face among many costs: python bench/same_face.py [--faces 100000] [--postgresql URL] [--json].

Each face is in a session of its own, sealed with that session's key, as `face_dedup` keeps them; the vectors are random
but for three, which are like the one that is looked for. Beside it a task notes how long others had to wait.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from frontdesk import wiring
from frontdesk.basics.clock import to_micros
from frontdesk.basics.ids import uuid7
from frontdesk.config import Settings
from frontdesk.kyc.service import likeness
from frontdesk.kyc.store import faces
from frontdesk.kyc.store.faces import Owner
from frontdesk.migrations import migrate
from frontdesk.ports.db import Write
from frontdesk.wiring import House

SESSION = """
INSERT INTO sessions (id, tenant_id, kind, status, version, created_at, updated_at, expires_at, last_number,
 last_digest, wrapped_key) VALUES ($1, $2, 'kyc', 'completed', 1, $3, $3, $3, 0, $4, $5)
"""
TENANT, WORKFLOW, ALIKE, AT_ONCE = "bench", "bench", 3, 2_000
LENGTH = 128


def directions(count: int) -> NDArray[numpy.float64]:
    """Random vectors of unit length."""
    drawn: NDArray[numpy.float64] = numpy.random.default_rng(7).standard_normal((count, LENGTH))
    drawn /= numpy.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


async def fill(house: House, count: int, *, quiet: bool) -> tuple[float, ...]:
    """Keep the faces; the vector that is looked for."""
    vectors, now = directions(count + 1), house.clock.now()
    wanted = vectors[-1]
    vectors[:ALIKE] = wanted
    with Progress(console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("Faces", total=count)
        for start in range(0, count, AT_ONCE):
            writes = []
            for vector in vectors[start : min(start + AT_ONCE, count)]:
                session_id = uuid7()
                seal, wrapped = house.vault.new_session_key(session_id)
                writes.append(Write(SESSION, (session_id, TENANT, to_micros(now), b"", wrapped)))
                owner = Owner(session_id, TENANT, WORKFLOW, None)
                writes.append(faces.kept(owner, seal, tuple(map(float, vector)), now.replace(year=now.year + 1)))
            await house.db.commit(writes)
            progress.advance(task, len(writes) // 2)
    return tuple(map(float, wanted))


async def measured(settings: Settings, count: int, *, quiet: bool) -> dict[str, Any]:
    house = wiring.build(settings)
    await house.db.open()
    wanted = await fill(house, count, quiet=quiet)
    waits: list[float] = []
    ended = False

    async def others() -> None:
        while not ended:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - began - 0.001)

    beside = asyncio.create_task(others())
    await asyncio.sleep(0.05)
    owner = Owner(uuid7(), TENANT, WORKFLOW, None)
    began, cpu = time.perf_counter(), time.process_time()
    found = await likeness.resembling(house.kyc, owner, wanted, 0.9, same_workflow=False)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    ended = True
    await beside
    await house.db.close()
    return {
        "faces": count,
        "found": f"{len(found)} of {ALIKE}",
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "cpu_microseconds_a_face": round(cpu / count * 1e6, 1),
        "longest_wait_of_others_ms": round(max(waits) * 1000, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=100_000)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database; else SQLite in a temporary folder")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=options.postgresql or "", secret_key="-" * 32)
        migrate(wiring.database_url(settings))
        report = asyncio.run(measured(settings, options.faces, quiet=options.json))
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        for name, value in report.items():
            print(f"{name.replace('_', ' '):28} {value}")
    return 0 if report["found"].startswith(f"{ALIKE} ") else 1


if __name__ == "__main__":
    sys.exit(main())
