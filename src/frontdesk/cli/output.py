"""What commands print: results on standard output for people or programs, failures in one line on standard error."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from frontdesk.basics.clock import iso

console = Console(highlight=False, soft_wrap=True)


def complain(message: str) -> None:
    """One line on standard error."""
    typer.echo(f"frontdesk: {' '.join(message.split())}", err=True)


def print_json(result: Any) -> None:
    """A result for programs."""
    typer.echo(json.dumps(result, ensure_ascii=False, indent=2, default=_plain))


def print_json_line(result: Mapping[str, Any]) -> None:
    """One of many results, on a line of its own."""
    typer.echo(json.dumps(result, ensure_ascii=False, default=_plain))


def print_fields(fields: Mapping[str, Any]) -> None:
    """A result for people: a line for each field."""
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        console.print(f"{name.ljust(width)}  {_text(value)}", markup=False)


def print_table(rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    """Many results for people; `empty` is what is said when there are none."""
    if not rows:
        console.print(empty, markup=False)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, overflow="fold", no_wrap=name.endswith("_id"))
    for row in rows:
        table.add_row(*(_text(value).replace("[", "\\[") for value in row.values()))
    # Rich would cut a table to the width of a terminal even when there is none.
    wide = console if console.is_terminal else Console(highlight=False, width=400)
    wide.print(table)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} cannot be printed as JSON")


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return str(value)
