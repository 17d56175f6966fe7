"""`frontdesk lists`: every format comes in by its own name, beside a server too, and damage is one line."""

import json
from pathlib import Path

import pytest

from cli.command import Command

LISTS = Path(__file__).parents[1] / "fixtures" / "lists"
SHOWN = [
    "name", "tenant_id", "category", "format", "entries", "names", "source_date", "digest", "imported_at", "generation",
]  # fmt: skip


def test_lists_come_in_are_shown_and_go(command: Command) -> None:
    assert command.json("lists") == []
    assert "frontdesk lists import" in command.run("lists").stdout
    tenant = command.json("tenants", "create", "Acme")
    loaded = [
        command.json("lists", "import", str(LISTS / "sdn.xml"), "--name", "ofac"),
        command.json("lists", "import", str(LISTS / "un.xml"), "--name", "un"),
        command.json("lists", "import", str(LISTS / "eu.xml"), "--name", "eu"),
        command.json("lists", "import", str(LISTS / "sdn.csv"), "--name", "ofac-legacy"),
        command.json("lists", "import", str(LISTS / "own.csv"), "--name", "house", "--tenant", "Acme"),
    ]
    assert [list(one) for one in loaded] == [SHOWN] * 5
    assert [(one["format"], one["category"], one["entries"]) for one in loaded] == [
        ("ofac-xml", "sanctions", 3),
        ("un-xml", "sanctions", 2),
        ("eu-xml", "sanctions", 2),
        ("ofac-csv", "sanctions", 3),
        ("csv", "watchlist", 3),
    ]
    assert [one["tenant_id"] for one in loaded] == [None] * 4 + [tenant["tenant_id"]]
    assert loaded[0]["source_date"] == "2026-04-02"
    assert {one["name"] for one in command.json("lists")} == {"ofac", "un", "eu", "ofac-legacy", "house"}
    again = command.json("lists", "import", str(LISTS / "sdn.xml"), "--name", "ofac", "--category", "pep")
    assert again["digest"] == loaded[0]["digest"]
    assert again["generation"] != loaded[0]["generation"]
    assert len(command.json("lists")) == 5
    command.run("lists", "remove", "--name", "house", status=1)
    assert command.run("lists", "remove", "--name", "house", "--tenant", "Acme").stdout == "The list house is gone\n"
    assert len(command.json("lists")) == 4


def test_a_damaged_file_is_one_line_and_changes_nothing(command: Command, tmp_path: Path) -> None:
    before = command.json("lists", "import", str(LISTS / "sdn.xml"), "--name", "ofac")
    cut = tmp_path / "sdn.xml"
    cut.write_bytes((LISTS / "sdn.xml").read_bytes()[:1500])
    done = command.run("lists", "import", str(cut), "--name", "ofac", status=1)
    assert done.stderr.startswith("frontdesk: sdn.xml: line ")
    assert done.stderr.endswith("; nothing was brought in\n")
    assert done.stdout.strip() == ""
    assert command.json("lists") == [before]
    other = tmp_path / "list.xlsx"
    other.write_bytes(b"PK\x03\x04")
    assert "name one of" in command.run("lists", "import", str(other), "--name", "ofac", status=1).stderr
    command.run("lists", "import", str(tmp_path / "none.xml"), "--name", "ofac", status=1)


@pytest.mark.parametrize(
    "options",
    [
        ["--name", "any"],
        ["--name", ""],
        ["--name", "x", "--format", "pdf"],
        ["--name", "x", "--category", "enemies"],
        [],
    ],
)
def test_wrong_options_are_wrong_usage(command: Command, options: list[str]) -> None:
    command.run("lists", "import", str(LISTS / "sdn.xml"), *options, status=2)


def test_for_people_there_is_a_line_for_each_field(command: Command) -> None:
    told = command.run("lists", "import", str(LISTS / "un.xml"), "--name", "un").stdout
    assert any(line.split() == ["entries", "2"] for line in told.splitlines())
    assert "un-xml" in command.run("lists").stdout
    with pytest.raises(json.JSONDecodeError):
        json.loads(told)
