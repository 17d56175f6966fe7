"""Paths of session files: one form for everything that is meant, and no way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.rules.paths import BadPath, of_tool, plain


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "/"),
        ("", "/"),
        ("/a/b.txt", "/a/b.txt"),
        ("a/b", "/a/b"),
        ("/a/", "/a"),
        ("/workspace", "/"),
        ("/workspace/", "/"),
        ("/workspace/a", "/a"),
        ("/workspaces/a", "/workspaces/a"),
        ("/a/workspace/b", "/a/workspace/b"),
        ("/a b/ü", "/a b/ü"),
        ("/a/_/b", "/a/_/b"),
    ],
)
def test_a_path_of_a_tool_is_brought_to_one_form(path: str, kept: str) -> None:
    assert of_tool(path) == kept


@pytest.mark.parametrize(
    "path",
    [
        "/..",
        "/a/../b",
        "/./a",
        "/a//b",
        "//a",
        "/_/stat",
        "/_",
        "/a\0",
        "/a\n",
        "/" + "é" * 600,
        "/\ud800",
        "/a\u202eb",
    ],
)
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        plain(path)


@pytest.mark.parametrize("path", ["/workspace/../a", "/workspace/_/stat", "/workspace//a"])
def test_the_workspace_opens_no_other_way(path: str) -> None:
    with pytest.raises(BadPath):
        of_tool(path)


@given(st.text(alphabet=st.sampled_from("/._aworkspce\0"), max_size=20))
def test_what_is_kept_is_plain_and_kept_again_the_same(path: str) -> None:
    try:
        kept = of_tool(path)
    except BadPath:
        return
    assert kept.startswith("/")
    assert ".." not in kept.split("/")
    assert "//" not in kept
    assert plain(kept) == kept
