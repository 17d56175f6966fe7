"""The picture in the kind's README is its lifecycle, line by line."""

import re
from itertools import product
from pathlib import Path

import frontdesk.agents
from frontdesk.agents.model.session import LIFECYCLE

README = Path(frontdesk.agents.__file__).with_name("README.md")
ONE_SCREEN = 40


def drawn(text: str) -> dict[tuple[str, str], str]:
    """The moves of the table: every status of a line by every verb of it."""
    rows = [row.strip("|").split("|") for row in text.splitlines() if row.startswith("| `")]
    moves: dict[tuple[str, str], str] = {}
    for row in rows:
        before, verbs, after = (re.findall(r"`(\w+)`", cell) for cell in row)
        for status, verb in product(before, verbs):
            assert (status, verb) not in moves, f"{verb} from {status} is drawn twice"
            (moves[status, verb],) = after
    return moves


def test_the_picture_of_the_lifecycle_is_true() -> None:
    assert drawn(README.read_text()) == LIFECYCLE.moves


def test_the_status_that_a_session_begins_with_is_told() -> None:
    assert f"It begins `{LIFECYCLE.start}`" in README.read_text()


def test_the_readme_fits_on_one_screen() -> None:
    assert len(README.read_text().splitlines()) <= ONE_SCREEN
