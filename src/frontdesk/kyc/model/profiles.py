"""Extraction profiles: a tenant's named recipes for reading a kind of paper."""

from typing import Any

import msgspec

ENGINES = ("auto", "mrz", "ocr", "barcode")
"""Where values may come from: the machine-readable zone, the print, a barcode, or whatever is there."""


class ProfileField(msgspec.Struct, frozen=True):
    """What is asked of one key. A value that does not answer it is left out."""

    key: str
    required: bool = False
    min_confidence: float = 0
    pattern: str | None = None


class Profile(msgspec.Struct, frozen=True):
    """A recipe. `document_type` is the type that papers are read as, whatever they were sent as; `languages` are
    tags of those that they are printed in."""

    profile_id: str
    document_type: str | None = None
    engine: str = "auto"
    fields: tuple[ProfileField, ...] = ()
    languages: tuple[str, ...] = ()


def profile_to_dict(profile: Profile) -> dict[str, Any]:
    """In the shape of its body."""
    return {
        "profile_id": profile.profile_id,
        "document_type": profile.document_type,
        "engine": profile.engine,
        "fields": [
            {"key": one.key, "required": one.required, "min_confidence": one.min_confidence, "pattern": one.pattern}
            for one in profile.fields
        ],
        "languages": list(profile.languages),
    }
