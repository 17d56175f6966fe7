"""Which model a turn asks, how hard it thinks, and what it is shown: seen from the model's side."""

import base64

import pytest

from agents.test_real_model import Talk, of
from agents.test_real_model import model as model
from agents.test_real_model import talk as talk
from frontdesk.agents.model.catalogue import MODEL, PROVIDER, Model, Provider
from frontdesk.agents.model.message import ImageFilePart, ImagePart, TextPart
from frontdesk.agents.service import agents, catalogue, messages, sessions
from frontdesk.agents.service.messages import Said

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 16).decode()


async def test_the_message_goes_before_the_session_before_the_agent_before_the_server(talk: Talk) -> None:
    needs, tenant_id = talk.needs, talk.tenant_id
    provider = await catalogue.add(needs, tenant_id, PROVIDER, Provider("Mine", "openai", talk.model.url, "k" * 20))
    known = {}
    for name in ("of-agent", "of-session", "of-message"):
        known[name] = (await catalogue.add(needs, tenant_id, MODEL, Model(provider.id, name, name))).id
    read = await sessions.load(needs, tenant_id, talk.session_id)
    agent_id = read.conversation.agent_id
    await talk.said("Hello")
    await agents.change(needs, tenant_id, agent_id, {"default_model_id": known["of-agent"]})
    await talk.said("Hello")
    await sessions.change(needs, tenant_id, talk.session_id, {"model_id": known["of-session"]})
    await talk.said("Hello")
    before = (await talk.events())[-1].number
    said = Said((TextPart("Hello"),), {"model_id": known["of-message"]})
    await messages.send(needs, tenant_id, talk.session_id, said, None)
    await talk.until("session.idled", before)
    events = await talk.said("Hello")
    assert [body["model"] for body in talk.model.requests] == [
        "small",
        "of-agent",
        "of-session",
        "of-message",
        "of-session",
    ]
    assert of(events, "reason.started")[0]["metadata"]["model_id"] == known["of-session"]
    await catalogue.remove(needs, tenant_id, MODEL, known["of-session"])
    await talk.said("Hello")
    assert talk.model.requests[-1]["model"] == "of-agent", "a model that is gone is skipped"


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh"])
async def test_the_effort_of_a_message_reaches_the_model_for_its_turn_alone(talk: Talk, effort: str) -> None:
    said = Said((TextPart("Hello"),), {"reasoning": {"effort": effort}})
    await messages.send(talk.needs, talk.tenant_id, talk.session_id, said, None)
    await talk.until("session.idled")
    await talk.said("And now?")
    assert [body.get("reasoning_effort") for body in talk.model.requests] == [effort, None]


async def test_images_are_shown_and_a_file_that_is_elsewhere_is_named(talk: Talk) -> None:
    parts = (
        TextPart("What is this?"),
        ImagePart(url="https://example.com/a.png"),
        ImagePart(base64=PIXEL, media_type="image/png"),
        ImageFilePart("img_" + "0" * 32, "invoice.png"),
    )
    await messages.send(talk.needs, talk.tenant_id, talk.session_id, Said(parts), None)
    events = await talk.until("session.idled")
    [request] = talk.model.requests
    content = request["messages"][1]["content"]
    shown = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    assert shown == ["https://example.com/a.png", f"data:image/png;base64,{PIXEL}"]
    assert any("invoice.png" in part.get("text", "") for part in content)
    assert of(events, "turn.completed") != []
    generation = of(events, "llm.generation")[0]
    assert PIXEL not in str(generation), "the log holds the image once, in its message"
