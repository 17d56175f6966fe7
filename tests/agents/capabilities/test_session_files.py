"""The tools on session files: what each does, and each thing it refuses."""

import base64
from typing import Any

import pytest

from agents.capabilities.desk import Desk, MemoryFiles, context
from frontdesk.agents.capabilities.session_files import LONGEST_FILE


@pytest.fixture
def files() -> MemoryFiles:
    made = MemoryFiles()
    made.files = {
        "/notes/plan.md": b"# Plan\n\nfirst line\nsecond line\n",
        "/notes/deep/er.txt": b"second thoughts\n",
        "/raw.bin": b"\x00\x01\xff",
    }
    return made


@pytest.fixture
def desk(files: MemoryFiles) -> Desk:
    given = context()
    object.__setattr__(given, "files", files)
    return Desk("session_file_system", given)


async def test_a_file_is_read_with_its_hash(desk: Desk) -> None:
    told = await desk.value("read_file", path="/notes/plan.md")
    assert told["content"].startswith("# Plan")
    assert (told["encoding"], told["size_bytes"], len(told["content_hash"])) == ("text", 31, 64)


@pytest.mark.parametrize("path", ["/workspace/notes/plan.md", "notes/plan.md", "/notes/plan.md/"])
async def test_the_workspace_is_the_root(desk: Desk, path: str) -> None:
    assert (await desk.value("read_file", path=path))["path"] == "/notes/plan.md"


async def test_what_is_no_text_is_given_as_base64(desk: Desk) -> None:
    told = await desk.value("read_file", path="/raw.bin")
    assert (told["encoding"], base64.b64decode(told["content"])) == ("base64", b"\x00\x01\xff")


async def test_a_file_is_written_and_written_again(desk: Desk, files: MemoryFiles) -> None:
    assert (await desk.value("write_file", path="/new/één.txt", content="ja"))["created"] is True
    assert (await desk.value("write_file", path="/new/één.txt", content="nee"))["created"] is False
    assert files.files["/new/één.txt"] == b"nee"
    await desk.value("write_file", path="/b", content=base64.b64encode(b"\xff").decode(), encoding="base64")
    assert files.files["/b"] == b"\xff"


async def test_pieces_are_replaced_exactly(desk: Desk, files: MemoryFiles) -> None:
    read = await desk.value("read_file", path="/notes/plan.md")
    edits = [{"old_text": "first", "new_text": "1st"}, {"old_text": "second", "new_text": "2nd"}]
    told = await desk.value("edit_file", path="/notes/plan.md", edits=edits, content_hash=read["content_hash"])
    assert files.files["/notes/plan.md"] == b"# Plan\n\n1st line\n2nd line\n"
    assert told["replacements"] == 2
    assert told["content_hash"] == (await desk.value("read_file", path="/notes/plan.md"))["content_hash"]


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ([{"old_text": "line", "new_text": "x"}], "exactly once, and is 2 times"),
        ([{"old_text": "third", "new_text": "x"}], "is 0 times"),
        ([{"old_text": "first", "new_text": "x"}, {"old_text": "none", "new_text": "y"}], "Edit 2"),
    ],
)
async def test_an_edit_that_is_not_clear_changes_nothing(
    desk: Desk, files: MemoryFiles, edits: list[dict[str, str]], words: str
) -> None:
    before = files.files["/notes/plan.md"]
    assert words in await desk.error("edit_file", path="/notes/plan.md", edits=edits)
    assert files.files["/notes/plan.md"] == before


async def test_an_edit_of_a_file_that_changed_meanwhile_is_refused(desk: Desk) -> None:
    edits = [{"old_text": "first", "new_text": "x"}]
    assert "read it again" in await desk.error("edit_file", path="/notes/plan.md", edits=edits, content_hash="0" * 64)


async def test_a_folder_is_listed(desk: Desk) -> None:
    names = [entry["name"] for entry in (await desk.value("list_directory"))["entries"]]
    assert names == ["notes", "raw.bin"]
    entries = (await desk.value("list_directory", path="/workspace/notes"))["entries"]
    assert [(entry["name"], entry["is_directory"]) for entry in entries] == [("deep", True), ("plan.md", False)]


