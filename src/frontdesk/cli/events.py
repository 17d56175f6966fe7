"""`frontdesk events`: whether a session's log is what was written."""

from typing import Annotated, Any

import typer

from frontdesk.agents.model.ids import uuid_in
from frontdesk.basics.errors import Missing
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, settings_of
from frontdesk.cli.output import complain, console, print_json
from frontdesk.kernel import events, sessions
from frontdesk.wiring import House

commands = typer.Typer(help="The log of a session.", no_args_is_help=True)


@commands.command()
def verify(
    session_id: Annotated[str, typer.Argument(metavar="SESSION_ID")], data: Data = None, as_json: AsJson = False
) -> None:
    """Check that no event of a session is missing or was altered: each carries the digest of the one before."""
    # Agents write their sessions' ids in a form of their own.
    kept_id = uuid_in("session", session_id) or session_id

    async def reading(house: House) -> dict[str, Any]:
        session = await sessions.load_any(house.db, kept_id)
        if session is None:
            raise Missing(f"There is no session {session_id}")
        log = await events.after(house.db, kept_id, 0, session.last_number + 1)
        broken = events.first_break(log)
        if broken is None and (len(log) != session.last_number or log[-1].digest != session.last_digest):
            broken = min(len(log), session.last_number) + 1
        return {"session_id": session_id, "events": len(log), "whole": broken is None, "broken_at": broken}

    found = with_house(settings_of(data), reading)
    if as_json:
        print_json(found)
    elif found["whole"]:
        console.print(f"All {found['events']} events follow from each other", markup=False)
    if not found["whole"]:
        complain(f"The log of the session does not hold from event {found['broken_at']} on: restore it from a backup")
        raise typer.Exit(1)
