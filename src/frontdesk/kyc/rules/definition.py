"""Workflows as they are saved: the whole body is judged, and every fault told at once."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from frontdesk.kyc.model.definition import Definition
from frontdesk.kyc.rules.fields.around import BadValueError
from frontdesk.kyc.rules.fields.texts import absolute_url
from frontdesk.kyc.rules.parsing.fields import MOST_FIELDS
from frontdesk.kyc.rules.parsing.reader import Reader
from frontdesk.kyc.rules.parsing.steps import MOST_STEPS, read_steps
from frontdesk.kyc.rules.parsing.validation import read_validation
from frontdesk.kyc.rules.public_state import BRANDING
from frontdesk.kyc.rules.refusals import Invalid

TEMPLATE_TYPES = ("basic-kyc", "company-kyc", "merchant-onboarding", "pep-enhanced", "custom")
ENTITY_TYPES = ("individual", "company", "both")
_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")


class InvalidWorkflow(Invalid):
    """The body is not a workflow; `details["errors"]` lists every fault with its path."""

    reason: ClassVar[str] = "invalid_workflow"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        where = f"{first['path']}: " if first["path"] else ""
        super().__init__(f"Invalid workflow: {where}{first['message']}{more}", details={"errors": errors})


def parse_workflow(
    body: Mapping[str, Any],
    *,
    workflow_exists: Mapping[str, tuple[str, ...] | None],
    new_id: Callable[[], str],
    workflow_id: str | None = None,
    profiles: Collection[str] = (),
) -> Definition:
    """The definition that a body describes. Raises `InvalidWorkflow`.

    `workflow_exists` gives, for every workflow that can be reached from this one, those that it opens
    subsessions of, and None for one that is unknown. `workflow_id` is that of the workflow being replaced.
    `new_id` makes the field ids that are missing. `profiles` are the extraction profiles that there are.
    """
    faults: list[dict[str, str]] = []
    if not isinstance(body, Mapping):
        raise InvalidWorkflow([{"path": "", "message": "must be an object"}])
    reader = Reader(body, "", faults)
    name = reader.text("name", 200, required=True)
    steps = read_steps(reader, new_id)
    fields = [field for step in steps for field in step.custom_fields]
    names = {field.field_id for field in fields} | {field.key for field in fields}
    found = Definition(
        name=name or "",
        steps=steps,
        description=reader.text("description", 2000),
        template_type=reader.choice("template_type", TEMPLATE_TYPES) or "custom",
        entity_types=reader.texts("entity_types", allowed=ENTITY_TYPES),
        industry=reader.text("industry", 100),
        tags=reader.texts("tags", longest=64),
        validation_config=read_validation(reader, names),
        completion_redirect_url=_read_https(reader, "completion_redirect_url"),
        branding=read_branding(reader.object("branding")),
        status=reader.choice("status", ("active", "draft")) or "active",
    )
    _check_references(reader, found, workflow_exists, workflow_id)
    _check_profiles(reader, profiles)
    if faults:
        raise InvalidWorkflow(faults)
    return found


def referred_workflows(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The workflow ids that a body names, before it is judged: what the caller has to look up."""
    steps = body.get("steps")
    configs = [
        step.get("subsession_config")
        for step in (steps if isinstance(steps, list) else [])
        if isinstance(step, Mapping)
    ]
    named = [config.get("workflow_id") for config in configs if isinstance(config, Mapping)]
    return tuple(dict.fromkeys(one.strip() for one in named if isinstance(one, str)))


def read_branding(reader: Reader | None) -> dict[str, str] | None:
    """Colours and a logo; None if there are none."""
    if reader is None:
        return None
    found: dict[str, str] = {}
    for key in BRANDING:
        value = _read_https(reader, key) if key == "logo_url" else reader.text(key, 7)
        if value is None:
            continue
        if key != "logo_url" and not _COLOR.fullmatch(value):
            reader.fault(key, "must be a colour like #10B981")
        found[key] = value
    return found or None


def _read_https(reader: Reader, key: str) -> str | None:
    url = reader.text(key, 2048)
    if url is None:
        return None
    try:
        return absolute_url(url, https_only=True)
    except BadValueError as bad:
        reader.fault(key, str(bad))
        return None


def _check_references(
    reader: Reader,
    found: Definition,
    known: Mapping[str, tuple[str, ...] | None],
    workflow_id: str | None,
) -> None:
    written = reader.body.get("steps")
    places = {
        one["step_id"]: place
        for place, one in enumerate(written if isinstance(written, list) else ())
        if isinstance(one, Mapping) and isinstance(one.get("step_id"), str)
    }
    for step in found.steps:
        if step.subsession_config is None or not step.subsession_config.workflow_id:
            continue
        wanted = step.subsession_config.workflow_id
        path = f"steps[{places[step.step_id]}].subsession_config.workflow_id"
        if wanted == workflow_id or (workflow_id is not None and workflow_id in _reach(wanted, known)):
            reader.fault(path, "must not lead back to this workflow")
        elif known.get(wanted) is None:
            reader.fault(path, "there is no such workflow")


def _check_profiles(reader: Reader, known: Collection[str]) -> None:
    quiet: list[dict[str, str]] = []
    for step in Reader(reader.body, "", quiet).objects("steps", MOST_STEPS):
        for asked in (*step.objects("document_requirements", 50), *step.objects("custom_fields", MOST_FIELDS)):
            name = asked.body.get("extraction_profile")
            if isinstance(name, str) and name.strip() not in known:
                path = asked.at("extraction_profile")
                reader.faults.append({"path": path, "message": "there is no such extraction profile"})


def _reach(start: str, known: Mapping[str, tuple[str, ...] | None]) -> set[str]:
    """Every workflow that can be reached from one."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for one in known.get(waiting.pop()) or ():
            if one not in reached:
                reached.add(one)
                waiting.append(one)
    return reached
