"""What staff do with extraction profiles."""

from typing import Any

from frontdesk.kyc.service import profiles
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.wire import admin, requests
from frontdesk.kyc.wire.answers import Anything
from frontdesk.kyc.wire.shown_to_staff import ProfileDeleted, ProfileKept, ProfilePage
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .calls import of_workflows, success

_ALL = "/kyc/extraction-profiles"
_ONE = "/kyc/extraction-profiles/{profile_id}"


class Profiles:
    """The calls on profiles, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def create(self, call: Call) -> Answer:
        # The body is judged by the rules, which report every fault at once and not only the first.
        made = await profiles.create(self._needs, call.caller.tenant_id, await call.json(Anything))
        return success(call, self._needs.clock, admin.profile(made), 201)

    async def list(self, call: Call) -> Answer:
        lines = [admin.profile(one) for one in await profiles.listed(self._needs, call.caller.tenant_id)]
        content = {"extraction_profiles": lines, "count": len(lines), "cursor": None, "has_more": False}
        return success(call, self._needs.clock, content)

    async def get(self, call: Call) -> Answer:
        found = await profiles.load(self._needs, call.caller.tenant_id, call.path["profile_id"])
        return success(call, self._needs.clock, admin.profile(found))

    async def replace(self, call: Call) -> Answer:
        body = await call.json(Anything)
        made = await profiles.replace(self._needs, call.caller.tenant_id, call.path["profile_id"], body)
        return success(call, self._needs.clock, admin.profile(made))

    async def delete(self, call: Call) -> Answer:
        profile_id = call.path["profile_id"]
        await profiles.delete(self._needs, call.caller.tenant_id, profile_id)
        return success(call, self._needs.clock, {"profile_id": profile_id, "deleted": True})


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on profiles."""
    calls = Profiles(needs)

    def line(
        method: str, path: str, run: Any, summary: str, permission: str, content: Any = ProfileKept, **more: Any
    ) -> Endpoint:
        return of_workflows(method, path, run, summary, permission, content, **more)

    return (
        line(
            "POST", _ALL, calls.create, "Create a recipe for reading papers", "kyc:create", status=201,
            body=requests.ProfileBody,
        ),
        line("GET", _ALL, calls.list, "List the recipes", "kyc:read", ProfilePage),
        line("GET", _ONE, calls.get, "One recipe", "kyc:read"),
        line("PUT", _ONE, calls.replace, "Replace a recipe", "kyc:create", body=requests.ProfileBody),
        line("DELETE", _ONE, calls.delete, "Delete a recipe", "kyc:create", ProfileDeleted),
    )  # fmt: skip
