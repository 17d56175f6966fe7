"""A server as a program of its own, so that it can be killed: `serve.py PORT`, settings from the environment."""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import uvicorn

from frontdesk import app, config, wiring
from frontdesk.migrations import migrate


def main(port: int) -> None:
    settings = config.load(os.environ, None)
    migrate(wiring.database_url(settings))
    application: Any = app.create(wiring.build(settings, f"http://127.0.0.1:{port}"))
    uvicorn.run(application, port=port, access_log=False, lifespan="on", log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
