"""What only later versions of the published Python client can do; prints what it saw as JSON.

`python everruns_later.py BASE_URL KEY`, with the folder of the client on PYTHONPATH.
"""

import asyncio
import json
import sys
from typing import Any

from everruns_sdk import AgentClient, Everruns

Seen = dict[str, Any]


async def story(url: str, key: str) -> Seen:
    seen: Seen = {}
    async with Everruns(api_key=key, base_url=url) as client:
        agent = await client.agents.create("weather-teller", "You tell the weather.", capabilities=[])
        seen["copy"] = (await client.agents.copy(agent.id)).name
        seen["models"] = [one.model_id for one in await client.models.list()]
        seen["model"] = (await client.models.get((await client.models.list())[0].id)).healthy
        seen["harnesses"] = [one.name for one in await client.harnesses.list()]
        session = await client.sessions.create(agent_id=agent.id, title="Later")
        await client.sessions.pin(session.id)
        await client.sessions.unpin(session.id)
        seen["found"] = [one.id for one in await client.sessions.list(search="later")] == [session.id]
        await client.messages.create(session.id, "Hello")
        stream = client.events.stream(session.id, types=["turn.completed", "session.idled"])
        seen["filtered"] = []
        async for event in stream:
            seen["filtered"].append(event.type)
            if event.type == "session.idled":
                stream.stop()
                break
        seen["exported"] = len((await client.sessions.export(session.id)).splitlines())
    async with AgentClient(agent_url=f"{url}/v1/channels/{agent.id}", credential=key) as one:
        seen["card"] = (await one.card())["name"]
        seen["reply"] = await one.run("How warm is it?")
        listed = await one.list_sessions()
        seen["again"] = await one.run("And tomorrow?", listed["data"][0]["id"])
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(asyncio.wait_for(story(*sys.argv[1:]), 60))))
