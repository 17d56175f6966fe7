"""What an agent is given in a turn: which capabilities, in which order, and what they add to its prompt."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol, TypeVar

MCP_PREFIX = "mcp:"


class Reference(Protocol):
    """A capability that an agent or a session has switched on."""

    @property
    def ref(self) -> str: ...

    @property
    def config(self) -> Mapping[str, Any]: ...


class Named(Protocol):
    """Whatever has a name."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Use:
    """One capability of a turn. `is_session`: the session brought it, not the agent."""

    ref: str
    config: Mapping[str, Any]
    is_session: bool = False


def canonical(ref: str) -> str:
    """`mcp:` with the server's UUID, also for a ref that names its published id; every other ref as it is."""
    name = ref.removeprefix(MCP_PREFIX)
    digits = name.removeprefix("mcp_").replace("-", "")
    if name == ref or len(digits) != 32:
        return ref
    return f"{MCP_PREFIX}{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}".lower()


def uses(
    agents: Sequence[Reference],
    sessions: Sequence[Reference],
    dependencies: Callable[[str], Sequence[str] | None],
) -> tuple[Use, ...]:
    """The capabilities of a turn: the agent's, then the session's, what each needs before it.

    One that is named twice stands where it was first and has the later config. `dependencies` answers None for a
    ref that is gone meanwhile; it is left out.
    """
    named = [(each, False) for each in agents] + [(each, True) for each in sessions]
    configs = {canonical(each.ref): each.config for each, _ in named}
    found: dict[str, Use] = {}

    def add(ref: str, is_session: bool, above: tuple[str, ...]) -> None:
        needed = dependencies(ref)
        if needed is None or ref in found or ref in above:
            return
        for each in needed:
            add(each, is_session, (*above, ref))
        found[ref] = Use(ref, configs.get(ref, {}), is_session)

    for each, is_session in named:
        add(canonical(each.ref), is_session, ())
    return tuple(found.values())


def without_clashes(tools: Iterable[N]) -> tuple[N, ...]:
    """The same tools; of those with one name the first."""
    first: dict[str, N] = {}
    for tool in tools:
        first.setdefault(tool.name, tool)
    return tuple(first.values())


def system_text(prompt: str, additions: Iterable[tuple[Use, str | None]]) -> str:
    """The whole prompt: what the session's capabilities add, what the agent's add, the agent's own, each marked."""
    known = [(use, text.strip()) for use, text in additions if text and text.strip()]
    if not known:
        return prompt
    ordered = sorted(known, key=lambda pair: not pair[0].is_session)
    wrapped = [f'<capability id="{escape(use.ref)}">\n{text}\n</capability>' for use, text in ordered]
    return "\n\n".join([*wrapped, f"<system-prompt>\n{prompt}\n</system-prompt>"])
