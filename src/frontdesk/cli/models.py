"""`frontdesk models`: the networks for faces, which come from their publisher and are no part of this package."""

import typer

from frontdesk import wiring
from frontdesk.cli.options import AsJson, Data, settings_of
from frontdesk.cli.output import console, print_json

commands = typer.Typer(help="The networks that find and compare faces.", no_args_is_help=True)


@commands.callback()
def _commands() -> None:
    """The networks that find and compare faces."""


@commands.command("fetch")
def fetch(data: Data = None, as_json: AsJson = False) -> None:
    """Bring the networks, by pinned version and digest; nothing happens where they are there and sound."""
    settings = settings_of(data)
    folder = settings.face_models_path
    with console.status("Fetching the face models") as status:
        placed = wiring.fetch_models(settings, lambda text: status.update(f"Fetching the face models: {text}"))
    if as_json:
        print_json({"folder": str(folder), "fetched": list(placed)})
    elif placed:
        console.print(f"Placed {' and '.join(placed)} in {folder}", markup=False)
    else:
        console.print(f"The face models are in {folder}", markup=False)
