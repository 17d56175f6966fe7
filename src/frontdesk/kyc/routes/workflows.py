"""What staff do with workflows."""

from typing import Any

from frontdesk.basics.clock import to_micros
from frontdesk.kyc.service import workflows
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.service.workflows import Whole
from frontdesk.kyc.wire import admin, requests
from frontdesk.kyc.wire.answers import Anything
from frontdesk.kyc.wire.shown_to_staff import VersionPage, WorkflowDeleted, WorkflowKept, WorkflowPage
from frontdesk.web import paging
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .calls import of_workflows, page_start, success

_ALL = "/kyc/workflows"
_ONE = "/kyc/workflows/{workflow_id}"


class Workflows:
    """The calls on workflows, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def create(self, call: Call) -> Answer:
        # The body is judged by the rules, which report every fault at once and not only the first.
        body = await call.json(Anything)
        whole = await workflows.create(self._needs, call.caller.tenant_id, body, _by(call))
        return success(call, self._needs.clock, admin.workflow(whole), 201)

    async def create_from_template(self, call: Call) -> Answer:
        body = await call.json(requests.TemplateBody)
        whole = await workflows.create_from_template(
            self._needs,
            call.caller.tenant_id,
            call.path["type"],
            _by(call),
            name=body.name or call.path["type"],
            overrides=body.overrides,
            subsession_workflow_id=body.subsession_workflow_id,
        )
        return success(call, self._needs.clock, admin.workflow(whole), 201)

    async def list(self, call: Call) -> Answer:
        page = paging.page_in(call.query, keys=2)
        found = await workflows.listed(
            self._needs,
            call.caller.tenant_id,
            page_start(page),
            newest_first=page.descending,
            limit=page.limit + 1,
        )
        lines = [admin.workflow(one) for one in found[: page.limit]]
        cursor = paging.cursor_of(*_place(found[page.limit - 1])) if len(found) > page.limit else None
        content = {"workflows": lines, "count": len(lines), "cursor": cursor, "has_more": cursor is not None}
        return success(call, self._needs.clock, content)

    async def get(self, call: Call) -> Answer:
        whole = await workflows.load(self._needs, call.caller.tenant_id, call.path["workflow_id"])
        return success(call, self._needs.clock, admin.workflow(whole))

    async def versions(self, call: Call) -> Answer:
        head, found = await workflows.versions(self._needs, call.caller.tenant_id, call.path["workflow_id"])
        lines = [admin.version(one, head) for one in found]
        content = {"versions": lines, "count": len(lines), "cursor": None, "has_more": False}
        return success(call, self._needs.clock, content)

    async def replace(self, call: Call) -> Answer:
        body = await call.json(Anything)
        tenant_id, workflow_id = call.caller.tenant_id, call.path["workflow_id"]
        whole = await workflows.replace(self._needs, tenant_id, workflow_id, body, _by(call))
        return success(call, self._needs.clock, admin.workflow(whole))

    async def delete(self, call: Call) -> Answer:
        workflow_id = call.path["workflow_id"]
        await workflows.delete(self._needs, call.caller.tenant_id, workflow_id)
        return success(call, self._needs.clock, {"workflow_id": workflow_id, "deleted": True})


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on workflows."""
    calls = Workflows(needs)

    def line(
        method: str, path: str, run: Any, summary: str, permission: str, content: Any = WorkflowKept, **more: Any
    ) -> Endpoint:
        return of_workflows(method, path, run, summary, permission, content, **more)

    return (
        line("POST", _ALL, calls.create, "Create", "kyc:create", status=201, body=requests.WorkflowBody),
        line(
            "POST",
            _ALL + "/from-template/{type}",
            calls.create_from_template,
            "Create from a template",
            "kyc:create",
            status=201,
            body=requests.TemplateBody,
            open_body=True,
        ),
        line("GET", _ALL, calls.list, "List", "kyc:read", WorkflowPage, query=paging.PAGE_QUERY),
        line("GET", _ONE, calls.get, "One workflow", "kyc:read"),
        line("GET", _ONE + "/versions", calls.versions, "Its versions", "kyc:read", VersionPage),
        line("PUT", _ONE, calls.replace, "Replace: a new version", "kyc:create", body=requests.WorkflowBody),
        line("DELETE", _ONE, calls.delete, "Delete (open sessions go on)", "kyc:create", WorkflowDeleted),
    )


def _by(call: Call) -> str:
    return f"key {call.caller.key_id}"


def _place(whole: Whole) -> tuple[int, str]:
    return to_micros(whole.head.created_at), whole.head.workflow_id
