"""Servers of the journeys: one for each module and storage."""

from collections.abc import Iterator

import pytest

from frontdesk.config import Settings
from journeys.running import Running, Serving, TickingClock, settings_for
from journeys.watching import Description
from servers.postgres import fresh_database
from servers.s3 import S3Settings

SECRET = "the key of the journeys, 32 characters or more"
SHOP = "https://shop.example.net"
"""Whose pages may call the public paths of the small server."""


def s3_settings(prefix: str) -> dict[str, str]:
    """Settings that name the object store of the tests."""
    found = S3Settings.from_environment(prefix)
    return {
        "blobs_url": f"s3://{found.bucket}/{prefix}",
        "s3_endpoint": found.endpoint,
        "s3_access_key": found.access_key,
        "s3_secret_key": found.secret_key,
        "s3_region": found.region,
    }


@pytest.fixture(scope="module", params=["files", "cluster"])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """SQLite with files, then PostgreSQL with S3."""
    data = tmp_path_factory.mktemp("server")
    if request.param == "files":
        yield settings_for(data, secret_key=SECRET)
        return
    server = request.getfixturevalue("postgres_server")
    request.getfixturevalue("s3_server")
    with fresh_database(server) as url:
        yield settings_for(data, secret_key=SECRET, database_url=url, **s3_settings(data.name))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """SQLite with files."""
    return settings_for(tmp_path_factory.mktemp("server"), secret_key=SECRET, cors_origins=(SHOP,))


def running(settings: Settings, *, settable: bool = True) -> Iterator[Running]:
    """A server for as long as a fixture lives. No journey may leave a fault in its log."""
    serving = Serving(settings, TickingClock() if settable else None)
    try:
        found = serving.running
        with found.client() as client:
            found.watch.description = Description(client.get("/openapi.json").json())
        yield found
        assert found.journal.faults == []
    finally:
        for client in serving.running.clients:
            client.close()
        serving.stop()


@pytest.fixture(scope="module")
def server(storage: Settings) -> Iterator[Running]:
    """A server on each storage in turn."""
    yield from running(storage)


@pytest.fixture(scope="module")
def small_server(files: Settings) -> Iterator[Running]:
    """A server on SQLite with files, for what does not depend on the storage."""
    yield from running(files)
