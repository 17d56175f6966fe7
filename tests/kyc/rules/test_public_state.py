"""What a customer sees of a session, and what never."""

import json

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.session import Correction, Extraction, Review, StepState
from frontdesk.kyc.rules.completion import complete_step
from frontdesk.kyc.rules.corrections import Demand, request_corrections
from frontdesk.kyc.rules.public_state import public_state
from kyc.factories import (
    ANSWERS,
    NOW,
    at,
    collection_step,
    definition,
    form_step,
    new_ids,
    reserve,
    session,
    uploaded,
)

SECRET = Field("pin", "Pin", "text", sensitive=True)


def corrected():
    done = complete_step(uploaded(session()), "passport", None, at(1)).progress
    done = complete_step(done, "about_you", ANSWERS, at(2)).progress
    demand = Demand("about_you", "The surname differs.", ("full_name",), internal_note="MRZ says RUIZ")
    return request_corrections(done, [demand], requested_by="reviewer-7", new_id=new_ids("corr"), now=at(3)).progress


def test_a_fresh_session_shows_its_frame_and_nothing_else():
    assert public_state(session()) == {
        "session_id": "5c1d7f0e",
        "workflow_name": "Basic KYC",
        "status": "active",
        "current_step_index": 0,
        "total_steps": 2,
        "steps_data": [
            {"step_id": "passport", "status": "pending"},
            {"step_id": "about_you", "status": "pending"},
        ],
        "expires_at": int(NOW.timestamp()) + 7 * 86_400,
        "created_at": "2026-04-09T08:00:00Z",
    }


def test_a_completed_step_shows_its_documents_by_the_published_keys():
    done = complete_step(uploaded(session(), now=at(1)), "passport", None, at(2)).progress
    state = public_state(done)
    assert state["current_step_index"] == 1
    assert state["steps_data"][0] == {
        "step_id": "passport",
        "status": "completed",
        "started_at": "2026-04-09T08:01:00Z",
        "completed_at": "2026-04-09T08:02:00Z",
        "documents": [
            {
                "doc_id": "doc_1",
                "type": "id",
                "file_name": "front.png",
                "mime_type": "image/png",
                "uploaded_at": "2026-04-09T08:01:00Z",
            }
        ],
    }


def test_only_current_documents_are_shown():
    twice = reserve(uploaded(uploaded(session()), "doc_2", now=at(1)), "doc_3").progress
    shown = public_state(twice)["steps_data"][0]["documents"]
    assert [one["doc_id"] for one in shown] == ["doc_2"]


def test_a_step_to_correct_shows_its_form_and_what_is_wrong():
    state = public_state(corrected())
    step = state["steps_data"][1]
    assert (state["status"], step["status"]) == ("awaiting_client_correction", "needs_correction")
    assert step["form_data"] == {**ANSWERS, "email": "ana@example.net"}
    assert step["correction_requests"] == [
        {
            "id": "corr_1",
            "step_id": "about_you",
            "field_ids": ["full_name"],
            "document_types": [],
            "message": "The surname differs.",
            "status": "open",
            "created_at": "2026-04-09T08:03:00Z",
        }
    ]
    assert "form_data" not in state["steps_data"][0]
    assert "completed_at" not in step


@pytest.mark.parametrize("status", ["approved", "rejected", "completed", "manual_review"])
def test_form_data_is_shown_while_it_can_be_edited_only(status):
    closed = replace(corrected(), status=status)
    assert "form_data" not in json.dumps(public_state(closed))


def test_a_completed_step_of_an_active_session_hides_its_form():
    done = complete_step(session(definition(form_step(), collection_step())), "about_you", ANSWERS, NOW)
    assert "form_data" not in json.dumps(public_state(done.progress))


def test_secrets_are_bullets():
    steps = (StepState("about_you", "in_progress"),)
    opened = session(
        definition(form_step(custom_fields=(SECRET,))), steps=steps, form_data={"about_you": {"pin": "1234"}}
    )
    assert public_state(opened)["steps_data"][0]["form_data"] == {"pin": "••••"}


def test_cancelled_corrections_are_not_shown():
    step = Correction("corr_1", "passport", "x", NOW, status="cancelled")
    assert "correction_requests" not in public_state(session(corrections=(step,)))["steps_data"][0]


def test_nothing_internal_is_ever_shown():
    full = corrected()
    document = replace(
        full.documents[0],
        sha256="internal-digest",
        flags=("internal-flag",),
        extractions=(Extraction("id", {"surname": "INTERNAL"}, {"overall": 1}, "internal", NOW),),
    )
    full = replace(
        full.with_document(document),
        review=Review("internal-reviewer", NOW, "internal-reason", "internal-notes"),
        final_decision="internal-decision",
        parent_session_id="internal-parent",
    )
    for status in ("awaiting_client_correction", "approved", "active"):
        text = json.dumps(public_state(replace(full, status=status))).lower()
        for word in ("internal", "t_4f1a", "reviewer", "mrz", "4000", "blob", "s3"):
            assert word not in text


def test_the_link_of_a_finished_subsession_tells_little_more_than_statuses():
    finished = replace(corrected(), parent_session_id="parent", status="completed")
    state = public_state(finished)
    assert state["steps_data"][0]["documents"] == [
        {
            "doc_id": "doc_1",
            "type": "id",
            "mime_type": "image/png",
            "uploaded_at": "2026-04-09T08:00:00Z",
        }
    ]
    assert state["steps_data"][1].keys() == {"step_id", "status", "started_at"}


def test_the_workflows_branding_goes_over_the_tenants():
    own = session(replace(definition(), branding={"primary_color": "#111111"}))
    tenant = {"primary_color": "#222222", "logo_url": "https://cdn.example.net/l.svg", "internal": "x"}
    assert public_state(own, tenant)["branding"] == {
        "logo_url": "https://cdn.example.net/l.svg",
        "primary_color": "#111111",
    }
