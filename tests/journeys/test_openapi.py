"""Made-up calls from the description: nothing is answered with 5xx, and nothing unlike its schema."""

import contextlib
import re
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from journeys.heads import liveness_step
from journeys.people import PERSON, Body, Office, collection_step, document_step, form_step, success, workflow
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-openapi")
CALLS_EACH = 15


class Places:
    """Ids that exist, for the parameters of paths: without them every call would end at the first look."""

    def __init__(self, office: Office) -> None:
        self.office = office
        child = office.save(workflow(form_step()))
        presence = {**liveness_step("step_presence"), "required": False}
        self.workflow_id = office.save(workflow(document_step(), form_step(), presence, collection_step(child)))
        self.count = 0

    def parameters(self) -> dict[str, str]:
        """Of a fresh session, so that no call meets what an earlier one has deleted."""
        session_id, customer = self.office.open(self.workflow_id)
        doc_id = customer.upload()
        customer.complete("step_1")
        customer.complete("step_3", PERSON)
        attempt = success(customer.call("POST", "/liveness/start", {"step_id": "step_presence"}), 201)
        made = success(customer.call("POST", "/subsessions", {"step_id": "step_ubos", "label": "x"}), 201)
        self.count += 1
        profile = {"profile_id": f"made-up-{self.count}", "document_type": "id"}
        success(self.office.http.post("/kyc/extraction-profiles", json=profile), 201)
        return {
            "session_id": session_id,
            "access_token": customer.token,
            "workflow_id": self.office.save(),
            "doc_id": doc_id,
            "liveness_session_id": attempt["liveness_session_id"],
            "profile_id": profile["profile_id"],
            "step_id": "step_3",
            "subsession_id": made["subsession_id"],
            "sub_id": made["subsession_id"],
            "type": "basic-kyc",
        }


@pytest.fixture(scope="module")
def office(small_server: Running) -> Office:
    return Office(small_server)


def operations(document: Body) -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith(("/kyc", "/public", "/health"))
    ]


# Schemathesis draws from `random` inside its strategies, which Hypothesis warns of.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
def test_every_described_call_keeps_to_its_description(office: Office, small_server: Running) -> None:
    description = small_server.watch.description
    assert description is not None
    schema = schemathesis.openapi.from_dict(description.document)
    places = Places(office)
    refused: dict[str, set[int]] = {}
    for method, path in operations(description.document):
        known = places.parameters()
        statuses = refused.setdefault(f"{method} {path}", set())
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            call_with_made_up_values(office, schema[path][method], mode, known, statuses)
    assert len(refused) > 30
    never = sorted(name for name, statuses in refused.items() if not statuses)
    assert never == []


def call_with_made_up_values(
    office: Office, operation: Any, mode: GenerationMode, known: dict[str, str], statuses: set[int]
) -> None:
    path = re.sub(r"\{(\w+)\}", lambda found: known[found.group(1)], operation.path)
    strategy = operation.as_strategy(generation_mode=mode)

    @given(case=strategy)
    @settings(
        max_examples=CALLS_EACH,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: Any) -> None:
        made = case.as_transport_kwargs(base_url=office.server.url)
        sent = {key: made[key] for key in ("json", "data", "params") if made.get(key) is not None}
        if "data" in sent:
            sent["content"] = sent.pop("data")
        headers = {key: str(value) for key, value in (made.get("headers") or {}).items() if key == "Content-Type"}
        try:
            answer = office.http.request(operation.method.upper(), path, headers=headers, **sent)
        except (TypeError, UnicodeEncodeError, httpx.InvalidURL):
            return  # what no HTTP client can send
        # The client has held the answer against its schema already.
        assert answer.status_code < 500, (operation.label, answer.text)
        statuses.add(answer.status_code)

    with contextlib.suppress(Unsatisfiable):  # a call without body and query has no wrong values
        call()
