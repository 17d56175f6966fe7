"""`frontdesk openapi`: the document that the server publishes, without a server."""

from dataclasses import replace

from frontdesk import app, wiring
from frontdesk.cli.options import Data, settings_of
from frontdesk.cli.output import print_json


def openapi(data: Data = None) -> None:
    """Print the OpenAPI document of this version."""
    # The document holds nothing of the server's key, so none is made for it.
    settings = replace(settings_of(data), secret_key="-" * 32)
    print_json(app.description(wiring.build(settings)))
