"""Markdown whose head is YAML between two lines of `---`."""

from collections.abc import Mapping
from typing import Any

from frontdesk.agents.rules.refusals import Invalid


def split(text: str) -> tuple[str, str] | None:
    """The YAML and what follows it; None when the text does not begin with such a head."""
    lines = text.lstrip("\ufeff").splitlines(keepends=True)
    if not lines or lines[0].strip() != "---":
        return None
    ends = [number for number, line in enumerate(lines[1:], 1) if line.strip() == "---"]
    if not ends:
        return None
    return "".join(lines[1 : ends[0]]), "".join(lines[ends[0] + 1 :]).strip()


def mapping(text: str) -> dict[str, Any] | None:
    """A mapping in YAML, or None. Raises `Invalid` for aliases: a few lines of them stand for gigabytes."""
    import yaml

    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise Invalid("YAML with aliases is not read")
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return {str(name): value for name, value in found.items()} if isinstance(found, Mapping) else None
