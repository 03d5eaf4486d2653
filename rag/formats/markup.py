"""HTML and XML: the encoding that a file declares, and the running text of a piece of HTML. Knows no format.

Of a whole page, with what surrounds its story, the text is `rag.formats.html`'s affair.
"""

import re
from html.parser import HTMLParser

_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"'](?P<xml>[\w.:-]{1,40})|<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*(?P<html>[\w.:-]{1,40})",
    re.IGNORECASE,
)
_HEAD = 4_096  # bytes in which a declaration must stand
_UNSEEN = frozenset(("script", "style", "template", "noscript", "iframe", "svg"))
_BLOCK = re.compile(
    r"address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6r]|header|li|main|nav|ol|p|pre|"
    r"section|table|t[dhr]|ul"
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")


def declared_encoding(raw: bytes) -> str | None:
    """What an XML declaration or a meta element says of the encoding."""
    found = _DECLARED.search(raw[:_HEAD])
    return (found["xml"] or found["html"]).decode("ascii") if found else None


def text_of(markup: str) -> str:
    """The text of a piece of HTML, a block a line; an item of a list begins with a dash. Raises nothing."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(reader.parts).split("\0"))
    return "\n".join(line for line in lines if line not in ("", "-"))


class _Reader(HTMLParser):
    """Collects text, with a NUL where a block begins or ends: no HTML holds one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif _BLOCK.fullmatch(tag):
            self.parts.append("\0- " if tag == "li" else "\0")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif _BLOCK.fullmatch(tag):
            self.parts.append("\0")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\0", ""))
