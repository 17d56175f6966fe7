"""Labels from the page: the words beside, above or below a field."""

from collections.abc import Sequence

from frontdesk.forms.documents.frame import Box
from frontdesk.forms.documents.page_text import TextLine


def label_of(box: Box, is_box: bool, lines: Sequence[TextLine]) -> str:
    """The text nearest to a field in the directions in which its kind is labelled; empty if there is none near."""
    best, nearest = "", 1e9
    for line in lines:
        x0, y0, x1, y1 = line.box
        beside = min(y1, box[3]) - max(y0, box[1]) > 0.4 * min(y1 - y0, box[3] - box[1])
        over = min(x1, box[2]) - max(x0, box[0]) > 0
        if beside and x0 >= box[2] - 2:
            distance = (x0 - box[2]) * (1 if is_box else 6) + (0 if is_box else 20)
        elif beside and x1 <= box[0] + 4:
            distance = (box[0] - x1) * (2 if is_box else 1)
        elif over and y1 <= box[1] + 4:
            distance = (box[1] - y1) * (6 if is_box else 1.5)
        elif over and y0 >= box[3] - 3:
            distance = (y0 - box[3]) * 4 + 12
        elif over and beside:
            distance = 0.0
        else:
            continue
        if distance < nearest:
            best, nearest = line.text, distance
    return best.strip(" .:_") if nearest < 250 else ""
