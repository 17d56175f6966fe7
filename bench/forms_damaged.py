"""Three hundred damaged PDFs at a whole server: what became of each kind, how long it took, how much memory was held.

    python bench/forms_damaged.py                 # 300 files, seed 20261103
    python bench/forms_damaged.py --count 900 --seed 7

The server is a process of its own on SQLite, as `frontdesk serve` runs it. It ends with status 1 when an answer has no
published code, when the server's own log holds a fault, or when a sound form is not ready afterwards.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from hostile_pdfs import FORMS, SEED, damaged
from journeys.conftest import SECRET
from journeys.running import settings_for
from journeys.test_kill import Killed

PUBLISHED = {"unsupported_file", "pdf_corrupt", "pdf_encrypted", "too_many_pages", "bad_request", "too_large"}
LONGEST = 300.0
console = Console(width=140)


class Memory(threading.Thread):
    """Watches the most that the server and each of its children held, in MiB."""

    def __init__(self, server: int) -> None:
        super().__init__(daemon=True)
        self.server, self.own, self.children, self._over = server, 0.0, 0.0, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.02):
            self.own = max(self.own, _peak(self.server))
            self.children = max([self.children, *map(_peak, _below(self.server))])

    def stop(self) -> None:
        self._over.set()
        self.join()


def _below(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(each) for each in task.read_text().split()]
        except OSError:
            continue  # ended meanwhile
        for child in children:
            yield child
            yield from _below(child)


def _peak(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def became(http: httpx.Client, name: str, content: bytes) -> tuple[str, float]:
    """What came of a file (`ready`, or the code of its refusal), and after how many seconds."""
    started = time.monotonic()
    answer = http.post("/forms", files={"file": (f"{name}.pdf", content, "application/pdf")})
    if answer.status_code != 202:
        found = answer.json()
        return f"refused {answer.status_code} {found.get('code', 'without a code')}", time.monotonic() - started
    while (found := http.get(f"/forms/{answer.json()['form_id']}").json())["status"] == "detecting":
        if time.monotonic() - started > LONGEST:
            return "never ended", LONGEST
        time.sleep(0.02)
    end = "ready" if found["status"] == "ready" else f"failed {found['error_code']}"
    return end, time.monotonic() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=SEED)
    wanted = parser.parse_args()
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    slowest: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        server = Killed(settings_for(Path(folder), secret_key=SECRET))
        server.migrate()
        server.start()
        memory = Memory(server.pid)
        memory.start()
        key = server.tenant_key()
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=120, trust_env=False) as http:
            with Progress(console=Console(stderr=True)) as progress:
                for name, content in progress.track(damaged(wanted.count, wanted.seed), total=wanted.count):
                    number, kind = name.split(" ", 1)
                    kind = kind.rsplit(" ", 1)[0] if "/" in kind else kind
                    end, seconds = became(http, name, content)
                    ends[kind][end] += 1
                    slowest[end] = max(slowest.get(end, (0.0, "")), (seconds, f"{number} {kind}"))
            sound, _ = became(http, "sound", (FORMS / "acroform" / "fw9-2024.pdf").read_bytes())
            healthy = http.get("/health").json().get("status") == "ok"
        memory.stop()
        faults = (Path(folder) / "server.log").read_text().count("Traceback")
        server.kill()
    show(ends, slowest)
    console.print(f"Most memory: server {memory.own:.0f} MiB, a child {memory.children:.0f} MiB.")
    console.print(f"Afterwards: a sound form is {sound}, health {'ok' if healthy else 'gone'}, {faults} faults logged.")
    told = {end.split()[-1] for tally in ends.values() for end in tally} - {"ready"}
    return 0 if told <= PUBLISHED and sound == "ready" and healthy and not faults else 1


def show(ends: dict[str, Counter[str]], slowest: dict[str, tuple[float, str]]) -> None:
    """Print what became of each kind of damage, and the slowest of each end."""
    columns = sorted(slowest, key=lambda end: (end != "ready", end))
    table = Table("damage", *columns, title="What became of damaged files")
    for kind, tally in ends.items():
        table.add_row(kind, *(str(tally[end] or "") for end in columns))
    table.add_section()
    table.add_row("all", *(str(sum(tally[end] for tally in ends.values())) for end in columns))
    table.add_row("slowest, s", *(f"{slowest[end][0]:.1f} ({slowest[end][1]})" for end in columns))
    console.print(table)


if __name__ == "__main__":
    raise SystemExit(main())
