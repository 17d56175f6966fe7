"""Tools of MCP servers: JSON-RPC over HTTP, with the checks of addresses that `web_fetch` has."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from frontdesk.agents.capabilities.contract import (
    Arguments,
    Capability,
    Config,
    Context,
    Fetched,
    Fetcher,
    Result,
    Run,
    Tool,
    ToolFailed,
)
from frontdesk.agents.capabilities.mcp_answers import answer_to, has_answer
from frontdesk.agents.capabilities.schemas import is_schema

PROTOCOL = "2025-06-18"
LISTS_LAST_FOR = timedelta(hours=24)
CALL_SECONDS = 60.0
LIST_SECONDS = 15.0
MOST_TOOLS = 200
MOST_PAGES = 20
MAX_BYTES = 4 * 1024 * 1024
_ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
_NOT_PLAIN = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Server:
    """A server as a tenant has set it up. `id` is its UUID with dashes, `version` changes with every change."""

    id: str
    name: str
    url: str
    version: int = 0
    description: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool as the server describes it."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    is_reading: bool


@dataclass(frozen=True, slots=True)
class _Known:
    tools: tuple[Listed, ...]
    session: str
    listed_at: datetime


class McpClient:
    """Speaks to MCP servers. What it keeps (tool lists, protocol sessions) can be lost at any time."""

    def __init__(self, web: Fetcher) -> None:
        self._web = web
        self._known: dict[tuple[str, int], _Known] = {}

    async def capability(self, server: Server, now: datetime) -> Capability:
        """The server as a capability with its tools. Raises `ToolFailed` when it cannot be asked for them."""
        known = await self._listed(server, now)
        offered = tuple(self._tool(server, listed) for listed in known.tools)
        return described(server, offered)

    async def _listed(self, server: Server, now: datetime) -> _Known:
        key = (server.id, server.version)
        known = self._known.get(key)
        if known is None or now - known.listed_at > LISTS_LAST_FOR:
            session = await self._introduce(server)
            known = self._known[key] = _Known(await self._list(server, session), session, now)
        return known

    async def _introduce(self, server: Server) -> str:
        """The id of a protocol session, or nothing: simple servers have none, and do not know the call."""
        params = {
            "protocolVersion": PROTOCOL,
            "capabilities": {},
            "clientInfo": {"name": "frontdesk", "version": "1"},
        }
        answer, told = await self._exchange(server, "initialize", params, "", LIST_SECONDS)
        if "error" in told:
            return ""
        session = answer.headers.get("mcp-session-id", "")
        await self._send(server, {"jsonrpc": "2.0", "method": "notifications/initialized"}, session, LIST_SECONDS)
        return session

    async def _list(self, server: Server, session: str) -> tuple[Listed, ...]:
        found: list[Listed] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            params = {"cursor": cursor} if cursor else {}
            _, told = await self._exchange(server, "tools/list", params, session, LIST_SECONDS)
            result = told.get("result")
            if not isinstance(result, dict) or not isinstance(result.get("tools"), list):
                raise ToolFailed("The MCP server did not list its tools")
            found += [tool for each in result["tools"] if (tool := _read(each)) is not None]
            cursor = result.get("nextCursor")
            if not isinstance(cursor, str) or not cursor or len(found) >= MOST_TOOLS:
                break
        return tuple(found[:MOST_TOOLS])

    def _tool(self, server: Server, listed: Listed) -> Tool:
        return Tool(
            tool_name(server.name, listed.name),
            listed.description,
            listed.parameters,
            self._run(server, listed.name),
            safe_to_repeat=listed.is_reading,
            seconds=CALL_SECONDS,
        )

    def _run(self, server: Server, name: str) -> Run:
        async def call(context: Context, arguments: Arguments) -> Result:
            params = {"name": name, "arguments": dict(arguments)}
            known = await self._listed(server, context.now)
            answer, told = await self._exchange(server, "tools/call", params, known.session, CALL_SECONDS)
            if answer.status == 404 and known.session:
                # The server forgot the protocol session: it did not run the call, so it may be made again.
                self._known.pop((server.id, server.version), None)
                known = await self._listed(server, context.now)
                answer, told = await self._exchange(server, "tools/call", params, known.session, CALL_SECONDS)
            return _result(told)

        return call

    async def _exchange(
        self, server: Server, method: str, params: Mapping[str, Any], session: str, seconds: float
    ) -> tuple[Fetched, dict[str, Any]]:
        """One JSON-RPC call; its answer holds `result` or `error`."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = await self._send(server, body, session, seconds)
        told = answer_to(answer.content, answer.headers.get("content-type", ""))
        if told is None:
            if answer.status in (401, 403):
                raise ToolFailed("The MCP server refuses its key")
            if answer.status == 404 and session:
                return answer, {"error": {"message": "The MCP server has forgotten the session"}}
            raise ToolFailed(f"The MCP server gave no JSON-RPC answer (status {answer.status})")
        return answer, told

    async def _send(self, server: Server, body: Mapping[str, Any], session: str, seconds: float) -> Fetched:
        headers = {**server.headers, **_ACCEPT, "MCP-Protocol-Version": PROTOCOL}
        if session:
            headers["Mcp-Session-Id"] = session
        if server.api_key:
            headers["Authorization"] = f"Bearer {server.api_key}"
        return await self._web.fetch(
            "POST",
            server.url,
            headers=headers,
            body=json.dumps(body).encode(),
            max_bytes=MAX_BYTES,
            first_byte_seconds=seconds,
            seconds=seconds,
            max_redirects=0,
            is_enough=has_answer,
        )


