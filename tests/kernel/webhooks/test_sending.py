"""Sending: a real POST to a real server, signed over the very bytes that arrive, and nothing that leads it astray."""

import asyncio
import datetime
import hashlib
import hmac
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from databases import SettableClock
from frontdesk.kernel import tenants
from frontdesk.kernel.change import commit
from frontdesk.kernel.erasure import erase
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kernel.webhooks.deliveries import PAUSES, Letter, Result
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.kernel.webhooks.sending import deliver
from frontdesk.ports.db import Db
from frontdesk.ports.wakeup import Wakeup
from kernel.sample import Opened, seal, stored, tenant
from kernel.webhooks.receiver import Receiver, answer, receiving
from servers.child import free_ports

BODY = '{"event":"kyc.approved","name":"Zoë 日本 🙂","n":1.0,  "spaced" : true}'
LOOPBACK = Allowed(["127.0.0.1"])


class Post:
    """A tenant with one delivery, and the means to send it."""

    def __init__(self, db: Db, wakeup: Wakeup, vault: Vault, clock: SettableClock, owner: Opened) -> None:
        self.db, self.wakeup, self.vault, self.clock, self.owner = db, wakeup, vault, clock, owner
        self.id = ""

    async def write(self, url: str, prefix: str = "", headers: dict[str, str] | None = None) -> None:
        """Keep a delivery, with the session that it tells of."""
        sent = headers or {"Content-Type": "application/json", "X-Event": "kyc.approved"}
        letter = Letter("delivery-1", "kyc.approved", url, sent, BODY, "X-Signature", prefix)
        read = await stored(self.db, self.vault, self.clock.now(), tenant=self.owner.tenant.id)
        write, _ = deliveries.kept(letter, self.owner.tenant.id, read.id, seal(self.vault, read), self.clock.now())
        await self.db.commit([write])
        self.id, self.session = letter.id, read

    async def send(self, tries: int = 0, allowed: Allowed = LOOPBACK, timeout_seconds: float = 5) -> Result | None:
        """Run the job, and say what the last try came to."""
        await deliver(self.db, self.wakeup, self.vault, allowed, self.id, tries, self.clock.now(), timeout_seconds)
        tried = await deliveries.tries_of(self.db, self.id)
        return tried[-1][2] if tried else None

    async def state(self) -> str:
        """`waiting`, `delivered` or `failed`."""
        found = await deliveries.load(self.db, self.vault, self.id)
        assert found is not None
        return found.state


@pytest.fixture
async def post(db: Db, wakeup: Wakeup, vault: Vault, clock: SettableClock) -> Post:
    return Post(db, wakeup, vault, clock, await tenant(db, vault, clock.now()))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


def at(receiver: Receiver, path: str = "/hook") -> str:
    return f"http://127.0.0.1:{receiver.port}{path}"


async def test_the_body_arrives_byte_for_byte_and_its_signature_verifies(post: Post, receiver: Receiver) -> None:
    await post.write(at(receiver, "/hook/é?a=b%20c&d=ž#part"), prefix="1775722530.")
    result = await post.send()
    assert result is not None
    assert (result.outcome, result.status) == ("delivered", 204)
    [request] = receiver.received
    assert request.line == "POST /hook/%C3%A9?a=b%20c&d=%C5%BE HTTP/1.1"
    assert request.body == BODY.encode()
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    secret = post.owner.shown.webhook_secret.encode()
    expected = hmac.new(secret, b"1775722530." + request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-signature"] == f"sha256={expected}"
    assert await post.state() == "delivered"


async def test_the_signature_is_made_with_the_tenants_present_secret(post: Post, receiver: Receiver) -> None:
    await post.write(at(receiver))
    sealed = tenants.seal_secret(post.vault, post.owner.tenant.id, "whsec_new")
    await post.db.commit([tenants.changed(post.owner.tenant, {}, sealed)])
    await post.send()
    expected = hmac.new(b"whsec_new", BODY.encode(), hashlib.sha256).hexdigest()
    assert receiver.received[0].headers["x-signature"] == f"sha256={expected}"


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 404, 410, 429, 500, 503])
async def test_what_is_not_a_success_is_refused_logged_and_tried_again(
    post: Post, receiver: Receiver, status: int
) -> None:
    receiver.answers = [answer(status, f"Location: {at(receiver, '/elsewhere')}")]
    await post.write(at(receiver))
    result = await post.send()
    assert result is not None
    assert (result.outcome, result.status) == ("refused", status)
    assert [request.line for request in receiver.received] == ["POST /hook HTTP/1.1"]
    assert await post.state() == "waiting"


