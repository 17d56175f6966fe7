"""How a surface words the refusals of the floor and of its own."""

from dataclasses import replace

import pytest

from frontdesk.basics.errors import Problem
from frontdesk.web.problems import (
    InvalidBody,
    InvalidField,
    InvalidJson,
    MissingField,
    NotFoundPath,
    TooLarge,
    UnsupportedMediaType,
)
from web.sample import DETAIL, Forgotten, SessionGone

STRICT = replace(
    DETAIL,
    statuses={InvalidField: 422, UnsupportedMediaType: 400, SessionGone: 404},
    codes={
        InvalidBody: "invalid_body",
        MissingField: "missing_fields",
        UnsupportedMediaType: "invalid_headers",
    },
    messages={NotFoundPath: "Not found"},
)


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (InvalidJson("x"), 400, "invalid_body"),
        (InvalidField("x"), 422, "invalid_body"),
        (MissingField("x"), 422, "missing_fields"),
        (UnsupportedMediaType(), 400, "invalid_headers"),
        (TooLarge(10), 413, "payload_too_large"),
        (SessionGone("x"), 404, "NOT_FOUND"),
        (Forgotten("x"), None, "FORGOTTEN"),
    ],
)
def test_the_nearest_line_of_the_tables_decides(problem: Problem, status: int | None, code: str) -> None:
    assert (STRICT.status_of(problem), STRICT.code_of(problem)) == (status, code)


def test_a_published_text_replaces_the_floors() -> None:
    assert STRICT.message_of(NotFoundPath()) == "Not found"
    assert STRICT.message_of(InvalidJson("Not JSON")) == "Not JSON"
