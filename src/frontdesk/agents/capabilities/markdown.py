"""HTML as Markdown or as plain text, for models: what is to be read, without scripts, styles and menus."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head", "iframe", "select", "nav", "footer"})
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "aside",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "figure",
        "figcaption",
        "form",
        "fieldset",
        "address",
    ]
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_DEEPEST_LIST = 8


class _Reader(HTMLParser):
    """Collects text; `is_marked` with Markdown's marks."""

    def __init__(self, url: str, is_marked: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title = ""
        self._url = url
        self._is_marked = is_marked
        self._silent: list[str] = []
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self._preformatted = 0
        self._is_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._is_title = True
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "body":
            self._silent.clear()  # whatever the head left open
        if self._silent:
            return
        if tag in _HEADINGS:
            self._block(_HEADINGS[tag])
        elif tag in ("br", "hr"):
            self.pieces.append("\n" if tag == "br" else "\n\n---\n\n" if self._is_marked else "\n\n")
        elif tag in ("ul", "ol"):
            self.pieces.append("" if self._lists else "\n\n")
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag == "pre":
            self._preformatted += 1
            self._block("```\n")
        elif tag in ("td", "th"):
            mark = "| " if self._is_marked else ""
            self.pieces.append(mark if self._is_at_start() else " " + mark)
        elif tag == "blockquote":
            self._block("> ")
        elif tag == "img":
            self._picture(dict(attrs))
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.pieces)))
        elif tag in _BLOCKS:
            self._block("")
        else:
            self._inline(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._is_title = False
        if self._silent:
            if tag in self._silent:
                del self._silent[self._silent.index(tag) :]
            return
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self.pieces.append("" if self._lists else "\n\n")
        elif tag == "pre" and self._preformatted:
            self._preformatted -= 1
            self.pieces.append("\n```\n\n" if self._is_marked else "\n\n")
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag in _HEADINGS or tag == "blockquote" or (tag in _BLOCKS and tag != "tr"):
            self.pieces.append("\n\n")
        elif tag != "li":
            self._inline(tag)

    def handle_data(self, data: str) -> None:
        if self._is_title:
            self.title += data
        elif self._preformatted and not self._silent:
            self.pieces.append(data)
        elif not self._silent:
            text = _BLANKS.sub(" ", data)
            if text := text.lstrip() if self._is_at_start() else text:
                self.pieces.append(text)

    def _is_at_start(self) -> bool:
        return not self.pieces or self.pieces[-1].endswith("\n")

    def _block(self, mark: str) -> None:
        self.pieces.append("\n\n" + (mark if self._is_marked else ""))

    def _inline(self, tag: str) -> None:
        mark = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`"}.get(tag)
        if mark and self._is_marked and not self._preformatted:
            self.pieces.append(mark)

    def _item(self) -> None:
        indent = "  " * min(max(len(self._lists) - 1, 0), _DEEPEST_LIST)
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            self.pieces.append(f"\n{indent}{self._lists[-1]}. ")
        else:
            self.pieces.append(f"\n{indent}- ")

    def _picture(self, attributes: dict[str, str | None]) -> None:
        text = (attributes.get("alt") or "").strip()
        if text:
            self.pieces.append(f"![{text}]" if self._is_marked else text)

    def _link(self, target: str, start: int) -> None:
        text = "".join(self.pieces[start:]).strip()
        if self._is_marked and text and "\n" not in text and target and not target.startswith(("#", "javascript:")):
            self.pieces[start:] = [f"[{text}]({_joined(self._url, target)})"]


def from_html(html: str, url: str, *, is_marked: bool = True) -> str:
    """Markdown, or plain text, of a page; links are made absolute. Never raises: any text is some HTML."""
    reader = _Reader(url, is_marked)
    reader.feed(html)
    reader.close()
    text = "".join(reader.pieces)
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    title = " ".join(reader.title.split())
    if title and is_marked and not text.startswith("# "):
        return f"# {title}\n\n{text}".strip()
    return text


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target.strip())
    except ValueError:
        return target
