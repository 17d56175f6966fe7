"""One identity check from the first call to `completed`: papers, form, a related person, a correction and repair."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from frontdesk.cli.demo.calling import TIMEOUT_SECONDS, Caller, Content, WentWrong, path_of
from frontdesk.cli.demo.evidence import take_along
from frontdesk.cli.demo.letter import letter
from frontdesk.cli.demo.receiving import Receiver
from frontdesk.cli.demo.telling import Teller

WEBHOOKS_SECONDS = 60
PERSON, CUSTOMER = "Related person", "Private customer"
ON_REQUEST = ["kyc.session.correction_requested", "kyc.session.correction_resolved"]
APPLICANT = {
    "full_name": "Anna Maria Erikson",  # one s is missing: the reviewer will see it
    "nationality": "SE",
    "residence": "NL",
    "email": "anna.eriksson@example.com",
    "phone": "+31 20 794 0000",
}
PARTNER = {
    "full_name": "Tomás Íñigo Ærø",
    "date_of_birth": "1971-03-02",
    "nationality": "ES",
    "residence": "NL",
    "email": "tomas.aero@example.com",
    "phone": "+31 20 794 0001",
}


async def walk(caller: Caller, receiver: Receiver, teller: Teller, folder: Path) -> bool:
    """Walk the session; whether it, and the one within it, ended as `completed`, were announced and are proved."""
    workflow_id = await _prepare(caller, receiver, teller)
    teller.chapter("A customer gets a link and goes through it")
    opened = await _open(caller, workflow_id, "demo-1")
    path = path_of(opened["access_link"])
    await _look(caller, path)
    found = await _passport(caller, teller, path)
    await _proof_of_address(caller, teller, path)
    await _form(caller, path, {**APPLICANT, "date_of_birth": found["date_of_birth"]})
    teller.chapter("The customer invites a related person, who gets a session too")
    inner = await _subsession(caller, path)
    teller.chapter("A reviewer compares, and sends the session back; the customer repairs it")
    await _review(caller, opened["session_id"], found["full_name"])
    await _repair(caller, path, found["full_name"].title())
    teller.chapter("How it ended")
    ended = await _ended(caller, receiver, teller, opened["session_id"], inner)
    return await take_along(caller, teller, opened["session_id"], folder) and ended


async def open_one_to_try(caller: Caller) -> str:
    """The link of another session, left open for whoever watches."""
    listed = await caller.as_tenant("GET", "/kyc/workflows", lambda found: f"{found['count']} workflows")
    workflow_id = next(one["workflow_id"] for one in listed["workflows"] if one["name"] == CUSTOMER)
    link: str = (await _open(caller, workflow_id, "to-try"))["access_link"]
    return link


async def _prepare(caller: Caller, receiver: Receiver, teller: Teller) -> str:
    """Say where to tell events, and make the workflows unless an earlier demo did; the customer's one."""
    teller.chapter("The bank says where it wants to be told, and what it asks of its customers")
    channels = {"webhook_url": receiver.url, "webhook_secret": receiver.secret, "webhook_events": ON_REQUEST}
    await caller.as_tenant(
        "PATCH",
        "/kyc/tenants/me/notification-channels",
        lambda found: f"{len(found['notification_config']['webhook_events'])} more events asked for",
        channels,
    )
    listed = await caller.as_tenant("GET", "/kyc/workflows?limit=100", lambda found: f"{found['count']} so far")
    made = {one["name"]: one for one in listed["workflows"]}
    if PERSON not in made or CUSTOMER not in made:
        basic = await _from_template(caller, {"name": "Basic identity check"})
        steps = [{key: value for key, value in step.items() if key != "order"} for step in basic["steps"]]
        person = await _from_template(caller, {"name": PERSON, "overrides": {"steps": steps[-1:]}})
        related = {"workflow_id": person["workflow_id"], "category": "partner", "min_required": 1, "max_allowed": 3}
        steps.append(
            {
                "step_id": "related_people",
                "name": "Who else uses the account?",
                "type": "subsession_collection",
                "subsession_config": related,
            }
        )
        overrides = {"steps": steps, "validation_config": {"correction_resolution": "completed"}}
        made[CUSTOMER] = await _from_template(caller, {"name": CUSTOMER, "overrides": overrides})
    workflow_id: str = made[CUSTOMER]["workflow_id"]
    return workflow_id


async def _from_template(caller: Caller, body: Content) -> Content:
    return await caller.as_tenant(
        "POST",
        "/kyc/workflows/from-template/basic-kyc",
        lambda made: f"workflow “{made['name']}”: {', '.join(step['step_id'] for step in made['steps'])}",
        body,
    )


async def _open(caller: Caller, workflow_id: str, reference: str) -> Content:
    return await caller.as_tenant(
        "POST",
        "/kyc/sessions",
        lambda made: f"session …{made['session_id'][-6:]}, its link lives until {_day(made['expires_at'])}",
        {"workflow_id": workflow_id, "ttl_days": 7, "metadata": {"reference": reference}},
    )


async def _look(caller: Caller, path: str) -> Content:
    def gist(state: Content) -> str:
        return f"{state['status']}, {state['current_step_index']} of {state['total_steps']} steps done"

    return await caller.as_customer("GET", path, gist)


async def _passport(caller: Caller, teller: Teller, path: str) -> dict[str, str]:
    content = files(__package__).joinpath("specimens/passport.jpg").read_bytes()
    doc_id = await _upload(caller, path, "id_document", "id", "passport.jpg", "image/jpeg", content)
    with teller.busy("Reading the passport"):
        found = await _extract(caller, path, doc_id, "passport", ("full_name", "document_number", "mrz_valid"))
    missing = {"full_name", "date_of_birth"} - found.keys()
    if missing:
        raise WentWrong(f"The passport was read without {', '.join(sorted(missing))}")
    await _complete(caller, path, "id_document")
    return found


