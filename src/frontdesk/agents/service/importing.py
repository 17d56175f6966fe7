"""Agents as text: Markdown with YAML front matter, JSON, YAML, or nothing but a system prompt."""

import json
from datetime import datetime
from typing import Any

from frontdesk.agents.capabilities import front_matter
from frontdesk.agents.model.agent import Agent, Definition
from frontdesk.agents.rules.definitions import IMPORT_BYTES, refs_in
from frontdesk.agents.rules.refusals import Invalid, OverLimit, Unfit

_TEXTS = ("name", "description", "default_model_id", "system_prompt")


def parsed(text: str, now: datetime) -> Definition:
    """The agent that a text describes. Raises `Invalid`, `Unfit`, `OverLimit`."""
    if len(text.encode()) > IMPORT_BYTES:
        raise OverLimit
    found = _with_front_matter(text)
    if found is None:
        found = _json(text) or _yaml(text)
    if found is None:
        found = {"system_prompt": text.strip()}
    prompt = found.get("system_prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise Invalid("The text holds no system prompt")
    for name in _TEXTS:
        if found.get(name) is not None and not isinstance(found[name], str):
            raise Unfit(f"Field {name}: expected text")
    tags, capabilities = found.get("tags") or [], found.get("capabilities") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Unfit("Field tags: expected a list of text")
    if not isinstance(capabilities, list):
        raise Unfit("Field capabilities: expected a list")
    return Definition(
        found.get("name") or f"agent-{now:%Y%m%d-%H%M%S}",
        prompt,
        found.get("description"),
        found.get("default_model_id"),
        tuple(tags),
        refs_in(capabilities),
    )


def _with_front_matter(text: str) -> dict[str, Any] | None:
    parts = front_matter.split(text)
    if parts is None:
        return None
    front, body = _yaml(parts[0]) or {}, parts[1]
    return {**front, "system_prompt": body} if body else front


def _json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _yaml(text: str) -> dict[str, Any] | None:
    """A mapping in YAML that describes an agent, or None."""
    found = front_matter.mapping(text)
    return found if found and any(name in found for name in (*_TEXTS, "capabilities", "tags")) else None


def written(agent: Agent) -> str:
    """The agent as Markdown with front matter; read again, it gives an equal agent."""
    definition = agent.definition
    front: dict[str, Any] = {"name": definition.name}
    if definition.description is not None:
        front["description"] = definition.description
    if definition.default_model_id is not None:
        front["default_model_id"] = definition.default_model_id
    if definition.tags:
        front["tags"] = list(definition.tags)
    if definition.capabilities:
        front["capabilities"] = [{"ref": one.ref, "config": dict(one.config)} for one in definition.capabilities]
    import yaml

    return f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---\n\n{definition.system_prompt}\n"


def file_name(agent: Agent) -> str:
    """A file name made of the agent's name."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in agent.definition.name)
    return ("-".join(part for part in kept.lower().split("-") if part)[:80] or "agent") + ".md"
