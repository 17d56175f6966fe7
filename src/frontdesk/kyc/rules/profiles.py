"""Extraction profiles: judging one that is saved, and holding what was read against it."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec.structs import replace

from frontdesk.kyc.model.profiles import ENGINES, Profile, ProfileField
from frontdesk.kyc.model.session import Extraction
from frontdesk.kyc.rules.fields.limits import matches, pattern_fault
from frontdesk.kyc.rules.parsing.reader import NOT_AVAILABLE, Reader
from frontdesk.kyc.rules.refusals import Conflicting, Invalid, NotFound

MOST_PROFILES = 200
MOST_KEYS = 100
_TYPE = re.compile(r"[a-z0-9_]{1,64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class InvalidProfile(Invalid):
    """The body is no profile; `details["errors"]` lists every fault with its path."""

    reason: ClassVar[str] = "invalid_profile"


class ProfileNotFound(NotFound):
    """The tenant has no such profile."""

    reason: ClassVar[str] = "profile_not_found"

    def __init__(self) -> None:
        super().__init__("Extraction profile not found")


class ProfileExists(Conflicting):
    """The tenant has a profile of that name, or as many as it may have."""

    reason: ClassVar[str] = "profile_exists"


def parse_profile(body: Mapping[str, Any], profile_id: str | None = None) -> Profile:
    """The profile that a body describes; `profile_id` is that of the one being replaced. Raises `InvalidProfile`."""
    faults: list[dict[str, str]] = []
    reader = Reader(body, "", faults)
    named = reader.identifier("profile_id")
    if profile_id is None and not reader.has("profile_id"):
        reader.fault("profile_id", "is required")
    if profile_id is not None and named is not None and named != profile_id:
        reader.fault("profile_id", "must be that of the path, or absent")
    kind = reader.text("document_type", 64)
    if kind is not None and not _TYPE.fullmatch(kind):
        reader.fault("document_type", "document types are 1 to 64 of a-z, 0-9 and _")
    languages = reader.texts("languages", most=20, longest=35)
    for place, one in enumerate(languages):
        if not _LANGUAGE.fullmatch(one):
            reader.fault(f"languages[{place}]", "must be a language tag, such as pt or pt-BR")
    if reader.body.get("engine") == "llm":
        reader.fault("engine", f"engine llm {NOT_AVAILABLE}")
        engine = None
    else:
        engine = reader.choice("engine", ENGINES)
    fields = _fields(reader)
    if faults:
        first = f"{faults[0]['path']}: {faults[0]['message']}"
        raise InvalidProfile(f"Invalid extraction profile: {first}", details={"errors": faults})
    return Profile(profile_id or named or "", kind, engine or "auto", fields, languages)


def _fields(owner: Reader) -> tuple[ProfileField, ...]:
    found: list[ProfileField] = []
    for reader in owner.objects("fields", MOST_KEYS):
        key = reader.identifier("key")
        if not reader.has("key"):
            reader.fault("key", "is required")
        if key is not None and any(one.key == key for one in found):
            reader.fault("key", "is there twice")
        pattern = reader.text("pattern", 10_000)
        if pattern is not None and (fault := pattern_fault(pattern)) is not None:
            reader.fault("pattern", fault)
        least = reader.number("min_confidence", 0, 1)
        found.append(ProfileField(key or "", reader.flag("required"), least or 0, pattern))
    return tuple(found)


def held_against(profile: Profile, read: Extraction) -> Extraction:
    """What was read, without the values that do not answer the profile; its `issues` say which, and what is missing."""
    values, scores, issues = dict(read.values), dict(read.scores), list(read.issues)
    slow: list[str] = []
    for one in profile.fields:
        value = values.get(one.key)
        if value is None:
            if one.required:
                issues.append(f"profile_missing:{one.key}")
            continue
        if scores.get(one.key, 0) < one.min_confidence:
            issues.append(f"profile_unsure:{one.key}")
        elif one.pattern is not None and not matches(one.pattern, value, slow):
            issues.append(f"profile_pattern:{one.key}")
        else:
            continue
        del values[one.key]
        scores.pop(one.key, None)
    if not values:
        scores["overall"] = 0.0
    return replace(read, values=values, scores=scores, issues=tuple(dict.fromkeys(issues)))
