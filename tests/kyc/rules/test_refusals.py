"""Refusals of the rules: each has a published code and a reason."""

import importlib
import pkgutil

from frontdesk.kyc import rules
from frontdesk.kyc.rules.refusals import Refusal

PINNED = {
    "VALIDATION_ERROR": {
        "checks_invalid",
        "collection_step_not_found",
        "corrections_invalid",
        "decision_invalid",
        "document_not_found",
        "document_type_not_allowed",
        "fields_invalid",
        "fields_missing",
        "file_name_invalid",
        "file_refused",
        "file_type_not_allowed",
        "form_not_an_object",
        "invalid_profile",
        "invalid_workflow",
        "frame_refused",
        "label_invalid",
        "life_invalid",
        "liveness_not_found",
        "liveness_unfinished",
        "metadata_too_large",
        "retention_invalid",
        "no_liveness_step",
        "presence_unproved",
        "screening_invalid",
        "screening_undone",
        "step_not_found",
        "subsessions_unfinished",
        "too_many_files",
        "too_many_subsessions",
        "upload_mismatch",
        "upload_not_stored",
    },
    "FORBIDDEN": {
        "extraction_used_up",
        "frames_closed",
        "liveness_attempts_used_up",
        "out_of_order",
        "step_not_editable",
        "subsession_finished",
        "upload_lapsed",
    },
    "NOT_FOUND": {"profile_not_found", "subsession_not_found", "template_not_found"},
    "CONFLICT": {
        "corrections_used_up",
        "decision_final",
        "profile_exists",
        "extraction_lost",
        "extraction_under_way",
        "liveness_judging_lost",
        "liveness_judging_under_way",
        "status_forbids",
        "upload_spent",
        "workflow_is_draft",
    },
    "PAYLOAD_TOO_LARGE": {"file_too_large"},
}


def leaves(kind):
    below = kind.__subclasses__()
    return [leaf for one in below for leaf in leaves(one)] if below else [kind]


def test_every_refusal_has_a_published_code_and_a_reason_of_its_own():
    for module in pkgutil.walk_packages(rules.__path__, "frontdesk.kyc.rules."):
        importlib.import_module(module.name)
    found = [one for one in leaves(Refusal) if one.__module__.startswith("frontdesk.kyc.rules.")]
    by_code = {code: {one.reason for one in found if one.code == code} for code in PINNED}
    assert by_code == PINNED
    assert len({one.reason for one in found}) == len(found)
