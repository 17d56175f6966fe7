"""The tables of the reference that come from the code: `python tests/shape/reference.py` writes them anew.

A page holds each table between `<!-- NAME -->` and `<!-- end NAME -->`; what stands around it is written by hand.
"""

import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec
from msgspec import UnsetType

from frontdesk.agents.wire import answers as agents_answers
from frontdesk.agents.wire import catalogue as agents_catalogue
from frontdesk.agents.wire import events as agents_events
from frontdesk.agents.wire import files as agents_files
from frontdesk.agents.wire import refusals as agents_refusals
from frontdesk.agents.wire import requests as agents_requests
from frontdesk.basics.errors import Problem
from frontdesk.forms.routes import CODES as FORMS_CODES
from frontdesk.forms.wire import answers as forms_answers
from frontdesk.forms.wire import refusals as forms_refusals
from frontdesk.forms.wire import requests as forms_requests
from frontdesk.forms.wire import tables as forms_tables
from frontdesk.forms.wire import tools as forms_tools
from frontdesk.forms.wire import work as forms_work
from frontdesk.kyc.routes import CODES
from frontdesk.kyc.rules import refusals as families
from frontdesk.kyc.wire import answers, evidence, presence, refusals, requests, screening, shown, shown_to_staff
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.problems import FloorProblem
from shape import reference_onboarding
from shape.problems import problems
from shape.tree import ROOT

REFERENCE = ROOT / "docs" / "reference"
AGENTS_ANSWERS = (agents_answers, agents_events, agents_catalogue, agents_files, agents_refusals)
KYC_ANSWERS = (answers, presence, evidence, screening)
WITHOUT_STATUS = {"bad_setting": "The command ends with it", "broken_seal": "500, logged"}
"""Refusals that no call answers as they are."""


FORMS = ("/forms", "/sessions", "/usage", "/keys", "/mcp")
"""Where the paths of forms begin; all others are on the page of identity checks."""


def tables(published: Iterable[Endpoint]) -> dict[str, dict[str, str]]:
    """The tables of every page, by the name of the page and their own."""
    # Agents answer below /api too, with the same calls; what two kinds share is told of on both their pages.
    everything = [each for each in published if not each.path.startswith("/api/v1/") and each.tag != "Shared"]
    of_agents = [each for each in everything if each.tag.startswith("Agent")]
    of_forms = [each for each in everything if each.path.startswith(FORMS)]
    elsewhere = [*of_agents, *of_forms]
    others = [each for each in everything if each not in elsewhere and not reference_onboarding.is_ours(each)]
    return {
        "agents.md": {
            **{
                f"calls: {tag}": "\n".join(_calls((each for each in of_agents if each.tag == tag), bare=True))
                for tag in dict.fromkeys(each.tag for each in of_agents)
            },
            "sent": "\n\n".join(_bodies(agents_requests)),
            "answered": "\n\n".join("\n\n".join(_bodies(each)) for each in AGENTS_ANSWERS),
        },
        "kyc.md": {
            **_by_tag(others),
            "limits": "\n".join(_limits(others)),
            "sent": "\n\n".join(_bodies(requests)),
            "answered": "\n\n".join(one for module in KYC_ANSWERS for one in _bodies(module)),
            "shown to customers": "\n\n".join(_bodies(shown)),
            "shown to staff": "\n\n".join(_bodies(shown_to_staff)),
        },
        "onboarding.md": reference_onboarding.tables(everything, _bodies),
        "forms.md": {
            **_by_tag(of_forms),
            "limits": "\n".join(_limits(of_forms)),
            "sent": "\n\n".join(_bodies(forms_requests)),
            "answered": "\n\n".join(
                one for module in (forms_answers, forms_work, forms_tables) for one in _bodies(module)
            ),
            "tools": "\n\n".join(_bodies(forms_tools)),
        },
        "errors.md": {
            "codes": "\n".join(_codes()),
            "own codes": "\n".join(_own_codes()),
            "forms codes": "\n".join(_forms_codes()),
        },
    }


