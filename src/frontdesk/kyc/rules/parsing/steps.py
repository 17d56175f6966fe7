"""Reading steps: what they ask for, and in which order."""

import re
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from frontdesk.kyc.model.definition import (
    STEP_TYPES,
    DocumentRequirement,
    PostUploadValidation,
    Step,
    SubsessionConfig,
)
from frontdesk.kyc.model.findings import CHECKS
from frontdesk.kyc.model.liveness import CHALLENGE_TYPES, PROVIDERS, LivenessConfig
from frontdesk.kyc.rules.fields.countries import COUNTRIES
from frontdesk.kyc.rules.parsing.fields import read_fields
from frontdesk.kyc.rules.parsing.logic import read_logic
from frontdesk.kyc.rules.parsing.reader import Reader
from frontdesk.kyc.rules.upload import EXTENSIONS

MOST_STEPS = 100
SMALLEST_FACE_PX = 112
"""As large as the picture that a face is recognised by: anything smaller would be blown up."""
ON_FAIL = ("flag", "manual_review")
"""What a check that a validation step runs and that does not pass leads to."""
_DOCUMENT_TYPE = re.compile(r"[a-z0-9_]{1,64}")
_DAYS = {"expires_after_days", "issued_within_days"}
_CHECKS = {*_DAYS, "not_expired", "mrz_valid", "min_confidence", "country_in", "name_matches_field", "face_present"}


def read_steps(owner: Reader, new_id: Callable[[], str]) -> tuple[Step, ...]:
    """All steps in their order; ids of steps, fields and field keys are unique in the workflow."""
    readers = _in_order(owner)
    known: set[tuple[str | None, str]] = set()
    steps: list[Step] = []
    step_ids: set[str] = set()
    keys: set[str] = set()
    for place, reader in enumerate(readers, 1):
        step = _read_step(reader, place, known, new_id)
        if step is None:
            continue
        if step.step_id in step_ids:
            reader.fault("step_id", "is used twice")
        step_ids.add(step.step_id)
        for field in step.custom_fields:
            if field.field_key is not None and field.field_key in keys:
                reader.fault("custom_fields", f"field_key {field.field_key} is used twice")
            keys.add(field.key)
            known |= {(step.step_id, field.field_id), (None, field.field_id)}
        steps.append(step)
    _check_name_matches(readers, known)
    return tuple(steps)


def _in_order(owner: Reader) -> list[Reader]:
    """Either no step has an order, or together they have 1 to n."""
    readers = owner.objects("steps", MOST_STEPS)
    if not owner.body.get("steps"):
        owner.fault("steps", "must have at least one step")
    orders = [one.whole("order", 1, MOST_STEPS) for one in readers]
    if not any(one.has("order") for one in readers):
        return readers
    if sorted(one or 0 for one in orders) != list(range(1, len(readers) + 1)):
        owner.fault("steps", f"order must be 1 to {len(readers)} without gaps, or absent everywhere")
        return readers
    return sorted(readers, key=lambda one: int(one.body["order"]))


def _read_step(
    reader: Reader, order: int, known: set[tuple[str | None, str]], new_id: Callable[[], str]
) -> Step | None:
    if not reader.has("step_id"):
        reader.fault("step_id", "is required")
    step_id = reader.identifier("step_id")
    name = reader.text("name", 200, required=True)
    kind = reader.choice("type", STEP_TYPES, required=True)
    logic = read_logic(reader, known)
    fields = read_fields(reader, "custom_fields", known, new_id, step_id=step_id or "")
    requirements = _read_requirements(reader)
    types = tuple(one for one in reader.texts("document_types") if _is_type(reader, "document_types", one))
    config = _read_subsessions(reader)
    liveness, selfie = _read_liveness(reader), _read_selfie(reader, kind)
    checks = reader.texts("checks", allowed=CHECKS)
    on_fail = reader.choice("on_fail", ON_FAIL)
    texts = {key: reader.text(key, 5000) for key in ("description", "instructions", "tooltip")}
    required = reader.flag("required", True)
    if kind is not None:
        _check_contents(reader, kind, bool(fields), bool(requirements or types), config)
        _check_validation(reader, kind, bool(checks or on_fail))
    if step_id is None or name is None or kind is None:
        return None
    return Step(
        step_id=step_id,
        order=order,
        name=name,
        type=kind,
        required=required,
        document_types=types,
        document_requirements=requirements,
        custom_fields=fields,
        subsession_config=config,
        checks=checks,
        on_fail=(on_fail or "flag") if kind == "validation" else None,
        conditional_logic=logic,
        liveness_config=(liveness or LivenessConfig()) if kind == "liveness" else None,
        min_face_size_px=selfie[0],
        use_for_face_match=selfie[1],
        **texts,
    )


def _check_contents(reader: Reader, kind: str, fields: bool, documents: bool, config: SubsessionConfig | None) -> None:
    if fields and kind != "form_fill":
        reader.fault("custom_fields", "only form_fill steps have fields")
    if documents and kind != "document_upload":
        reader.fault("document_requirements", "only document_upload steps ask for documents")
    if kind == "document_upload" and not documents and not reader.body.get("document_requirements"):
        reader.fault("document_requirements", "must ask for at least one document")
    if kind != "liveness" and reader.has("liveness_config"):
        reader.fault("liveness_config", "only liveness steps have it")
    if config is not None and kind != "subsession_collection":
        reader.fault("subsession_config", "only subsession_collection steps have it")
    if config is None and kind == "subsession_collection" and not reader.has("subsession_config"):
        reader.fault("subsession_config", "is required")


