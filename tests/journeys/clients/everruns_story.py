"""The published Python client, unmodified, from an agent to a deleted session; prints what it saw as JSON.

`python everruns_story.py BASE_URL KEY`, with the folder of the client on PYTHONPATH.
"""

import asyncio
import json
import sys
from typing import Any

from everruns_sdk import Everruns
from everruns_sdk.errors import AuthenticationError, NotFoundError

Seen = dict[str, Any]
EVERY = {"session.idled", "turn.cancelled"}


async def follow(client: Any, session_id: str, until: str) -> list[str]:
    """The types of the events up to the first of this type."""
    types = []
    stream = client.events.stream(session_id)
    async for event in stream:
        types.append(event.type)
        if event.type == until:
            stream.stop()
            break
    return types


async def story(url: str, key: str) -> Seen:
    seen: Seen = {}
    async with Everruns(api_key=key, base_url=url) as client:
        agent = await client.agents.create("invoice-helper", "You check invoices. Be brief.", tags=["finance"])
        seen["agent"] = agent.id
        await client.agents.apply(agent.id, "invoice-helper", "You check invoices.")
        seen["prompt"] = (await client.agents.get(agent.id)).system_prompt
        seen["agents"] = [one.id for one in await client.agents.list()]
        seen["exported"] = await client.agents.export(agent.id)
        seen["imported"] = (await client.agents.import_agent(seen["exported"])).system_prompt
        seen["capabilities"] = [one.id for one in await client.capabilities.list()]
        session = await client.sessions.create(agent_id=agent.id, title="March invoices")
        seen["session"], seen["status"] = session.id, session.status
        message = await client.messages.create(session.id, "Is invoice 8841 overdue?")
        seen["message"] = message.role
        seen["streamed"] = await asyncio.wait_for(follow(client, session.id, "session.idled"), 30)
        seen["listed"] = [event.type for event in await client.events.list(session.id)]
        seen["roles"] = [one.role for one in await client.messages.list(session.id)]
        await client.messages.create(session.id, "#slow 60 thinking about it")
        await client.sessions.cancel(session.id)
        seen["after_cancel"] = (await client.sessions.get(session.id)).status
        seen["cancelled"] = await asyncio.wait_for(follow(client, session.id, "turn.cancelled"), 30)
        await client.sessions.cancel(session.id)
        seen["sessions"] = [one.id for one in await client.sessions.list(agent_id=agent.id)]
        await client.sessions.delete(session.id)
        try:
            await client.sessions.get(session.id)
        except NotFoundError as error:
            seen["gone"] = [error.status_code, error.code, error.message]
        await client.agents.delete(agent.id)
        seen["archived"] = (await client.agents.get(agent.id)).status
    async with Everruns(api_key="sk_live_wrong", base_url=url) as stranger:
        try:
            await stranger.agents.list()
        except AuthenticationError as error:
            seen["stranger"] = [error.status_code, error.message]
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(story(*sys.argv[1:]))))
