"""Paths of a session's files: absolute, plain, and the same whether a tool or the API names them."""

from typing import ClassVar

from frontdesk.basics.errors import Problem

LONGEST = 1024
RESERVED = "_"
WORKSPACE = "/workspace"


class BadPath(Problem):
    """This is no path of a session's file."""

    code: ClassVar[str] = "invalid_path"


def plain(path: str) -> str:
    """The path as kept: absolute, no slash at its end. Raises `BadPath`."""
    if not path.startswith("/"):
        path = "/" + path
    path = path.rstrip("/") or "/"
    segments = path[1:].split("/") if path != "/" else []
    if "\0" in path or any(ord(character) < 32 for character in path):
        raise BadPath("A path must not hold control characters")
    if any(segment in ("", ".", "..") for segment in segments):
        raise BadPath("A path must not hold //, . or ..")
    if segments and segments[0] == RESERVED:
        raise BadPath("Paths that begin with /_ are reserved")
    if len(path.encode(errors="surrogatepass")) > LONGEST or not path.isprintable():
        raise BadPath(f"A path must be at most {LONGEST} bytes of printable characters")
    return path


def of_tool(path: str) -> str:
    """The same for a path that a tool was given: `/workspace` is another name of the root. Raises `BadPath`."""
    kept = plain(path)
    if kept == WORKSPACE:
        return "/"
    return plain(kept[len(WORKSPACE) :]) if kept.startswith(WORKSPACE + "/") else kept