async def test_a_receiver_that_recovers_gets_it_at_the_second_try(post: Post, receiver: Receiver) -> None:
    receiver.answers = [answer(500), answer(200)]
    await post.write(at(receiver))
    await post.send(0)
    result = await post.send(1)
    assert result is not None
    assert result.outcome == "delivered"
    assert receiver.received[0].body == receiver.received[1].body
    assert receiver.received[0].headers["x-signature"] == receiver.received[1].headers["x-signature"]


async def test_running_the_job_twice_sends_once(post: Post, receiver: Receiver) -> None:
    await post.write(at(receiver))
    for _ in range(3):
        await post.send(0)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(("pause", "dribble"), [(30.0, 0.0), (0.0, 0.2)])
async def test_a_receiver_that_takes_too_long_is_given_up(
    post: Post, receiver: Receiver, pause: float, dribble: float
) -> None:
    receiver.pause, receiver.dribble = pause, dribble
    await post.write(at(receiver))
    began = time.monotonic()
    result = await post.send(timeout_seconds=0.5)
    assert time.monotonic() - began < 3
    assert result is not None
    assert (result.outcome, result.status) == ("timeout", None)
    assert result.milliseconds >= 400
    receiver.pause = 0


async def test_nobody_there_is_no_connection(post: Post) -> None:
    [port] = free_ports(1)
    await post.write(f"http://127.0.0.1:{port}/")
    result = await post.send()
    assert result is not None
    assert (result.outcome, result.status) == ("no_connection", None)


async def test_an_answer_that_is_no_http_is_no_connection(post: Post, receiver: Receiver) -> None:
    receiver.answers = [b"SSH-2.0-OpenSSH_9.2\r\n"]
    await post.write(at(receiver))
    result = await post.send()
    assert result is not None
    assert result.outcome == "no_connection"


async def test_a_destination_that_is_no_longer_allowed_is_not_sent_to(post: Post, receiver: Receiver) -> None:
    await post.write(at(receiver))
    result = await post.send(allowed=Allowed([]))
    assert result is not None
    assert result.outcome == "refused_destination"
    assert receiver.received == []


async def test_an_erased_session_sends_nothing(post: Post, receiver: Receiver) -> None:
    await post.write(at(receiver))
    await commit(post.db, post.wakeup, await erase(post.db, post.session, post.clock.now()))
    assert await post.send() is None
    assert receiver.received == []


async def test_after_the_sixth_try_it_is_failed(post: Post, receiver: Receiver) -> None:
    receiver.answers = [answer(500)]
    await post.write(at(receiver))
    for tries in range(6):
        assert await post.state() == "waiting"
        await post.send(tries)
        if tries < 5:
            post.clock.advance(seconds=PAUSES[tries].total_seconds())
    assert await post.state() == "failed"
    await post.send(6)
    assert len(receiver.received) == 6


async def test_a_certificate_that_nobody_vouches_for_is_refused(post: Post, tmp_path: Path) -> None:
    async with receiving(self_signed(tmp_path)) as receiver:
        await post.write(f"https://127.0.0.1:{receiver.port}/")
        result = await post.send()
        assert result is not None
        assert (result.outcome, result.status) == ("no_connection", None)
        assert receiver.received == []
        await asyncio.sleep(0.05)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate").write_bytes(certificate.public_bytes(pem))
    (folder / "key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    return context
