"""The plain page behind an access link, until the hosted pages come."""

from html import escape

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
</head>
<body>
<main>
<h1>{name}</h1>
<p>This link works. The page on which you will go through the steps comes with a later version.</p>
</main>
</body>
</html>
"""


def prefers_html(accept: str | None) -> bool:
    """Whether a browser asks: `text/html` is named and wanted more than JSON."""
    if not accept:
        return False
    weights = {"text/html": 0.0, "application/json": 0.0}
    for part in accept.split(","):
        kind, *parameters = (each.strip() for each in part.split(";"))
        if kind in weights:
            weights[kind] = _weight(parameters)
    return weights["text/html"] > weights["application/json"]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def waiting_page(name: str) -> HTMLResponse:
    """A page without script or style that says that the link works."""
    return HTMLResponse(_PAGE.format(name=escape(name)))
