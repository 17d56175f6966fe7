"""A hundred turns of five steps while the server is killed at random instants, on both databases: is all whole?"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from journeys import agents
from journeys.conftest import SECRET
from journeys.running import settings_for
from journeys.test_agents_kill import Speaker, check, client
from journeys.test_kill import Killed
from servers.postgres import fresh_database
from servers.running import running

console = Console()


def walked(server: Killed, turns: int, chance: random.Random) -> Counter[str]:
    """Kill until so many messages were acknowledged; then every log is read, and a fault ends the run."""
    server.migrate()
    server.start()
    key = server.tenant_key()
    with client(server, key) as http:
        agent_id = agents.agent(http, capabilities=["session_storage"])["id"]
    heard: dict[str, str] = {}
    kills = 0
    while len(heard) < turns:
        speaker = Speaker(server, key, agent_id, 6)
        speaker.start()
        time.sleep(chance.uniform(0.05, 1.5))
        server.kill()
        kills += 1
        speaker.join(60)
        heard |= speaker.heard
        server.start()
    ends: Counter[str] = Counter(kills=kills, turns=len(heard))
    with client(server, key) as http:
        for session_id, message_id in heard.items():
            check(http, session_id, message_id)
            found = agents.types(agents.events(http, session_id))
            ends.update(kind for kind in found if kind in agents.ENDS)
    return ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20260207)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    wanted = parser.parse_args()
    for kind in ("sqlite", "postgresql"):
        if wanted.only not in (None, kind):
            continue
        with ExitStack() as stack:
            place = {}
            if kind == "postgresql":
                environment = stack.enter_context(running("FRONTDESK_TEST_POSTGRES_URL"))
                os.environ.update(environment)
                url = environment["FRONTDESK_TEST_POSTGRES_URL"]
                place = {"database_url": stack.enter_context(fresh_database(url))}
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = Killed(settings_for(folder, secret_key=SECRET, **place))
            stack.callback(server.kill)
            console.print(kind, dict(walked(server, wanted.turns, random.Random(wanted.seed))))


if __name__ == "__main__":
    main()
