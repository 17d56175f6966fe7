"""Lines that were recognised on a picture of a page, brought to where they lie on the page."""

import math

from frontdesk.forms.documents.page_text import TextLine
from frontdesk.forms.model.field import PageSize
from frontdesk.ports.ocr import Page

_SURE = 0.5


def lines_on(page: Page, size: PageSize) -> tuple[TextLine, ...]:
    """What was read of a page, as `reading.read` takes it: in points on the page as it is shown.

    The reader turned the page to make it upright, about its middle and onto a sheet that was large enough.
    """
    wide, high = (size.height, size.width) if size.rotation % 180 else (size.width, size.height)
    turn = math.radians(page.turned)
    cosine, sine = math.cos(turn), math.sin(turn)
    scale = page.width / (high * abs(sine) + wide * abs(cosine))
    found = []
    for line in page.lines:
        text = " ".join(line.text.split())
        if not text or line.score < _SURE or len(line.quad) != 8:
            continue
        corners = []
        for x, y in zip(line.quad[::2], line.quad[1::2], strict=True):
            across, down = (x - page.width / 2) / scale, (y - page.height / 2) / scale
            corners.append((wide / 2 + across * cosine + down * sine, high / 2 - across * sine + down * cosine))
        # The upright line's own length and height: a slightly turned one must not grow.
        middle = (sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4)
        length, height = math.dist(corners[0], corners[1]), math.dist(corners[1], corners[2])
        if round(page.turned / 90) % 2:
            length, height = height, length
        box = (middle[0] - length / 2, middle[1] - height / 2, middle[0] + length / 2, middle[1] + height / 2)
        found.append(TextLine(text, box, height))
    return tuple(found)
