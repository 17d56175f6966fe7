"""A real small model, SmolLM2 with 135 million parameters, behind llama.cpp's OpenAI-compatible server on loopback."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from servers.child import Child, free_ports

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".cache" / "clients" / "llama"


@contextmanager
def llama_server(place: Path) -> Iterator[str]:
    """Its base URL while the context lasts; its log is in `place`."""
    subprocess.run([sys.executable, str(ROOT / "tools" / "clients.py"), "llama"], check=True, cwd=ROOT)
    [port] = free_ports(1)
    script = Path(__file__).with_name("llama_child.py")
    child = Child([sys.executable, str(script), str(FOLDER), str(port)], place / "llama.log")
    try:
        child.wait_until(lambda: _answers(port))
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        child.stop()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
