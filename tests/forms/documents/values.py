"""Values to fill forms with: one for every kind of field, and a sample of every script."""

from collections.abc import Iterable
from io import BytesIO

import pikepdf

from frontdesk.forms.model.field import Field, Rect, Value

SCRIPTS = {
    "Latin": "Łukasz Żółć, Nguyễn",
    "Western": "Ada O'Connor (née Müller)",
    "Greek": "Ωμέγα Παπαδόπουλος",
    "Cyrillic": "Привет, Ёлкин Щукин",
    "Devanagari": "विकास श्री हिन्दी क्षेत्र",
    "Thai": "กรุงเทพมหานคร ที่อยู่",
    "Chinese, simplified": "北京市朝阳区建国门外大街1号",
    "Chinese, traditional": "臺北市信義區",
    "Japanese": "東京都渋谷区やまと ガギ",
    "Korean": "서울특별시 강남구",
    "Arabic": "السيد محمد علي",
    "Arabic with vowels": "الإسلام مُحَمَّد",
    "Hebrew": "שלום עולם",
}
LATIN = ("Łukasz Żółć", "Ελένη", "Щукин", "Nguyễn Văn", "Čapek")
CHINESE = ("北京市朝阳区", "上海浦东新区", "李小龙", "建国门外大街", "广州市天河区")
NOTHING = "Ada Lovelace"


def values_for(fields: Iterable[Field]) -> dict[int, Value]:
    """Something for every field."""
    values: dict[int, Value] = {}
    for field in fields:
        if field.kind == "checkbox":
            values[field.number] = True
        elif field.kind in ("radio", "dropdown", "listbox"):
            values[field.number] = field.options[-1].value
        elif field.data_type == "date":
            values[field.number] = "2026-03-09"
        else:
            text = "0123456789ABCDEFGHIJ" if field.comb else f"Hxg {field.number}"
            values[field.number] = text[: field.max_length or 99]
    return values


def blank_sheet(count: int) -> tuple[bytes, tuple[Field, ...]]:
    """A page with nothing on it, and that many detected fields below each other."""
    sheet = pikepdf.new()
    sheet.add_blank_page(page_size=(612, 792))
    kept = BytesIO()
    sheet.save(kept)
    fields = tuple(
        Field(number, "text", "string", f"Line {number}", Rect(0, 72, 760 - 26 * number, 400, 18))
        for number in range(1, count + 1)
    )
    return kept.getvalue(), fields
