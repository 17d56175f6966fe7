"""Records whose fields never change: how one is declared, and how a copy with some fields of its own is made."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast, dataclass_transform

Kind = TypeVar("Kind")
Record = TypeVar("Record")


@dataclass_transform(frozen_default=True)
def record(kind: type[Kind]) -> type[Kind]:
    """A frozen dataclass with slots, frozen by the type checker alone.

    Python's own freezing makes a record of ten fields ten times as costly, and a submission makes a dozen of them.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)


def replace(old: Record, /, **changes: Any) -> Record:
    """As `dataclasses.replace`, at a tenth of its cost. Raises `AttributeError` for a field that there is not."""
    kind = type(old)
    made = kind(*_values(cast(Hashable, kind))(old))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@cache
def _values(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    first, *more = [field.name for field in fields(kind)]
    return attrgetter(first, *more) if more else lambda old: (getattr(old, first),)
