"""What the one-agent client calls: an agent's own address, below which its sessions are."""

from frontdesk.agents.routes.events import Events
from frontdesk.agents.routes.sessions import Sessions
from frontdesk.agents.rules.refusals import SessionNotFound
from frontdesk.agents.service import agents, sessions
from frontdesk.agents.service.needs import Needs, owned
from frontdesk.agents.service.sessions import Wish
from frontdesk.agents.wire import answers, requests
from frontdesk.agents.wire import events as events_wire
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam
from frontdesk.web.problems import InvalidQuery
from frontdesk.web.sse import EventStream

from .calls import DEFAULT_LIMIT, MOST, claim_of, number, tenant_of
from .table import line

_AGENT = "/v1/channels/{agent_id}"
_ALL, _ONE = _AGENT + "/sessions", _AGENT + "/sessions/{session_id}"


class Channels:
    """The calls below an agent's address, with what they need."""

    def __init__(self, needs: Needs, of_sessions: Sessions, of_events: Events) -> None:
        self._needs, self._sessions, self._events = needs, of_sessions, of_events

    async def card(self, call: Call) -> Answer:
        whole = await agents.load(self._needs, await tenant_of(call, self._needs), call.path["agent_id"])
        definition = whole.agent.definition
        return Answer(200, answers.Card(whole.agent.id, definition.name, definition.description))

    async def open(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(requests.ChannelSessionBody)
        claim = await claim_of(call, tenant_id, f"POST /v1/channels/{call.path['agent_id']}/sessions")
        wish = Wish(call.path["agent_id"], title=body.title)
        return Answer(201, answers.session(await sessions.create(self._needs, tenant_id, wish, claim)))

    async def list(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        limit = number(call.query, "limit", DEFAULT_LIMIT, least=1, most=MOST)
        token = call.query.get("page_token") or "0"
        if not (token.isascii() and token.isdigit() and len(token) < 10):
            raise InvalidQuery("page_token", "a token that an earlier page gave")
        offset = int(token)
        found, total = await sessions.listed(
            self._needs, tenant_id, call.path["agent_id"], "", offset=offset, limit=limit
        )
        following = str(offset + limit) if offset + limit < total else None
        return Answer(200, answers.ChannelPage([answers.session(one) for one in found], following))

    async def _check(self, call: Call) -> None:
        """Raises `SessionNotFound` for a session of another agent."""
        read = await owned(self._needs, await tenant_of(call, self._needs), call.path["session_id"])
        if read.conversation.agent_id != call.path["agent_id"]:
            raise SessionNotFound

    async def get(self, call: Call) -> Answer:
        await self._check(call)
        return await self._sessions.get(call)

    async def send(self, call: Call) -> Answer:
        await self._check(call)
        return await self._sessions.send(call)

    async def cancel(self, call: Call) -> Answer:
        await self._check(call)
        return await self._sessions.cancel(call)

    async def events(self, call: Call) -> Answer:
        await self._check(call)
        return await self._events.list(call)

    async def stream(self, call: Call) -> EventStream:
        await self._check(call)
        return await self._events.stream(call)


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls below an agent's address."""
    calls, tag = Channels(needs, Sessions(needs), Events(needs)), "Agent channels"
    query = (QueryParam("limit", "Sessions of a page.", int), QueryParam("page_token", "Where the page begins."))
    after = (QueryParam("after_sequence", "Only events with a greater sequence.", int),)
    return (
        line("GET", _AGENT, calls.card, "The agent's card", tag, {200: answers.Card}),
        line(
            "POST",
            _ALL,
            calls.open,
            "Open a session",
            tag,
            {201: answers.Session},
            body=requests.ChannelSessionBody,
            open_body=True,
        ),
        line("GET", _ALL, calls.list, "Its sessions", tag, {200: answers.ChannelPage}, query=query),
        line("GET", _ONE, calls.get, "One session", tag, {200: answers.Session}),
        line(
            "POST",
            _ONE + "/messages",
            calls.send,
            "Say something",
            tag,
            {201: answers.MessageAnswer},
            body=requests.MessageBody,
        ),
        line("POST", _ONE + "/cancel", calls.cancel, "Stop the turn", tag, {200: answers.Cancelled}, raw_body=True),
        line("GET", _ONE + "/events", calls.events, "Its events", tag, {200: events_wire.EventList}, query=after),
        line(
            "GET",
            _ONE + "/sse",
            calls.stream,
            "Its events, live",
            tag,
            {200: str},
            query=after,
            answer_type="text/event-stream",
        ),
    )
