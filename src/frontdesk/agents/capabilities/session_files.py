"""The capability `session_file_system`: seven tools on the session's own files."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from frontdesk.agents.capabilities.contract import (
    Arguments,
    Capability,
    Config,
    Context,
    Entry,
    Result,
    Run,
    Tool,
    ToolFailed,
)
from frontdesk.agents.capabilities.searching import grep
from frontdesk.agents.rules.paths import of_tool

LONGEST_FILE = 1024 * 1024
_PATH = {"type": "string", "minLength": 1, "description": "Absolute, such as /notes/plan.md."}


async def read_file(context: Context, arguments: Arguments) -> Result:
    """Text as it is, anything else as base64, with the hash that `edit_file` takes."""
    path = of_tool(arguments["path"])
    content = await _content(context, path)
    if len(content) > LONGEST_FILE:
        raise ToolFailed(f"The file has {len(content)} bytes; at most {LONGEST_FILE} can be read at once")
    text, encoding = _written(content)
    return Result(
        {
            "path": path,
            "content": text,
            "encoding": encoding,
            "size_bytes": len(content),
            "content_hash": _digest(content),
        }
    )


async def write_file(context: Context, arguments: Arguments) -> Result:
    """Create or replace a file."""
    path = of_tool(arguments["path"])
    content = _bytes(arguments["content"], arguments.get("encoding", "text"))
    if len(content) > LONGEST_FILE:
        raise ToolFailed(f"A file may have at most {LONGEST_FILE} bytes")
    before = await context.files.stat(path)
    entry = await context.files.write(path, content)
    told = {"path": path, "size_bytes": entry.size_bytes, "created": before is None, "content_hash": _digest(content)}
    return Result(told)


async def edit_file(context: Context, arguments: Arguments) -> Result:
    """Exact replacements in a text file, all or none of them, on the content that was read."""
    path = of_tool(arguments["path"])
    content = await _content(context, path)
    if arguments.get("content_hash", _digest(content)) != _digest(content):
        raise ToolFailed("The file has changed since it was read: read it again")
    text, encoding = _written(content)
    if encoding != "text":
        raise ToolFailed("Only text files can be edited")
    for number, edit in enumerate(arguments["edits"], 1):
        count = text.count(edit["old_text"])
        if count != 1:
            raise ToolFailed(f"Edit {number}: the text to replace must be there exactly once, and is {count} times")
        text = text.replace(edit["old_text"], edit["new_text"])
    edited = _bytes(text, "text")
    if len(edited) > LONGEST_FILE:
        raise ToolFailed(f"A file may have at most {LONGEST_FILE} bytes")
    entry = await context.files.write(path, edited, expected=content)
    told = {"path": path, "replacements": len(arguments["edits"]), "size_bytes": entry.size_bytes}
    return Result({**told, "content_hash": _digest(edited)})


async def list_directory(context: Context, arguments: Arguments) -> Result:
    """What a folder holds."""
    path = of_tool(arguments.get("path", "/"))
    entry = await context.files.stat(path)
    if entry is None:
        raise ToolFailed("There is no such folder")
    if not entry.is_directory:
        raise ToolFailed("This is a file, no folder")
    return Result({"path": path, "entries": [_told(each) for each in await context.files.list(path)]})


async def grep_files(context: Context, arguments: Arguments) -> Result:
    """Lines that match, over all text files."""
    return Result(await grep(context.files, arguments["pattern"], arguments.get("path_pattern", "")))


async def delete_file(context: Context, arguments: Arguments) -> Result:
    """Remove a file, or a folder with what it holds."""
    path = of_tool(arguments["path"])
    if path == "/":
        raise ToolFailed("The root cannot be deleted")
    is_gone = await context.files.remove(path, recursive=arguments.get("recursive", False))
    if not is_gone:
        raise ToolFailed("There is no such file or folder")
    return Result({"path": path, "deleted": True})


async def stat_file(context: Context, arguments: Arguments) -> Result:
    """What there is at a path; that there is nothing is an answer too."""
    path = of_tool(arguments["path"])
    entry = await context.files.stat(path)
    return Result({"path": path, "exists": False} if entry is None else {"exists": True, **_told(entry)})


async def _content(context: Context, path: str) -> bytes:
    content = await context.files.read(path)
    if content is None:
        entry = await context.files.stat(path)
        raise ToolFailed("There is no such file" if entry is None else "This is a folder, no file")
    return content


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "name": entry.path.rsplit("/", 1)[-1],
        "is_directory": entry.is_directory,
        "size_bytes": entry.size_bytes,
        "is_readonly": entry.is_readonly,
        "created_at": entry.created_at.isoformat(),
        "updated_at": entry.updated_at.isoformat(),
    }


def _written(content: bytes) -> tuple[str, str]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    return (base64.b64encode(content).decode(), "base64") if "\0" in text else (text, "text")


def _bytes(content: str, encoding: str) -> bytes:
    try:
        return content.encode() if encoding == "text" else base64.b64decode(content, validate=True)
    except UnicodeEncodeError as error:
        raise ToolFailed("The content holds half characters, which cannot be written") from error
    except binascii.Error as error:
        raise ToolFailed("The content is no base64") from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _tool(
    run: Run, about: str, properties: Mapping[str, Any], required: list[str], *, safe_to_repeat: bool = True
) -> Tool:
    parameters = {"type": "object", "properties": properties, "required": required}
    return Tool(run.__name__, about, parameters, run, safe_to_repeat=safe_to_repeat, seconds=30.0)


_EDITS = {
    "type": "array",
    "minItems": 1,
    "maxItems": 100,
    "items": {
        "type": "object",
        "required": ["old_text", "new_text"],
        "properties": {"old_text": {"type": "string", "minLength": 1}, "new_text": {"type": "string"}},
    },
}
_CONTENT = {"type": "string"}
_ENCODING = {"type": "string", "enum": ["text", "base64"], "description": "text when left out."}
_HASH = {"type": "string", "description": "The content_hash that reading gave, so that nobody's change is lost."}
_TOOLS = (
    _tool(read_file, "Read a file.", {"path": _PATH}, ["path"]),
    _tool(
        write_file,
        "Create a file or replace it whole.",
        {"path": _PATH, "content": _CONTENT, "encoding": _ENCODING},
        ["path", "content"],
    ),
    _tool(
        edit_file,
        "Replace exact pieces of a text file; each must be there exactly once.",
        {"path": _PATH, "edits": _EDITS, "content_hash": _HASH},
        ["path", "edits"],
        safe_to_repeat=False,
    ),
    _tool(list_directory, "List a folder.", {"path": {**_PATH, "description": "The root when left out."}}, []),
    _tool(
        grep_files,
        "Find lines by a regular expression.",
        {
            "pattern": {"type": "string", "minLength": 1, "maxLength": 500},
            "path_pattern": {"type": "string", "maxLength": 500, "description": "Such as *.md or /notes/*."},
        },
        ["pattern"],
    ),
    _tool(
        delete_file,
        "Delete a file, or a folder with what it holds.",
        {"path": _PATH, "recursive": {"type": "boolean"}},
        ["path"],
        safe_to_repeat=False,
    ),
    _tool(stat_file, "Say what there is at a path.", {"path": _PATH}, ["path"]),
)


def tools(config: Config) -> tuple[Tool, ...]:
    """Seven tools, whatever the config."""
    return _TOOLS


CAPABILITY = Capability(
    id="session_file_system",
    name="Session files",
    description="Reads and writes the session's own files, which its clients see too.",
    category="File Operations",
    icon="folder",
    tools=tools,
    prompt=(
        "You have files of your own for this session; /workspace is another name of their root. Keep there what "
        "should last, and read a file before you edit it."
    ),
)
