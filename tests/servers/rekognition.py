"""Face Liveness as Rekognition speaks it, on loopback: AWS JSON 1.1, signatures checked, sessions with their states."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

ACCESS_KEY, SECRET_KEY, REGION = "AKIDEXAMPLE", "not-a-real-secret", "eu-west-1"
LIVES_FOR = timedelta(minutes=3)
_TARGET = "RekognitionService."
_CHALLENGES = ("FaceMovementAndLightChallenge", "FaceMovementChallenge")
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>(?P<day>\d{8})/(?P<region>[^/]+)/rekognition/aws4_request),"
    r" ?SignedHeaders=(?P<signed>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class Refused(Exception):
    """An error answer: its code, and whether it is the server's own fault."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass
class Session:
    """One attempt. `audit_limit` is how many audit images were asked for."""

    id: str
    challenge: str
    audit_limit: int
    opened_at: datetime
    status: str = "CREATED"
    confidence: float | None = None
    reference: bytes | None = None
    audit: list[bytes] = field(default_factory=list)


@dataclass
class Rekognition:
    """`faults` are given one a request, before anything else; `later` moves the server's clock for sessions."""

    port: int = 0
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    faults: list[Refused | None] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    later: timedelta = timedelta(0)
    silent: bool = False
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def finish(self, session_id: str, status: str, confidence: float, reference: bytes, audit: list[bytes]) -> None:
        """What the provider's page and its video would have led to."""
        session = self.sessions[session_id]
        session.status, session.confidence, session.reference = status, confidence, reference
        session.audit = audit[: session.audit_limit]

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
                line, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                if self.silent:
                    await asyncio.sleep(60)
                status, answer = self.answer(line, headers, body)
                content = json.dumps(answer).encode()
                writer.write(
                    f"HTTP/1.1 {status} Answer\r\nx-amzn-requestid: {uuid.uuid4()}\r\n"
                    f"content-type: application/x-amz-json-1.1\r\ncontent-length: {len(content)}\r\n\r\n".encode()
                    + content
                )
                await writer.drain()
        writer.close()

    def answer(self, line: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and body for one request."""
        try:
            target = headers.get("x-amz-target", "")
            if not line.startswith("POST / ") or headers.get("content-type") != "application/x-amz-json-1.1":
                raise Refused("UnknownOperationException", 404)
            check_signature(headers, body)
            wanted = json.loads(body)
            self.asked.append((target.removeprefix(_TARGET), wanted))
            fault = self.faults.pop(0) if self.faults else None
            if fault is not None:
                raise fault
            if target == _TARGET + "CreateFaceLivenessSession":
                return 200, {"SessionId": self.create(wanted).id}
            if target == _TARGET + "GetFaceLivenessSessionResults":
                return 200, self.results(wanted)
            raise Refused("UnknownOperationException", 404)
        except Refused as refused:
            return refused.status, {"__type": refused.code, "message": "made up for a test"}

    def create(self, wanted: dict[str, Any]) -> Session:
        """The session of this token: a new one, or the one it was used for before."""
        settings, token = wanted.get("Settings", {}), wanted.get("ClientRequestToken", str(uuid.uuid4()))
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", token) or "OutputConfig" in settings:
            raise Refused("InvalidParameterException")
        challenges = [each["Type"] for each in settings.get("ChallengePreferences", [{"Type": _CHALLENGES[0]}])]
        if not challenges or any(each not in _CHALLENGES for each in challenges):
            raise Refused("InvalidParameterException")
        if token not in self.tokens:
            limit = max(0, min(4, settings.get("AuditImagesLimit", 0)))
            made = Session(str(uuid.uuid4()), challenges[0], limit, datetime.now(UTC))
            self.sessions[made.id] = made
            self.tokens[token] = made.id
        return self.sessions[self.tokens[token]]

    def results(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The state of a session, with what belongs to a finished one."""
        session = self.sessions.get(wanted["SessionId"])
        if session is None:
            raise Refused("SessionNotFoundException")
        if datetime.now(UTC) + self.later >= session.opened_at + LIVES_FOR and session.confidence is None:
            session.status = "EXPIRED"
        told: dict[str, Any] = {"SessionId": session.id, "Status": session.status}
        if session.confidence is not None:
            told |= {"Confidence": session.confidence, "Challenge": {"Type": session.challenge, "Version": "1.0.0"}}
            told["ReferenceImage"] = _image(session.reference or b"")
            told["AuditImages"] = [_image(each) for each in session.audit]
        return told


def check_signature(headers: dict[str, str], body: bytes) -> None:
    """AWS Signature Version 4, computed anew from the secret. Raises `Refused`."""
    said = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if said is None:
        raise Refused("IncompleteSignature")
    if said["key"] != ACCESS_KEY:
        raise Refused("UnrecognizedClientException")
    signed = said["signed"].split(";")
    if not {"host", "x-amz-date", "x-amz-target"} <= set(signed) or said["region"] != REGION:
        raise Refused("InvalidSignatureException")
    at = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(datetime.now(UTC) - at) > timedelta(minutes=5) or not headers["x-amz-date"].startswith(said["day"]):
        raise Refused("InvalidSignatureException")
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in signed)
    request = "\n".join(("POST", "/", "", lines, said["signed"], hashlib.sha256(body).hexdigest()))
    text = "\n".join(
        ("AWS4-HMAC-SHA256", headers["x-amz-date"], said["scope"], hashlib.sha256(request.encode()).hexdigest())
    )
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (said["day"], said["region"], "rekognition", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), said["signature"]):
        raise Refused("InvalidSignatureException")


def _image(content: bytes) -> dict[str, Any]:
    box = {"Width": 0.3, "Height": 0.4, "Left": 0.35, "Top": 0.3}
    return {"Bytes": base64.b64encode(content).decode(), "BoundingBox": box}


@asynccontextmanager
async def rekognition() -> AsyncIterator[Rekognition]:
    """A server that listens while the context lasts."""
    made = Rekognition()
    server = await asyncio.start_server(made.connected, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in list(made.serving):
            task.cancel()
        await asyncio.gather(*made.serving, return_exceptions=True)
        await server.wait_closed()
