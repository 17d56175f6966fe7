"""Administration of keys over HTTP; without an administrator token in the settings these paths do not exist."""

import hmac

from frontdesk.forms.rules.published import inner_id
from frontdesk.forms.rules.refusals import BadRequest
from frontdesk.forms.service import keys
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.wire import requests, work
from frontdesk.web.auth import key_in
from frontdesk.web.endpoint import Answer, Call, Endpoint, Limit, QueryParam
from frontdesk.web.problems import NotFoundPath, Unauthorized

TAG = "Keys"
_OWNER = (QueryParam("owner", "Whose key it is: the tenant's name.", required=True),)
_REFUSALS = (400, 401, 404, 408, 413, 415, 429, 503)
_GUESSES = Limit("forms_keys", 60, 60, "address")


class KeyCalls:
    """The calls, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def create(self, call: Call) -> Answer:
        self._admit(call)
        body = await call.json(requests.KeyBody)
        return Answer(201, work.new_key(await keys.create(self._needs, body.owner, body.label)))

    async def list(self, call: Call) -> Answer:
        self._admit(call)
        owner = _owner_in(call)
        found = await keys.listed(self._needs, owner)
        return Answer(200, work.KeyList([work.key(entry, owner) for entry in found]))

    async def switch(self, call: Call) -> Answer:
        self._admit(call)
        body = await call.json(requests.KeyPatch)
        if body.action not in ("enable", "disable") and (body.action is not None or body.label is None):
            raise BadRequest("action must be enable or disable, or label given")
        return await self._switched(call, body.action, body.label)

    async def revoke(self, call: Call) -> Answer:
        self._admit(call)
        return await self._switched(call, "revoke")

    async def _switched(self, call: Call, action: str | None, label: str | None = None) -> Answer:
        owner = _owner_in(call)
        entry = await keys.switch(self._needs, owner, inner_id(call.path["key_id"], "key"), action, label)
        return Answer(200, work.key(entry, owner))

    def _admit(self, call: Call) -> None:
        wanted = self._needs.admin_token
        if not wanted:
            raise NotFoundPath
        given = key_in(call.header("authorization")) or ""
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Unauthorized


def _owner_in(call: Call) -> str:
    owner = call.query.get("owner", "").strip()
    if not owner:
        raise BadRequest("owner is missing")
    return owner


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls."""
    calls = KeyCalls(needs)
    one = "/keys/{key_id}"
    told = "Needs the administrator token of the settings as Bearer."
    return (
        Endpoint(
            "POST", "/keys", calls.create, "Make a key", TAG, body=requests.KeyBody, answers={201: work.KeyShown},
            refusals=_REFUSALS, auth="none", description=told, limit=_GUESSES,
        ),
        Endpoint(
            "GET", "/keys", calls.list, "List an owner's keys", TAG, answers={200: work.KeyList},
            refusals=_REFUSALS, auth="none", query=_OWNER, description=told, limit=_GUESSES,
        ),
        Endpoint(
            "PATCH", one, calls.switch, "Enable, disable or rename a key", TAG, body=requests.KeyPatch, query=_OWNER,
            answers={200: work.KeyShown}, refusals=_REFUSALS, auth="none", description=told, limit=_GUESSES,
        ),
        Endpoint(
            "DELETE", one, calls.revoke, "Revoke a key for good", TAG, answers={200: work.KeyShown}, query=_OWNER,
            refusals=_REFUSALS, auth="none", description=told, limit=_GUESSES,
        ),
    )  # fmt: skip
