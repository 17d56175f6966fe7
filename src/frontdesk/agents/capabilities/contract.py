"""What a capability is, what a tool of one is given, and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from frontdesk.agents.rules.limits import Limits
from frontdesk.basics.errors import Problem

Json = Any
"""What JSON can hold."""
Config = Mapping[str, Any]
Arguments = Mapping[str, Any]
NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}}
TOOL_SECONDS = 60.0


class ToolFailed(Problem):
    """A tool cannot do what was asked. The model and the events get the message; it holds nothing internal."""

    code: ClassVar[str] = "tool_failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder of a session. `path` is absolute, without `/workspace`."""

    path: str
    is_directory: bool
    size_bytes: int
    created_at: datetime
    updated_at: datetime
    is_readonly: bool = False


class Files(Protocol):
    """One session's files. Paths are absolute, hold no `..`, `//` or NUL and do not begin with `/_/`; `/` is the root.

    Any `Problem` raised here is told to the model by its message: read-only, a folder where a file is meant, no room.
    """

    async def stat(self, path: str) -> Entry | None:
        """What there is, or None. The root is always there."""
        ...

    async def read(self, path: str) -> bytes | None:
        """The content of a file; None when there is no file of this path."""
        ...

    async def write(self, path: str, content: bytes, *, expected: bytes | None = None) -> Entry:
        """Create or replace a file, with the folders above it. With `expected`, only if that is what it holds now."""
        ...

    async def remove(self, path: str, *, recursive: bool = False) -> bool:
        """Whether there was something. A folder with content needs `recursive`."""
        ...

    async def list(self, path: str, *, recursive: bool = False) -> tuple[Entry, ...]:
        """What is in a folder, ordered by path; empty when there is none."""
        ...


class Values(Protocol):
    """One session's named values. Any `Problem` raised here is told to the model by its message."""

    async def get(self, name: str) -> str | None: ...

    async def set(self, name: str, value: str) -> None: ...

    async def delete(self, name: str) -> bool:
        """Whether there was one."""
        ...

    async def names(self) -> tuple[str, ...]:
        """In order."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of a web server. `content` is cut at the limit of the call, and `is_cut` then."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    is_cut: bool


class Fetcher(Protocol):
    """HTTP to addresses that are not private, checked at every redirect. Raises `ToolFailed`."""

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        max_bytes: int = 1024 * 1024,
        first_byte_seconds: float = 10.0,
        seconds: float = 30.0,
        max_redirects: int = 5,
        is_enough: Callable[[bytes], bool] | None = None,
    ) -> Fetched:
        """One exchange. Header names of the answer are in lower case; `is_enough` ends a body that does not end."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a running tool may use. `secrets` is None where the server has no key to seal them with."""

    session_id: str
    now: datetime
    files: Files
    kv: Values
    secrets: Values | None
    web: Fetcher


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gives the model: `value` is JSON. `error` makes it a failure.

    Stored events and everything that clients see hold `shown` in place of `value` when `is_masked`.
    """

    value: Json = None
    error: str | None = None
    shown: Json = None
    is_masked: bool = False


Run = Callable[[Context, Arguments], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool; without `run` it is the client's: the call waits for `tool-results`.

    `safe_to_repeat`: reading only, so that a call cut off by a crash is simply made again. Of `secret_arguments`
    events hold `***`.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    run: Run | None
    safe_to_repeat: bool = False
    seconds: float = TOOL_SECONDS
    secret_arguments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Capability:
    """A named unit that adds tools and prompt text. `tools` may be asked with any config that fits `config_schema`.

    `prompt_from` makes the prompt text of each model call from the session's files, in place of `prompt`. `limits`
    tells what a turn may spend; the tightest of all holds.
    """

    id: str
    name: str
    description: str
    category: str
    icon: str
    tools: Callable[[Config], tuple[Tool, ...]]
    prompt: str | None = None
    config_schema: Mapping[str, Any] = field(default_factory=lambda: dict(NO_ARGUMENTS))
    dependencies: tuple[str, ...] = ()
    status: str = "available"
    is_mcp: bool = False
    prompt_from: Callable[[Files], Awaitable[str | None]] | None = None
    limits: Callable[[Config], Limits] | None = None
