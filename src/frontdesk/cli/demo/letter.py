"""The demo's proof of address: a made-up electricity bill of today, drawn as a PDF of one page."""

import io
from datetime import date, timedelta

import pikepdf

_A4 = (595, 842)
_LEFT = 64


def letter(today: date) -> bytes:
    """The bill, issued nine days ago."""
    issued = today - timedelta(days=9)
    lines = [
        (780, 18, "Zenith Power Ltd"),
        (762, 9, "1 Harbour Row, 1000 AB Zenith"),
        (690, 11, "Anna Maria Eriksson"),
        (675, 11, "Orchard Lane 12"),
        (660, 11, "1012 KL Zenith"),
        (610, 11, f"Invoice date: {issued:%d %B %Y}"),
        (595, 11, "Customer number: 4711 0815"),
        (550, 13, "Your electricity bill"),
        (525, 10, "Consumption in the last quarter: 612 kWh"),
        (510, 10, "Amount due: 148.20"),
        (470, 10, "Thank you for being our customer."),
    ]
    drawn = "".join(f"BT /F1 {size} Tf {_LEFT} {height} Td ({text}) Tj ET\n" for height, size, text in lines)
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=_A4)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )
    page = pdf.pages[0]
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
    page.obj.Contents = pdf.make_stream(drawn.encode("ascii"))
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()
