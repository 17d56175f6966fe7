"""A tenant's webhook receiver on loopback."""

import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Letter:
    """One request as it came."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        self.headers = headers
        self.body = body
        self.content: dict[str, Any] = json.loads(body)

    @property
    def type(self) -> str:
        found: str = self.content["type"]
        return found

    def is_signed_by(self, secret: str, body: bytes | None = None, *, whole: bool = True) -> bool:
        """Whether the signature fits; `whole` says that the timestamp is signed, too."""
        prefix = f"{self.headers['x-webhook-timestamp']}.".encode() if whole else b""
        signed = prefix + (self.body if body is None else body)
        digest = hmac.new(secret.encode(), signed, "sha256").hexdigest()
        return hmac.compare_digest(self.headers["x-webhook-signature"], f"sha256={digest}")


class Receiver:
    """Answers with `statuses` in turn, then with 200. Starts when made; `stop` ends it."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.statuses: list[int] = []
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.letters.append(Letter({key.lower(): value for key, value in self.headers.items()}, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Writes nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="receiver")
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/kyc"

    def of(self, session_id: str) -> list[Letter]:
        """What came about one session."""
        return [one for one in self.letters if one.content.get("data", {}).get("session_id") == session_id]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
