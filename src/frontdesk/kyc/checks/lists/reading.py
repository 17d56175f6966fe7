"""What all readers of list files share: damage with its place, the bytes as they pass by, and XML without entities."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from frontdesk.basics.errors import Rejected
from frontdesk.kyc.model.screening import Listed

CHUNK = 256 * 1024
MOST_OF_AN_ENTRY = 4 * 1024 * 1024
"""Characters in one entry: real ones have some thousand."""
DEEPEST = 40
LONGEST_LINE = 1024 * 1024


class ListDamaged(Rejected):
    """A list's file is not what its format says; the message names the place, and nothing of it was brought in."""


class Passing:
    """A file that counts and digests what is read of it. `told` hears how many bytes have passed."""

    def __init__(self, file: BinaryIO, told: Callable[[int], None]) -> None:
        self._file, self._told, self._digest, self._count = file, told, hashlib.sha256(), 0

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many."""
        return self._seen(self._file.read(size))

    def lines(self) -> Iterator[bytes]:
        """Each line. Raises `ListDamaged` for one without an end."""
        number = 0
        while line := self._file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise ListDamaged(f"line {number} is longer than {LONGEST_LINE} bytes")
            yield self._seen(line)

    def _seen(self, read: bytes) -> bytes:
        self._digest.update(read)
        self._count += len(read)
        self._told(self._count)
        return read

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._digest.hexdigest()


def rows(lines: Iterable[bytes], name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Where each row of a CSV file in UTF-8 stands, and its values. Raises `ListDamaged`."""
    place = f"{name}, line" if name else "line"
    number = 0

    def texts() -> Iterator[str]:
        nonlocal number
        for number, line in enumerate(lines, 1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise ListDamaged(f"{place} {number}: this is not UTF-8") from error

    reader = csv.reader(texts(), strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ListDamaged(f"{place} {number}: {error}") from error
        yield f"{place} {number}", [value.strip() for value in row]


class Opened:
    """A list's file being read: its entries, and the date that it gives itself, known once they have been read."""

    def __init__(self, name: str) -> None:
        self.format = name
        self.source_date: str | None = None


class Unique:
    """Sees to it that no entry comes twice: two of one number cannot both be what the publisher says."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def check(self, entry: Listed, where: str) -> Listed:
        """Raises `ListDamaged`."""
        mark = hashlib.blake2b(entry.entry_id.encode(), digest_size=8).digest()
        if mark in self._seen:
            raise ListDamaged(f"{where}: the entry {entry.entry_id} comes a second time")
        self._seen.add(mark)
        return entry


class Node(msgspec.Struct, frozen=True):
    """An element of an entry: its name without the namespace, what it says, and what is in it."""

    tag: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    inside: tuple["Node", ...] = ()

    def all(self, *path: str) -> Iterator["Node"]:
        """The elements at the end of a path of names."""
        first, *rest = path
        for one in self.inside:
            if one.tag == first:
                if rest:
                    yield from one.all(*rest)
                else:
                    yield one

    def said(self, *path: str) -> str:
        """The text at the end of a path, the first that is not empty; else an empty one."""
        return next((one.text for one in self.all(*path) if one.text), "")


class _Building:
    """Hears the parser, and makes a node of each element of the names that are wanted."""

    def __init__(self, roots: frozenset[str], wanted: frozenset[str], where: Callable[[], int]) -> None:
        self.done: list[Node] = []
        self.root: Node | None = None
        self._roots, self._wanted, self._where = roots, wanted, where
        self._path: list[tuple[Node, list[str], list[Node]]] = []
        self._depth = self._size = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ListDamaged(f"line {self._where()}: elements are nested deeper than {DEEPEST}")
        node = Node(tag.rpartition("}")[2], self._where(), dict(attributes))
        if self.root is None:
            self.root = node
            if node.tag not in self._roots:
                raise ListDamaged(f"line {node.line}: the file begins with <{node.tag}>, not <{min(self._roots)}>")
        if self._path or node.tag in self._wanted:
            self._size += sum(map(len, attributes.values())) + len(tag)
            self._path.append((node, [], []))

    def data(self, text: str) -> None:
        if self._path:
            self._size += len(text)
            if self._size > MOST_OF_AN_ENTRY:
                raise ListDamaged(
                    f"line {self._path[0][0].line}: an entry is longer than {MOST_OF_AN_ENTRY} characters"
                )
            self._path[-1][1].append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._path:
            node, texts, inside = self._path.pop()
            whole = Node(node.tag, node.line, node.attributes, " ".join("".join(texts).split()), tuple(inside))
            if self._path:
                self._path[-1][2].append(whole)
            else:
                self.done.append(whole)
                self._size = 0

    def close(self) -> None:
        """The parser asks for this at the end."""


def elements(file: Passing, root: str, *wanted: str) -> Iterator[Node]:
    """The root, without what is in it, then each element of the wanted names as soon as it is whole.

    Raises `ListDamaged` with the line: for XML that is none, a document type (with entities all bombs begin with one),
    another root, and entries without measure.
    """
    parser: Any = None
    building = _Building(frozenset({root}), frozenset(wanted), lambda: int(parser.parser.CurrentLineNumber))
    parser = DefusedXMLParser(target=building, forbid_dtd=True)
    told = False
    try:
        while chunk := file.read(CHUNK):
            parser.feed(chunk)
            if not told and building.root is not None:
                told = True
                yield building.root
            done, building.done = building.done, []
            yield from done
        parser.close()
    except ParseError as error:
        line, column = error.position
        raise ListDamaged(f"line {line}, column {column + 1}: {str(error).partition(':')[0]}") from error
    except DefusedXmlException as error:
        raise ListDamaged(f"line {parser.parser.CurrentLineNumber}: a list has no document type") from error
    except (ValueError, LookupError) as error:
        raise ListDamaged(f"line {parser.parser.CurrentLineNumber}: the encoding cannot be read") from error
    yield from building.done