def _by_tag(lines: list[Endpoint]) -> dict[str, str]:
    tags = dict.fromkeys(each.tag for each in lines)
    return {f"calls: {tag}": "\n".join(_calls(each for each in lines if each.tag == tag)) for tag in tags}


def with_tables(page: str, found: dict[str, str]) -> str:
    """The page's text with these tables put in their places. Raises `ValueError` for a place that is missing."""
    for name, table in found.items():
        start, end = f"<!-- {name} -->", f"<!-- end {name} -->"
        if start not in page or end not in page:
            raise ValueError(f"The page has no place for the table {name}")
        before, _, rest = page.partition(start)
        page = f"{before}{start}\n\n{table}\n\n{end}{rest.partition(end)[2]}"
    return page


def _calls(endpoints: Iterable[Endpoint], *, bare: bool = False) -> Iterator[str]:
    yield "| call | does | needs | body | answers | refuses |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in endpoints:
        needs = {"key": f"`{each.permission}`", "access_token": "access token", "signed_url": "signed address"}
        body = "" if each.body is None else _link(each.body)
        if each.raw_body:
            body = "the file"
        answered = ", ".join(f"{status} {_answer(content, bare)}".strip() for status, content in each.answers.items())
        refused = ", ".join(str(status) for status in sorted(each.refusals))
        yield (
            f"| `{each.method} {each.path}` | {each.summary} | {needs.get(each.auth, 'nothing')} "
            f"| {body} | {answered} | {refused} |"
        )


def _answer(content: Any, bare: bool) -> str:
    if bare and isinstance(content, type) and issubclass(content, msgspec.Struct):
        return _link(content)
    if get_origin(content) is answers.Envelope:
        return _link(get_args(content)[0])
    if (
        isinstance(content, type)
        and issubclass(content, msgspec.Struct)
        and content.__module__.startswith("frontdesk.forms")
    ):
        return _link(content)
    return {bytes: "the file", None: ""}.get(content, "")


def _link(struct: Any) -> str:
    return f"[{struct.__name__}](#{struct.__name__.lower()})"