async def test_lines_are_found_by_pattern_and_path(desk: Desk) -> None:
    told = await desk.value("grep_files", pattern=r"^second \w+")
    assert told == {
        "matches": [
            {"path": "/notes/deep/er.txt", "line_number": 1, "line": "second thoughts"},
            {"path": "/notes/plan.md", "line_number": 4, "line": "second line"},
        ],
        "truncated": False,
    }
    told = await desk.value("grep_files", pattern="second", path_pattern="*.md")
    assert [match["path"] for match in told["matches"]] == ["/notes/plan.md"]
    assert (await desk.value("grep_files", pattern="second", path_pattern="/raw*"))["matches"] == []


async def test_a_pattern_that_matches_everything_is_cut(desk: Desk, files: MemoryFiles) -> None:
    files.files["/long.txt"] = b"x\n" * 1000
    told = await desk.value("grep_files", pattern=".")
    assert (len(told["matches"]), told["truncated"]) == (500, True)


async def test_a_pattern_that_never_ends_is_ended(desk: Desk, files: MemoryFiles) -> None:
    files.files["/long.txt"] = b"a" * 5000
    assert "too long" in await desk.error("grep_files", pattern=r"^(([a-z])+.)+[A-Z]([a-z])+$")


@pytest.mark.parametrize("pattern", ["(", "[", "*", "(?P<a>", "a{99999999999}"])
async def test_a_pattern_that_is_none_is_refused(desk: Desk, pattern: str) -> None:
    assert "regular expression" in await desk.error("grep_files", pattern=pattern)


async def test_files_and_folders_are_deleted(desk: Desk, files: MemoryFiles) -> None:
    assert await desk.value("delete_file", path="/raw.bin") == {"path": "/raw.bin", "deleted": True}
    assert "not empty" in await desk.error("delete_file", path="/notes")
    await desk.value("delete_file", path="/notes", recursive=True)
    assert files.files == {}
    assert "no such" in await desk.error("delete_file", path="/notes")
    assert "root" in await desk.error("delete_file", path="/", recursive=True)


async def test_that_there_is_nothing_is_an_answer(desk: Desk) -> None:
    assert await desk.value("stat_file", path="/none") == {"path": "/none", "exists": False}
    told = await desk.value("stat_file", path="/notes/plan.md")
    assert (told["exists"], told["size_bytes"], told["is_directory"]) == (True, 31, False)


@pytest.mark.parametrize("name", ["read_file", "write_file", "edit_file", "list_directory", "delete_file", "stat_file"])
@pytest.mark.parametrize("path", ["/../etc/passwd", "/a//b", "/a/./b", "/_/stat", "/a\0b", "/a\nb", "/" + "a" * 2000])
async def test_a_path_that_is_none_is_refused_by_every_tool(desk: Desk, name: str, path: str) -> None:
    more: dict[str, Any] = {"content": "x", "edits": [{"old_text": "a", "new_text": "b"}]}
    assert "path" in (await desk.error(name, path=path, **more)).lower()


async def test_a_folder_is_no_file_and_a_file_no_folder(desk: Desk) -> None:
    assert "folder" in await desk.error("read_file", path="/notes")
    assert "folder" in await desk.error("write_file", path="/notes", content="x")
    assert "no folder" in await desk.error("list_directory", path="/raw.bin")
    assert "no such" in await desk.error("read_file", path="/none")
    assert "no such" in await desk.error("list_directory", path="/none")


async def test_what_the_files_refuse_is_told_in_their_words(desk: Desk, files: MemoryFiles) -> None:
    files.readonly = {"/raw.bin"}
    assert await desk.error("write_file", path="/raw.bin", content="x") == "The file is read-only"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"content": "%%%", "encoding": "base64"}, "base64"),
        ({"content": "\ud800"}, "half"),
        ({"content": "x" * (LONGEST_FILE + 1)}, "at most"),
        ({"content": 7}, "do not fit"),
        ({}, "do not fit"),
    ],
)
async def test_content_that_cannot_be_kept_is_refused(desk: Desk, arguments: dict[str, Any], words: str) -> None:
    assert words in await desk.error("write_file", path="/x", **arguments)


async def test_a_file_too_large_to_tell_is_refused(desk: Desk, files: MemoryFiles) -> None:
    files.files["/large"] = b"x" * (LONGEST_FILE + 1)
    assert "at most" in await desk.error("read_file", path="/large")
    edits = [{"old_text": "# Plan", "new_text": "x" * LONGEST_FILE}]
    assert "at most" in await desk.error("edit_file", path="/notes/plan.md", edits=edits)
    assert "text files" in await desk.error("edit_file", path="/raw.bin", edits=edits)
