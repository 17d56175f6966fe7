"""A small evidence file of a made-up session."""

import io
from datetime import UTC, datetime

from frontdesk.kernel import events
from frontdesk.kernel.events import Fact
from frontdesk.kernel.vault import Seal
from frontdesk.kyc.documents import chain
from frontdesk.kyc.documents.manifest import EVENTS, Heading, Log, Sealing
from frontdesk.kyc.documents.signature import Signer

SESSION = "018f3a7e-0000-7000-8000-000000000001"
NOW = datetime(2026, 4, 9, 8, 0, 0, 123456, tzinfo=UTC)
SIGNER = Signer(b"the seed of the tests, 32 bytes!")
OTHER = Signer(b"another seed, of 32 bytes too...")


def log(count: int = 3) -> list[chain.Row]:
    """The rows of a log."""
    seal = Seal(b"k" * 32)
    facts = [(f"evt_{number}", Fact("kyc.session.created", {"number": number})) for number in range(count)]
    return chain.rows(events.chain(SESSION, 0, events.START, facts, seal, NOW), seal)


def evidence(signer: Signer = SIGNER, rows: list[chain.Row] | None = None, **more: bytes) -> bytes:
    """The whole file."""
    rows = log() if rows is None else rows
    out = io.BytesIO()
    sealing = Sealing(out)
    sealing.add("session.json", b'{"status": "approved"}')
    sealing.add(EVENTS, chain.written(rows))
    sealing.add("documents/doc_a.jpg", b"\xff\xd8\xff the picture of a paper")
    for name, content in more.items():
        sealing.add(name, content)
    told = Log(EVENTS, len(rows), rows[-1].digest)
    sealing.finish(Heading("0", SESSION, "t_1", "2026-04-09T08:00:00Z", "key k_1", told), signer)
    return out.getvalue()
