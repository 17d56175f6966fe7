"""Random changes in random company leave what a dictionary would hold, on both databases."""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from databases import Place
from frontdesk.basics.errors import Conflict, Rejected
from frontdesk.ports.db import Db, Write

THINGS = ("a", "b", "c")
TABLE = "CREATE TABLE IF NOT EXISTS counted (id TEXT PRIMARY KEY, version BIGINT NOT NULL, total BIGINT NOT NULL)"
ROUNDS = itertools.count()


@dataclass(frozen=True)
class Step:
    """One change: add to some things, each guarded by what was read or not, perhaps with a statement that fails."""

    adds: tuple[tuple[str, int, bool], ...]
    spoiled: bool


steps = st.builds(
    Step,
    st.lists(st.tuples(st.sampled_from(THINGS), st.integers(-5, 5), st.booleans()), min_size=1, max_size=3).map(tuple),
    st.sampled_from([False, False, False, True]),
)
GUARDED = "UPDATE counted SET version = version + 1, total = total + $2 WHERE id = $1 AND version = $3"
BLIND = "UPDATE counted SET version = version + 1, total = total + $2 WHERE id = $1"


async def attempt(db: Db, step: Step, name: dict[str, str]) -> bool:
    """Load, decide, commit, and again on each conflict; whether it was kept in the end."""
    while True:
        read = {thing: await db.one("SELECT version FROM counted WHERE id = $1", name[thing]) for thing in THINGS}
        versions = {thing: row[0] for thing, row in read.items() if row is not None}
        writes = []
        for thing, amount, guarded in step.adds:
            if guarded:
                writes.append(Write(GUARDED, (name[thing], amount, versions[thing]), expect=1))
            else:
                writes.append(Write(BLIND, (name[thing], amount), expect=1))
            versions[thing] += 1
        if step.spoiled:
            writes.append(Write("INSERT INTO counted (id, version, total) VALUES ($1, NULL, 0)", ("spoiled",)))
        try:
            await db.commit(writes)
        except Rejected:
            return False
        except Conflict:
            if all(guarded is False for _, _, guarded in step.adds) and db.dialect == "sqlite":
                raise
            continue
        return True


@pytest.mark.parametrize("adapters", [1, 2])
async def test_no_change_is_lost_and_none_is_kept_by_half(place: Place, adapters: int) -> None:
    dbs = [place.connect() for _ in range(adapters)]
    for db in dbs:
        await db.open()
    await dbs[0].commit([Write(TABLE)])
    loop = asyncio.get_running_loop()

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(steps, min_size=1, max_size=24))
    def example(changes: list[Step]) -> None:
        asyncio.run_coroutine_threadsafe(one_round(dbs, changes), loop).result(60)

    await asyncio.to_thread(example)
    for db in dbs:
        await db.close()


async def one_round(dbs: list[Db], changes: list[Step]) -> None:
    name = {thing: f"{thing}{next(ROUNDS)}" for thing in THINGS}
    start = "INSERT INTO counted (id, version, total) VALUES ($1, 1, 0)"
    await dbs[0].commit([Write(start, (name[thing],)) for thing in THINGS])
    tasks = [attempt(dbs[at % len(dbs)], step, name) for at, step in enumerate(changes)]
    kept = await asyncio.gather(*tasks)
    model: dict[str, list[int]] = {name[thing]: [1, 0] for thing in THINGS}
    for step, was_kept in zip(changes, kept, strict=True):
        assert was_kept is not step.spoiled
        for thing, amount, _ in step.adds if was_kept else ():
            model[name[thing]][0] += 1
            model[name[thing]][1] += amount
    for thing, expected in model.items():
        row: Any = await dbs[0].one("SELECT version, total FROM counted WHERE id = $1", thing)
        assert list(row) == expected
