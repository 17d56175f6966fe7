"""Fixtures that all rooms share: real servers, started once a run and only when something needs them."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

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
        if not isinstance(item, pytest.Function) or item.get_closest_marker("xdist_group") is not None:
            continue
        if any(_is_shared(each[-1], item) for each in item._fixtureinfo.name2fixturedefs.values()):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def _is_shared(fixture: pytest.FixtureDef[Any], item: pytest.Item) -> bool:
    return fixture.scope == "module" and fixture.baseid != ""


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
