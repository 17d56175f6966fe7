"""The command, in a folder of its own."""

from pathlib import Path

import pytest

from cli.command import Command


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command on an embedded database."""
    return Command(tmp_path)


@pytest.fixture
def shared(tmp_path: Path, postgres_url: str) -> Command:
    """The command on an empty database of PostgreSQL."""
    return Command(
        tmp_path, FRONTDESK_DATABASE_URL=postgres_url, FRONTDESK_SECRET_KEY="the key of the tests, long enough"
    )