def described(server: Server, offered: tuple[Tool, ...] = ()) -> Capability:
    """A server as it stands in the list of capabilities, with the tools that are known."""

    def tools(config: Config) -> tuple[Tool, ...]:
        return offered

    return Capability(
        id=f"mcp:{server.id}",
        name=server.name,
        description=server.description or f"Tools of the MCP server {server.name}.",
        category="MCP Servers",
        icon="plug",
        tools=tools,
        is_mcp=True,
    )


def tool_name(server: str, tool: str) -> str:
    """`mcp_{server}__{tool}` in the letters and length that every model takes; what is cut leaves a digest."""
    plain = _NOT_PLAIN.sub("_", server.strip().lower())
    name = f"mcp_{plain}__{_NOT_PLAIN.sub('_', tool)}"
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(f"{server} {tool}".encode(errors="replace")).hexdigest()[:8]
    return f"mcp_{plain[:16]}__{_NOT_PLAIN.sub('_', tool)[:32]}_{digest}"


def _read(told: Any) -> Listed | None:
    """A tool of the list; what cannot be offered to a model is left out."""
    if not isinstance(told, dict) or not isinstance(told.get("name"), str) or not told["name"]:
        return None
    schema = told.get("inputSchema")
    if not isinstance(schema, dict) or schema.get("type") != "object" or not is_schema(schema):
        return None
    hints = told.get("annotations")
    is_reading = isinstance(hints, dict) and hints.get("readOnlyHint") is True
    about = told.get("description")
    return Listed(told["name"], about if isinstance(about, str) else "", schema, is_reading)


def _result(told: Mapping[str, Any]) -> Result:
    if "error" in told:
        said = told["error"].get("message") if isinstance(told["error"], dict) else None
        return Result(error=str(said or "The MCP server refused the call")[:2000])
    result = told.get("result")
    content = result.get("content") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(content, list):
        return Result(error="The MCP server gave no content")
    texts = [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    if result.get("isError") is True:
        return Result(error="\n".join(texts)[:2000] or "The tool of the MCP server failed")
    if len(content) == 1 and len(texts) == 1:
        return Result({"result": texts[0]})
    return Result({"content": content})
