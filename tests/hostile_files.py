"""Files that people should not send: built here, byte by byte, so that no hostile file lies about."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image, ImageDraw, ImageFont


def picture(width: int = 400, height: int = 260, kind: str = "JPEG", text: str = "SPECIMEN") -> bytes:
    """An honest picture with a word on it and enough noise to be more than a KiB."""
    image = Image.effect_noise((width, height), 12).convert("RGB")
    ImageDraw.Draw(image).text((20, 40), text, fill="black", font=ImageFont.load_default(size=36))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def document(pages: int = 1, width: int = 300, height: int = 200) -> pikepdf.Pdf:
    """An honest PDF, still open."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(width, height))
    return made


def saved(made: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    made.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG whose header promises a huge picture."""
    return png(width, height, zlib.compress(b"\0" * 200_000) + b"\0" * 2000)


def png(width: int, height: int, compressed: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", compressed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_archive(front: bytes) -> bytes:
    """The file with a ZIP archive behind it: both kinds of reader are content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("payload.txt", "hello")
    return front + out.getvalue()


def with_jpeg_comment(front: bytes, comment: bytes) -> bytes:
    """A JPEG with a comment right after its start, where another kind of reader looks first."""
    return front[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + front[2:]


def with_script() -> bytes:
    made = document()
    made.Root.OpenAction = made.make_indirect(
        pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    )
    return saved(made)


def with_script_in_compressed_objects() -> bytes:
    """The action is not to be seen in the bytes: it lies in an annotation, in a compressed stream."""
    made = document()
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    made.pages[0].Annots = pikepdf.Array([link])
    return saved(made, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)


def with_launch() -> bytes:
    made = document()
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("/bin/sh"))
    return saved(made)


def with_embedded_file() -> bytes:
    made = document()
    made.attachments["payload.txt"] = b"hello"
    return saved(made)


def encrypted(user: str = "secret") -> bytes:
    return saved(document(), encryption=pikepdf.Encryption(owner="owner", user=user))


def with_huge_image() -> bytes:
    """A PDF whose page holds an image of a thousand million pixels in a few bytes."""
    made = document()
    image = pikepdf.Stream(made, zlib.compress(b"\0" * 1000))
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height, image.BitsPerComponent = 32_000, 32_000, 8
    image.ColorSpace, image.Filter = pikepdf.Name.DeviceGray, pikepdf.Name.FlateDecode
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    made.pages[0].Contents = pikepdf.Stream(made, b"/Im0 Do")
    return saved(made)
