"""JSON in: strict reading of a body into a type, with refusals that name the field and never the value."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from frontdesk.web.problems import InvalidField, InvalidJson, MissingField

T = TypeVar("T")

MAX_DEPTH = 64
"""Deeper than any body that is published; what walks a body afterwards may recurse without fear."""

_anything = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_decoder: Callable[[Any], "msgspec.json.Decoder[Any]"] = lru_cache(maxsize=1024)(msgspec.json.Decoder)
_PLACE = re.compile(r" - at `(?:key in )?\$?([^`]*)`$")
# An escape whose backslash is not itself escaped. PostgreSQL cannot store the character.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_MISSING = re.compile(r"^Object missing required field `([^`]*)`")
_EXPECTED = re.compile(r"^Expected `([^`]*)`(?:, got `([^`]*)`)?$")
_WORDS = {
    "str": "text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
}
_WORDS |= {
    "array": "a list",
    "null": "null",
    "uuid": "a UUID",
    "datetime": "a date and time",
    "date": "a date",
}


def read_json(raw: bytes, expected: type[T]) -> T:
    """The JSON text as `expected`. Raises `InvalidJson`, `InvalidField`, `MissingField`."""
    # Decoded twice on purpose: a typed decoder skips what it does not know without looking at it, so that bad
    # UTF-8 or numbers out of range would pass there. The first look also finds duplicate keys.
    try:
        loose = _anything.decode(raw)
    except RecursionError as error:
        raise _too_deep() from error
    except UnicodeDecodeError as error:
        raise InvalidJson("The body is not UTF-8", expected="UTF-8") from error
    except msgspec.ValidationError as error:
        raise InvalidJson("The body holds a number that is out of range", expected="a smaller number") from error
    except msgspec.DecodeError as error:
        raise InvalidJson("The body is not valid JSON", expected="JSON") from error
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _is_deep(loose):
        raise _too_deep()
    if _encode(loose).count(b":") != raw.count(b":") or raw.find(b"u003") >= 0:
        _refuse_duplicates(raw)
    if raw.find(b"\\u0000") >= 0 and _NUL.search(raw):  # the pattern alone goes through a body slowly
        raise InvalidJson("A text in the body holds a NUL character", expected="texts without NUL")
    try:
        found: T = _decoder(expected).decode(raw)
    except msgspec.ValidationError as error:
        raise _field_problem(str(error)) from error
    return found


def _too_deep() -> InvalidJson:
    return InvalidJson(f"The body is nested deeper than {MAX_DEPTH} levels", expected="less nesting")


def _is_deep(loose: Any) -> bool:
    level = [loose]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                below.extend(item.values())
            elif type(item) is list:
                below.extend(item)
        if not below:
            return False
        level = below
    return True


def _refuse_duplicates(raw: bytes) -> None:
    """A dropped key takes its colon along, so unequal counts of colons are the hint; this is the proof."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InvalidJson("An object in the body has the same key twice", expected="each key once")
            seen.add(key)

    # Numbers are left as text: Python refuses to convert very long ones.
    json.loads(raw, object_pairs_hook=once, parse_int=str, parse_float=str)


def _field_problem(text: str) -> InvalidField:
    """Words of ours for what msgspec says. Its text is not passed on: it may quote the value."""
    place = _PLACE.search(text)
    field = place.group(1).lstrip(".") if place else ""
    reason = text[: place.start()] if place else text
    missing = _MISSING.match(reason)
    if missing:
        name = f"{field}.{missing.group(1)}" if field else missing.group(1)
        return MissingField(f"Field {name} is missing", field=name, expected="a value")
    expected = _expectation(reason)
    return InvalidField(
        f"{f'Field {field}' if field else 'Body'}: expected {expected}",
        field=field or None,
        expected=expected,
    )


def _expectation(reason: str) -> str:
    typed = _EXPECTED.match(reason)
    if typed:
        return " or ".join(_WORDS.get(name.strip(), name.strip()) for name in typed.group(1).split("|"))
    if reason.startswith("Expected "):
        return reason.removeprefix("Expected ").replace("`", "").split(", got ")[0]
    if reason.startswith(("Invalid enum value", "Invalid value")):
        return "one of the published values"
    if reason.startswith("Object contains unknown field"):
        return "only published fields"
    if reason.startswith("Invalid "):
        # `Invalid UUID`, `Invalid RFC3339 encoded datetime`: these quote no value.
        return "a valid " + reason.removeprefix("Invalid ").split(" '")[0].split(": ")[0]
    return "another value"
