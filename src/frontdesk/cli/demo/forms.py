"""Two forms from upload to download: one filled by talking, by field and by value, one from a file beside it."""

import asyncio
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from frontdesk.cli.demo.calling import Caller, Content, WentWrong
from frontdesk.cli.demo.telling import Teller

MESSAGE = "My EIN is 12-3456789 and I am an LLC."
ADDRESS = {
    "Address (number": "12 Ockham Street, Suite 3",
    "City, state": "Portland, OR 97204",
    "List account": "4711-0815",
}
NOTES = b"""Supplier notes, Harbor Bakery

Name: Ada Wren
Business name: Harbor Bakery LLC
Address: 7 Quay Road
City, state and ZIP code: Astoria, OR 97103
Employer identification number: 98-7654321
"""
PATIENCE_SECONDS = 180
FILLED, FROM_CONTEXT = "w9-filled.pdf", "w9-from-notes.pdf"
_PREVIEW_WIDTH = 1_000


async def walk(caller: Caller, teller: Teller, folder: Path) -> bool:
    """Fill both forms; whether both sessions ended as `completed`. The PDFs and their pictures go to `folder`."""
    teller.chapter("A developer uploads a W-9; its fields are found")
    form_id = await _upload(caller, teller, "fw9.pdf")
    contract = await caller.as_tenant(
        "GET", f"/forms/{form_id}/contract", lambda found: f"{len(found['fields'])} fields with their labels"
    )
    teller.chapter("A session over the form: a message, decisions on fields, direct values")
    session_id = await _talk(caller, form_id)
    await _decide(caller, session_id, contract)
    by_talking = await _render(caller, teller, session_id, folder / FILLED)
    teller.chapter("The same form as a flat print, filled in the background from somebody's notes")
    from_notes = await _from_notes(caller, teller, folder / FROM_CONTEXT)
    teller.chapter("How the forms ended")
    for one, status in ((session_id, by_talking), from_notes):
        teller.result("forms", one, status, finished=status == "completed")
    for name in (FILLED, FROM_CONTEXT):
        teller.file(folder / name, await asyncio.to_thread(_preview, folder / name))
    return by_talking == from_notes[1] == "completed"


async def _upload(caller: Caller, teller: Teller, name: str) -> str:
    content = files(__package__).joinpath(f"specimens/{name}").read_bytes()
    parts = [("file", (name, content, "application/pdf"))]
    made = await caller.upload("/forms", lambda found: f"form …{found['form_id'][-6:]}, {found['status']}", parts)
    form_id: str = made["form_id"]
    with teller.busy("Reading the form"):
        await _until_done(caller, f"/forms/{form_id}", lambda found: f"{found['status']}: {found['title']}")
    return form_id


async def _talk(caller: Caller, form_id: str) -> str:
    opened = await caller.as_tenant(
        "POST",
        "/sessions",
        lambda found: f"session …{found['session_id'][-6:]}, {len(found['fields'])} fields",
        {"form_id": form_id},
    )
    session_id: str = opened["session_id"]
    turn = await caller.as_tenant(
        "POST",
        f"/sessions/{session_id}/turns",
        lambda found: f"“{MESSAGE}” “{found['reply'][:90]}”",
        {"message": MESSAGE},
    )
    if not turn["updated"]:
        raise WentWrong("The message was not understood")
    for field_id in turn["updated"]:
        await _act(caller, session_id, "confirm", field_id)
    return session_id


async def _decide(caller: Caller, session_id: str, contract: Content) -> None:
    await _act(caller, session_id, "skip", _labelled(contract, "Business name/"))
    await _act(caller, session_id, "decline", _labelled(contract, "Exempt payee code"))
    first = contract["fields"][0]["id"]
    values = [{"id": first, "value": "Analytical Engines LLC"}]
    values += [{"id": _labelled(contract, words), "value": value} for words, value in ADDRESS.items()]
    await caller.as_tenant(
        "PUT", f"/sessions/{session_id}/fields", lambda found: f"{len(found['updated'])} values set", {"fields": values}
    )


async def _act(caller: Caller, session_id: str, verb: str, field_id: str) -> None:
    def gist(found: Content) -> str:
        field = found["field"]
        return f"{field['id']} {field['state']}: {field['label'][:40]}"

    await caller.as_tenant("POST", f"/sessions/{session_id}/{verb}", gist, {"field_id": field_id})


def _labelled(contract: Content, words: str) -> str:
    # A label may name another field by the way: the one that begins with the words is meant, if there is one.
    for field in sorted(contract["fields"], key=lambda one: not one["label"].startswith(words)):
        if words.casefold() in field["label"].casefold():
            found: str = field["id"]
            return found
    raise WentWrong(f"The form has no field “{words}”")


async def _render(caller: Caller, teller: Teller, session_id: str, path: Path) -> str:
    filled = await caller.as_tenant(
        "POST",
        f"/sessions/{session_id}/fill",
        lambda found: f"{found['status']}: {len(found['filled'])} filled, {len(found['left_blank'])} blank",
    )
    _keep(path, await caller.fetch(f"/sessions/{session_id}/pdf"))
    status: str = filled["status"]
    return status


async def _from_notes(caller: Caller, teller: Teller, path: Path) -> tuple[str, str]:
    content = files(__package__).joinpath("specimens/fw9-flat.pdf").read_bytes()
    parts = [
        ("file", ("fw9-flat.pdf", content, "application/pdf")),
        ("context", ("notes.txt", NOTES, "text/plain")),
    ]
    begun = await caller.upload("/forms/with-context", lambda found: f"job …{found['job_id'][-6:]}", parts)
    with teller.busy("Finding the fields of the print, and what the notes say of them"):
        done = await _until_done(caller, f"/forms/with-context/{begun['job_id']}", _summary)
    if not done["report"]["filled"]:
        raise WentWrong("Nothing of the notes was found in the form")
    session_id: str = done["session_id"]
    _keep(path, await caller.fetch(f"/sessions/{session_id}/pdf"))
    session = await caller.as_tenant("GET", f"/sessions/{session_id}", lambda found: found["status"])
    status: str = session["status"]
    return session_id, status


def _summary(found: Content) -> str:
    return f"{found['status']}: {(found['report'] or {}).get('summary', '')[:90]}"


async def _until_done(caller: Caller, path: str, gist: Any) -> Content:
    """Polls quietly, then tells the last answer."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (await caller.peek(path))["status"] in ("detecting", "processing"):
        if time.monotonic() > until:
            raise WentWrong(f"{path} took longer than {PATIENCE_SECONDS} s")
        await asyncio.sleep(0.2)
    done = await caller.as_tenant("GET", path, gist)
    if done["status"] != "ready":
        raise WentWrong(f"{path} ended as {done['status']}: {done['error']}")
    return done


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _preview(path: Path) -> Path:
    """A picture of the first page beside the PDF."""
    from frontdesk.forms.documents.pictures import picture

    preview = path.with_suffix(".png")
    preview.write_bytes(picture(path.read_bytes(), 0, _PREVIEW_WIDTH))
    return preview
