"""What the tenant's backend and staff do with sessions."""

from datetime import UTC, datetime
from functools import partial

from frontdesk.basics.clock import to_micros, unix
from frontdesk.kernel.idempotency import Claim
from frontdesk.kyc.model.session import LIFECYCLE
from frontdesk.kyc.rules.corrections import Demand
from frontdesk.kyc.rules.decision import Rejection
from frontdesk.kyc.rules.links import DEFAULT_TTL_DAYS, LifeInvalid
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.service import erasing, opening, reviewing, subsessions
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.service.opening import Wish
from frontdesk.kyc.service.reviewing import Decision, Detail, Dossier, Query
from frontdesk.kyc.service.subsessions import Caller, Plan
from frontdesk.kyc.wire import admin, answers, requests, shown_to_staff
from frontdesk.web import paging
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam
from frontdesk.web.problems import InvalidQuery

from .calls import of_staff, page_start, success
from .storage import download_address

_SESSIONS = "/kyc/sessions"
_ONE = "/kyc/sessions/{session_id}"
_LATEST_SECOND = 253_402_300_799


class KeyInvalid(Invalid):
    """The Idempotency-Key is none."""

    reason = "key_invalid"


class Sessions:
    """The calls on sessions, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def create(self, call: Call) -> Answer:
        body = await call.json(requests.CreateSession)
        wish = Wish(body.workflow_id, body.ttl_days, body.metadata, body.client_id, body.customer_id)
        key = call.header("idempotency-key")
        claim = None
        if key is not None:
            if not 1 <= len(key) <= 255:
                raise KeyInvalid("Idempotency-Key must have 1 to 255 characters")
            claim = Claim(call.caller.tenant_id, "POST /kyc/sessions", key, await call.body())
        opened = await opening.create_session(self._needs, call.caller.tenant_id, wish, claim)
        return success(call, self._needs.clock, answers.session_opened(opened), 201)

    async def list(self, call: Call) -> Answer:
        page = paging.page_in(call.query, keys=2)
        query = _query(call, page)
        now = self._needs.clock.now()
        found = await reviewing.listed(self._needs, query, call.query.get("client_id") or None)
        lines = [admin.session_summary(one, now) for one in found[: page.limit]]
        cursor = None
        if len(found) > page.limit:
            cursor = paging.cursor_of(*_place(found[page.limit - 1]))
        content = {"sessions": lines, "count": len(lines), "cursor": cursor, "has_more": cursor is not None}
        return success(call, self._needs.clock, content)

    async def get(self, call: Call) -> Answer:
        detail = await reviewing.detail(
            self._needs,
            call.caller.tenant_id,
            call.path["session_id"],
            with_link="kyc:create" in call.caller.permissions,
        )
        return self._detail(call, detail)

    async def decide(self, call: Call) -> Answer:
        body = await call.json(requests.PatchSession)
        more = Rejection(body.reason_code, body.customer_message, body.outcome)
        made = Decision(body.status, body.reason, body.notes, body.metadata, more)
        tenant_id, session_id = call.caller.tenant_id, call.path["session_id"]
        await reviewing.decide(self._needs, tenant_id, session_id, made, f"key {call.caller.key_id}")
        return await self.get(call)

    async def delete(self, call: Call) -> Answer:
        session_id = call.path["session_id"]
        await erasing.erase(self._needs, call.caller.tenant_id, session_id, f"key {call.caller.key_id}")
        return success(call, self._needs.clock, {"session_id": session_id, "deleted": True})

    async def generate_link(self, call: Call) -> Answer:
        body = await call.json(requests.GenerateLink)
        made = await reviewing.generate_link(self._needs, call.caller.tenant_id, call.path["session_id"], body.ttl_days)
        content = {
            "session_id": made.session_id,
            "access_token": made.access_token,
            "access_link": made.access_link,
            "expires_at": unix(made.expires_at),
        }
        return success(call, self._needs.clock, content)

    async def extend(self, call: Call) -> Answer:
        body = await call.json(requests.Extend)
        until = None if body.expires_at is None else _instant(body.expires_at)
        session_id = call.path["session_id"]
        end = await reviewing.extend(
            self._needs, call.caller.tenant_id, session_id, ttl_days=body.ttl_days, expires_at=until
        )
        return success(call, self._needs.clock, {"session_id": session_id, "expires_at": unix(end)})

    async def request_corrections(self, call: Call) -> Answer:
        body = await call.json(requests.Corrections)
        demands = [
            Demand(
                one.step_id,
                one.message,
                tuple(one.field_ids or ()),
                tuple(one.document_types or ()),
                one.internal_note,
                one.reason_code,
            )
            for one in body.corrections
        ]
        dossier, _ = await reviewing.request_corrections(
            self._needs,
            call.caller.tenant_id,
            call.path["session_id"],
            demands,
            DEFAULT_TTL_DAYS if body.ttl_days is None else body.ttl_days,
            f"key {call.caller.key_id}",
        )
        content = {
            "session_id": dossier.session.id,
            "status": dossier.progress.status,
            "expires_at": unix(dossier.progress.expires_at),
            "correction_requests": [admin.correction(one) for one in dossier.progress.corrections],
        }
        return success(call, self._needs.clock, content)

    async def document_url(self, call: Call) -> Answer:
        found = await reviewing.document_download(
            self._needs,
            call.caller.tenant_id,
            call.path["session_id"],
            call.path["doc_id"],
            f"key {call.caller.key_id}",
        )
        url, expires_at = download_address(self._needs, found)
        content = {
            "doc_id": found.doc_id,
            "url": url,
            "file_name": found.file_name,
            "mime_type": found.mime_type,
            "expires_at": expires_at,
        }
        return success(call, self._needs.clock, content)

    async def create_subsession(self, call: Call) -> Answer:
        body = await call.json(requests.AdminSubsession)
        plan = Plan(body.step_id, body.label, body.metadata, body.ttl_days, body.workflow_id)
        opened = await subsessions.create(self._needs, _staff(call), plan)
        return success(call, self._needs.clock, answers.subsession_created(opened, for_staff=True), 201)

    async def list_subsessions(self, call: Call) -> Answer:
        shown, counts = await subsessions.listed(self._needs, _staff(call), call.query.get("step_id") or None)
        return success(call, self._needs.clock, answers.subsession_list(shown, counts))

    async def regenerate_subsession(self, call: Call) -> Answer:
        body = await call.json(requests.GenerateLink)
        renewed = await subsessions.regenerate(self._needs, _staff(call), call.path["sub_id"], body.ttl_days)
        return success(call, self._needs.clock, answers.link_renewed(renewed, for_staff=True))

    async def delete_subsession(self, call: Call) -> Answer:
        by = f"key {call.caller.key_id}"
        await subsessions.delete(self._needs, _staff(call), call.path["sub_id"], by)
        return success(call, self._needs.clock, answers.SubsessionDeleted(call.path["sub_id"]))

    def _detail(self, call: Call, detail: Detail) -> Answer:
        return success(call, self._needs.clock, admin.session_detail(detail, self._needs.clock.now()))


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on sessions."""
    calls = Sessions(needs)

    line = partial(of_staff, "KYC sessions")
    step = (QueryParam("step_id", "Only the subsessions of this step"),)
    return (
        line(
            "POST",
            _SESSIONS,
            calls.create,
            "Open a session",
            "kyc:create",
            answers.SessionOpened,
            status=201,
            body=requests.CreateSession,
        ),
        line(
            "GET",
            _SESSIONS,
            calls.list,
            "List sessions",
            "kyc:read",
            shown_to_staff.SessionPage,
            query=_list_parameters(),
        ),
        line("GET", _ONE, calls.get, "One session with everything in it", "kyc:read", shown_to_staff.SessionShown),
        line(
            "PATCH", _ONE, calls.decide, "Decide", "kyc:review", shown_to_staff.SessionShown, body=requests.PatchSession
        ),
        line("DELETE", _ONE, calls.delete, "Erase", "kyc:delete", shown_to_staff.SessionErased),
        line(
            "POST",
            _ONE + "/generate-link",
            calls.generate_link,
            "A new access link",
            "kyc:create",
            shown_to_staff.SessionLink,
            body=requests.GenerateLink,
            open_body=True,
        ),
        line(
            "POST",
            _ONE + "/extend",
            calls.extend,
            "Prolong the link",
            "kyc:create",
            shown_to_staff.LinkExtended,
            body=requests.Extend,
        ),
        line(
            "POST",
            _ONE + "/corrections",
            calls.request_corrections,
            "Ask the customer for corrections",
            "kyc:review",
            shown_to_staff.CorrectionsAsked,
            body=requests.Corrections,
        ),
        line(
            "GET",
            _ONE + "/documents/{doc_id}/url",
            calls.document_url,
            "A short-lived address of a document",
            "kyc:read",
            shown_to_staff.DocumentAddress,
        ),
        line(
            "POST",
            _ONE + "/subsessions",
            calls.create_subsession,
            "Open a subsession",
            "kyc:create",
            answers.SubsessionCreated,
            status=201,
            body=requests.AdminSubsession,
        ),
        line(
            "GET",
            _ONE + "/subsessions",
            calls.list_subsessions,
            "List subsessions",
            "kyc:read",
            answers.SubsessionList,
            query=step,
        ),
        line(
            "POST",
            _ONE + "/subsessions/{sub_id}/regenerate-link",
            calls.regenerate_subsession,
            "A new link for a subsession",
            "kyc:create",
            answers.LinkRenewed,
            body=requests.GenerateLink,
            open_body=True,
        ),
        line(
            "DELETE",
            _ONE + "/subsessions/{sub_id}",
            calls.delete_subsession,
            "Delete an unfinished subsession",
            "kyc:create",
            answers.SubsessionDeleted,
        ),
    )


