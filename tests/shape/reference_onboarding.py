"""The tables of the onboarding page of the reference, made from the code."""

import re
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args, get_origin

import msgspec

from frontdesk.basics.errors import Problem
from frontdesk.onboarding.routes import CODES, STATUSES
from frontdesk.onboarding.routes.calls import CREATES, FAILURES, STEPS
from frontdesk.onboarding.wire import answers, requests
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.problems import FloorProblem
from shape.problems import problems

TAGS = ("Onboarding, for apps", "Onboarding, for servers", "Onboarding, signed")
Bodies = Callable[[types.ModuleType], Iterable[str]]


def is_ours(endpoint: Endpoint) -> bool:
    """Whether the call is on this page."""
    return endpoint.tag in TAGS


def tables(published: Iterable[Endpoint], bodies: Bodies) -> dict[str, str]:
    """The tables by their names. `bodies` describes the structs of a module."""
    lines = [each for each in published if is_ours(each)]
    return {
        **{f"calls: {tag}": "\n".join(_calls(each for each in lines if each.tag == tag)) for tag in TAGS},
        "limits": "\n".join(_limits()),
        "sent": "\n\n".join(bodies(requests)),
        "answered": "\n\n".join(bodies(answers)),
        "codes": "\n".join(_codes()),
    }


def _calls(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    yield "| call | does | body | answers |"
    yield "| --- | --- | --- | --- |"
    for each in endpoints:
        body = "" if each.body is None else _link(each.body)
        answered = ", ".join(f"{status} {_answer(content)}".strip() for status, content in each.answers.items())
        yield f"| `{each.method} {each.path}` | {each.summary} | {body} | {answered} |"


def _answer(content: Any) -> str:
    if get_origin(content) is list:
        return f"list of {_link(get_args(content)[0])}"
    return _link(content) if isinstance(content, type) and issubclass(content, msgspec.Struct) else ""


def _link(struct: Any) -> str:
    return f"[{struct.__name__}](#{struct.__name__.lower()})"


def _limits() -> Iterator[str]:
    yield "| counted | most | within |"
    yield "| --- | --- | --- |"
    for name, limit in (
        ("sessions begun, for each client", CREATES),
        ("steps submitted, for each client", STEPS),
        ("calls refused for a wrong key, nonce, token or id, for each address", FAILURES),
    ):
        yield f"| {name} | {limit.count} | {limit.seconds} seconds |"


def _codes() -> Iterator[str]:
    yield "| code | status | refused because |"
    yield "| --- | --- | --- |"
    found = set()
    for problem in problems():
        ours = problem.__module__.startswith("frontdesk.onboarding.")
        named = next((CODES[one] for one in problem.__mro__ if one in CODES), "")
        code = problem.code if ours else named
        status = _status(problem)
        is_general = problem.__subclasses__() != [] and problem.code in (Problem.code, "external_api_error")
        if code and status is not None and not is_general and (ours or named):
            found.add((status, code, _because(problem)))
    for status, code, because in sorted(found):
        yield f"| `{code}` | {status} | {because} |"


def _status(problem: type[Problem]) -> int | None:
    for ancestor in problem.__mro__:
        found = STATUSES.get(ancestor)
        if found is not None:
            return found
        own = ancestor.__dict__.get("status")
        if own is not None and issubclass(ancestor, FloorProblem) and problem is not FloorProblem:
            return int(own)
    return None


def _because(problem: type[Problem]) -> str:
    return re.sub(r"\s+", " ", (problem.__doc__ or "").split("\n\n")[0].strip()).replace("|", "\\|")
