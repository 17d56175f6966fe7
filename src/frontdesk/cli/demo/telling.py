"""Tells what the demo does: a readable line for each call, or JSON lines for programs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from frontdesk.cli.output import complain, print_json_line

_PATH = 58


class Teller:
    """Prints in colours on a terminal, plainly elsewhere, as JSON lines if asked to."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._console = Console(highlight=False, soft_wrap=True)

    def ready(self, url: str, log: Path) -> None:
        """The server answers."""
        if self._as_json:
            print_json_line({"event": "ready", "url": url, "log": str(log)})
            return
        self._say(f"Frontdesk is ready on {url}")
        self._say(f"Its log is in {log}", "dim")

    def chapter(self, title: str) -> None:
        """Something new begins."""
        if self._as_json:
            print_json_line({"event": "chapter", "title": title})
            return
        self._say("")
        self._say(title, "bold")

    def call(self, method: str, path: str, status: int, gist: str, seconds: float) -> None:
        """One call over HTTP and what came of it."""
        if self._as_json:
            spent = round(seconds, 3)
            told = {"event": "call", "method": method, "path": path, "status": status, "gist": gist, "seconds": spent}
            print_json_line(told)
            return
        line = Text.assemble(
            (f"  {status} ", "green" if status < 400 else "bold red"),
            (method.ljust(6), "cyan"),
            path.ljust(_PATH) + " ",
            (gist, "default"),
        )
        if seconds >= 0.5:
            line.append(f"  ({seconds:.1f} s)", "dim")
        self._console.print(line)

    def webhook(self, event_type: str, session_id: str, status: str, *, is_signed: bool) -> None:
        """One delivery came in."""
        if self._as_json:
            line = {"event": "webhook", "type": event_type, "session_id": session_id, "status": status}
            print_json_line({**line, "signature_valid": is_signed})
            return
        mark = ("signature verified", "green") if is_signed else ("WRONG SIGNATURE", "bold red")
        self._console.print(
            Text.assemble(
                ("  <<< ", "magenta"),
                ("hook  ", "cyan"),
                f"{event_type} for …{session_id[-6:]}".ljust(_PATH) + " ",
                f"status {status}, ",
                mark,
            )
        )

    def event(self, number: int, kind: str, gist: str) -> None:
        """One event of a live stream."""
        if self._as_json:
            print_json_line({"event": "streamed", "number": number, "type": kind, "gist": gist})
            return
        self._console.print(Text.assemble(("  ~~~ ", "blue"), f"{number:>4}  ", kind.ljust(_PATH - 6) + " ", gist))

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Something takes a while."""
        if self._as_json or not self._console.is_terminal:
            yield
            return
        with self._console.status(what):
            yield

    def result(self, kind: str, session_id: str, status: str, *, finished: bool) -> None:
        """How a session of the demo ended."""
        if self._as_json:
            line = {"event": "session", "kind": kind, "session_id": session_id, "status": status}
            print_json_line({**line, "finished": finished})
            return
        mark = ("  ok  ", "bold green") if finished else ("  !!  ", "bold red")
        self._console.print(Text.assemble(mark, f"The {kind} session {session_id} ended as ", (status, "bold")))

    def left_out(self, reason: str) -> None:
        """Something is not shown here, and why."""
        if self._as_json:
            print_json_line({"event": "left_out", "reason": reason})
            return
        self._say(f"  Not shown: {reason}", "yellow")

    def file(self, path: Path, picture: Path) -> None:
        """A document that the demo leaves behind, and a picture of it."""
        if self._as_json:
            print_json_line({"event": "file", "path": str(path), "picture": str(picture)})
            return
        self._say(f"  {path}")
        self._say(f"  {picture}", "dim")

    def evidence(self, path: Path, report: Path, members: int, events: int) -> None:
        """A session as one signed file that was checked, and its report."""
        if self._as_json:
            line = {"event": "evidence", "path": str(path), "report": str(report), "verified": True}
            print_json_line({**line, "members": members, "events": events})
            return
        self._say(f"  {path}  verified: {members} files, {events} events in an unbroken chain")
        self._say(f"  {report}", "dim")

    def invite(self, url: str, key: str, link: str) -> None:
        """What there is to try by oneself."""
        places = {
            "An open session, to try yourself": link,
            "Every call, with its answers": f"{url}/docs",
            "The same as OpenAPI": f"{url}/openapi.json",
            "Health": f"{url}/health",
            "Metrics": f"{url}/metrics",
            "API key of the sample tenant": key,
        }
        if self._as_json:
            print_json_line({"event": "links", "session": link, "docs": f"{url}/docs", "api_key": key})
            return
        self.chapter("Look around")
        for name, place in places.items():
            self._say(f"  {name.ljust(34)}{place}")
        self._say(f'  curl -s {url}/kyc/sessions -H "Authorization: Bearer {key}"', "dim")
        self._say("  Ctrl-C stops the server; everything stays in its data folder.")

    def ended(self, finished: bool) -> None:
        """The walk is over."""
        if self._as_json:
            print_json_line({"event": "end", "finished": finished})
        elif not finished:
            self._say("  Not every session finished as it should.", "bold red")

    def failed(self, reason: str) -> None:
        """The walk stopped on its way."""
        if self._as_json:
            print_json_line({"event": "end", "finished": False, "reason": reason})
        complain(reason)

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style))


def gist_of_refusal(body: Mapping[str, Any]) -> str:
    """The code and message of an error."""
    error = body.get("error")
    if isinstance(error, Mapping):
        return f"{error.get('code')}: {error.get('message')}"
    return str(body.get("message") or body.get("detail") or "refused")
