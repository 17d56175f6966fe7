"""`frontdesk evidence`: a session as one signed file, the key under it, and the check that needs no server."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from typer.core import TyperGroup

from frontdesk.basics.errors import Missing, Unavailable
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, settings_of
from frontdesk.cli.output import console, print_fields, print_json
from frontdesk.kernel import sessions
from frontdesk.kyc.documents import signature, verifying
from frontdesk.kyc.service import evidence
from frontdesk.wiring import House

BY_OPERATOR = "operator"


class _OrSession(TyperGroup):
    """`evidence SESSION` is `evidence export SESSION`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["export", *args]
        return super().resolve_command(ctx, args)


commands = typer.Typer(help="Signed files that prove what happened.", no_args_is_help=True, cls=_OrSession)
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where to write it; by default evidence-SESSION.zip here.")
]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="FINGERPRINT|FILE", help="The key that must have signed it: its id, or a PEM file."),
]


@commands.command()
def export(
    session_id: Annotated[str, typer.Argument(metavar="SESSION")],
    out: Out = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write a session as one signed file: papers, report, log, record, manifest. The export is an event of its log."""
    target = out or Path(f"evidence-{session_id}.zip")

    async def making(house: House) -> int:
        session = await sessions.load_any(house.db, session_id)
        if session is None or session.kind != evidence.KIND:
            raise Missing(f"There is no identity check {session_id}")
        with _progress(quiet=as_json) as told:
            made = await evidence.export(house.kyc, session.tenant_id, session_id, BY_OPERATOR, told)
        with made.file as file:
            _write(file, target)
        return made.size

    size = with_house(settings_of(data), making)
    found = _verified(target, None)
    result = {"session_id": session_id, "file": str(target), "bytes": size, "key_id": found.key_id}
    if as_json:
        print_json(result)
    else:
        console.print(f"{target} holds {found.members} files and {found.events} events, {size:,} bytes", markup=False)
        console.print(f"It is signed with the key {found.key_id}", markup=False)


@commands.command()
def key(data: Data = None, as_json: AsJson = False) -> None:
    """Show the public key under this server's evidence. Its fingerprint is what --key of `verify` takes."""

    async def reading(house: House) -> dict[str, Any]:
        public = evidence.signer(house.kyc).public
        return {
            "algorithm": signature.ALGORITHM,
            "key_id": signature.fingerprint(public),
            "pem": signature.pem(public),
        }

    found = with_house(settings_of(data), reading)
    if as_json:
        print_json(found)
    else:
        print_fields({"algorithm": found["algorithm"], "key_id": found["key_id"]})
        console.print(found["pem"].rstrip(), markup=False)


@commands.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    expected: Key = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Check a file: each byte and digest, the chain of events, the signature. Needs no server; --data is not read."""
    found = _verified(file, None if expected is None else _key_id(expected))
    if as_json:
        print_json({"valid": True, **asdict(found)})
        return
    console.print(f"The file holds: {found.members} files, {found.events} events in an unbroken chain", markup=False)
    print_fields(
        {
            "session": found.session_id,
            "exported": f"{found.exported_at} by {found.exported_by}",
            "key": found.key_id,
        }
    )
    if not found.key_compared:
        console.print(
            "The key itself was not compared: name the one you expect with --key, or anybody may have made this file"
        )


def _verified(file: Path, key_id: str | None) -> verifying.Verified:
    try:
        with file.open("rb") as opened:
            return verifying.verify(opened, key_id)
    except OSError as error:
        raise Missing(f"{file} cannot be read: {error.strerror}") from error


def _key_id(expected: str) -> str:
    if len(expected) == 64 and all(char in "0123456789abcdefABCDEF" for char in expected):
        return expected.lower()
    try:
        return signature.fingerprint(signature.from_pem(Path(expected).read_bytes()))
    except OSError as error:
        raise typer.BadParameter("--key must be a fingerprint of 64 hex digits, or a file with a public key") from error
    except ValueError as error:
        raise typer.BadParameter(f"--key: the file is {error}") from error


def _write(file: Any, target: Path) -> None:
    """Whole or not at all: first beside its place, for this user only."""
    draft = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            shutil.copyfileobj(file, out, 1 << 20)
        draft.replace(target)
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    columns = TextColumn("Gathering the files"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("files", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
