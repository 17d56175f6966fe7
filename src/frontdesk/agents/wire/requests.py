"""Bodies that clients send. Unknown keys are ignored; a key that is null counts as absent where null means nothing."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class AgentBody(msgspec.Struct, frozen=True):
    """An agent. `capabilities` are `{"ref", "config"}` or bare refs; `tools` are those that clients run."""

    name: str
    system_prompt: str
    id: str | None = None
    description: str | None = None
    default_model_id: str | None = None
    tags: list[str] | None = None
    capabilities: list[Any] | None = None
    tools: list[Any] | None = None
    harness_id: str | None = None
    harness_name: str | None = None


class AgentChange(msgspec.Struct, frozen=True):
    """The fields of an agent that change; a list replaces the whole list."""

    name: str | UnsetType = UNSET
    system_prompt: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    default_model_id: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    capabilities: list[Any] | UnsetType = UNSET
    tools: list[Any] | UnsetType = UNSET
    status: str | UnsetType = UNSET


class SessionBody(msgspec.Struct, frozen=True):
    """A session. `agent_name` may stand in place of `agent_id`."""

    agent_id: str | None = None
    agent_name: str | None = None
    title: str | None = None
    tags: list[str] | None = None
    model_id: str | None = None
    capabilities: list[Any] | None = None
    tools: list[Any] | None = None
    harness_id: str | None = None
    harness_name: str | None = None


class ChannelSessionBody(msgspec.Struct, frozen=True):
    """A session of the agent whose address this is."""

    title: str | None = None


class SessionChange(msgspec.Struct, frozen=True):
    """The fields of a session that change."""

    title: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    model_id: str | UnsetType | None = UNSET
    capabilities: list[Any] | UnsetType = UNSET
    tools: list[Any] | UnsetType = UNSET


class MessageInput(msgspec.Struct, frozen=True):
    """What is said: a list of parts."""

    content: list[Any]
    role: str = "user"


class MessageBody(msgspec.Struct, frozen=True):
    """A message. `controls` chooses model and effort of this turn; `metadata` is kept as it is."""

    message: MessageInput
    controls: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    tags: list[str] | None = None


class ToolResult(msgspec.Struct, frozen=True):
    """The result of one call, or its `error`."""

    tool_call_id: str
    result: Any = None
    error: str | None = None


class ToolResultsBody(msgspec.Struct, frozen=True):
    """The results of every open call."""

    tool_results: list[ToolResult]


class ProviderBody(msgspec.Struct, frozen=True):
    """A provider; its key can be written and never read."""

    name: str
    provider_type: str
    base_url: str | None = None
    api_key: str | None = None
    status: str = "active"


class ProviderChange(msgspec.Struct, frozen=True):
    """The fields of a provider that change."""

    name: str | UnsetType = UNSET
    provider_type: str | UnsetType = UNSET
    base_url: str | UnsetType | None = UNSET
    api_key: str | UnsetType | None = UNSET
    status: str | UnsetType = UNSET


class ModelBody(msgspec.Struct, frozen=True):
    """A model; `model_id` is the provider's name for it."""

    model_id: str
    display_name: str | None = None
    capabilities: list[str] | None = None
    is_default: bool = False
    is_favorite: bool = False
    status: str = "active"
    profile: dict[str, Any] | None = None


class ModelChange(msgspec.Struct, frozen=True):
    """The fields of a model that change."""

    model_id: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    capabilities: list[str] | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    is_favorite: bool | UnsetType = UNSET
    status: str | UnsetType = UNSET
    profile: dict[str, Any] | UnsetType | None = UNSET


class McpServerBody(msgspec.Struct, frozen=True):
    """A server of tools; its key can be written and never read."""

    name: str
    url: str
    description: str | None = None
    transport_type: str = "http"
    headers: dict[str, str] | None = None
    api_key: str | None = None
    status: str = "active"


class McpServerChange(msgspec.Struct, frozen=True):
    """The fields of a server that change."""

    name: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    transport_type: str | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    api_key: str | UnsetType | None = UNSET
    status: str | UnsetType = UNSET


class FileBody(msgspec.Struct, frozen=True):
    """A file, or with `is_directory` a folder. `encoding` is `text` or `base64`."""

    content: str = ""
    encoding: str = "text"
    is_readonly: bool = False
    is_directory: bool = False


class PathBody(msgspec.Struct, frozen=True):
    """Names a file or folder."""

    path: str


class TransferBody(msgspec.Struct, frozen=True):
    """From where to where."""

    src_path: str
    dst_path: str


class GrepBody(msgspec.Struct, frozen=True):
    """A regular expression, and which paths to look at (`*` and `?` as in file names)."""

    pattern: str
    path_pattern: str | None = None


def given(body: msgspec.Struct) -> dict[str, Any]:
    """The fields that a change names."""
    found = {name: getattr(body, name) for name in body.__struct_fields__}
    return {name: value for name, value in found.items() if value is not UNSET}
