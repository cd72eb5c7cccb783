"""The handbook inside the product: the documents of docs/handbook as pages, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask import Response, send_from_directory, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from werkzeug.exceptions import NotFound

from app.access import requires_login
from app.web.frame import render
from app.web.help_topics import TOPICS
from app.web.reader import current_reader
from app.web.site import bp
from app.web.texts import Sentence
from app.web.views.frame import Link

DOCS: Final = Path(__file__).parents[2] / "docs"
HANDBOOK: Final = DOCS / "handbook"
TITLES: Final[Mapping[str, Sentence]] = {
    "basics": Sentence("On every page"),
    "counter": Sentence("At the counter"),
    "orders": Sentence("Following orders"),
    "sheets": Sentence("Order sheets"),
    "field": Sentence("Teams and field crews"),
    "phone": Sentence("Phone of field crews"),
    "board": Sentence("Team board"),
    "operations": Sentence("Operations"),
    "designer": Sentence("Drawing processes"),
    "drawing": Sentence("Drawing board"),
    "deploying": Sentence("Check, deploy, compare"),
    "decisions": Sentence("Decision tables"),
    "migration": Sentence("Migrating running orders"),
    "catalogue": Sentence("Catalogue and dispatch"),
    "promises": Sentence("Promises and calendars"),
    "administration": Sentence("Administration"),
}


@dataclass(frozen=True)
class HandbookPage:
    """One document, and the way to the others."""

    title: str
    body: str
    topics: tuple[Link, ...]


@bp.get("/help/<topic>")
@requires_login
def help_page(topic: str) -> Response:
    """One document of the handbook."""
    if topic not in TOPICS:
        raise NotFound
    reader = current_reader()
    page = HandbookPage(
        title=reader.t(TITLES[topic]),
        body=as_html(HANDBOOK / f"{topic}.{reader.language}.md"),
        topics=tuple(
            Link(reader.t(TITLES[each]), url_for("web.help_page", topic=each), "book", each == topic) for each in TOPICS
        ),
    )
    return render("help/page.html", page)


@bp.get("/help/images/<path:name>")
@requires_login
def help_image(name: str) -> Response:
    """A picture of the handbook."""
    return send_from_directory(DOCS / "images", name)


@cache
def as_html(path: Path) -> str:
    """A document of ours as HTML. HTML in the document is shown, not obeyed; headings can be linked to.

    Links between documents become links between pages; links to documents for engineers become plain words.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(path.read_text(encoding="utf-8"))
    if tokens and tokens[0].tag == "h1":
        tokens = tokens[3:]  # the page has a title of its own
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[at + 1].content))
        for child in token.children or ():
            _point_inside(child)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def anchor(heading: str) -> str:
    """The id of a heading, as the usual git hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _point_inside(token: Token) -> None:
    if token.type == "image":
        token.attrSet("src", f"/help/images/{Path(str(token.attrGet('src'))).name}")
    if token.type != "link_open":
        return
    address, _, part = str(token.attrGet("href")).partition("#")
    document = re.fullmatch(r"(\w+)\.(?:zh|en)\.md", address)
    if document and document[1] in TOPICS:
        token.attrSet("href", f"/help/{document[1]}{'#' + part if part else ''}")
    elif address and "://" not in address:
        token.attrSet("href", f"#{part}" if part else "#main")
