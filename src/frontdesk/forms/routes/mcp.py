"""The MCP surface: JSON-RPC over streamable HTTP, one answer for each POST, no state between them."""

from dataclasses import replace
from typing import Any

import msgspec
from starlette.responses import Response

from frontdesk import __version__
from frontdesk.basics.errors import Conflict, Problem, Unavailable
from frontdesk.forms.routes.tools import TOOLS, Tool
from frontdesk.forms.rules.limits import REQUEST_BYTES
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.wire import refusals, tools
from frontdesk.web.auth import Identity, require
from frontdesk.web.endpoint import Answer, Call, Endpoint, Limit
from frontdesk.web.json_body import read_json
from frontdesk.web.problems import InvalidBody, Unauthorized
from frontdesk.web.surface import Refusal, Surface

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Versions of the protocol that are spoken, the newest first."""
INSTRUCTIONS = (
    "Fill PDF forms. create_form uploads one and finds its fields; fill_form fills it by field id or label; "
    "open_session and session_turn fill it by conversation; render_session returns the finished PDF."
)
CALLS = Limit("forms_tools", 120, 60, "key")
"""Twice the writing calls of the API: those who call tools look by calling, too."""
_PARSE, _REQUEST, _METHOD, _PARAMS = -32700, -32600, -32601, -32602
_CHALLENGE = 'Bearer error="invalid_token", error_description="Authentication required"'
_decode = msgspec.json.Decoder().decode


class _Wrong(Exception):
    """A JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ToolSurface:
    """The one call, with what it needs."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def post(self, call: Call) -> Answer | Response:
        """One request, or a notification, which has no answer."""
        try:
            asked = _decode(await call.body())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Answer(400, _failed(None, _PARSE, "The body is not JSON"))
        if not isinstance(asked, dict) or asked.get("jsonrpc") != "2.0":
            return Answer(400, _failed(None, _REQUEST, "One JSON-RPC 2.0 message is expected"))
        number, method, params = asked.get("id"), asked.get("method"), asked.get("params")
        if not isinstance(method, str) or number is None:
            return Response(status_code=202)  # a notification, or the answer to a question that we never ask
        if not isinstance(number, str | int) or isinstance(number, bool):
            return Answer(400, _failed(None, _REQUEST, "id must be text or an integer"))
        try:
            result = await self._result(method, params if isinstance(params, dict) else {}, call.caller)
        except _Wrong as wrong:
            return Answer(200, _failed(number, wrong.code, wrong.message))
        return Answer(200, {"jsonrpc": "2.0", "id": number, "result": result})

    async def _result(self, method: str, params: dict[str, Any], caller: Identity) -> dict[str, Any]:
        if method == "initialize":
            asked = params.get("protocolVersion")
            return {
                "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
                "capabilities": {"tools": {"listChanged": False}},
                "serverInfo": {"name": "frontdesk-forms", "title": "Frontdesk forms", "version": __version__},
                "instructions": INSTRUCTIONS,
            }
        if method == "ping":
            return {}
        if method == "tools/list":
            return {"tools": [_described(tool) for tool in TOOLS.values()]}
        if method == "tools/call":
            return await self._called(params, caller)
        raise _Wrong(_METHOD, "There is no such method here")

    async def _called(self, params: dict[str, Any], caller: Identity) -> dict[str, Any]:
        tool = TOOLS.get(str(params.get("name")))
        if tool is None:
            raise _Wrong(_PARAMS, "There is no such tool")
        try:
            require(caller, tool.permission)
            given = read_json(msgspec.json.encode(params.get("arguments") or {}), tool.arguments)
            content = await tool.run(self._needs, caller.tenant_id, given)
        except Problem as problem:
            return _refused(FACE.code_of(problem), problem.message, problem.details)
        except Unavailable:
            return _refused("service_unavailable", "the service is not available at the moment; try again shortly")
        except Conflict:
            return _refused("in_use", "this was changed by another request at the same moment; try again")
        return _content(content, is_error=False)


def _refused(code: str, message: str, details: Any = None) -> dict[str, Any]:
    told: dict[str, Any] = {"code": code, "message": message}
    return _content({**told, "details": details} if details else told, is_error=True)


def _content(told: dict[str, Any], *, is_error: bool) -> dict[str, Any]:
    text = msgspec.json.encode(told).decode()
    return {"content": [{"type": "text", "text": text}], "structuredContent": told, "isError": is_error}


def _described(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "inputSchema": tools.schema_of(tool.arguments),
        "annotations": {"readOnlyHint": tool.permission == "forms:read"},
    }


def _failed(number: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def _shape(refusal: Refusal) -> tuple[bytes, str]:
    told = {"error": refusal.code, "error_description": refusal.message}
    return msgspec.json.encode(told), "application/json"


def _headers(problem: Problem) -> dict[str, str]:
    return {"WWW-Authenticate": _CHALLENGE} if isinstance(problem, Unauthorized) else {}


class McpError(msgspec.Struct, frozen=True):
    """A refusal before any tool is reached."""

    error: str
    error_description: str


FACE = Surface(
    name="mcp",
    prefixes=("/mcp",),
    endpoints=(),
    shape=_shape,
    statuses=refusals.STATUSES,
    codes={**refusals.CODES, InvalidBody: "bad_request", Unauthorized: "invalid_token"},
    messages=dict.fromkeys((Unauthorized, *Unauthorized.__subclasses__()), "Authentication required"),
    error_type=McpError,
    headers=_headers,
    title="Forms by MCP",
)
"""The surface without its call: it knows the code of every refusal, of tools too."""


def surface(needs: Needs) -> Surface:
    """The face for the floor."""
    calls = ToolSurface(needs)
    call = Endpoint(
        "POST",
        "/mcp",
        calls.post,
        "Call a tool by MCP (streamable HTTP)",
        "Forms by MCP",
        answers={200: dict[str, Any], 202: None, 400: dict[str, Any]},
        refusals=(401, 403, 408, 413, 429, 503),
        permission="forms:read",
        raw_body=True,
        body_limit=REQUEST_BYTES,
        limit=CALLS,
    )
    return replace(FACE, endpoints=(call,))
