"""A small picture with one word, for the reader to prove itself on."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WORD = "FRONTDESK"


def sample() -> bytes:
    """A PNG that shows `WORD`."""
    picture = Image.new("RGB", (640, 160), "white")
    ImageDraw.Draw(picture).text((60, 50), WORD, fill="black", font=ImageFont.load_default(size=56))
    out = BytesIO()
    picture.save(out, "PNG", compress_level=0)
    return out.getvalue()
