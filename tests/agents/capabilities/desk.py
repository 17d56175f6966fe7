"""What a tool is given in these tests: files and values in memory, and the fetcher that is really used."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from frontdesk.agents.capabilities.contract import Context, Entry, Tool
from frontdesk.agents.capabilities.fetching import SafeFetcher
from frontdesk.agents.capabilities.running import Outcome, run
from frontdesk.agents.capabilities.table import CAPABILITIES
from frontdesk.basics.errors import Problem
from frontdesk.kernel.webhooks.destinations import Allowed

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


class MemoryFiles:
    """`Files`, as its contract says."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.readonly: set[str] = set()

    async def stat(self, path: str) -> Entry | None:
        if path in self.files:
            return Entry(path, False, len(self.files[path]), NOW, NOW, path in self.readonly)
        return Entry(path, True, 0, NOW, NOW) if path == "/" or path in self._folders() else None

    async def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    async def write(self, path: str, content: bytes, *, expected: bytes | None = None) -> Entry:
        if path in self.readonly:
            raise Problem("The file is read-only")
        if path == "/" or path in self._folders():
            raise Problem("There is a folder of this name")
        if expected is not None and self.files.get(path) != expected:
            raise Problem("The file has changed meanwhile")
        self.files[path] = content
        return Entry(path, False, len(content), NOW, NOW)

    async def remove(self, path: str, *, recursive: bool = False) -> bool:
        below = [name for name in self.files if name.startswith(path + "/")]
        if below and not recursive:
            raise Problem("The folder is not empty")
        gone = [self.files.pop(name, None) for name in [path, *below]]
        return any(content is not None for content in gone)

    async def list(self, path: str, *, recursive: bool = False) -> tuple[Entry, ...]:
        start = path.rstrip("/") + "/"
        names = sorted(name for name in (*self.files, *self._folders()) if name.startswith(start))
        found = [await self.stat(name) for name in names if recursive or "/" not in name[len(start) :]]
        return tuple(entry for entry in found if entry is not None)

    def _folders(self) -> set[str]:
        return {"/".join(name.split("/")[:depth]) for name in self.files for depth in range(2, name.count("/") + 1)}


class MemoryValues:
    """`Values`, as its contract says."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.values.get(name)

    async def set(self, name: str, value: str) -> None:
        self.values[name] = value

    async def delete(self, name: str) -> bool:
        return self.values.pop(name, None) is not None

    async def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.values))


def context(*, allowed: tuple[str, ...] = (), has_key: bool = True) -> Context:
    """A session with nothing in it."""
    web = SafeFetcher(Allowed(allowed))
    return Context("session", NOW, MemoryFiles(), MemoryValues(), MemoryValues() if has_key else None, web)


def tool(capability: str, name: str, config: Mapping[str, Any] | None = None) -> Tool:
    """A tool of the table."""
    return {each.name: each for each in CAPABILITIES[capability].tools(config or {})}[name]


class Desk:
    """Runs the tools of one capability in one session, as the turn does."""

    def __init__(self, capability: str, given: Context | None = None, config: Mapping[str, Any] | None = None) -> None:
        self.context = given or context()
        self._tools = {each.name: each for each in CAPABILITIES[capability].tools(config or {})}

    async def outcome(self, name: str, /, **arguments: Any) -> Outcome:
        return await run(self._tools[name], self.context, arguments)

    async def value(self, name: str, /, **arguments: Any) -> Any:
        """The result of a call that succeeds."""
        outcome = await self.outcome(name, **arguments)
        assert (outcome.status, outcome.error) == ("success", None)
        return outcome.value

    async def error(self, name: str, /, **arguments: Any) -> str:
        """The sentence of a call that fails."""
        outcome = await self.outcome(name, **arguments)
        assert outcome.status == "error"
        assert outcome.error
        return outcome.error
