"""An OpenAI-compatible server on loopback that gives scripted answers whole, fails, stays silent or talks nonsense."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Script = Callable[[dict[str, Any]], dict[str, Any]]
"""From the body of a request to the structured answer."""


@dataclass
class LlmServer:
    """Answers by `script`, after the `failures`: bytes to send as they are, or None for silence."""

    script: Script = lambda body: {}
    failures: list[bytes | None] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and the connection ends."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in head.split("\r\n"))}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.requests.append(body)
            self.keys.append(headers.get("authorization", ""))
            sent = self.failures.pop(0) if self.failures else completed(body, self.script(body))
            if sent is None:
                await reader.read()
            else:
                writer.write(sent)
                await writer.drain()
        writer.close()

    @property
    def last_prompt(self) -> str:
        """Everything that the model was told with the last request."""
        return "\n".join(str(message.get("content")) for message in self.requests[-1]["messages"])


@asynccontextmanager
async def llm_server() -> AsyncIterator[LlmServer]:
    """The server for as long as the context lasts; `url` is its base URL."""
    served = LlmServer()
    server = await asyncio.start_server(served.exchange, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield served
    finally:
        server.close()
        await server.wait_closed()


def completed(body: dict[str, Any], answer: dict[str, Any]) -> bytes:
    """A whole answer: as a call of the tool that was offered, else as JSON."""
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if body.get("tools"):
        name = body["tools"][0]["function"]["name"]
        call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": json.dumps(answer)}}
        message["tool_calls"] = [call]
    else:
        message["content"] = json.dumps(answer)
    choice = {"index": 0, "finish_reason": "tool_calls" if body.get("tools") else "stop", "message": message}
    told = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": body["model"]}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return http(200, json.dumps({**told, "choices": [choice], "usage": usage}).encode())


def http(status: int, body: bytes, kind: str = "application/json") -> bytes:
    """An HTTP answer that ends with its connection."""
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body
