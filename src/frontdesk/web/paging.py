"""Pages of a list: limit, opaque cursor and direction, read from the query."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from frontdesk.web.endpoint import QueryParam
from frontdesk.web.problems import InvalidQuery

DEFAULT_LIMIT = 20
MOST = 100
_LONGEST_CURSOR = 512

Key = str | int | None

PAGE_QUERY = (
    QueryParam("limit", "Entries of a page.", Annotated[int, msgspec.Meta(ge=1, le=MOST)], example=DEFAULT_LIMIT),
    QueryParam("cursor", "Where the page before ended, as it was given."),
    QueryParam("sort", "`desc` begins with the newest.", Literal["desc", "asc"]),
)
"""For the endpoint tables of lists."""


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is wanted. `after` is the key with which the page before ended."""

    limit: int = DEFAULT_LIMIT
    after: tuple[Key, ...] | None = None
    descending: bool = True


def cursor_of(*key: Key) -> str:
    """An opaque cursor that stands for the key of a page's last entry."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _key_in(cursor: str) -> tuple[Key, ...]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key: tuple[Key, ...] = msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=tuple[Key, ...])
    except (UnicodeError, binascii.Error, msgspec.MsgspecError, RecursionError) as error:
        raise InvalidQuery("cursor", "a cursor that an earlier page gave") from error
    return key


def page_in(query: Mapping[str, str], *, keys: int | None = None, capped: bool = False) -> Page:
    """The wanted page. Raises `InvalidQuery`.

    `keys` is how many parts a cursor has; `capped` cuts a limit that is over the most instead of refusing it.
    """
    limit = number_in(query, "limit", DEFAULT_LIMIT, 1, 10**9 if capped else MOST)
    sort = query.get("sort") or "desc"
    if sort not in ("desc", "asc"):
        raise InvalidQuery("sort", "desc or asc")
    after = None
    cursor = query.get("cursor")
    if cursor:
        if len(cursor) > _LONGEST_CURSOR:
            raise InvalidQuery("cursor", "a cursor that an earlier page gave")
        after = _key_in(cursor)
        if keys is not None and len(after) != keys:
            raise InvalidQuery("cursor", "a cursor that an earlier page of this list gave")
    return Page(min(limit, MOST), after, sort == "desc")


def number_in(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """An integer from the query. Raises `InvalidQuery`."""
    text: Any = query.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19 and low <= int(text) <= high):
        raise InvalidQuery(name, f"an integer from {low} to {high}")
    return int(text)
