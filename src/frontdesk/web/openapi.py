"""The description of the API (OpenAPI 3.1), made from the endpoint tables and the msgspec types."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from frontdesk.web.endpoint import Endpoint
from frontdesk.web.surface import Surface

_PARAMETER = re.compile(r"\{([^}.]+)(?:\.\.\.)?\}")
_REFERENCE = "#/components/schemas/{name}"

_SCHEMES: dict[str, Any] = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of the tenant. The bare key without the word Bearer is accepted too.",
    }
}
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "key": [{"apiKey": []}],
    "access_token": [],
    "none": [],
    "signed_url": [],
}
_AUTHORITY = {
    "access_token": "The access token in the path is the authority.",
    "signed_url": "The signed address itself is the authority.",
}


def describe(surfaces: Sequence[Surface], *, title: str, version: str, description: str = "") -> dict[str, Any]:
    """The whole description. The same tables give the same document, in the same order."""
    shown = [(surface, each) for surface in surfaces for each in surface.endpoints if not each.hidden]
    schemas = _Schemas(_types_of(shown))
    paths: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    for surface, endpoint in shown:
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(surface, endpoint, schemas, used)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "servers": [{"url": "/"}],
        "tags": _tags(shown),
        "paths": dict(sorted(paths.items())),
        "components": {"securitySchemes": _SCHEMES, "schemas": schemas.components},
    }


def _types_of(shown: Iterable[tuple[Surface, Endpoint]]) -> list[Any]:
    found: list[Any] = []
    for surface, endpoint in shown:
        candidates = [endpoint.body, *endpoint.answers.values(), *(each.schema for each in endpoint.query)]
        candidates += [surface.error_type, *surface.error_types.values()]
        found += [each for each in candidates if each is not None and each is not bytes and each not in found]
    return found


class _Schemas:
    """The JSON schema of each type, with the structs among the components."""

    def __init__(self, types: list[Any]) -> None:
        self._types = types
        self._schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
        self.components = dict(sorted(components.items()))

    def of(self, kind: Any) -> dict[str, Any]:
        return dict(self._schemas[self._types.index(kind)])


def _operation(surface: Surface, endpoint: Endpoint, schemas: _Schemas, used: set[str]) -> dict[str, Any]:
    text = "\n\n".join(part for part in (endpoint.description, _AUTHORITY.get(endpoint.auth)) if part)
    found: dict[str, Any] = {
        "operationId": _name(endpoint, used),
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "security": _SECURITY[endpoint.auth],
        "responses": _responses(surface, endpoint, schemas),
    }
    if text:
        found["description"] = text
    if endpoint.permission:
        found["x-permission"] = endpoint.permission
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(endpoint.path)
    ]
    parameters += [_query(each, schemas) for each in endpoint.query]
    if parameters:
        found["parameters"] = parameters
    body = _body(endpoint, schemas)
    if body is not None:
        found["requestBody"] = body
    return found


def _query(parameter: Any, schemas: _Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {"name": parameter.name, "in": "query", "required": parameter.required}
    if parameter.description:
        found["description"] = parameter.description
    found["schema"] = schemas.of(parameter.schema)
    if parameter.example is not None:
        found["example"] = parameter.example
    return found


def _body(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any] | None:
    if endpoint.body is not None:
        schema = schemas.of(endpoint.body) if endpoint.body is not bytes else {}
        content: dict[str, Any] = {"schema": schema}
    elif endpoint.raw_body:
        content = {"schema": {"type": "object"}} if endpoint.body_type.startswith("multipart/") else {}
    else:
        return None
    if "request" in endpoint.examples:
        content["example"] = endpoint.examples["request"]
    return {"required": not endpoint.open_body, "content": {endpoint.body_type: content}}


def _responses(surface: Surface, endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    found: dict[int, dict[str, Any]] = {}
    for status, kind in endpoint.answers.items():
        found[status] = _response(status, kind, endpoint.answer_type, endpoint.examples, schemas)
    for status in endpoint.refusals:
        kind = surface.error_types.get(status, surface.error_type)
        found[status] = _response(status, kind, "application/json", endpoint.examples, schemas)
    return {str(status): found[status] for status in sorted(found)}


def _response(
    status: int, kind: Any, content_type: str, examples: Mapping[str, Any], schemas: _Schemas
) -> dict[str, Any]:
    found: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is None:
        return found
    content: dict[str, Any] = {} if kind is bytes else {"schema": schemas.of(kind)}
    if str(status) in examples:
        content["example"] = examples[str(status)]
    found["content"] = {content_type: content}
    return found


def _tags(shown: Iterable[tuple[Surface, Endpoint]]) -> list[dict[str, str]]:
    names: dict[str, dict[str, str]] = {}
    for _, endpoint in shown:
        names.setdefault(endpoint.tag, {"name": endpoint.tag})
    return list(names.values())


def _name(endpoint: Endpoint, used: set[str]) -> str:
    """`get_sessions_by_session_id`, made unlike every earlier one."""
    words = [endpoint.method.lower()]
    for segment in endpoint.path.strip("/").split("/"):
        parameter = _PARAMETER.fullmatch(segment)
        words.append("by_" + parameter.group(1) if parameter else re.sub(r"\W+", "_", segment) or "root")
    name, number = "_".join(words), 2
    while name in used:
        name, number = "_".join(words) + f"_{number}", number + 1
    used.add(name)
    return name
