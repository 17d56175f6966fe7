"""Options that commands share, and the settings that they make together with the environment."""

import os
from pathlib import Path
from typing import Annotated

import typer

from frontdesk import config
from frontdesk.config import Settings

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder of database and files; else FRONTDESK_DATA, or frontdesk-data.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Host = Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 is every one of the machine.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
Tenant = Annotated[str, typer.Option("--tenant", metavar="TENANT", help="Name or id of the tenant.")]


def settings_of(data: Path | None) -> Settings:
    """The settings of the environment and `.env`, with the folder named on the command line. Raises `BadSetting`."""
    return config.load(os.environ, data=data)
