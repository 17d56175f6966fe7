"""The test servers by hand: `python tests/servers`, with `-- COMMAND` to run that beside them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from servers.running import running


def main(arguments: list[str]) -> int:
    """Start both, print where they are, and run the command; without one, wait for Ctrl-C."""
    if arguments and arguments[0] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    command = arguments[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running() as environment:
        for name, value in environment.items():
            print(f"{name}={value}", flush=True)
        try:
            if command:
                return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
            signal.pause()
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
