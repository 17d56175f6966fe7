"""Open an onboarding session and submit its first step: rates and processor time as ratios to a bare ASGI answer.

Everything is measured in one run: SQLite with full durability and PostgreSQL, empty and with many sessions stored.
Each server is a process of its own, ours as `frontdesk serve` runs it; each call is measured right after the bare one,
and the empty server and the full one in turns.
"""

import argparse
import asyncio
import itertools
import json
from collections.abc import Iterator

import load
import pairs
import server as floor
from pairs import Pair
from rich.progress import Progress

SKILL = "demobank_ro_depo_sbx_#1.0"
FORM = {"value": "25000", "currency": "EUR", "period": "6"}


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
    with Progress(console=floor.notes) as progress:
        task = progress.add_task(f"storing {count} sessions", total=count)
        for begun in range(0, count, 250):
            size = min(250, count - begun)
            wishes = [opening.Wish(f"stored-{next(numbers)}", *client.values(), SKILL) for _ in range(size)]
            await asyncio.gather(*(opening.create_session(house.onboarding, wish) for wish in wishes))
            progress.advance(task, size)
    await house.db.close()


_users = itertools.count()


def measure(side: tuple[floor.Server, dict[str, str]], plain: floor.Server, amount: int) -> dict[str, Pair]:
    """One round, each call beside the bare answer."""
    ours, client = side

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


def rounds(name: str, sides: floor.Sides[dict[str, str]], chosen: argparse.Namespace) -> pairs.Results:
    """A server for each side, with what its tenant's app holds."""
    plain = floor.started("bare", chosen.port, {})
    servers: dict[int, tuple[floor.Server, dict[str, str]]] = {}
    try:
        for place, (stored, (environment, client)) in enumerate(sides.items(), start=1):
            if stored:
                asyncio.run(fill(environment, client, stored))
            servers[stored] = floor.started("frontdesk", chosen.port + place, environment), client
            measure(servers[stored], plain, chosen.amount // 4)
        return pairs.in_turns(
            name, servers, lambda side: measure(side, plain, chosen.amount), chosen.rounds, floor.notes.print
        )
    finally:
        for server in (plain, *(server for server, _ in servers.values())):
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    wanted = floor.options_for(18210, __doc__).parse_args()
    floor.show(floor.on_both(wanted, prepare, rounds), as_json=wanted.json)
