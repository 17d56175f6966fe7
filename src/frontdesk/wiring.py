"""From settings to adapters, and from adapters to what the services need."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.adapters.blobs_s3 import S3Blobs
from frontdesk.adapters.db_postgres import PostgresDb
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.adapters.engine_dbos import DbosEngine
from frontdesk.adapters.interpreter_builtin import BuiltinInterpreter
from frontdesk.adapters.interpreter_model import ModelInterpreter
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.adapters.wakeup_memory import MemoryWakeup
from frontdesk.adapters.wakeup_postgres import PostgresWakeup
from frontdesk.basics.clock import Clock, SystemClock
from frontdesk.basics.ids import uuid7
from frontdesk.config import Settings
from frontdesk.forms.service.needs import Needs as FormsNeeds
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.kyc.service.needs import Needs as KycNeeds
from frontdesk.ports.blobs import Blobs
from frontdesk.ports.db import Db
from frontdesk.ports.engine import Engine
from frontdesk.ports.interpreter import Interpreter
from frontdesk.ports.ocr import Ocr
from frontdesk.ports.sandbox import Sandbox
from frontdesk.ports.wakeup import Wakeup


@dataclass(frozen=True, slots=True)
class House:
    """Every adapter in use, and the needs of each kind."""

    settings: Settings
    db: Db
    blobs: Blobs
    wakeup: Wakeup
    engine: Engine
    ocr: Ocr
    sandbox: Sandbox
    vault: Vault
    clock: Clock
    allowed: Allowed
    kyc: KycNeeds
    forms: FormsNeeds


def database_url(settings: Settings) -> str:
    """The database as a URL, the default one too."""
    path = settings.sqlite_path
    return settings.database_url if path is None else f"sqlite:///{path}"


def build(settings: Settings, listening_url: str = "", clock: Clock | None = None, *, is_guest: bool = False) -> House:
    """The house for these settings; nothing is connected yet. Raises `BadSetting`.

    A guest shares the embedded database with a process that is its owner already.
    """
    clock = clock or SystemClock()
    db, wakeup = _database(settings)
    blobs, ocr = _blobs(settings), LocalOcr(limits=Limits(allowed=settings.upload_types))
    vault, allowed = Vault(settings.secret()), Allowed(settings.webhook_allow)
    public_url = (settings.public_url or listening_url).rstrip("/")
    kyc = KycNeeds(db, blobs, wakeup, ocr, vault, clock, public_url, settings.upload_types, allowed)
    sandbox = LocalSandbox()
    forms = FormsNeeds(
        db,
        blobs,
        wakeup,
        ocr,
        sandbox,
        interpreter(settings, clock),
        vault,
        clock,
        allowed,
        public_url,
        settings.admin_token,
    )
    engine = _engine(settings, is_guest)
    return House(settings, db, blobs, wakeup, engine, ocr, sandbox, vault, clock, allowed, kyc, forms)


def _database(settings: Settings) -> tuple[Db, Wakeup]:
    path = settings.sqlite_path
    if path is not None:
        return SqliteDb(path), MemoryWakeup()
    return PostgresDb(settings.database_url), PostgresWakeup(settings.database_url)


def _blobs(settings: Settings) -> Blobs:
    folder = settings.blobs_path
    if folder is not None:
        return FileBlobs(folder)
    parts = urlsplit(settings.blobs_url)
    return S3Blobs(
        parts.netloc,
        parts.path,
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        region=settings.s3_region,
    )


def interpreter(settings: Settings, clock: Clock) -> Interpreter:
    """What reads messages and papers against a form: rules, or a language model."""
    if settings.llm == "builtin":
        return BuiltinInterpreter(clock)
    return ModelInterpreter(settings.llm, settings.llm_base_url, settings.llm_api_key, clock)


def _engine(settings: Settings, is_guest: bool) -> Engine:
    path = settings.sqlite_path
    own_name = f"{socket.gethostname()}-{os.getpid()}-{uuid7()[-6:]}"
    if path is not None:
        # The owner always has the same name: whoever owns next goes on at once with what the last one left.
        return DbosEngine(f"sqlite:///{path.with_name('engine.db')}", own_name if is_guest else "embedded")
    return DbosEngine(settings.database_url, own_name)


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[None]:
    """Everything but the engine connected, for as long as the context lasts."""
    await house.db.open()
    try:
        await house.wakeup.start()
        await house.ocr.start()
        await house.sandbox.start()
        yield
    finally:
        await house.sandbox.stop()
        await house.ocr.stop()
        await house.wakeup.stop()
        await house.db.close()
