"""Settings: read once from the environment and a `.env` file, then passed on."""

import contextlib
import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from frontdesk.basics.errors import Problem

PREFIX = "FRONTDESK_"


class BadSetting(Problem):
    """A setting cannot be used as it is."""

    code = "bad_setting"


def _setting(default: Any, sentence: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": sentence}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """One field for each `FRONTDESK_` variable; its metadata holds the sentence of the manual."""

    data: Path = _setting(Path("frontdesk-data"), "Folder of the embedded database, the files and the server's key.")  # noqa: RUF009
    database_url: str = _setting(
        "", "`postgresql://…`, or `sqlite:///FILE`; by default `frontdesk.db` in the data folder.", secret=True
    )
    blobs_url: str = _setting("", "`s3://BUCKET/PREFIX`, or `file:///FOLDER`; by default `blobs` in the data folder.")
    s3_endpoint: str = _setting("", "Address of the S3-compatible server.")
    s3_access_key: str = _setting("", "Access key for the S3-compatible server.", secret=True)
    s3_secret_key: str = _setting("", "Secret key for the S3-compatible server.", secret=True)
    s3_region: str = _setting("us-east-1", "Region that S3 requests are signed for.")
    public_url: str = _setting("", "What links are made of behind a proxy; by default the listening address.")
    secret_key: str = _setting(
        "", "The server's key (32 characters or more); by default made once and kept in the data folder.", secret=True
    )
    webhook_allow: tuple[str, ...] = _setting(
        (), "Hosts and networks, by comma, that deliveries may reach although they are private."
    )
    rate_limits: bool = _setting(True, "`on` or `off`; off is for load tests.")
    ocr: str = _setting("local", "`local`: papers are read on this machine.")
    face_models: str = _setting(
        "", "Folder of the networks that find and compare faces; by default `share/frontdesk/models` beside the Python."
    )
    liveness: str = _setting(
        "local", "Who judges presence: `local`, a challenge of head turns on this machine, or `rekognition`."
    )
    liveness_region: str = _setting("", "Region of Rekognition; by default the one that AWS's own settings name.")
    liveness_access_key: str = _setting(
        "", "Access key for Rekognition; by default AWS's own chain of environment, profile and role.", secret=True
    )
    liveness_secret_key: str = _setting("", "Secret key for Rekognition.", secret=True)
    liveness_endpoint: str = _setting("", "Address of Rekognition, where it is not the region's public one.")
    llm: str = _setting(
        "builtin", "`builtin`, or the language model as `PROVIDER:MODEL`: `openai:MODEL`, `anthropic:MODEL` or another."
    )
    llm_base_url: str = _setting("", "Address of an OpenAI-compatible server; by default the provider's own.")
    llm_api_key: str = _setting("", "API key for the language model.", secret=True)
    agent_streams: int = _setting(100, "Live streams of agents' events that one organization may have open at once.")
    agent_heartbeat_for: int = _setting(15, "Seconds after which a quiet stream of events shows a sign of life.")
    agent_stream_for: int = _setting(
        300, "Seconds, give or take a fifth, after which a stream of events ends and its client comes back."
    )
    agent_prompts: bool = _setting(
        True, "`on` or `off`: whether the log of a session holds each model call's whole prompt (`llm.generation`)."
    )
    agent_turn_iterations: int = _setting(50, "Model calls of one turn of an agent; then it ends.")
    agent_turn_tokens: int = _setting(0, "Tokens of one turn, input and output together; 0 is without limit.")
    agent_turn_for: int = _setting(1800, "Seconds that one turn may last.")
    agent_turn_cost: float = _setting(
        0.0, "USD that one turn may cost, by the prices of models' profiles; 0 is without limit."
    )
    agent_session_iterations: int = _setting(0, "Model calls of all turns of a session; 0 is without limit.")
    agent_session_tokens: int = _setting(0, "Tokens of all turns of a session; 0 is without limit.")
    agent_session_for: int = _setting(0, "Seconds that all turns of a session may last together; 0 is without limit.")
    agent_session_cost: float = _setting(0.0, "USD that all turns of a session may cost; 0 is without limit.")
    smtp_url: str = _setting(
        "",
        "`smtp://USER:PASSWORD@HOST:587` (STARTTLS) or `smtps://…`: the server that takes notification mails; "
        "without it none is sent.",
        secret=True,
    )
    mail_from: str = _setting("frontdesk@localhost", "Sender of notification mails.")
    adverse_media_url: str = _setting(
        "", "The operator's service that screens names for adverse media; without it that check is `skipped`."
    )
    adverse_media_key: str = _setting("", "What questions to that service are signed with.", secret=True)
    crypto_url: str = _setting("", "The operator's service that screens wallets; without it that check is `skipped`.")
    crypto_key: str = _setting("", "What questions to that service are signed with.", secret=True)
    cors_origins: tuple[str, ...] = _setting((), "Origins, by comma, whose pages may call the public paths.")
    trusted_proxies: tuple[str, ...] = _setting(
        (), "Networks, by comma, whose `X-Forwarded-For` is believed for rate limits."
    )
    upload_types: tuple[str, ...] = _setting(
        ("image/jpeg", "image/png", "application/pdf"),
        "Types of file, by comma, that may be uploaded; `image/webp` and `image/heic` can be added.",
    )
    sandbox_code: str = _setting("123456", "The one-time code that sandbox skills ask for: they send none.")
    nameless_users: bool = _setting(False, "`on` or `off`: onboarding sessions without `tenant_user_id` are accepted.")
    bank: str = _setting("sandbox", "`sandbox`: skills of the sandbox talk to a made-up bank; `off`: to none.")
    bank_url: str = _setting(
        "", "Where `frontdesk sandbox-bank` listens; by default a server starts one beside itself, on a free port."
    )
    admin_token: str = _setting(
        "", "Opens the administration of keys over HTTP (`/keys`); without it these paths do not exist.", secret=True
    )

    @property
    def sqlite_path(self) -> Path | None:
        """The file of the embedded database, or None with PostgreSQL."""
        if not self.database_url:
            return self.data / "frontdesk.db"
        if self.database_url.startswith("sqlite:///"):
            return Path(self.database_url.removeprefix("sqlite:///"))
        return None

    @property
    def blobs_path(self) -> Path | None:
        """The folder of the files, or None with an S3-compatible store."""
        if not self.blobs_url:
            return self.data / "blobs"
        if self.blobs_url.startswith("file://"):
            return Path(self.blobs_url.removeprefix("file://"))
        return None

    @property
    def face_models_path(self) -> Path:
        """The folder of the networks for faces."""
        return Path(self.face_models) if self.face_models else Path(sys.prefix) / "share" / "frontdesk" / "models"

    def secret(self) -> bytes:
        """The server's key; made on first use when the database is this machine's own. Raises `BadSetting`."""
        if self.secret_key:
            if len(self.secret_key) < 32:
                raise BadSetting("FRONTDESK_SECRET_KEY must have 32 characters or more")
            return self.secret_key.encode()
        if self.sqlite_path is None:
            raise BadSetting("FRONTDESK_SECRET_KEY is required with PostgreSQL: every process needs the same key")
        return _kept_secret(self.data / "secret.key")


def _kept_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make_secret(path)
    kept = path.read_bytes().strip()
    if len(kept) < 32:
        raise BadSetting(f"The server's key in {path} is too short; restore it from a backup")
    return kept


def _make_secret(path: Path) -> None:
    # Written whole under another name, then linked: of two processes that start at once one makes the key and both
    # read the same one, and a crash leaves no half of it.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    made = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(made, "wb") as file:
            file.write(secrets.token_urlsafe(48).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def load(environment: Mapping[str, str], dotenv: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Settings from `.env`, the environment and the command line, the later the stronger. Raises `BadSetting`."""
    from_file = {k: v for k, v in dotenv_values(dotenv, interpolate=False).items() if v is not None} if dotenv else {}
    texts = {**from_file, **environment}
    values: dict[str, Any] = {}
    for each in fields(Settings):
        text = texts.get(PREFIX + each.name.upper())
        if text is not None and text != "":
            values[each.name] = _parse(each.name, text, each.default)
    values.update({name: value for name, value in overrides.items() if value is not None})
    settings = Settings(**values)
    _check(settings)
    return settings


def _parse(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("on", "off"):
            raise BadSetting(f"{PREFIX}{name.upper()} must be on or off")
        return text.lower() == "on"
    if isinstance(default, int):
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
            raise BadSetting(f"{PREFIX}{name.upper()} must be a whole number above 0")
        return int(text)
    if isinstance(default, float):
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or not float(text):
            raise BadSetting(f"{PREFIX}{name.upper()} must be a number above 0, such as 2.50")
        return float(text)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(default, Path):
        return Path(text)
    return text


def _check(settings: Settings) -> None:
    scheme = urlsplit(settings.database_url).scheme
    embedded = settings.database_url.startswith("sqlite:///")
    if settings.database_url and not embedded and scheme not in ("postgresql", "postgres"):
        raise BadSetting("FRONTDESK_DATABASE_URL must begin with sqlite:/// or postgresql://")
    scheme = urlsplit(settings.blobs_url).scheme
    if scheme not in ("", "file", "s3"):
        raise BadSetting("FRONTDESK_BLOBS_URL must begin with file:// or s3://")
    if scheme == "s3" and not (settings.s3_endpoint and settings.s3_access_key and settings.s3_secret_key):
        raise BadSetting(
            "FRONTDESK_BLOBS_URL names an S3 bucket: set FRONTDESK_S3_ENDPOINT, FRONTDESK_S3_ACCESS_KEY and "
            "FRONTDESK_S3_SECRET_KEY too"
        )
    if settings.ocr != "local":
        raise BadSetting("FRONTDESK_OCR must be local")
    _check_liveness(settings)
    if settings.bank not in ("sandbox", "off"):
        raise BadSetting("FRONTDESK_BANK must be sandbox or off")
    if settings.bank_url and urlsplit(settings.bank_url).scheme not in ("http", "https"):
        raise BadSetting("FRONTDESK_BANK_URL must be an http or https address")
    if settings.smtp_url and (urlsplit(settings.smtp_url).scheme not in ("smtp", "smtps")):
        raise BadSetting("FRONTDESK_SMTP_URL must be smtp://HOST:PORT or smtps://HOST:PORT")
    _check_screening(settings)
    _check_llm(settings)
    if settings.public_url and urlsplit(settings.public_url).scheme not in ("http", "https"):
        raise BadSetting("FRONTDESK_PUBLIC_URL must be an http or https address")


def _check_screening(settings: Settings) -> None:
    for name in ("adverse_media", "crypto"):
        url, key = getattr(settings, f"{name}_url"), getattr(settings, f"{name}_key")
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise BadSetting(f"FRONTDESK_{name.upper()}_URL must be an http or https address")
        if url and len(key) < 16:
            raise BadSetting(f"FRONTDESK_{name.upper()}_KEY must have 16 characters or more")


def _check_liveness(settings: Settings) -> None:
    if settings.liveness not in ("local", "rekognition"):
        raise BadSetting("FRONTDESK_LIVENESS must be local or rekognition")
    if bool(settings.liveness_access_key) != bool(settings.liveness_secret_key):
        raise BadSetting("FRONTDESK_LIVENESS_ACCESS_KEY and FRONTDESK_LIVENESS_SECRET_KEY go together")
    if settings.liveness_endpoint and urlsplit(settings.liveness_endpoint).scheme not in ("http", "https"):
        raise BadSetting("FRONTDESK_LIVENESS_ENDPOINT must be an http or https address")


def _check_llm(settings: Settings) -> None:
    provider, _, model = settings.llm.partition(":")
    if settings.llm != "builtin" and not (provider and model):
        raise BadSetting("FRONTDESK_LLM must be builtin, or PROVIDER:MODEL, such as openai:gpt-5-mini")
    if settings.llm_base_url and urlsplit(settings.llm_base_url).scheme not in ("http", "https"):
        raise BadSetting("FRONTDESK_LLM_BASE_URL must be an http or https address")