def _list_parameters() -> tuple[QueryParam, ...]:
    return (
        *paging.PAGE_QUERY,
        QueryParam("status", "Only sessions in this status"),
        QueryParam("workflow_id", "Only sessions of this workflow"),
        QueryParam("customer_id", "Only sessions of this customer"),
        QueryParam("client_id", "Only sessions of the customer with this key of the tenant's own"),
        QueryParam("expired", "`true` or `false`: only those whose link has expired, or has not"),
        QueryParam("created_from", "Opened at this Unix second or later", int),
        QueryParam("created_to", "Opened before this Unix second", int),
        QueryParam("parent_session_id", "Only subsessions of this session; `none` (the default) for top-level ones"),
    )


def _staff(call: Call) -> Caller:
    return Caller(None, call.caller.tenant_id, call.path["session_id"])


def _query(call: Call, page: paging.Page) -> Query:
    asked = call.query
    status = asked.get("status") or None
    if status is not None and status not in LIFECYCLE.statuses:
        raise InvalidQuery("status", f"one of {', '.join(sorted(LIFECYCLE.statuses))}")
    expired = asked.get("expired") or None
    if expired not in (None, "true", "false"):
        raise InvalidQuery("expired", "true or false")
    parent = asked.get("parent_session_id") or "none"
    return Query(
        call.caller.tenant_id,
        0,
        page_start(page),
        page.limit + 1,
        page.descending,
        status,
        asked.get("workflow_id") or None,
        asked.get("customer_id") or None,
        None if parent == "none" else parent,
        expired=None if expired is None else expired == "true",
        created_from=_second(asked.get("created_from"), "created_from"),
        created_to=_second(asked.get("created_to"), "created_to"),
    )


def _place(dossier: Dossier) -> tuple[int, str]:
    return to_micros(dossier.session.created_at), dossier.session.id


def _second(text: str | None, name: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= _LATEST_SECOND):
        raise InvalidQuery(name, "Unix seconds")
    return int(text) * 1_000_000


def _instant(second: int) -> datetime:
    if not 0 <= second <= _LATEST_SECOND:
        raise LifeInvalid("expires_at must be in Unix seconds")
    return datetime.fromtimestamp(second, UTC)
