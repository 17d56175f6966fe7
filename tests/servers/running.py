"""Which servers run: those that the environment names already, or ours."""

import contextlib
import os
from collections.abc import Callable, Iterator

from servers.postgres import PostgresServer
from servers.s3 import S3Server

Server = PostgresServer | S3Server
KINDS: dict[str, Callable[[], Server]] = {
    "FRONTDESK_TEST_POSTGRES_URL": PostgresServer,
    "FRONTDESK_TEST_S3_ENDPOINT": S3Server,
}
"""The variable that says where a server is, and what to start when it is not set."""


@contextlib.contextmanager
def running(*variables: str) -> Iterator[dict[str, str]]:
    """Start what is missing of `variables` (all of `KINDS` if none is named); yields their environment."""
    missing = [name for name in variables or KINDS if name not in os.environ]
    with contextlib.ExitStack() as stack:
        servers = []
        for name in missing:  # all first, then wait: they come up side by side
            server = KINDS[name]()
            stack.callback(server.stop)
            servers.append(server)
        for server in servers:
            server.wait()
        yield {name: value for server in servers for name, value in server.environment.items()}
