"""What the child may send back: plain values, our own dataclasses and refusals, and nothing that could run code."""

import importlib
import io
import pickle
from dataclasses import is_dataclass
from typing import Any

from frontdesk.basics.errors import Problem, Rejected

_PACKAGE = "frontdesk."
_KINDS = {b"V": "value", b"P": "problem", b"M": "memory", b"F": "fault", b"U": "unavailable"}


class _Reader(pickle.Unpickler):
    """A child that was taken over by a file must not be able to take over its parent."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(_PACKAGE):
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Problem)):
                return found
        raise pickle.UnpicklingError(f"a child process may not send {module}.{name}")


def closed(kind: str, value: Any) -> bytes:
    """An answer in bytes: a letter for its kind (value, problem, memory, fault, unavailable), then the value."""
    if isinstance(value, Problem):
        value = (type(value), value.args, dict(value.__dict__))
    return kind[0].upper().encode() + pickle.dumps(value)


def opened(answer: bytes) -> tuple[str, Any]:
    """The kind and the value. Raises `Rejected` for what no child of ours sends."""
    kind = _KINDS.get(answer[:1])
    try:
        value = _Reader(io.BytesIO(answer[1:])).load()
        if kind == "problem":
            # Without its constructor: what that asks for is its own affair.
            made, arguments, facts = value
            value = made.__new__(made)
            value.args = arguments
            value.__dict__.update(facts)
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, ImportError, IndexError) as error:
        raise Rejected("A child process sent what it may not send") from error
    if kind is None:
        raise Rejected("A child process sent what it may not send")
    return kind, value
