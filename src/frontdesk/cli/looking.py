"""What the doctor looks at, one function each: what was found, and the remedy when it is off."""

import asyncio
import shutil
import stat
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx

from frontdesk import migrations, wiring
from frontdesk.basics.clock import SystemClock, from_micros
from frontdesk.basics.errors import PortError, Problem, Unavailable
from frontdesk.config import Settings
from frontdesk.forms.documents import fonts
from frontdesk.kernel import outbox, tenants
from frontdesk.wiring import House

LEAST_FREE_BYTES = 1 << 30
OVERDUE = timedelta(minutes=1)
"""A job that nobody has taken for this long waits for a worker that is not there."""
LARGEST_DRIFT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `remedy` says how to mend what is off."""

    name: str
    ok: bool
    said: str
    remedy: str | None = None


Look = Callable[[], Awaitable[Finding]]


def looks(settings: Settings, port: int) -> list[tuple[str, Look]]:
    """Everything there is to look at, in the order in which one thing needs the other."""
    return [
        ("key", lambda: _key(settings)),
        ("disk", lambda: _disk(settings)),
        ("database", lambda: _database(settings)),
        ("blobs", lambda: _blobs(settings)),
        ("engine", lambda: _engine(settings)),
        ("clock", lambda: _clock(settings)),
        ("ocr", lambda: _ocr(settings)),
        ("faces", lambda: _faces(settings)),
        ("liveness", lambda: _liveness(settings)),
        ("adverse_media", lambda: _screening(settings, "adverse_media")),
        ("crypto", lambda: _screening(settings, "crypto")),
        ("bank", lambda: _bank(settings)),
        ("sandbox", lambda: _sandbox(settings)),
        ("fonts", _fonts),
        ("mail", lambda: _mail(settings)),
        ("llm", lambda: _llm(settings)),
        ("port", lambda: _port(port)),
    ]


async def _key(settings: Settings) -> Finding:
    if settings.secret_key or settings.sqlite_path is None:
        try:
            settings.secret()
        except Problem as problem:
            return Finding("key", False, problem.message, "put the same long random text into every process's settings")
        return Finding("key", True, "given by FRONTDESK_SECRET_KEY")
    path = settings.data / "secret.key"
    if not path.exists():
        return Finding("key", True, "is made on the first start")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("key", False, f"{path} can be read by others (mode {mode:o})", f"chmod 600 {path}")
    try:
        settings.secret()
    except Problem as problem:
        return Finding("key", False, problem.message, f"restore {path} from the backup")
    return Finding("key", True, f"{path} is for this user only")


async def _disk(settings: Settings) -> Finding:
    place = _nearest(settings.data.absolute())
    free = shutil.disk_usage(place).free
    said = f"{free / (1 << 30):.1f} GiB free at {place}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", False, said, "free some space, or move the data folder (--data)")
    return Finding("disk", True, said)


async def _database(settings: Settings) -> Finding:
    url = wiring.database_url(settings)
    what = "SQLite" if settings.sqlite_path is not None else "PostgreSQL"
    try:
        standing = await asyncio.to_thread(migrations.standing, url)
    except Unavailable as error:
        return Finding("database", False, str(error), "look at FRONTDESK_DATABASE_URL and at the database server")
    newest = migrations.newest()
    if standing > newest:
        return Finding("database", False, f"{what} at version {standing}, this is {newest}", "install that one")
    if standing == newest:
        return Finding("database", True, f"{what} at version {standing}")
    if settings.sqlite_path is not None:
        return Finding("database", True, f"{what}; brought to version {newest} on the next start")
    return Finding("database", False, f"{what} at version {standing or 0}, not {newest}", "frontdesk migrate")


async def _blobs(settings: Settings) -> Finding:
    place = settings.blobs_path or settings.blobs_url
    try:
        await _house(settings).blobs.check()
    except (PortError, Problem) as error:
        return Finding("blobs", False, str(error), "look at FRONTDESK_BLOBS_URL, and at the rights there")
    return Finding("blobs", True, f"written, read and removed in {place}")


async def _engine(settings: Settings) -> Finding:
    """Jobs that nobody takes. The engine itself is not started: it would begin to work on them."""

    async def look(house: House) -> Finding:
        next_at = await outbox.next_due_at(house.db)
        if next_at is None:
            return Finding("engine", True, "no job is waiting")
        late = house.clock.now() - from_micros(next_at)
        if late > OVERDUE:
            said = f"a job waits since {int(late.total_seconds())} s and nobody takes it"
            return Finding("engine", False, said, "start frontdesk serve or frontdesk worker")
        return Finding("engine", True, "jobs are waiting for their time")

    return await _with_database(settings, "engine", look)


async def _clock(settings: Settings) -> Finding:
    async def look(house: House) -> Finding:
        now = house.clock.now()
        if house.db.dialect == "postgresql":
            row = await house.db.one("SELECT extract(epoch FROM clock_timestamp())::float8")
            drift = abs(now.timestamp() - float(row[0])) if row else 0.0
            if drift > LARGEST_DRIFT_SECONDS:
                said = f"{drift:.0f} s away from the database server's clock"
                return Finding("clock", False, said, "let both machines follow the same time server")
        newest = max((entry.created_at for entry in await tenants.listed(house.db)), default=now)
        if newest > now + timedelta(seconds=LARGEST_DRIFT_SECONDS):
            return Finding(
                "clock", False, f"behind: something was stored at {newest:%Y-%m-%d %H:%M} UTC", "set the clock"
            )
        return Finding("clock", True, f"{now:%Y-%m-%d %H:%M:%S} UTC")

    return await _with_database(settings, "clock", look)


async def _ocr(settings: Settings) -> Finding:
    ocr = _house(settings).ocr
    began = time.monotonic()
    await ocr.start()
    try:
        await ocr.check()
    except PortError as error:
        return Finding("ocr", False, str(error), "install Frontdesk anew: the models are part of its packages")
    finally:
        await ocr.stop()
    return Finding("ocr", True, f"read the sample in {time.monotonic() - began:.1f} s")


async def _faces(settings: Settings) -> Finding:
    """The networks that find and compare faces: there, the published ones, and at work."""
    wrong = await asyncio.to_thread(wiring.models_fault, settings)
    if wrong is not None:
        return Finding("faces", False, wrong, "frontdesk models fetch")
    faces = _house(settings).faces
    began = time.monotonic()
    await faces.start()
    try:
        await faces.check()
    except PortError as error:
        return Finding("faces", False, str(error), "let this user start processes with 1 GiB of memory")
    finally:
        await faces.stop()
    return Finding("faces", True, f"found the face of the sample in {time.monotonic() - began:.1f} s")


async def _liveness(settings: Settings) -> Finding:
    """Who judges presence. The local provider needs the faces above, and nothing else."""
    if settings.liveness == "local":
        return Finding("liveness", True, "a challenge of head turns on this machine, not certified")
    try:
        await _house(settings).liveness.check()
    except PortError as error:
        return Finding(
            "liveness", False, str(error), "look at the FRONTDESK_LIVENESS_ settings, and at the rights there"
        )
    return Finding("liveness", True, "Rekognition takes our keys")


async def _screening(settings: Settings, check: str) -> Finding:
    """The service that makes this check of identities; it is asked about nobody."""
    setting = f"FRONTDESK_{check.upper()}"
    service = _house(settings).kyc.screenings.get(check)
    if service is None:
        return Finding(check, True, f"off: the check is skipped; {setting}_URL names a service")
    began = time.monotonic()
    try:
        await service.screen(check, ())
    except PortError as error:
        remedy = f"look at {setting}_URL and {setting}_KEY, at FRONTDESK_WEBHOOK_ALLOW, and at the service's log"
        return Finding(check, False, str(error), remedy)
    return Finding(check, True, f"the service answered in {time.monotonic() - began:.1f} s")


async def _bank(settings: Settings) -> Finding:
    if settings.bank == "off":
        return Finding("bank", True, "none, as FRONTDESK_BANK says")
    if not settings.bank_url:
        return Finding("bank", True, "a sandbox starts beside the server")
    try:
        # No bank minds the end of a consent that never was.
        await _house(settings).bank.delete_consent("none")
    except PortError as error:
        return Finding("bank", False, str(error), "start frontdesk sandbox-bank, and look at FRONTDESK_BANK_URL")
    return Finding("bank", True, f"a sandbox answers on {settings.bank_url}")


async def _mail(settings: Settings) -> Finding:
    mail = _house(settings).kyc.mail
    if mail is None:
        return Finding("mail", True, "off: notification mails are not sent; FRONTDESK_SMTP_URL names a server")
    try:
        await mail.check()
    except PortError as error:
        return Finding("mail", False, str(error), "look at FRONTDESK_SMTP_URL, and at the mail server")
    return Finding("mail", True, "the mail server answers")


async def _sandbox(settings: Settings) -> Finding:
    """The child process in which documents are opened."""
    sandbox = _house(settings).sandbox
    await sandbox.start()
    try:
        await sandbox.check()
    except PortError as error:
        return Finding("sandbox", False, str(error), "let this user start processes with 1 GiB of memory")
    finally:
        await sandbox.stop()
    return Finding("sandbox", True, "a child process opens documents")


async def _fonts() -> Finding:
    """The fonts with which forms are filled in."""
    lacking = await asyncio.to_thread(fonts.lacking, fonts.installed())
    if lacking:
        remedy = "install Frontdesk anew: the fonts are packages; or Debian's fonts-noto-core and fonts-noto-cjk"
        return Finding("fonts", False, f"none for {', '.join(lacking)}", remedy)
    return Finding("fonts", True, f"for {', '.join(fonts.SAMPLES)}")


async def _llm(settings: Settings) -> Finding:
    """The language model of forms; the built-in rules are always there."""
    interpreter = wiring.interpreter(settings, SystemClock())
    began = time.monotonic()
    try:
        await interpreter.check()
    except PortError as error:
        remedy = "look at FRONTDESK_LLM, FRONTDESK_LLM_BASE_URL and FRONTDESK_LLM_API_KEY, and at the model's server"
        return Finding("llm", False, str(error), remedy)
    if settings.llm == "builtin":
        return Finding("llm", True, "forms are understood by rules; no model is set")
    return Finding("llm", True, f"{interpreter.name} answered in {time.monotonic() - began:.1f} s")


async def _port(port: int) -> Finding:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return Finding("port", True, f"{port} is free")
    writer.close()
    await writer.wait_closed()
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/health")
        checks = answer.json().get("checks") if answer.headers.get("content-type") == "application/json" else None
    except (httpx.HTTPError, ValueError):
        checks = None
    if isinstance(checks, dict) and answer.is_success:
        return Finding("port", True, f"a healthy Frontdesk answers on {port}")
    if isinstance(checks, dict):
        return Finding("port", False, f"the Frontdesk on {port} is not healthy", "see its log")
    return Finding("port", False, f"another program listens on {port}", "end it, or serve with --port")


async def _with_database(settings: Settings, name: str, look: Callable[[House], Awaitable[Finding]]) -> Finding:
    if await asyncio.to_thread(_is_new, settings):
        return Finding(name, True, "nothing to look at before the first start")
    house = _house(settings)
    try:
        await house.db.open()
        try:
            return await look(house)
        finally:
            await house.db.close()
    except PortError as error:
        return Finding(name, False, str(error), "mend the database first")


def _is_new(settings: Settings) -> bool:
    path = settings.sqlite_path
    return path is not None and migrations.standing(wiring.database_url(settings)) != migrations.newest()


def _house(settings: Settings) -> House:
    # Nothing sealed is opened here, so the doctor neither needs the server's key nor makes one.
    return wiring.build(replace(settings, secret_key="-" * 32))


def _nearest(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
