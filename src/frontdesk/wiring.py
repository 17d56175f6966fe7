"""From settings to adapters, and from adapters to what the services need."""

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from frontdesk.adapters import faces_local_models as models
from frontdesk.adapters.bank_sandbox import SandboxBank
from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.adapters.blobs_s3 import S3Blobs
from frontdesk.adapters.db_postgres import PostgresDb
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.adapters.engine_dbos import DbosEngine
from frontdesk.adapters.faces_local import LocalFaces
from frontdesk.adapters.interpreter_builtin import BuiltinInterpreter
from frontdesk.adapters.interpreter_model import ModelInterpreter
from frontdesk.adapters.liveness_local import LocalLiveness
from frontdesk.adapters.llm_pydantic import PydanticLlm
from frontdesk.adapters.llm_routed import RoutedLlm
from frontdesk.adapters.mail_smtp import SmtpMail
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.adapters.screening_http import HttpScreening
from frontdesk.adapters.wakeup_memory import MemoryWakeup
from frontdesk.adapters.wakeup_postgres import PostgresWakeup
from frontdesk.agents.capabilities.fetching import SafeFetcher
from frontdesk.agents.capabilities.mcp import McpClient
from frontdesk.agents.capabilities.table import CAPABILITIES
from frontdesk.agents.service.keeping import ready as turns_ready
from frontdesk.agents.service.needs import Needs as AgentsNeeds
from frontdesk.agents.service.needs import Streams
from frontdesk.agents.service.tasks import Tasks
from frontdesk.basics.clock import Clock, SystemClock
from frontdesk.basics.errors import Rejected
from frontdesk.basics.ids import uuid7
from frontdesk.config import Settings
from frontdesk.forms.service.needs import Needs as FormsNeeds
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks.destinations import Allowed, RefusedDestination, resolve
from frontdesk.kyc.service.needs import Needs as KycNeeds
from frontdesk.onboarding.service.needs import Needs as OnboardingNeeds
from frontdesk.onboarding.steps.registry import Skills
from frontdesk.ports.bank import Bank
from frontdesk.ports.blobs import Blobs
from frontdesk.ports.db import Db
from frontdesk.ports.engine import Engine
from frontdesk.ports.faces import Faces
from frontdesk.ports.interpreter import Interpreter
from frontdesk.ports.liveness import Liveness
from frontdesk.ports.llm import Llm, Refused, Target
from frontdesk.ports.ocr import Ocr
from frontdesk.ports.sandbox import Sandbox
from frontdesk.ports.screening import Screening
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
    faces: Faces
    liveness: Liveness
    sandbox: Sandbox
    vault: Vault
    clock: Clock
    allowed: Allowed
    kyc: KycNeeds
    bank: Bank
    llm: Llm
    forms: FormsNeeds
    onboarding: OnboardingNeeds
    agents: AgentsNeeds


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
    engine, sandbox, llm = _engine(settings, is_guest), LocalSandbox(), _llm(settings, allowed)
    bank = SandboxBank(settings.bank_url if settings.bank == "sandbox" else "")
    talk, token = interpreter(settings, clock), settings.admin_token
    forms = FormsNeeds(db, blobs, wakeup, ocr, sandbox, talk, vault, clock, allowed, public_url, token)
    skills, code, nameless = Skills(), settings.sandbox_code, settings.nameless_users
    banks = {"sandbox": bank}
    faces = LocalFaces(settings.face_models_path, LocalSandbox(children=2, seconds=20.0))
    liveness = LocalLiveness(faces)
    mail = SmtpMail(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
    types = settings.upload_types
    seen, screening = (faces, {liveness.name: liveness}, sandbox), screenings(settings, allowed)
    kyc = KycNeeds(db, blobs, wakeup, ocr, *seen, vault, clock, public_url, types, allowed, mail, screening)
    return House(
        settings=settings,
        db=db,
        blobs=blobs,
        wakeup=wakeup,
        engine=engine,
        ocr=ocr,
        faces=faces,
        liveness=liveness,
        sandbox=sandbox,
        vault=vault,
        clock=clock,
        allowed=allowed,
        bank=bank,
        llm=llm,
        kyc=kyc,
        forms=forms,
        onboarding=OnboardingNeeds(db, blobs, wakeup, ocr, vault, clock, public_url, banks, skills, code, nameless),
        agents=_agents(settings, db, wakeup, vault, clock, llm, allowed, is_guest),
    )


def _agents(
    settings: Settings, db: Db, wakeup: Wakeup, vault: Vault, clock: Clock, llm: Llm, allowed: Allowed, is_guest: bool
) -> AgentsNeeds:
    fetcher = SafeFetcher(allowed)
    return turns_ready(
        AgentsNeeds(
            db,
            wakeup,
            vault,
            clock,
            llm,
            CAPABILITIES,
            fetcher,
            McpClient(fetcher),
            default_target(settings),
            keeps_prompts=settings.agent_prompts,
            streams=Streams(settings.agent_streams, settings.agent_heartbeat_for, settings.agent_stream_for),
            tasks=_tasks(settings, is_guest),
        )
    )


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


def default_target(settings: Settings) -> Target | None:
    """The language model that the settings name; None when there is only the simulator."""
    provider, _, model = settings.llm.partition(":")
    return Target(provider, model, settings.llm_base_url, settings.llm_api_key) if model else None


def _llm(settings: Settings, allowed: Allowed) -> Llm:
    async def guard(url: str) -> str:
        try:
            return (await resolve(url, allowed)).address
        except RefusedDestination as error:
            raise Refused("bad_request", error.message) from error

    # The operator's own server may be anywhere; one that a tenant names must not be inside the network.
    return RoutedLlm(PydanticLlm(guard=guard, trusted=frozenset({settings.llm_base_url})))


def screenings(settings: Settings, allowed: Allowed) -> dict[str, Screening]:
    """The screening services that the settings name, by the check that each makes."""

    async def guard(url: str) -> str:
        try:
            return (await resolve(url, allowed)).address
        except RefusedDestination as error:
            raise Rejected(error.message) from error

    named = {
        "crypto": (settings.crypto_url, settings.crypto_key),
        "adverse_media": (settings.adverse_media_url, settings.adverse_media_key),
    }
    return {check: HttpScreening(url, key, guard) for check, (url, key) in named.items() if url}


def _tasks(settings: Settings, is_guest: bool) -> Tasks:
    if settings.sqlite_path is None:
        return Tasks(socket.gethostname())
    return Tasks("guest") if is_guest else Tasks("embedded", is_owner=True)


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
    house.onboarding.skills.load()
    await house.db.open()
    try:
        await house.wakeup.start()
        await house.ocr.start()
        await house.faces.start()
        await house.sandbox.start()
        yield
    finally:
        await house.llm.stop()
        await house.sandbox.stop()
        await house.faces.stop()
        await house.ocr.stop()
        await house.wakeup.stop()
        await house.db.close()


def models_fault(settings: Settings) -> str | None:
    """What is wrong with the networks for faces; None when they are the published ones."""
    return models.fault(settings.face_models_path)


def fetch_models(settings: Settings, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Bring those networks where they are missing or broken; their names. Raises `Unavailable`, `Rejected`."""
    return models.fetch(settings.face_models_path, tell)
