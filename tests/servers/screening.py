"""A screening service of an operator's, on loopback: it checks the signature and answers as it is told."""

import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]
Question = dict[str, Any]


class ScreeningService:
    """Knows the titles in `known`, by name or address; else it has nothing. `replies` come first, one after another."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.known: dict[str, str] = {}
        self.replies: list[Reply] = []
        self.asked: list[Question] = []
        self.headers: list[dict[str, str]] = []
        service = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                service.headers.append({key.lower(): value for key, value in self.headers.items()})
                service.asked.append(json.loads(body))
                if not service.is_signed(service.headers[-1], body):
                    return whole(401, b"")(self)
                reply = service.replies.pop(0) if service.replies else service.answer(service.asked[-1])
                return reply(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Writes nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="screening")
        self._thread.start()
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/screen?v=1"

    def is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        signed = headers["x-frontdesk-timestamp"].encode() + b"." + body
        return headers["x-frontdesk-signature"] == "sha256=" + hmac.new(self.key.encode(), signed, "sha256").hexdigest()

    def answer(self, question: Question) -> Reply:
        """Looks at everybody."""
        subjects = [(one["id"], one.get("name") or one["address"]) for one in question["subjects"]]
        matches = [
            {
                "subject": key,
                "source": "The Gazette",
                "confidence": 0.9,
                "title": self.known[name],
                "url": "https://x.example/1",
            }
            for key, name in subjects
            if name in self.known
        ]
        return whole(200, json.dumps({"checked": [key for key, _ in subjects], "matches": matches}).encode())

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def whole(status: int, content: bytes, **headers: str) -> Reply:
    """An answer in one piece."""

    def reply(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            to.send_header(name, value)
        to.end_headers()
        to.wfile.write(content)

    return reply


def dribbled(content: bytes, pause: float) -> Reply:
    """An answer byte by byte, until nobody listens any more."""

    def reply(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Length", str(len(content)))
        to.end_headers()
        try:
            for byte in content:
                to.wfile.write(bytes([byte]))
                to.wfile.flush()
                time.sleep(pause)
        except OSError:
            return

    return reply


def hung_up(to: BaseHTTPRequestHandler) -> None:
    """No answer at all."""
    to.close_connection = True
