"""The pictures in the kind's README are its lifecycles, line by line."""

import re
from itertools import product
from pathlib import Path

import frontdesk.forms
from frontdesk.forms.model.form import LIFECYCLE as FORM
from frontdesk.forms.model.job import BATCH, JOB
from frontdesk.forms.model.session import FIELD, LIFECYCLE

README = Path(frontdesk.forms.__file__).with_name("README.md")
ONE_SCREEN = 40


def drawn(text: str) -> dict[tuple[str, str], str]:
    """The moves of the tables: every status of a line by every verb of it."""
    rows = [row.strip("|").split("|") for row in text.splitlines() if row.startswith("| `")]
    moves: dict[tuple[str, str], str] = {}
    for row in rows:
        before, verbs, after = (re.findall(r"`(\w+)`", cell) for cell in row)
        for status, verb in product(before, verbs):
            assert (status, verb) not in moves, f"{verb} from {status} is drawn twice"
            (moves[status, verb],) = after
    return moves


def test_the_pictures_of_the_lifecycles_are_true() -> None:
    assert drawn(README.read_text()) == {**LIFECYCLE.moves, **FORM.moves}


def test_the_statuses_that_things_begin_with_are_told() -> None:
    text = " ".join(README.read_text().split())
    assert f"They begin `{LIFECYCLE.start}`" in text
    assert f"Forms begin `{FORM.start}`, context jobs `{JOB.start}`, batches `{BATCH.start}`" in text


def test_final_means_final_and_a_fields_mark_never_is() -> None:
    assert (LIFECYCLE.final, JOB.final, BATCH.final) == (
        {"completed"},
        {"ready", "failed"},
        {"complete", "failed"},
    )
    assert FIELD.final == frozenset()


def test_the_readme_fits_on_one_screen() -> None:
    assert len(README.read_text().splitlines()) <= ONE_SCREEN
