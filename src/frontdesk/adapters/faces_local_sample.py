"""A drawn face of nobody, for the finder to prove itself on."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

NOSE = (160.0, 186.0)
"""Where the tip of the nose is, in pixels."""
_SKIN, _SHADE, _HAIR, _WHITE, _LIPS = (214, 170, 145), (188, 142, 120), (60, 42, 32), (240, 238, 232), (176, 92, 88)


def sample() -> bytes:
    """A PNG of 320 by 320 pixels that shows one face from the front."""
    picture = Image.new("RGB", (320, 320), (150, 165, 175))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((88, 38, 232, 262), fill=_HAIR)
    pen.rectangle((128, 230, 192, 320), fill=_SHADE)
    pen.ellipse((104, 84, 216, 256), fill=_SKIN)
    for x in (133, 187):
        pen.ellipse((x - 17, 140, x + 17, 158), fill=_SHADE)
        pen.ellipse((x - 13, 142, x + 13, 156), fill=_WHITE)
        pen.ellipse((x - 7, 142, x + 7, 156), fill=_HAIR)
        pen.arc((x - 20, 122, x + 20, 150), 200, 340, fill=_HAIR, width=5)
    pen.polygon([(160, 150), (148, 192), (172, 192)], fill=_SHADE)
    pen.ellipse((150, 182, 170, 198), fill=_SHADE)
    for x in (152, 168):
        pen.ellipse((x - 4, 190, x + 4, 196), fill=_HAIR)
    pen.ellipse((136, 212, 184, 230), fill=_LIPS)
    pen.line((138, 220, 182, 220), fill=_HAIR, width=2)
    out = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(2)).save(out, "PNG")
    return out.getvalue()
