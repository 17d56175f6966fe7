"""Pictures of papers for a report: small, upright, made anew from the pixels. Runs in the sandbox's child."""

from collections.abc import Sequence
from io import BytesIO

import pi_heif
import pypdfium2
from PIL import Image, ImageOps

LONGEST_SIDE = 1100
MOST_PAGES = 4
_MOST_PIXELS = 50_000_000
_QUALITY = 72
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def previews(content: bytes, mime_type: str, turned: Sequence[float]) -> tuple[int, list[bytes]]:
    """How many pages the file has, and the first of them as JPEG; none when it cannot be shown.

    `turned` is by how many degrees clockwise each page stood upright when it was read.
    """
    try:
        if mime_type == "application/pdf":
            return _of_pdf(content, turned)
        if not mime_type.startswith("image/"):
            return 0, []
        with Image.open(BytesIO(content)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return 1, []
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return 1, [_small(ImageOps.exif_transpose(picture), turned[0] if turned else 0)]
    except (OSError, ValueError, SyntaxError, RuntimeError, pypdfium2.PdfiumError):
        return 0, []


def _of_pdf(content: bytes, turned: Sequence[float]) -> tuple[int, list[bytes]]:
    document = pypdfium2.PdfDocument(content)
    try:
        found = []
        for number in range(min(len(document), MOST_PAGES)):
            page = document[number]
            scale = LONGEST_SIDE / max(1.0, *page.get_size())
            picture = page.render(scale=scale, may_draw_forms=False).to_pil()
            found.append(_small(picture, turned[number] if number < len(turned) else 0))
            page.close()
        return len(document), found
    finally:
        document.close()


def _small(picture: Image.Image, turned: float) -> bytes:
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer.getchannel("A"))
    quarters = round(turned / 90) % 4
    if quarters:
        picture = picture.rotate(-90 * quarters, expand=True)
    out = BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
