"""Workflows and their versions. A version never changes, so a parsed one is kept in memory."""

import json
from collections import OrderedDict
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.kernel import tenants
from frontdesk.kyc.model.definition import Definition
from frontdesk.kyc.model.definition_dict import definition_from_dict, definition_to_dict
from frontdesk.ports.db import Db, Write

INSERT = """
INSERT INTO kyc_workflows (id, tenant_id, status, version, created_at, updated_at) VALUES ($1, $2, $3, 1, $4, $4)
"""
UPDATE = """
UPDATE kyc_workflows SET version = version + 1, status = $4, updated_at = $5
WHERE id = $1 AND tenant_id = $2 AND version = $3 AND deleted_at IS NULL
"""
DELETE = "UPDATE kyc_workflows SET deleted_at = $3 WHERE id = $1 AND tenant_id = $2 AND deleted_at IS NULL"
INSERT_VERSION = """
INSERT INTO kyc_workflow_versions (workflow_id, version, definition, created_at, created_by)
VALUES ($1, $2, $3, $4, $5)
"""
_HEAD = "w.id, w.tenant_id, w.status, w.version, w.created_at, w.updated_at"
SELECT = f"""
SELECT {_HEAD} FROM kyc_workflows w WHERE w.id = $1 AND w.tenant_id = $2 AND w.deleted_at IS NULL
"""
SELECT_WITH_SETTINGS = f"""
SELECT {_HEAD}, t.settings, t.version FROM kyc_workflows w JOIN tenants t ON t.id = w.tenant_id
WHERE w.id = $1 AND w.tenant_id = $2 AND w.deleted_at IS NULL
"""
SELECT_NEWER_FIRST = f"""
SELECT {_HEAD} FROM kyc_workflows w
WHERE w.tenant_id = $1 AND (w.created_at, w.id) < ($2, $3) AND w.deleted_at IS NULL
ORDER BY w.created_at DESC, w.id DESC LIMIT $4
"""
SELECT_OLDER_FIRST = f"""
SELECT {_HEAD} FROM kyc_workflows w
WHERE w.tenant_id = $1 AND (w.created_at, w.id) > ($2, $3) AND w.deleted_at IS NULL
ORDER BY w.created_at, w.id LIMIT $4
"""
SELECT_DEFINITION = "SELECT definition FROM kyc_workflow_versions WHERE workflow_id = $1 AND version = $2"
SELECT_VERSIONS = """
SELECT version, created_at, created_by FROM kyc_workflow_versions WHERE workflow_id = $1 ORDER BY version DESC
"""
_KEPT_IN_MEMORY = 500


class Workflow(msgspec.Struct, frozen=True):
    """A workflow's head: which version is the newest one."""

    workflow_id: str
    tenant_id: str
    status: str
    version: int
    created_at: datetime
    updated_at: datetime


class Version(msgspec.Struct, frozen=True):
    """One line of a workflow's history."""

    version: int
    created_at: datetime
    created_by: str


class Definitions:
    """Parsed workflow versions by id and number, the least used ones forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], Definition] = OrderedDict()

    async def load(self, db: Db, workflow_id: str, version: int) -> Definition:
        """A version that is known to exist."""
        key = (workflow_id, version)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        row = await db.one(SELECT_DEFINITION, workflow_id, version)
        if row is None:
            raise LookupError(f"workflow {workflow_id} has lost its version {version}")
        definition = definition_from_dict(json.loads(row[0]))
        self._kept[key] = definition
        if len(self._kept) > _KEPT_IN_MEMORY:
            self._kept.popitem(last=False)
        return definition


def inserted(workflow_id: str, tenant_id: str, definition: Definition, by: str, now: datetime) -> list[Write]:
    """Keep a new workflow with its first version."""
    at = to_micros(now)
    return [
        Write(INSERT, (workflow_id, tenant_id, definition.status, at)),
        Write(INSERT_VERSION, (workflow_id, 1, _text(definition), at, by)),
    ]


def replaced(read: Workflow, definition: Definition, by: str, now: datetime) -> list[Write]:
    """Keep a further version, if nobody did so since `read`."""
    at = to_micros(now)
    return [
        Write(UPDATE, (read.workflow_id, read.tenant_id, read.version, definition.status, at), expect=1),
        Write(INSERT_VERSION, (read.workflow_id, read.version + 1, _text(definition), at, by)),
    ]


def deleted(workflow_id: str, tenant_id: str, now: datetime) -> Write:
    """Hide the workflow; its versions stay for the sessions that were opened with them."""
    return Write(DELETE, (workflow_id, tenant_id, to_micros(now)), expect=1)


async def load(db: Db, workflow_id: str, tenant_id: str) -> Workflow | None:
    """The tenant's workflow unless it was deleted."""
    row = await db.one(SELECT, workflow_id, tenant_id)
    return None if row is None else _workflow(*row)


async def load_with_settings(db: Db, workflow_id: str, tenant_id: str) -> tuple[Workflow, dict[str, Any], int] | None:
    """The tenant's workflow unless it was deleted, the tenant's settings and the tenant's version."""
    row = await db.one(SELECT_WITH_SETTINGS, workflow_id, tenant_id)
    return None if row is None else (_workflow(*row[:6]), tenants.settings_in(row[6]), row[7])


async def listed(db: Db, tenant_id: str, after: tuple[int, str], *, newest_first: bool, limit: int) -> list[Workflow]:
    """The tenant's workflows that come after the instant (microseconds) and id `after`."""
    statement = SELECT_NEWER_FIRST if newest_first else SELECT_OLDER_FIRST
    return [_workflow(*row) for row in await db.all(statement, tenant_id, *after, limit)]


async def versions(db: Db, workflow_id: str) -> list[Version]:
    """Every version, the newest first."""
    return [Version(row[0], from_micros(row[1]), row[2]) for row in await db.all(SELECT_VERSIONS, workflow_id)]


@lru_cache(maxsize=256)
def _workflow(
    workflow_id: str, tenant_id: str, status: str, version: int, created_at: int, updated_at: int
) -> Workflow:
    """The same row comes with every session that is opened."""
    return Workflow(workflow_id, tenant_id, status, version, from_micros(created_at), from_micros(updated_at))


def _text(definition: Definition) -> str:
    return json.dumps(definition_to_dict(definition), separators=(",", ":"), ensure_ascii=False)
