"""A customer's name is on a list: a person looks, asks for what is missing, looks again, and decides."""

from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from frontdesk.cli.demo.calling import Caller, Content, path_of
from frontdesk.cli.demo.telling import Teller
from frontdesk.kyc.checks.lists import formats
from frontdesk.kyc.checks.lists.reading import Opened, Passing
from frontdesk.kyc.service import lists
from frontdesk.kyc.service.lists import Source
from frontdesk.wiring import House

NAME, LIST, FILE = "Screened customer", "demo-watchlist", "watchlist.csv"
NAMESAKE = {"full_name": "Victor Alexandrovich Samovarow"}
BORN = "1991-11-30"


async def bring_in(house: House, tenant_id: str) -> None:
    """The sample tenant's list, as `frontdesk lists import` brings one in."""
    content = files(__package__).joinpath(f"specimens/{FILE}").read_bytes()
    passing, opened = Passing(BytesIO(content), lambda _: None), Opened("csv")
    source = Source(tenant_id, LIST, "sanctions", "csv", lambda: opened.source_date, lambda: passing.digest)
    await lists.bring_in(house.kyc, source, formats.FORMATS["csv"](passing, opened, Path(FILE)))


async def walk(caller: Caller, teller: Teller) -> bool:
    """Walk the session; whether it ended as `approved`, by a person."""
    teller.chapter("A customer has the name of somebody on a list: a person looks, asks, and decides")
    opened = await _open(caller)
    path, one = path_of(opened["access_link"]), f"/kyc/sessions/{opened['session_id']}"
    await _fill(caller, path, NAMESAKE)
    done = await caller.as_tenant("POST", f"{one}/process", lambda made: f"{_listed(made)}: {made['status']}")
    asked = {
        "step_id": "about_you",
        "field_ids": ["date_of_birth"],
        "reason_code": "data_missing",
        "message": "Please add your date of birth.",
        "internal_note": f"may be the one on {LIST}",
    }
    await caller.as_tenant(
        "POST", f"{one}/corrections", lambda made: f"{made['status']}: {asked['message']}", {"corrections": [asked]}
    )
    await _fill(caller, path, {"date_of_birth": BORN})
    await caller.as_tenant("POST", f"{one}/validate", _listed, {"checks": ["lists"]})
    decision = {"status": "approved", "notes": "Another person: born forty years later."}
    ended = await caller.as_tenant("PATCH", one, lambda made: f"{made['status']}, by a person", decision)
    finished = bool(done["status"] == "manual_review" and ended["status"] == "approved")
    teller.result("kyc", opened["session_id"], ended["status"], finished=finished)
    return finished


async def _open(caller: Caller) -> Content:
    fields = [
        {"field_id": "full_name", "name": "Full name", "type": "name", "required": True, "validate_lists": True},
        {"field_id": "date_of_birth", "name": "Date of birth", "type": "date"},
    ]
    rule = {"list_name": LIST, "category": "any", "min_confidence": 0.8, "action": "manual_review", "reason": "Listed"}
    body = {
        "name": NAME,
        "steps": [{"step_id": "about_you", "name": "About you", "type": "form_fill", "custom_fields": fields}],
        "validation_config": {
            "run_lists": True,
            "lists": [LIST],
            "automation_rules": {"list_match_rules": [rule], "auto_approve_when": {"no_list_matches": True}},
        },
    }
    return await caller.open_session(body)


async def _fill(caller: Caller, path: str, values: dict[str, str]) -> None:
    told = ", ".join(f"{key} {value}" for key, value in values.items())
    body = {"form_data": values}
    await caller.as_customer("POST", f"{path}/step/about_you/complete", lambda made: f"{told}: {made['status']}", body)


def _listed(found: Content) -> str:
    """What the check of lists says, with the surest match."""
    check: dict[str, Any] = found["validation_results"]["lists"]
    if not check["matches"]:
        return f"lists {check['status']}"
    best = check["matches"][0]
    return f"lists {check['status']}, {best['matched_name']} (sure to {best['confidence']:.0%})"
