"""Reads the runnable blocks of a page and runs them."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
_FENCE = re.compile(r"^```(?P<mark>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_DOTS = re.compile(r"(?:^\\\.\\\.\\\.\n?|\\\.\\\.\\\.)", re.MULTILINE)


class Block(NamedTuple):
    """One runnable block; `expected` is the text of the output block after it, None if there is none."""

    language: str
    body: str
    line: int
    expected: str | None


class Page:
    """One page of the manual. Its blocks share a folder, a port and the programs left in the background."""

    def __init__(self, path: Path, blocks: list[Block]) -> None:
        self.path = path
        self.blocks = blocks
        self.folder = Path()
        self.children: list[subprocess.Popen[str]] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])

    @classmethod
    def read(cls, path: Path) -> Self:
        """The page with its blocks in order."""
        text = path.read_text()
        fences = list(_FENCE.finditer(text))
        blocks = []
        for fence, after in zip(fences, [*fences, None][1:], strict=True):
            language, *words = fence["mark"].split() or [""]
            if "run" not in words:
                continue
            follows = after is not None and after["mark"] == "text output"
            expected = after["body"] if after is not None and follows else None
            blocks.append(Block(language, fence["body"], text[: fence.start("body")].count("\n") + 1, expected))
        return cls(path, blocks)

    @contextmanager
    def running_in(self, folder: Path) -> Iterator[Self]:
        """Run blocks in `folder`; what they left in the background ends with the context."""
        self.folder = folder
        try:
            yield self
        finally:
            for child in self.children:
                child.terminate()
            for child in self.children:
                child.wait(SECONDS)
                if child.stdout is not None:
                    child.stdout.close()

    def run(self, block: Block) -> None:
        """Run one block. Raises `AssertionError` that names the page and the line."""
        if block.language == "console":
            for line, command, expected in _commands(block):
                self._check(line, self._shell(line, command, expected), expected)
            return
        program = {"python": sys.executable, "js": "node"}[block.language]
        source = self.folder / f"example.{'py' if block.language == 'python' else 'mjs'}"
        source.write_text(self._here(block.body))
        printed = self._finish(block.line, [program, str(source)])
        if block.expected is not None:
            self._check(block.line, printed, block.expected)

    def _shell(self, line: int, command: str, expected: str) -> str:
        if not command.endswith("&"):
            return self._finish(line, ["bash", "-euc", self._here(command)])
        child = subprocess.Popen(
            ["bash", "-euc", "exec " + self._here(command.removesuffix("&"))], **self._surroundings()
        )
        self.children.append(child)
        return _wait_for(child, expected.count("\n"))

    def _finish(self, line: int, command: list[str]) -> str:
        done = subprocess.run(command, **self._surroundings(), timeout=SECONDS, check=False)
        assert done.returncode == 0, f"{self.path}:{line} ended with {done.returncode}:\n{done.stdout}"
        return str(done.stdout)

    def _surroundings(self) -> dict[str, Any]:
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        path = f"{ROOT / '.venv/bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
        return {
            "cwd": self.folder,
            "env": kept | {"PATH": path, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1", "COLUMNS": "120"},
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "text": True,
        }

    def _check(self, line: int, printed: str, expected: str) -> None:
        assert self.matches(printed, self._here(expected)), (
            f"{self.path}:{line}\nthe page says:\n{self._here(expected)}\nprinted was:\n{printed}"
        )

    def _here(self, text: str) -> str:
        return re.sub(r"\b8000\b", self.port, text)

    @staticmethod
    def matches(printed: str, expected: str) -> bool:
        """Whether the page's text, in which `...` stands for anything, is what was printed."""

        def widen(dots: re.Match[str]) -> str:
            return r"(?:.*\n)*?" if dots[0].endswith("\n") or dots.start() == 0 else ".*?"

        lines = "".join(line.rstrip() + "\n" for line in expected.splitlines())
        pattern = _DOTS.sub(widen, re.escape(lines).replace("\\\n", "\n"))
        text = "".join(line.rstrip() + "\n" for line in printed.splitlines())
        return re.fullmatch(pattern, text) is not None


def _commands(block: Block) -> Iterator[tuple[int, str, str]]:
    """Line number, command and expected output of each `$ ` line; a trailing backslash goes on."""
    parts = re.split(r"^\$ ", block.body, flags=re.MULTILINE)
    assert not parts[0].strip(), f"line {block.line}: a console block begins with a command"
    line = block.line + parts[0].count("\n")
    for part in parts[1:]:
        command = re.match(r"(?:[^\n]*\\\n)*[^\n]*", part)
        assert command is not None
        yield line, command[0].strip(), part[command.end() + 1 :]
        line += part.count("\n")


def _wait_for(child: subprocess.Popen[str], lines: int) -> str:
    """What a background program printed, as soon as it is that many lines."""
    printed: list[str] = []

    def listen() -> None:
        assert child.stdout is not None
        for line in child.stdout:
            printed.append(line)

    threading.Thread(target=listen, daemon=True).start()
    until = time.monotonic() + SECONDS
    while len(printed) < lines and time.monotonic() < until and child.poll() is None:
        time.sleep(0.02)
    return "".join(printed[:lines])