async def _proof_of_address(caller: Caller, teller: Teller, path: str) -> None:
    content = letter(datetime.now(UTC).date())
    doc_id = await _upload(caller, path, "address_proof", "proof_of_address", "bill.pdf", "application/pdf", content)
    with teller.busy("Reading the letter"):
        await _extract(caller, path, doc_id, "proof_of_address", ("full_name", "address", "issue_date"))
    await _complete(caller, path, "address_proof")


async def _upload(
    caller: Caller, path: str, step_id: str, document_type: str, file_name: str, mime_type: str, content: bytes
) -> str:
    """Announce, send, confirm: the three calls of an upload; the document's id."""
    file = {"step_id": step_id, "document_type": document_type, "file_name": file_name, "mime_type": mime_type}

    def gist(made: Content) -> str:
        return f"{made['doc_id'][:8]}…, at most {made['max_size_bytes']:,} bytes"

    slot = await caller.as_customer("POST", f"{path}/upload/init", gist, file)
    await caller.put(slot["upload_url"], content, slot["required_headers"])
    confirm = {**file, "doc_id": slot["doc_id"], "s3_key": slot["s3_key"]}
    await caller.as_customer(
        "POST", f"{path}/upload/confirm", lambda made: f"{file_name} is sound and was taken", confirm
    )
    doc_id: str = slot["doc_id"]
    return doc_id


async def _extract(
    caller: Caller, path: str, doc_id: str, document_type: str, shown: tuple[str, ...]
) -> dict[str, str]:
    def gist(made: Content) -> str:
        values, score = made["extracted_data"], made["confidence_scores"]["overall"]
        told = ", ".join(f"{key} {values[key]}" for key in shown if key in values)
        return f"{told} (sure to {score:.0%})"

    body = {"doc_id": doc_id, "document_type": document_type}
    found = await caller.as_customer("POST", f"{path}/extract", gist, body, TIMEOUT_SECONDS)
    values: dict[str, str] = found["extracted_data"]
    return values


async def _complete(caller: Caller, path: str, step_id: str, values: dict[str, Any] | None = None) -> Content:
    def gist(made: Content) -> str:
        follows = f"next is {made['next_step_id']}" if made["next_step_id"] else "nothing is left to do"
        return f"{made['status']}, {'the session too' if made['session_completed'] else follows}"

    return await caller.as_customer("POST", f"{path}/step/{step_id}/complete", gist, {"form_data": values})


async def _form(caller: Caller, path: str, values: dict[str, str]) -> None:
    def gist(found: Content) -> str:
        return f"{sum(len(step['custom_fields']) for step in found['steps'])} fields to fill"

    await caller.as_customer("GET", f"{path}/workflow", gist)
    await _complete(caller, path, "personal_info", values)


async def _subsession(caller: Caller, path: str) -> str:
    """Invite, let the related person through, and complete the step that waited; the inner session's id."""
    made = await caller.as_customer(
        "POST",
        f"{path}/subsessions",
        lambda made: f"“{made['label']}” gets a link to “{made['workflow_name']}”",
        {"step_id": "related_people", "label": "Partner"},
    )
    theirs = path_of(made["access_link"])
    await _look(caller, theirs)
    await _complete(caller, theirs, "personal_info", PARTNER)
    await caller.as_customer(
        "GET",
        f"{path}/subsessions?step_id=related_people",
        lambda found: f"{found['completed']} of {found['total']} completed, can proceed: {found['can_proceed']}",
    )
    await _complete(caller, path, "related_people")
    session_id: str = made["subsession_id"]
    return session_id


async def _review(caller: Caller, session_id: str, printed: str) -> None:
    def gist(found: Content) -> str:
        typed = next(step for step in found["steps_data"] if step["step_id"] == "personal_info")["form_data"]
        return f"typed {typed['full_name']!r}, printed {printed!r}"

    await caller.as_tenant("GET", f"/kyc/sessions/{session_id}", gist)
    demand = {
        "step_id": "personal_info",
        "field_ids": ["full_name"],
        "message": "Please write your name as it stands in your passport.",
    }
    await caller.as_tenant(
        "POST", f"/kyc/sessions/{session_id}/corrections", lambda made: made["status"], {"corrections": [demand]}
    )


async def _repair(caller: Caller, path: str, name: str) -> None:
    def gist(state: Content) -> str:
        wanted = [each["message"] for step in state["steps_data"] for each in step.get("correction_requests", ())]
        return f"{state['status']}: “{wanted[-1]}”" if wanted else str(state["status"])

    await caller.as_customer("GET", path, gist)
    await _complete(caller, path, "personal_info", {"full_name": name})


async def _ended(caller: Caller, receiver: Receiver, teller: Teller, session_id: str, inner_id: str) -> bool:
    wanted = {
        ("kyc.session.created", session_id),
        ("kyc.session.completed", session_id),
        ("kyc.session.completed", inner_id),
        *((name, session_id) for name in ON_REQUEST),
    }
    with teller.busy("Waiting for the webhooks"):
        missing = await receiver.wait_for(wanted, WEBHOOKS_SECONDS)
    all_finished = not missing
    for each in (inner_id, session_id):
        found = await caller.as_tenant(
            "GET", f"/kyc/sessions/{each}", lambda found: f"{found['status']}, {len(found['events'])} events in its log"
        )
        finished = found["status"] == "completed"
        all_finished = all_finished and finished
        teller.result("kyc", each, found["status"], finished=finished)
    if missing:
        raise WentWrong(f"These webhooks did not come: {', '.join(sorted(name for name, _ in missing))}")
    return all_finished


def _day(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}"
