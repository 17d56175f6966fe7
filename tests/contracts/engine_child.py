"""A process that runs jobs until it is killed: `python -m contracts.engine_child URL EXECUTOR_ID FILE JOB [KEY]`.

Each run of a job appends a line to FILE. `slow` never ends in time, `deadly` ends its process.
"""

import asyncio
import os
import sys
from pathlib import Path

from frontdesk.adapters.engine_dbos import DbosEngine, Pace


async def main(url: str, executor_id: str, file: Path, job: str, key: str = "") -> None:
    async def slow(argument: str) -> None:
        with file.open("a") as out:
            out.write(f"{executor_id} began {argument}\n")
        await asyncio.sleep(60)

    async def deadly(argument: str) -> None:
        with file.open("a") as out:
            out.write(f"{executor_id} dies of {argument}\n")
        os._exit(3)

    engine = DbosEngine(url, executor_id, Pace(polling=0.05, beat=0.2, dead_after=1, attempts=1))
    engine.register("slow", slow)
    engine.register("deadly", deadly)
    await engine.start()
    if key:
        await engine.enqueue(key, job, "42")
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:]))
