"""Open an onboarding session and submit its first step: rates and processor time as ratios to a bare ASGI answer.

Everything is measured in one run: SQLite with full durability and PostgreSQL, empty and with many sessions stored.
Each server is a process of its own, ours as `frontdesk serve` runs it; each call is measured right after the bare one.
"""

import argparse
import asyncio
import itertools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import load
import pairs
import server as floor
from pairs import Found, Pair
from rich.console import Console
from rich.progress import Progress

HERE = Path(__file__).resolve()
SKILL = "demobank_ro_depo_sbx_#1.0"
FORM = {"value": "25000", "currency": "EUR", "period": "6"}
console = Console(width=140)


async def prepare(environment: dict[str, str]) -> dict[str, str]:
    """A migrated database with one tenant; what its app holds."""
    from frontdesk import wiring
    from frontdesk.config import load as settings
    from frontdesk.kernel import tenants
    from frontdesk.migrations import migrate

    house = wiring.build(settings(environment, None))
    await asyncio.to_thread(migrate, wiring.database_url(house.settings))
    await house.db.open()
    new, writes = tenants.create(house.vault, "bench", house.clock.now())
    await house.db.commit(writes)
    await house.db.close()
    return {"client_id": new.client_id, "client_app_key": new.client_app_key}


async def fill(environment: dict[str, str], client: dict[str, str], count: int) -> None:
    """Store `count` sessions through the service, as requests would."""
    from frontdesk import wiring
    from frontdesk.config import load as settings
    from frontdesk.onboarding.service import opening

    house = wiring.build(settings(environment, None), "http://127.0.0.1")
    await house.db.open()
    numbers = itertools.count()
    with Progress(console=console) as progress:
        task = progress.add_task(f"storing {count} sessions", total=count)
        for begun in range(0, count, 250):
            size = min(250, count - begun)
            wishes = [opening.Wish(f"stored-{next(numbers)}", *client.values(), SKILL) for _ in range(size)]
            await asyncio.gather(*(opening.create_session(house.onboarding, wish) for wish in wishes))
            progress.advance(task, size)
    await house.db.close()


_users = itertools.count()


def measure(ours: floor.Server, plain: floor.Server, client: dict[str, str], amount: int) -> dict[str, Pair]:
    """One round, each call beside the bare answer."""

    def beside(requests: Iterator[bytes], *, keep: bool = False) -> tuple[Pair, list[bytes]]:
        at_rest = pairs.bare_beside(plain.process.pid, plain.port, amount * 2)
        sample, bodies = pairs.sampled(ours.process.pid, ours.port, requests, 200, keep=keep)
        return Pair(at_rest, sample), bodies

    made, bodies = beside(_creates(client, amount), keep=True)
    done, _ = beside(_submissions(client, [json.loads(body) for body in bodies]))
    return {"create": made, "submit": done}


def _creates(client: dict[str, str], amount: int) -> Iterator[bytes]:
    for _ in range(amount):
        body = {"tenant_user_id": f"user-{next(_users)}", **client, "skill": SKILL}
        yield load.request("POST", "/v1/sessions", body=json.dumps(body).encode())


def _submissions(client: dict[str, str], started: list[dict[str, str]]) -> Iterator[bytes]:
    for one in started:
        body = {
            "client_id": client["client_id"],
            "nonce": one["nonce"],
            "skill": SKILL,
            "step": "product_form",
            "data": FORM,
        }
        yield load.request("POST", f"/v1/sessions/{one['session_id']}/steps", body=json.dumps(body).encode())


def rounds(name: str, environment: dict[str, str], chosen: argparse.Namespace, stored: int) -> dict[str, Found]:
    client = asyncio.run(prepare(environment))
    if stored:
        asyncio.run(fill(environment, client, stored))
    plain = floor.started("bare", chosen.port, {})
    ours = floor.started("frontdesk", chosen.port + 1, environment)
    try:
        measure(ours, plain, client, chosen.amount // 4)
        found = [measure(ours, plain, client, chosen.amount) for _ in range(chosen.rounds)]
    finally:
        for each in (plain, ours):
            each.process.terminate()
            each.process.wait()
    result = {what: pairs.middle([one[what] for one in found]) for what in found[0]}
    console.print(f"{name}, {stored} stored: {pairs.line(result)}")
    return result


def on_postgres(folder: Path, chosen: argparse.Namespace, stored: int) -> dict[str, Found]:
    from servers.postgres import fresh_database
    from servers.running import running

    with running("FRONTDESK_TEST_POSTGRES_URL") as found, fresh_database(found["FRONTDESK_TEST_POSTGRES_URL"]) as url:
        environment = {
            "FRONTDESK_DATA": str(folder),
            "FRONTDESK_DATABASE_URL": url,
            "FRONTDESK_SECRET_KEY": "a key for measurements only, 32 or more",
            "FRONTDESK_RATE_LIMITS": "off",
        }
        return rounds("postgresql", environment, chosen, stored)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=18210)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--amount", type=int, default=4000)
    options.add_argument("--stored", type=int, default=100_000)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    results: pairs.Results = {}
    with tempfile.TemporaryDirectory() as folder:
        for stored in dict.fromkeys((0, chosen.stored)):
            if chosen.only != "postgresql":
                environment = {"FRONTDESK_DATA": f"{folder}/{stored}", "FRONTDESK_RATE_LIMITS": "off"}
                results["sqlite", stored] = rounds("sqlite", environment, chosen, stored)
            if chosen.only != "sqlite":
                results["postgresql", stored] = on_postgres(Path(folder), chosen, stored)
    floor.show(results, as_json=chosen.json)
    for said in [] if chosen.json else pairs.of_empty(results):
        console.print(said)


if __name__ == "__main__":
    main()
