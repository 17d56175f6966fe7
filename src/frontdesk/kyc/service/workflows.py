"""Workflows: written, versioned, listed and hidden by the tenant's staff."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from frontdesk.basics.ids import uuid4, uuid7
from frontdesk.kernel import change as changes
from frontdesk.kyc.model.definition import Definition
from frontdesk.kyc.rules.definition import parse_workflow, referred_workflows
from frontdesk.kyc.rules.refusals import NotFound
from frontdesk.kyc.rules.templates import template_body
from frontdesk.kyc.service import profiles
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.store import workflows as store
from frontdesk.kyc.store.workflows import Version, Workflow

__all__ = ["Version", "Whole", "Workflow"]


class WorkflowNotFound(NotFound):
    """The tenant has no such workflow."""

    reason: ClassVar[str] = "workflow_not_found"

    def __init__(self) -> None:
        super().__init__("Workflow not found")


class Whole(msgspec.Struct, frozen=True):
    """A workflow with the definition of its newest version."""

    head: Workflow
    definition: Definition


async def create(needs: Needs, tenant_id: str, body: Mapping[str, Any], by: str) -> Whole:
    """Keep a new workflow. Raises `InvalidWorkflow` with every fault at once."""
    now = needs.clock.now()
    workflow_id = uuid4()
    known = await _reachable(needs, tenant_id, body)
    recipes = await profiles.names(needs, tenant_id)
    definition = parse_workflow(
        body, new_id=_field_id, workflow_exists=known, workflow_id=workflow_id, profiles=recipes
    )
    await needs.db.commit(store.inserted(workflow_id, tenant_id, definition, by, now))
    return Whole(Workflow(workflow_id, tenant_id, definition.status, 1, now, now), definition)


async def create_from_template(
    needs: Needs,
    tenant_id: str,
    kind: str,
    by: str,
    *,
    name: str,
    overrides: Mapping[str, Any] | None,
    subsession_workflow_id: str | None,
) -> Whole:
    """Keep a workflow made from one of the templates. Raises `TemplateNotFound`, `InvalidWorkflow`."""
    wanted = template_body(kind, name=name, overrides=overrides, subsession_workflow_id=subsession_workflow_id)
    return await create(needs, tenant_id, wanted, by)


async def replace(needs: Needs, tenant_id: str, workflow_id: str, body: Mapping[str, Any], by: str) -> Whole:
    """Keep a further version. Sessions that are open go on with theirs."""

    async def turn() -> Whole:
        read = await _head(needs, tenant_id, workflow_id)
        now = needs.clock.now()
        known = await _reachable(needs, tenant_id, body)
        recipes = await profiles.names(needs, tenant_id)
        definition = parse_workflow(
            body, new_id=_field_id, workflow_exists=known, workflow_id=workflow_id, profiles=recipes
        )
        await needs.db.commit(store.replaced(read, definition, by, now))
        head = Workflow(workflow_id, tenant_id, definition.status, read.version + 1, read.created_at, now)
        return Whole(head, definition)

    return await changes.again(turn)


async def load(needs: Needs, tenant_id: str, workflow_id: str) -> Whole:
    """The newest version. Raises `WorkflowNotFound`."""
    head = await _head(needs, tenant_id, workflow_id)
    return Whole(head, await needs.definitions.load(needs.db, workflow_id, head.version))


async def load_with_settings(needs: Needs, tenant_id: str, workflow_id: str) -> tuple[Whole, dict[str, Any], int]:
    """The newest version with the tenant's settings and version. Raises `WorkflowNotFound`."""
    found = await store.load_with_settings(needs.db, workflow_id, tenant_id)
    if found is None:
        raise WorkflowNotFound
    head, settings, tenant_version = found
    return Whole(head, await needs.definitions.load(needs.db, workflow_id, head.version)), settings, tenant_version


async def listed(
    needs: Needs, tenant_id: str, after: tuple[int, str], *, newest_first: bool, limit: int
) -> list[Whole]:
    """One page of the tenant's workflows."""
    heads = await store.listed(needs.db, tenant_id, after, newest_first=newest_first, limit=limit)
    return [Whole(head, await needs.definitions.load(needs.db, head.workflow_id, head.version)) for head in heads]


async def versions(needs: Needs, tenant_id: str, workflow_id: str) -> tuple[Workflow, list[Version]]:
    """The workflow and all of its versions, the newest first."""
    head = await _head(needs, tenant_id, workflow_id)
    return head, await store.versions(needs.db, workflow_id)


async def delete(needs: Needs, tenant_id: str, workflow_id: str) -> None:
    """Open no further sessions with it; those that are open go on."""

    async def turn() -> None:
        await _head(needs, tenant_id, workflow_id)
        await needs.db.commit([store.deleted(workflow_id, tenant_id, needs.clock.now())])

    await changes.again(turn)


async def _head(needs: Needs, tenant_id: str, workflow_id: str) -> Workflow:
    head = await store.load(needs.db, workflow_id, tenant_id)
    if head is None:
        raise WorkflowNotFound
    return head


async def _reachable(needs: Needs, tenant_id: str, body: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Every workflow of the tenant that the body leads to, with those that it leads to in turn."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = list(referred_workflows(body))
    while waiting:
        workflow_id = waiting.pop()
        if workflow_id in found:
            continue
        head = await store.load(needs.db, workflow_id, tenant_id)
        if head is None:
            continue
        definition = await needs.definitions.load(needs.db, workflow_id, head.version)
        found[workflow_id] = definition.subsession_workflows
        waiting.extend(definition.subsession_workflows)
    return found


def _field_id() -> str:
    return f"field_{uuid7()[-12:]}"
