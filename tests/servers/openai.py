"""An OpenAI-compatible server on loopback: it obeys the simulator's directives, and fails as it is told to."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from frontdesk.adapters.llm_scripted import ScriptedLlm
from frontdesk.ports.llm import Answer, Away, Delta, Refused, Request, Target
from frontdesk.ports.llm_conversation import Call, Offered, Returned, Said, Text

Send = Callable[[bytes], Awaitable[None]]
Reply = Callable[["OpenAiServer", Send, dict[str, Any]], Awaitable[None]]
_STATUS = {
    "rate_limited": (429, "rate_limit_exceeded"),
    "overloaded": (503, "overloaded"),
    "auth": (401, "invalid_api_key"),
    "quota": (429, "insufficient_quota"),
    "bad_request": (400, "invalid_request"),
    "context_too_long": (400, "context_length_exceeded"),
    "unknown_model": (404, "model_not_found"),
}


class OpenAiServer:
    """`replies` are given first, one a request; after them the messages' own directives are obeyed."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.left = asyncio.Event()
        self.url = ""
        self._serving: set[asyncio.Task[None]] = set()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def stop(self) -> None:
        """Hang up on everybody."""
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._exchange(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:

        async def send(content: bytes) -> None:
            writer.write(content)
            await writer.drain()

        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
            headers = {name.lower(): value for name, _, value in lines}
            body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))) or b"{}")
            self.requests.append(body)
            self.headers.append(headers)
            reply = self.replies.pop(0) if self.replies else obey
            replying = asyncio.create_task(reply(self, send, body))
            leaving = asyncio.create_task(reader.read(1))
            await asyncio.wait({replying, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not replying.done():
                self.left.set()
            for task in (replying, leaving):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await task


@asynccontextmanager
async def openai_server() -> AsyncIterator[OpenAiServer]:
    """The server for as long as the context lasts; `url` is the base URL."""
    served = OpenAiServer()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield served
    finally:
        server.close()
        await served.stop()
        await server.wait_closed()


def head(status: int = 200, kind: str = "text/event-stream", **headers: str) -> bytes:
    """The first lines of an answer that ends with its connection."""
    named = {"content-type": kind, "connection": "close", **headers}
    lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """One event of a streamed answer."""
    told = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "served-model",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }
    return f"data: {json.dumps(told)}\n\n".encode()


def failing(status: int, code: str = "server_error", message: str = "no", **headers: str) -> Reply:
    """Answer with an error."""

    async def reply(server: OpenAiServer, send: Send, body: dict[str, Any]) -> None:
        told = {"error": {"message": message, "type": code, "code": code}}
        await send(head(status, "application/json", **headers) + json.dumps(told).encode())

    return reply


def sending(*pieces: bytes, status: int = 200, kind: str = "text/event-stream") -> Reply:
    """Answer with these bytes and hang up."""

    async def reply(server: OpenAiServer, send: Send, body: dict[str, Any]) -> None:
        await send(head(status, kind))
        for piece in pieces:
            await send(piece)

    return reply


def cut(*words: str) -> Reply:
    """Begin an answer of promised length, and hang up in the middle."""

    async def reply(server: OpenAiServer, send: Send, body: dict[str, Any]) -> None:
        await send(head(200, content_length="100000"))
        for word in words:
            await send(chunk({"content": word}))

    return reply


def silent(*words: str) -> Reply:
    """Say a few words, then nothing more until the other side leaves."""

    async def reply(server: OpenAiServer, send: Send, body: dict[str, Any]) -> None:
        await send(head())
        for word in words:
            await send(chunk({"content": word}))
        await asyncio.Event().wait()

    return reply


async def obey(server: OpenAiServer, send: Send, body: dict[str, Any]) -> None:
    """What the simulator would say, as an OpenAI-compatible server says it."""
    pieces = ScriptedLlm().ask(_request(body))
    began = False
    try:
        async for piece in pieces:
            if not began:
                await send(head())
                began = True
            if isinstance(piece, Answer):
                await _finish(send, piece)
            elif isinstance(piece, Delta) and piece.kind in ("text", "thinking"):
                name = "content" if piece.kind == "text" else "reasoning_content"
                await send(chunk({name: piece.text}))
    except (Away, Refused) as error:
        if error.kind == "nonsense":
            await sending(b"<html>It works!</html>", kind="text/html")(server, send, body)
        elif error.kind == "network":
            await cut("one ", "two ")(server, send, body)
        else:
            status, code = _STATUS[error.kind]
            await failing(status, code)(server, send, body)


async def _finish(send: Send, answer: Answer) -> None:
    for number, call in enumerate(answer.calls):
        written = call.unreadable or json.dumps(dict(call.arguments))
        begin = {"index": number, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        await send(chunk({"tool_calls": [begin]}))
        for start in range(0, len(written), 5):
            part = {"index": number, "function": {"arguments": written[start : start + 5]}}
            await send(chunk({"tool_calls": [part]}))
    await send(chunk({}, answer.finish_reason))
    usage = {
        "prompt_tokens": answer.usage.input_tokens,
        "completion_tokens": answer.usage.output_tokens,
        "total_tokens": answer.usage.input_tokens + answer.usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
    last = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "served-model"}
    await send(f"data: {json.dumps({**last, 'choices': [], 'usage': usage})}\n\n".encode() + b"data: [DONE]\n\n")


def _request(body: dict[str, Any]) -> Request:
    system, history = "", []
    for message in body["messages"]:
        content = message.get("content")
        match message["role"]:
            case "system" | "developer":
                system += _text(content)
            case "tool":
                history.append(Said("user", (Returned(message["tool_call_id"], "", _text(content)),)))
            case "assistant":
                calls = [Call(call["id"], call["function"]["name"], {}) for call in message.get("tool_calls") or ()]
                history.append(Said("assistant", tuple(calls)))
            case _:
                history.append(Said("user", (Text(_text(content)),)))
    tools = tuple(
        Offered(tool["function"]["name"], tool["function"].get("description", ""), tool["function"]["parameters"])
        for tool in body.get("tools", ())
    )
    return Request(Target("llmsim", body["model"]), system, _joined(history), tools)


def _joined(history: list[Said]) -> tuple[Said, ...]:
    """Results of one reply are one message of the port, and several of this protocol."""
    joined: list[Said] = []
    for said in history:
        is_result = isinstance(said.parts[0], Returned) if said.parts else False
        if is_result and joined and joined[-1].parts and isinstance(joined[-1].parts[0], Returned):
            joined[-1] = Said("user", (*joined[-1].parts, *said.parts))
        else:
            joined.append(said)
    return tuple(joined)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content or ())