def _check_validation(reader: Reader, kind: str, configured: bool) -> None:
    if configured and kind != "validation":
        reader.fault("checks", "only validation steps run checks")


def _read_requirements(owner: Reader) -> tuple[DocumentRequirement, ...]:
    found: list[DocumentRequirement] = []
    for reader in owner.objects("document_requirements", 50):
        kind = reader.text("document_type", 64, required=True)
        if kind is not None and not _is_type(reader, "document_type", kind):
            kind = None
        if any(one.document_type == kind for one in found):
            reader.fault("document_type", "is asked for twice in this step")
        requirement = DocumentRequirement(
            document_type=kind or "other",
            display_name=reader.text("display_name", 200) or reader.text("label", 200),
            required=reader.flag("required", True),
            auto_extract=reader.flag("auto_extract"),
            allow_multiple=reader.flag("allow_multiple"),
            enable_auto_classification=reader.flag("enable_auto_classification"),
            extraction_profile=reader.text("extraction_profile", 100),
            post_upload_validations=_read_checks(reader),
            entity_role=reader.text("entity_role", 64) or "self",
            accepted_mime_types=reader.texts("accepted_mime_types", allowed=EXTENSIONS),
            max_size_mb=reader.number("max_size_mb", 0.01, 100) or 10,
            max_files=reader.whole("max_files", 1, 100) or 10,
            sides=reader.whole("sides", 1, 2) or 1,
        )
        found.append(requirement)
    return tuple(found)


def _is_type(reader: Reader, key: str, document_type: str) -> bool:
    if _DOCUMENT_TYPE.fullmatch(document_type):
        return True
    reader.fault(key, "document types are 1 to 64 of a-z, 0-9 and _")
    return False


def _read_checks(owner: Reader) -> tuple[PostUploadValidation, ...]:
    found: list[PostUploadValidation] = []
    for reader in owner.objects("post_upload_validations", 20):
        kind = reader.choice("type", _CHECKS, required=True)
        on_fail = reader.choice("on_fail", ("reject", "flag")) or "flag"
        below = reader.object("params") or Reader({}, reader.at("params"), reader.faults)
        if kind is not None:
            found.append(PostUploadValidation(kind, _read_params(below, kind), on_fail))
    return tuple(found)


def _read_params(reader: Reader, kind: str) -> dict[str, Any]:
    if kind in _DAYS:
        found: dict[str, Any] = {"days": reader.whole("days", 0, 36_500)}
    elif kind == "min_confidence":
        found = {"min_confidence": reader.number("min_confidence", 0, 1)}
    elif kind == "country_in":
        found = {"countries": list(reader.texts("countries", allowed=COUNTRIES, most=300)) or None}
    elif kind == "name_matches_field":
        found = {"field_id": reader.identifier("field_id")}
    else:
        return {}
    for key, value in found.items():
        if value is None and not reader.has(key):
            reader.fault(key, "is required")
    return {key: value for key, value in found.items() if value is not None}


def _check_name_matches(readers: list[Reader], known: set[tuple[str | None, str]]) -> None:
    """A document may be compared with a name that is entered in any step."""
    quiet: list[dict[str, str]] = []
    for step in readers:
        for asked in Reader(step.body, step.path, quiet).objects("document_requirements", 50):
            for check in asked.objects("post_upload_validations", 20):
                params = check.object("params")
                named = params.body.get("field_id") if params is not None else None
                if check.body.get("type") != "name_matches_field" or not isinstance(named, str):
                    continue
                if (None, named) not in known:
                    step.faults.append(
                        {"path": check.at("params.field_id"), "message": "must be a field of this workflow"}
                    )


def _read_subsessions(owner: Reader) -> SubsessionConfig | None:
    reader = owner.object("subsession_config")
    if reader is None:
        return None
    workflow_id = reader.text("workflow_id", 64, required=True)
    low = reader.whole("min_required", 0, 1000)
    high = reader.whole("max_allowed", 1, 1000)
    config = SubsessionConfig(
        workflow_id=workflow_id or "",
        category=reader.text("category", 64),
        tag=reader.text("tag", 64),
        min_required=low or 0,
        max_allowed=high or 10,
        require_completion_before_proceed=reader.flag("require_completion_before_proceed")
        or owner.flag("require_completion_before_proceed"),
        ttl_days=reader.whole("ttl_days", 1, 90),
        label_placeholder=reader.text("label_placeholder", 200),
    )
    reader.in_order("min_required", "max_allowed", config.min_required, config.max_allowed)
    return replace(config, tag=config.tag or config.category)


def _read_liveness(owner: Reader) -> LivenessConfig | None:
    reader = owner.object("liveness_config")
    if reader is None:
        return None
    least, retries = reader.number("min_confidence", 0, 100), reader.whole("max_retries", 0, 10)
    return LivenessConfig(
        min_confidence=90 if least is None else least,
        challenge_type=reader.choice("challenge_type", CHALLENGE_TYPES) or CHALLENGE_TYPES[0],
        save_reference_image=reader.flag("save_reference_image", True),
        use_for_face_match=reader.flag("use_for_face_match", True),
        max_retries=3 if retries is None else retries,
        provider=reader.choice("provider", PROVIDERS),
    )


def _read_selfie(reader: Reader, kind: str | None) -> tuple[int, bool] | tuple[None, None]:
    if kind == "selfie":
        size = reader.whole("min_face_size_px", 20, 4000)
        return SMALLEST_FACE_PX if size is None else size, reader.flag("use_for_face_match", True)
    for key in ("min_face_size_px", "use_for_face_match"):
        if kind is not None and reader.has(key):
            reader.fault(key, "only selfie steps have it")
    return None, None
