"""Deliveries in bad weather: a receiver with random faults, an address that nobody may reach, a moved clock."""

import asyncio
import contextlib
import hmac
import json
import random
import socket
import struct
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from databases import SettableClock
from frontdesk.basics.clock import to_micros
from frontdesk.kernel import outbox
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kernel.webhooks.deliveries import Letter, Result
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.kernel.webhooks.sending import deliver
from frontdesk.ports.db import Db, Write
from frontdesk.ports.wakeup import Wakeup
from kernel.sample import seal, stored, tenant

EXPECTED = {
    "error": {"refused"},
    "refusal": {"refused"},
    "redirect": {"refused"},
    "reset": {"no_connection"},
    "half": {"no_connection"},
    "garbage": {"no_connection"},
    "silence": {"timeout"},
    "dribble": {"timeout"},
}
"""What the log says of each fault. A fault may also look like a time-out where the machine is slow."""
AT_ONCE = 48
SESSIONS = 25


@dataclass
class Event:
    """One event, the faults that it will meet, and what came of it. `whole` says that its timestamp is signed, too."""

    id: str
    body: str
    whole: bool
    plan: list[str]
    hopeless: bool = False
    met: list[str] = field(default_factory=list)
    arrived: int = 0


class Storm:
    """A receiver that answers as each event's plan says, and a trap that must stay empty."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.events: dict[str, Event] = {}
        self.trapped = 0
        self.forged = 0
        self.secret = ""
        self.port = self.trap_port = 0
        self._servers: list[asyncio.Server] = []
        self._held: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen: the receiver on 127.0.0.1, the trap on 127.0.0.2, which is not allowed."""
        receiver = await asyncio.start_server(self._receive, "127.0.0.1", 0, backlog=512)
        trap = await asyncio.start_server(self._trap, "127.0.0.2", 0)
        self._servers = [receiver, trap]
        self.port, self.trap_port = (one.sockets[0].getsockname()[1] for one in self._servers)

    async def stop(self) -> None:
        for one in self._servers:
            one.close()
        for task in self._held:
            task.cancel()
        await asyncio.gather(*self._held, return_exceptions=True)

    async def _trap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.trapped += 1
        writer.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._held.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            fields = (line.split(":", 1) for line in head.strip().split("\r\n")[1:])
            headers = {name.lower(): text.strip() for name, text in fields}
            body = await reader.readexactly(int(headers["content-length"]))
            await self._answer(self._known(headers, body), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._held.discard(task)
            writer.close()

    def _known(self, headers: dict[str, str], body: bytes) -> Event:
        event = self.events[headers["x-webhook-id"]]
        prefix = f"{headers['x-webhook-timestamp']}.".encode() if event.whole else b""
        wanted = "sha256=" + hmac.new(self.secret.encode(), prefix + body, "sha256").hexdigest()
        genuine = hmac.compare_digest(wanted, headers["x-webhook-signature"]) and body == event.body.encode()
        self.forged += not genuine
        event.arrived += genuine
        return event

    async def _answer(self, event: Event, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = event.plan.pop(0) if event.plan else "none"
        event.met.append(fault)
        if fault == "reset":
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif fault == "silence":
            await reader.read()  # until the other side gives up
        elif fault == "dribble":
            for byte in _head(200):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        elif fault == "half":
            writer.write(_head(200)[:17])
        elif fault == "garbage":
            writer.write(self.random.randbytes(40) + b"\r\n\r\n")
        else:
            writer.write(self._whole(fault))
            if fault == "none" and self.random.random() < 0.1:
                await reader.read()  # a body that never comes: the status has said enough

    def _whole(self, fault: str) -> bytes:
        if fault == "error":
            return _head(self.random.choice([500, 501, 502, 503, 504]))
        if fault == "refusal":
            return _head(self.random.choice([400, 401, 404, 410, 429]))
        if fault == "redirect":
            status = self.random.choice([301, 302, 303, 307, 308])
            return _head(status, f"Location: http://127.0.0.2:{self.trap_port}/stolen")
        return _head(self.random.choice([200, 201, 202, 204]))


def _head(status: int, *fields: str) -> bytes:
    length = "9" if status == 200 else "0"
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", f"Content-Length: {length}", *fields, "", ""]).encode()


@dataclass
class Report:
    """What came of it all."""

    events: int
    faults: int
    tries: int
    resent: int
    outcomes: Counter[str]
    kinds: Counter[str]


class Weather:
    """The sender's side: events are kept, and whatever is due is tried, with pauses that cost no time."""

    def __init__(
        self, db: Db, wakeup: Wakeup, vault: Vault, clock: SettableClock, storm: Storm, patience: float
    ) -> None:
        self.db, self.wakeup, self.vault, self.clock, self.storm, self.patience = (
            db,
            wakeup,
            vault,
            clock,
            storm,
            patience,
        )
        self.allowed = Allowed(["127.0.0.1"])
        self.tenant_id = ""

    async def keep(self, faults: int) -> None:
        """Keep events until so many faults wait for them. Some events go where nobody may go."""
        owner = await tenant(self.db, self.vault, self.clock.now())
        self.tenant_id, self.storm.secret = owner.tenant.id, owner.shown.webhook_secret
        now, draw = self.clock.now(), self.storm.random
        sessions = [await stored(self.db, self.vault, now, tenant=self.tenant_id) for _ in range(SESSIONS)]
        seals = [seal(self.vault, one) for one in sessions]
        planned, number = 0, 0
        while planned < faults:
            number += 1
            hopeless = draw.random() < 0.02
            # Up to eight faults: after the sixth try an event is failed, and sent again by hand.
            plan = [] if hopeless else draw.choices(list(EXPECTED), k=min(draw.randrange(8), faults - planned))
            event = Event(f"evt_{number}", f'{{"name":"Zoë 日本 {number}"}}', draw.random() < 0.5, plan, hopeless)
            planned += 6 if hopeless else len(plan)
            stamp = str(1_775_000_000 + number)
            headers = {"X-Webhook-ID": event.id, "X-Webhook-Timestamp": stamp}
            prefix = f"{stamp}." if event.whole else ""
            letter = Letter(event.id, "kyc.session.completed", self._url(hopeless), headers, event.body,
                            "X-Webhook-Signature", prefix)  # fmt: skip
            at = number % SESSIONS
            write, job = deliveries.kept(letter, self.tenant_id, sessions[at].id, seals[at], now)
            await self.db.commit([write, outbox.inserted(job, now)])
            self.storm.events[event.id] = event

    def _url(self, hopeless: bool) -> str:
        if not hopeless:
            return f"http://127.0.0.1:{self.storm.port}/hook"
        port = self.storm.trap_port
        return self.storm.random.choice(
            [f"http://127.0.0.2:{port}/", f"https://127.0.0.2:{port}/", f"https://2130706434:{port}/",
             f"https://[::ffff:127.0.0.2]:{port}/", "https://169.254.169.254/latest", "https://10.0.0.1/", "https://[::1]/"]
        )  # fmt: skip

    async def run(self) -> Report:
        """Until nothing waits any more, and whatever failed was sent again by hand."""
        resent = 0
        while True:
            await self._try_all()
            lost = [
                one.id for one in self.storm.events.values() if not one.hopeless and not await self._delivered(one.id)
            ]
            if not lost:
                return await self._report(resent)
            for delivery_id in lost:
                await deliveries.resend(self.db, self.wakeup, self.tenant_id, delivery_id, self.clock.now())
            resent += len(lost)

    async def _try_all(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(key: str, argument: str) -> None:
            wanted = deliveries_argument(argument)
            async with gate:
                await deliver(self.db, self.wakeup, self.vault, self.allowed, *wanted, self.clock.now(), self.patience)
            await self.db.commit([Write(outbox.DELETE, (key,))])

        while True:
            rows = await self.db.all(outbox.SELECT_DUE, to_micros(self.clock.now()), 1000)
            if rows:
                await asyncio.gather(*(one(row[0], row[2]) for row in rows))
                continue
            due = await outbox.next_due_at(self.db)
            if due is None:
                return
            self.clock.advance(microseconds=due - to_micros(self.clock.now()))

    async def _delivered(self, delivery_id: str) -> bool:
        found = await deliveries.load(self.db, self.vault, delivery_id)
        return found is not None and found.state == "delivered"

    async def _report(self, resent: int) -> Report:
        outcomes: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        for event in self.storm.events.values():
            log = [result for _, _, result in await deliveries.tries_of(self.db, event.id)]
            outcomes.update(result.outcome for result in log)
            kinds.update(event.met)
            check(event, log)
        tries = outcomes.total()
        return Report(len(self.storm.events), tries - outcomes["delivered"], tries, resent, outcomes, kinds)


def deliveries_argument(argument: str) -> tuple[str, int]:
    """The delivery and its number of tries, of a job."""
    wanted = json.loads(argument)
    return wanted["delivery_id"], int(wanted["tries"])


def check(event: Event, log: list[Result]) -> None:
    """Every event has arrived at least once, and the log tells each try as it was."""
    if event.hopeless:
        assert event.arrived == 0
        assert [one.outcome for one in log] == ["refused_destination"] * 6, event.id
        return
    assert event.arrived >= 1, event.id
    assert [one.outcome for one in log].count("delivered") == 1, event.id
    assert (log[-1].outcome, log[-1].status) in {("delivered", status) for status in (200, 201, 202, 204)}
    silent = [one for one in log if one.outcome in ("timeout", "no_connection")]
    # A try may end before the receiver has read it, where the machine is slow; none of those it has read is missing.
    assert len(event.met) <= len(log) <= len(event.met) + len(silent), event.id
    told: defaultdict[str, int] = defaultdict(int)
    for one in log:
        told[one.outcome] += 1
    for outcome in ("refused", "no_connection"):
        wanted = sum(outcome in EXPECTED.get(fault, ()) for fault in event.met)
        assert told[outcome] <= wanted, (event.id, outcome)


@contextlib.asynccontextmanager
async def storming(seed: int) -> AsyncIterator[Storm]:
    """A storm while the context lasts."""
    made = Storm(seed)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
