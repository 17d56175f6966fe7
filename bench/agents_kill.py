"""A hundred turns of five steps while servers are killed at random instants, on both databases: is all whole?

`sqlite` and `postgresql`: one server is killed and started again. `two`: of two servers on one PostgreSQL one is
killed, and stays dead until the other has finished its turns.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from journeys import agents
from journeys.conftest import SECRET
from journeys.running import settings_for
from journeys.test_agents_kill import Speaker, check, client, inherited
from journeys.test_kill import Killed
from servers.postgres import fresh_database
from servers.running import running

WAYS = ("sqlite", "postgresql", "two")
console = Console()


def walked(servers: Sequence[Killed], turns: int, chance: random.Random) -> Counter[str]:
    """Kill until so many messages were acknowledged; then every log is read, and a fault ends the run."""
    servers[0].migrate()
    for server in servers:
        server.start()
    key = servers[0].tenant_key()
    with client(servers[0], key) as http:
        agent_id = agents.agent(http, capabilities=["session_storage"])["id"]
    heard: dict[str, str] = {}
    ends: Counter[str] = Counter()
    while len(heard) < turns:
        speakers = [Speaker(server, key, agent_id, 4) for server in servers]
        for speaker in speakers:
            speaker.start()
        time.sleep(chance.uniform(0.05, 1.5))
        victim = chance.randrange(len(servers))
        servers[victim].kill()
        ends["kills"] += 1
        for speaker in speakers:
            speaker.join(60)
            heard |= speaker.heard
        for survivor in servers[:victim] + servers[victim + 1 :]:
            ends["inherited"] += inherited(survivor, key, speakers[victim].heard)
        servers[victim].start()
    with client(servers[0], key) as http:
        for session_id, message_id in heard.items():
            check(http, session_id, message_id)
            found = agents.types(agents.events(http, session_id))
            ends.update(kind for kind in found if kind in agents.ENDS)
            ends["model calls made again"] += found.count("output.message.started") - found.count("llm.generation")
            ends["events"] += len(found)
    return ends + Counter(turns=len(heard))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20260207)
    parser.add_argument("--only", choices=WAYS)
    wanted = parser.parse_args()
    for way in WAYS:
        if wanted.only not in (None, way):
            continue
        with ExitStack() as stack:
            place = {}
            if way != "sqlite":
                environment = stack.enter_context(running("FRONTDESK_TEST_POSTGRES_URL"))
                os.environ.update(environment)
                url = environment["FRONTDESK_TEST_POSTGRES_URL"]
                place = {"database_url": stack.enter_context(fresh_database(url))}
            servers = []
            for _ in range(2 if way == "two" else 1):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                servers.append(Killed(settings_for(folder, secret_key=SECRET, **place)))
                stack.callback(servers[-1].kill)
            console.print(way, dict(walked(servers, wanted.turns, random.Random(wanted.seed))))


if __name__ == "__main__":
    main()