def _limits(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    yield "| calls | most | within |"
    yield "| --- | --- | --- |"
    limits = {each.limit for each in endpoints if each.limit is not None}
    for limit in sorted(limits, key=lambda each: each.name):
        names = [f"`{each.method} {each.path}`" for each in endpoints if each.limit == limit]
        yield f"| {', '.join(names)} | {limit.count} together | {limit.seconds // 60} minutes |"


def _bodies(module: types.ModuleType) -> Iterator[str]:
    for name, struct in vars(module).items():
        ours = isinstance(struct, type) and issubclass(struct, msgspec.Struct) and struct.__module__ == module.__name__
        if ours and name != "Envelope":
            yield "\n".join(_body(struct))


def _body(struct: type[msgspec.Struct]) -> Iterator[str]:
    meaning = re.sub(r"\s+", " ", (struct.__doc__ or "").strip())
    yield f"### {struct.__name__}\n\n{meaning}\n"
    hints = get_type_hints(struct)
    parents = [one for one in struct.__mro__[1:] if issubclass(one, msgspec.Struct) and one is not msgspec.Struct]
    told = {field.name for one in parents for field in msgspec.structs.fields(one)}
    if told:
        yield f"All of {_link(parents[0])}, and:\n"
    yield "| key | type |\n| --- | --- |"
    for field in msgspec.structs.fields(struct):
        changed = field.name in struct.__annotations__
        if field.name not in told or changed:
            optional = "" if field.required else ", optional"
            yield f"| `{field.name}` | {_type(hints[field.name])}{optional} |"


def _type(hint: Any) -> str:
    """A type in the words of JSON."""
    plain = {str: "text", int: "integer", float: "number", bool: "true or false", Any: "any value"}
    if hint in plain:
        return plain[hint]
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin in (Union, types.UnionType):
        kinds = [part for part in parts if part not in (UnsetType, type(None))]
        words = " or ".join(_type(part) for part in kinds)
        return f"{words} or null" if type(None) in parts else words
    if origin is list:
        return f"list of {_type(parts[0])}"
    if origin is dict:
        inner = _type(parts[1])
        return "object" if inner == "any value" else f"object of {inner}"
    return _link(hint)


def _codes() -> Iterator[str]:
    """Every refusal that the calls of identity checks may answer, by its published code."""
    yield "| code | status | refused because |"
    yield "| --- | --- | --- |"
    leaves = [
        each
        for each in problems()
        if each.__module__ != families.__name__ and not _is_agents(each) and _status(each) is not None
    ]
    found = [(_published(each), _status(each), _because(each)) for each in leaves]
    told: dict[tuple[str, int | None], list[str]] = {}
    for code, status, because in found:
        told.setdefault((code, status), []).append(because)
    for (code, status), reasons in sorted(told.items(), key=lambda each: (each[0][1] or 0, each[0][0])):
        for because in dict.fromkeys(reasons):
            yield f"| `{code}` | {status} | {because} |"


def _own_codes() -> Iterator[str]:
    yield "| code | status | meaning |"
    yield "| --- | --- | --- |"
    ours = [each for each in problems() if each.__module__.split(".")[1] not in ("forms", "onboarding")]
    own = {each.code: each for each in reversed(ours) if each.code.islower() and each.code != Problem.code}
    for code, each in sorted(own.items()):
        status = each.__dict__.get("status") or _status(each)
        yield f"| `{code}` | {status or WITHOUT_STATUS.get(code, '')} | {_because(each)} |"


def _forms_codes() -> Iterator[str]:
    """Every refusal of the forms API, and those of the floor under the codes that they have there."""
    yield "| code | status | refused because |"
    yield "| --- | --- | --- |"
    found = set()
    for each in problems():
        is_ours = each.__module__.startswith("frontdesk.forms")
        status = _status_in(each, forms_refusals.STATUSES)
        if status is not None and (is_ours or issubclass(each, FloorProblem)):
            code = each.code if is_ours else next((FORMS_CODES[one] for one in each.__mro__ if one in FORMS_CODES), "")
            found.add((status, code, _because(each)))
    for status, code, because in sorted(one for one in found if one[1]):
        yield f"| `{code}` | {status} | {because} |"


def _status(problem: type[Problem]) -> int | None:
    return _status_in(problem, (agents_refusals if _is_agents(problem) else refusals).STATUSES)


def _status_in(problem: type[Problem], statuses: Mapping[type[Problem], int]) -> int | None:
    for ancestor in problem.__mro__:
        found = statuses.get(ancestor)
        if found is not None:
            return found
        own = ancestor.__dict__.get("status")
        if own is not None and issubclass(ancestor, FloorProblem) and problem is not FloorProblem:
            return int(own)
    return None


def _is_agents(problem: type[Problem]) -> bool:
    return problem.__module__.startswith("frontdesk.agents.")


def _published(problem: type[Problem]) -> str:
    for ancestor in problem.__mro__:
        if ancestor in CODES:
            return CODES[ancestor]
        if "code" in ancestor.__dict__ and not issubclass(ancestor, FloorProblem):
            break
    return problem.code


def _because(problem: type[Problem]) -> str:
    """The first sentences of its class, on one line."""
    return re.sub(r"\s+", " ", (problem.__doc__ or "").split("\n\n")[0].strip()).replace("|", "\\|")


def main() -> None:
    """Write every table anew."""
    import tempfile

    from frontdesk.app import endpoints
    from frontdesk.config import Settings
    from frontdesk.wiring import build

    with tempfile.TemporaryDirectory() as folder:
        found = tables(endpoints(build(Settings(data=Path(folder)))))
    for name, of_page in found.items():
        page = REFERENCE / name
        page.write_text(with_tables(page.read_text(), of_page))


if __name__ == "__main__":
    main()
