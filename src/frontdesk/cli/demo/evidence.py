"""The end of an identity check in the demo: it is taken along as one signed file, which is checked and left behind."""

import asyncio
import zipfile
from io import BytesIO
from pathlib import Path

from frontdesk.cli.demo.calling import Caller, WentWrong
from frontdesk.cli.demo.telling import Teller
from frontdesk.kyc.documents.archive import EvidenceFlawed
from frontdesk.kyc.documents.verifying import Verified, verify

EVIDENCE, REPORT = "evidence.zip", "evidence-report.pdf"


async def take_along(caller: Caller, teller: Teller, session_id: str, folder: Path) -> bool:
    """Export the session, check the file under the server's key, and leave it and its report in the folder."""
    teller.chapter("The bank takes the whole session along as evidence, and checks the file without the server")
    key = await caller.as_tenant(
        "GET", "/kyc/evidence/key", lambda found: f"{found['algorithm']} {found['key_id'][:16]}…"
    )
    with teller.busy("Gathering the evidence"):
        content = await caller.fetch(f"/kyc/sessions/{session_id}/evidence")
    found = await asyncio.to_thread(_kept, content, key["key_id"], folder)
    teller.evidence(folder / EVIDENCE, folder / REPORT, found.members, found.events)
    return found.session_id == session_id


def _kept(content: bytes, key_id: str, folder: Path) -> Verified:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EVIDENCE).write_bytes(content)
    try:
        found = verify(BytesIO(content), key_id)
    except EvidenceFlawed as flaw:
        raise WentWrong(f"The evidence does not hold: {flaw.message}") from flaw
    with zipfile.ZipFile(BytesIO(content)) as opened:
        (folder / REPORT).write_bytes(opened.read("report.pdf"))
    return found
