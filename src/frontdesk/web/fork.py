"""One path that two surfaces answer: the body says whose request it is, and with that in whose words it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from starlette.responses import Response

from frontdesk.web.auth import Identify, identity_of, require
from frontdesk.web.endpoint import Answer, Call, Endpoint
from frontdesk.web.problems import InvalidBody, TooLarge
from frontdesk.web.surface import Surface


class Undecided(InvalidBody):
    """The body asks for neither of the two things that the path does, or for both."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How the body decides: with any of the keys `first` it is the first surface's request, else the second's.

    With keys of both, or of neither, it is `Undecided`, in the words of `remedy`.
    """

    first: frozenset[str]
    second: frozenset[str]
    remedy: str


def fork(
    path: str, first: Surface, second: Surface, choice: Choice, identify: Identify
) -> tuple[Surface, Surface, Surface]:
    """Both surfaces without what they do at `POST path`, and one more that does it for both."""
    mine, others = _taken(first, path)
    theirs, rest = _taken(second, path)

    async def run(call: Call) -> Answer | Response:
        call.surface = second  # until the body has been read, and where it tells nothing
        body = _object_in(await call.body())
        is_firsts, is_seconds = bool(choice.first & body.keys()), bool(choice.second & body.keys())
        surface, endpoint = (first, mine) if is_firsts else (second, theirs)
        call.surface, call.endpoint = surface, endpoint
        if endpoint.auth == "key":
            call.identity = await identity_of(call.header("authorization"), identify)
            if endpoint.permission is not None:
                require(call.identity, endpoint.permission)
        if endpoint.body_limit is not None and len(await call.body()) > endpoint.body_limit:
            raise TooLarge(endpoint.body_limit)
        if is_firsts is is_seconds:
            raise Undecided(choice.remedy)
        return await endpoint.run(call)

    limits = [each.body_limit for each in (mine, theirs) if each.body_limit is not None]
    both = Endpoint(
        "POST",
        path,
        run,
        f"{mine.summary}, or: {theirs.summary[:1].lower()}{theirs.summary[1:]}",
        "Shared",
        body=dict[str, Any],
        answers={**mine.answers, **theirs.answers},
        refusals=tuple(sorted({*mine.refusals, *theirs.refusals})),
        auth="none",
        description=choice.remedy,
        body_limit=max(limits) if len(limits) == 2 else None,
        cors=mine.cors or theirs.cors,
    )
    shared = Surface(
        name="shared",
        prefixes=(),
        endpoints=(both,),
        shape=second.shape,
        statuses=second.statuses,
        codes=second.codes,
        error_type=dict[str, Any],
        origins=first.origins | second.origins,
        title="Shared",
    )
    return others, rest, shared


def _taken(surface: Surface, path: str) -> tuple[Endpoint, Surface]:
    found = next(each for each in surface.endpoints if (each.method, each.path) == ("POST", path))
    if found.limit is not None:
        raise ValueError(f"{path}: the limit of a forked endpoint would not be counted")
    return found, replace(surface, endpoints=tuple(each for each in surface.endpoints if each is not found))


def _object_in(raw: bytes) -> Mapping[str, Any]:
    """The body if it is a JSON object; what is wrong with it otherwise is for the endpoint to say."""
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
