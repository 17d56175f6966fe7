"""Three hundred damaged PDFs from one seed: cut, flipped, nested, bombs. The same seed gives the same files."""

import io
import random
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

SEED = 20261103
FORMS = Path(__file__).parent / "fixtures" / "forms"
SOUND = ("acroform/comb-textfields", "acroform/ff-e5e3527a", "acroform/fw9-2024", "flat/ff-9dda7eb4", "special/signed")


def damaged(count: int, seed: int = SEED) -> Iterator[tuple[str, bytes]]:
    """So many files, each with a name that says what was done to it."""
    chance = random.Random(seed)
    sound = [(name, (FORMS / f"{name}.pdf").read_bytes()) for name in SOUND]
    kinds: tuple[Callable[[bytes, random.Random], bytes], ...] = (
        cut, flipped, flipped_much, holed, swapped, renamed, doubled, headless,
    )  # fmt: skip
    made: list[tuple[str, Callable[[], bytes]]] = [
        ("nested arrays", nested), ("page tree in a circle", circle), ("inflating bomb", bomb),
        ("fields in a circle", fields_in_a_circle), ("endless widgets", endless_widgets), ("huge page", huge_page),
        ("deep fields", deep_fields), ("no pages", no_pages), ("strange types", strange_types),
    ]  # fmt: skip
    for number in range(count):
        if number < len(made):
            name, make = made[number]
            yield f"{number} {name}", make()
            continue
        kind = kinds[number % len(kinds)]
        name, content = sound[(number // len(kinds)) % len(sound)]
        yield f"{number} {kind.__name__} {name}", kind(content, chance)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(8, len(content))]


def flipped(content: bytes, chance: random.Random, times: int = 30) -> bytes:
    changed = bytearray(content)
    for _ in range(times):
        changed[chance.randrange(8, len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def flipped_much(content: bytes, chance: random.Random) -> bytes:
    return flipped(content, chance, 3_000)


def holed(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(8, len(content) - 2_000)
    return content[:start] + bytes(1_500) + content[start + 1_500 :]


def swapped(content: bytes, chance: random.Random) -> bytes:
    size = len(content) // 4
    parts = [content[start : start + size] for start in range(8, len(content), size)]
    chance.shuffle(parts)
    return content[:8] + b"".join(parts)


def renamed(content: bytes, chance: random.Random) -> bytes:
    words = [
        (b"/Type", b"/Tipe"),
        (b"/Kids", b"/Kidz"),
        (b"/Rect", b"/Tcer"),
        (b"/Length", b"/Lenght"),
        (b"/FT", b"/TF"),
    ]
    for old, new in chance.sample(words, 2):
        content = content.replace(old, new)
    return content


def doubled(content: bytes, chance: random.Random) -> bytes:
    return content + content[chance.randrange(8, len(content)) :]


def headless(content: bytes, chance: random.Random) -> bytes:
    return content[chance.randrange(1, 8) :]


def saved(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is wrong with the document: that is what it is made for
        document.save(out)
    return out.getvalue()


def blank() -> pikepdf.Pdf:
    document = pikepdf.new()
    document.add_blank_page()
    return document


def nested() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"]" * 200_000 + b"\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF"


def circle() -> bytes:
    document = blank()
    pages = document.Root.Pages
    pages.Kids = Array([pages, pages])
    return saved(document)


def bomb() -> bytes:
    document = blank()
    packed = zlib.compress(b"0 0 m 9 9 l S\n" * 20_000_000, 9)
    stream = Stream(document, packed)
    stream.Filter = Name.FlateDecode
    document.pages[0].Contents = stream
    return saved(document)


def widget(document: pikepdf.Pdf, name: str) -> pikepdf.Object:
    return document.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=name, Rect=Array([9, 9, 99, 29]))
    )


def fields_in_a_circle() -> bytes:
    document = blank()
    first, second = widget(document, "a"), widget(document, "b")
    first.Parent, second.Parent = second, first
    first.Kids, second.Kids = Array([second]), Array([first])
    document.pages[0].Annots = Array([first, second])
    document.Root.AcroForm = Dictionary(Fields=Array([first, second]))
    return saved(document)


def endless_widgets() -> bytes:
    document = blank()
    found = [widget(document, f"f{number}") for number in range(20_000)]
    document.pages[0].Annots = Array(found)
    document.Root.AcroForm = Dictionary(Fields=Array(found))
    return saved(document)


def huge_page() -> bytes:
    document = blank()
    document.pages[0].MediaBox = Array([0, 0, 10_000_000, 10_000_000])
    return saved(document)


def deep_fields() -> bytes:
    document = blank()
    inner = widget(document, "leaf")
    document.pages[0].Annots = Array([inner])
    for number in range(3_000):
        outer = document.make_indirect(Dictionary(T=f"n{number}", Kids=Array([inner])))
        inner.Parent = outer
        inner = outer
    document.Root.AcroForm = Dictionary(Fields=Array([inner]))
    return saved(document)


def no_pages() -> bytes:
    return saved(pikepdf.new())


def strange_types() -> bytes:
    document = blank()
    one = widget(document, "a")
    one.Rect, one.T, one.FT, one.MaxLen = Array([Name.A, "x"]), 7, "Tx", Name.Many
    document.pages[0].Annots = Array([one, 5, Name.X, Array([])])
    document.Root.AcroForm = Array([one])
    return saved(document)
