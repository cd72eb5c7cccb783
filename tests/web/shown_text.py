"""Everything a page says to its reader: texts between tags, and attributes that are read out or shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

SAID: Final = ("aria-label", "title", "placeholder", "alt", "aria-description", "data-draft-title")
SILENT: Final = frozenset({"script", "style", "template"})
ALONE: Final = frozenset({"input", "link", "meta", "br", "hr", "img", "use", "path", "circle", "rect", "line", "col"})


@dataclass(frozen=True)
class Said:
    """One text with the language its element is marked with (the nearest ``lang``), and the tags it stands in."""

    text: str
    lang: str
    within: tuple[str, ...]


@dataclass
class ShownText(HTMLParser):
    """Feed it a page; ``said`` is what it says."""

    said: list[Said] = field(default_factory=list)
    _open: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        lang = given.get("lang") or (self._open[-1][1] if self._open else "")
        for name in SAID:
            if given.get(name):
                self.said.append(Said(given[name], lang, (*(each for each, _ in self._open), tag)))
        if tag not in ALONE:
            marks = ".".join((tag, *given.get("class", "").split()))
            self._open.append((marks, lang))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0].split(".")[0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        tags = tuple(each for each, _ in self._open)
        if data.strip() and not SILENT & {each.split(".")[0] for each in tags}:
            self.said.append(Said(" ".join(data.split()), self._open[-1][1] if self._open else "", tags))


def said_by(html: str) -> list[Said]:
    """What a page says, in order."""
    page = ShownText()
    page.feed(html)
    return page.said
