"""Fixtures that all rooms share: real servers, started once a run and only when something needs them."""

import contextlib
import os
from collections.abc import Iterator

import pytest
from _pytest.nodeid import NodeId

from servers.postgres import fresh_database
from servers.running import running
from servers.s3 import S3Settings

pytest_plugins = ["databases"]

_SERVERS = pytest.StashKey[contextlib.ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    # With xdist the controller starts both, because it does not know what its workers will collect; they
    # inherit its environment. Without xdist the fixtures below start a server when it is first asked for.
    stack = config.stash[_SERVERS] = contextlib.ExitStack()
    distributed = config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")
    if distributed and not config.option.collectonly:
        _start(stack)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module whose tests share something stays on one worker of xdist, so that it is made once: a server, a reader
    with its networks, a migrated database. All other tests are dealt out one by one."""
    for item in items:
        group = item.get_closest_marker("xdist_group")
        shares = isinstance(item, pytest.Function) and any(
            each[-1].scope == "module" and each[-1].baseid for each in item._fixtureinfo.name2fixturedefs.values()
        )
        name = group.args[0] if group is not None else item.nodeid.partition("::")[0] if shares else None
        if name is not None and "PYTEST_XDIST_WORKER" in os.environ:
            # xdist 3.8 writes the name of a group where pytest 9.2 no longer reads it, and deals out groups one by one.
            # `tests/servers/test_servers.py` fails when this is not so.
            item._id = NodeId.parse(f"{item.nodeid}@{name}")  # type: ignore[misc]


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_SERVERS].close()


def _start(stack: contextlib.ExitStack, *variables: str) -> None:
    environment = stack.enter_context(running(*variables))
    os.environ.update(environment)
    for name in environment:
        stack.callback(os.environ.pop, name)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The URL of the server's maintenance database; tests take `postgres_url`."""
    _start(pytestconfig.stash[_SERVERS], "FRONTDESK_TEST_POSTGRES_URL")
    return os.environ["FRONTDESK_TEST_POSTGRES_URL"]


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own, empty, for one test."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def s3_server(pytestconfig: pytest.Config) -> None:
    _start(pytestconfig.stash[_SERVERS], "FRONTDESK_TEST_S3_ENDPOINT")


@pytest.fixture
def s3(s3_server: None) -> S3Settings:
    """The object store, with a prefix of its own for one test."""
    return S3Settings.from_environment(prefix="test-" + os.urandom(8).hex())
