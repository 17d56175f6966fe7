"""What every answer of every journey is held against: the description, and what must never reach an end user."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema_rs

INTERNAL = "internal-only"
"""In every text of the tests that end users must never see: notes, metadata, profiles, reasons of rules."""
_TOKEN = re.compile(r"^/public/sessions/([^/]+)")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_FORBIDDEN_KEYS = frozenset(
    {
        "s3_key",
        "blob_key",
        "arriving_key",
        "sha256",
        "size",
        "extraction_profile",
        "auto_extract",
        "enable_auto_classification",
        "post_upload_validations",
        "entity_role",
        "validation_config",
        "automation_rules",
        "automation_flags",
        "triggered_rules",
        "final_decision",
        "validation_results",
        "validate_lists",
        "validate_email",
        "block_disposable",
        "blocked",
        "requested_by",
        "resolved_by",
        "resolved_at",
        "internal_note",
        "decided_by",
        "review",
        "notes",
        "events",
        "flags",
        "extractions",
        "extraction",
        "metadata",
        "customer_id",
        "client_id",
        "tenant_id",
        "parent_session_id",
        "access_token",
        "workflow_version",
        "field_key",
        "industry",
        "tags",
        "entity_types",
        "challenge_type",
        "save_reference_image",
        "use_for_face_match",
        "max_retries",
        "min_face_size_px",
        "face_match_threshold",
        "face_dedup",
        "uncertified_liveness",
        "similarity",
        "threshold",
        "duplicates",
        "images",
        "audit",
        "provider_id",
        "reason",
    }
)
_SHOWS_KEY = ("/upload", "/upload/init", "/upload/confirm", "/documents", "/liveness/complete")
"""The calls whose answers hold a key of the store, as published."""


@dataclass
class Watch:
    """Called with every answer. `secrets` are texts that no public answer may hold."""

    secrets: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    """Every access token that was handed out, with its session."""
    children: dict[str, set[str]] = field(default_factory=dict)
    """The subsessions of a session."""
    parents: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, path and status of every answer."""
    description: "Description | None" = None

    def __call__(self, response: httpx.Response) -> None:
        response.read()
        request = response.request
        path = request.url.path
        self.seen.append((request.method, path, response.status_code))
        if response.status_code < 500 and path.startswith(("/kyc", "/public")) and not path.startswith("/storage"):
            self._check_form(request.method, path, response)
        self._learn(request.method, path, response)
        if path.startswith("/public"):
            self._check_secrets(path, response)

    def _check_form(self, method: str, path: str, response: httpx.Response) -> None:
        if self.description is None or not response.headers.get("content-type", "").startswith("application/json"):
            return
        self.description.check(method, path, response.status_code, response.json())

    def _learn(self, method: str, path: str, response: httpx.Response) -> None:
        if not response.is_success or method != "POST":
            return
        try:
            found = response.json()["data"]
        except (ValueError, KeyError):
            return
        if not isinstance(found, dict):
            return
        link = found.get("access_link")
        session_id = found.get("subsession_id") or found.get("session_id")
        if link is None or session_id is None:
            return
        self.tokens[link.rsplit("/", 1)[1]] = session_id
        if "subsessions" in path:
            own = _TOKEN.match(path)
            parent = self.tokens[own.group(1)] if own else path.split("/")[3]
            self.children.setdefault(parent, set()).add(session_id)
            self.parents[session_id] = parent

    def _check_secrets(self, path: str, response: httpx.Response) -> None:
        text = response.text
        assert INTERNAL not in text.lower(), f"{path} shows something internal: {text}"
        own = _TOKEN.match(path)
        assert own is not None
        rest = path[own.end() :]
        shows_key = rest in _SHOWS_KEY and response.is_success
        if not shows_key:
            for secret in self.secrets:
                assert secret not in text, f"{path} shows {secret}"
        self._check_ids(own.group(1), rest, text)
        if response.headers.get("content-type", "").startswith("application/json") and response.is_success:
            allowed = {"s3_key"} if shows_key else set()
            shown = _keys_of(response.json()["data"], below=("form_data", "extracted_data", "confidence_scores"))
            bad = (shown & _FORBIDDEN_KEYS) - allowed
            assert not bad, f"{path} shows {bad}"

    def _check_ids(self, token: str, rest: str, text: str) -> None:
        """No other session's token or id, but for the links and ids of one's own subsessions."""
        own = self.tokens.get(token)
        related = self.children.get(own, set()) if own and rest.startswith("/subsessions") else set()
        for found in set(_UUID.findall(text)):
            if found in self.tokens:
                assert self.tokens[found] in related, f"{rest} shows the token of another session"
            if own is not None and found in self.tokens.values():
                assert found == own or found in related or rest in _SHOWS_KEY, f"{rest} shows another session's id"


def _keys_of(value: Any, below: tuple[str, ...]) -> set[str]:
    if isinstance(value, dict):
        found = [_keys_of(one, below) for key, one in value.items() if key not in below]
        return set(value).union(*found)
    if isinstance(value, list):
        return set().union(*(_keys_of(one, below) for one in value))
    return set()


class Description:
    """The server's own description, as something that answers can be held against."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._paths = [
            (re.compile("^" + re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path)) + "$"), path)
            for path in sorted(document["paths"], key=lambda one: one.count("{"))
        ]
        self._validators: dict[tuple[str, str, int], Any] = {}

    def check(self, method: str, path: str, status: int, body: Any) -> None:
        """The status is published, the body fits its schema, and no key is missing from the schema."""
        template = next((path_ for pattern, path_ in self._paths if pattern.match(path)), None)
        if template is None or method.lower() not in self.document["paths"][template]:
            assert status in (404, 405), f"{method} {path} is not described but answers {status}"
            return
        operation = self.document["paths"][template][method.lower()]
        responses = operation["responses"]
        assert str(status) in responses, f"{method} {template} answers {status}, which is not described: {body}"
        schema = responses[str(status)]["content"]["application/json"]["schema"]
        key = (method, template, status)
        if key not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.validator_for(whole)
        faults = [f"{error.instance_path}: {error.message}" for error in self._validators[key].iter_errors(body)]
        assert not faults, f"{method} {template} {status}: {faults}\n{json.dumps(body)[:2000]}"
        extra = sorted(set(self._undeclared(schema, body, "")))
        assert not extra, f"{method} {template} {status} has keys that are not described: {extra}"

    def _undeclared(self, schema: Any, value: Any, place: str) -> list[str]:
        schema = self._resolved(schema, value)
        if schema is None:
            return []
        if isinstance(value, dict) and "properties" in schema:
            known = schema["properties"]
            found = [f"{place}.{key}" for key in value if key not in known]
            for key, one in value.items():
                if key in known:
                    found += self._undeclared(known[key], one, f"{place}.{key}")
            return found
        if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
            below = schema["additionalProperties"]
            return [found for key, one in value.items() for found in self._undeclared(below, one, f"{place}.{key}")]
        if isinstance(value, list) and isinstance(schema.get("items"), dict):
            return [one for each in value for one in self._undeclared(schema["items"], each, f"{place}[]")]
        return []

    def _resolved(self, schema: Any, value: Any) -> dict[str, Any] | None:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self._resolved(self.document["components"]["schemas"][name], value)
        if "anyOf" in schema:
            kinds = [one for one in schema["anyOf"] if one.get("type") != "null"]
            return self._resolved(kinds[0], value) if value is not None and len(kinds) == 1 else None
        return dict(schema)
