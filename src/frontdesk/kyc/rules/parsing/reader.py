"""A reader of one JSON object that notes what is wrong with it, and where."""

import re
from collections.abc import Collection, Mapping
from typing import Any

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
NOT_AVAILABLE = "is not available in this version"


class Reader:
    """Gives a value in its normal form, or the default and a fault. A key with null counts as absent."""

    def __init__(self, body: Mapping[str, Any], path: str, faults: list[dict[str, str]]) -> None:
        self.body = body
        self.path = path
        self.faults = faults

    def at(self, key: str) -> str:
        """The path of a key of this object."""
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, message: str) -> None:
        """Note what is wrong with a key, or with the object itself if the key is empty."""
        self.faults.append({"path": self.at(key) if key else self.path, "message": message})

    def has(self, key: str) -> bool:
        """Whether the key says anything."""
        return self.body.get(key) is not None

    def text(self, key: str, longest: int, *, required: bool = False) -> str | None:
        """A trimmed text that is not empty."""
        value = self.body.get(key)
        if value is None:
            if required:
                self.fault(key, "is required")
            return None
        text = value.strip() if isinstance(value, str) else ""
        if not 1 <= len(text) <= longest:
            self.fault(key, f"must be text of 1 to {longest} characters")
            return None
        return text

    def identifier(self, key: str) -> str | None:
        """An id that an administrator chose; absent if it says nothing."""
        value = self.body.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
            self.fault(key, "must be 1 to 64 letters, digits, _ or -")
            return None
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self.body.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, "must be true or false")
            return default
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        """A number in a range."""
        value = self.body.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            self.fault(key, f"must be a number from {low:g} to {high:g}")
            return None
        return value

    def whole(self, key: str, low: int, high: int) -> int | None:
        """A whole number in a range."""
        value = self.body.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(key, f"must be a whole number from {low} to {high}")
            return None
        return value

    def choice(self, key: str, allowed: Collection[str], *, required: bool = False) -> str | None:
        """One of the known words."""
        value = self.body.get(key)
        if value is None:
            if required:
                self.fault(key, "is required")
            return None
        if not isinstance(value, str) or value not in allowed:
            self.fault(key, "must be one of " + ", ".join(sorted(allowed)))
            return None
        return value

    def texts(
        self, key: str, *, allowed: Collection[str] | None = None, most: int = 100, longest: int = 100
    ) -> tuple[str, ...]:
        """A list of texts, each once."""
        found: list[str] = []
        for place, value in enumerate(self._list(key, most)):
            where = f"{key}[{place}]"
            if not isinstance(value, str) or not 1 <= len(value.strip()) <= longest:
                self.fault(where, f"must be text of 1 to {longest} characters")
            elif allowed is not None and value not in allowed:
                self.fault(where, "must be one of " + ", ".join(sorted(allowed)))
            else:
                found.append(value.strip())
        return tuple(dict.fromkeys(found))

    def object(self, key: str) -> "Reader | None":
        """The object below a key."""
        value = self.body.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.fault(key, "must be an object")
            return None
        return Reader(value, self.at(key), self.faults)

    def objects(self, key: str, most: int) -> list["Reader"]:
        """The objects of a list below a key."""
        found: list[Reader] = []
        for place, value in enumerate(self._list(key, most)):
            if isinstance(value, Mapping):
                found.append(Reader(value, f"{self.at(key)}[{place}]", self.faults))
            else:
                self.fault(f"{key}[{place}]", "must be an object")
        return found

    def in_order(self, low: str, high: str, first: float | None, last: float | None) -> None:
        """Note it if a lower limit lies above its upper one."""
        if first is not None and last is not None and first > last:
            self.fault(low, f"must not be more than {high}")

    def _list(self, key: str, most: int) -> list[Any]:
        value = self.body.get(key)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.fault(key, "must be a list")
            return []
        if len(value) > most:
            self.fault(key, f"must have at most {most} entries")
            return []
        return list(value)
