"""Fifty texts that would run as script where somebody forgot to escape them, and what a page looks like if one did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

#: Each of them, where it is not escaped, sets ``window.ran``, or at least adds what no page of ours has.
PAYLOADS: Final = (
    "<script>window.ran=1</script>",
    "<ScRiPt>window.ran=1</sCrIpT>",
    "<script src=data:,window.ran=1></script>",
    "<script/x>window.ran=1</script >",
    "</title><script>window.ran=1</script>",
    "</textarea><script>window.ran=1</script>",
    "</style><script>window.ran=1</script>",
    "--><script>window.ran=1</script>",
    "]]><script>window.ran=1</script>",
    "<<script>window.ran=1//<</script>",
    "<img src=x onerror=window.ran=1>",
    "<img src=x onerror='window.ran=1'>",
    '"><img src=x onerror=window.ran=1>',
    "'><img src=x onerror=window.ran=1>",
    "<img src=`x` onerror=window.ran=1>",
    "<image src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "<svg/onload=window.ran=1>",
    "<svg><script>window.ran=1</script></svg>",
    "<svg><a xlink:href='javascript:window.ran=1'><text y=9>x</text></a></svg>",
    "<svg><animate onbegin=window.ran=1 attributeName=x dur=1s>",
    "<math href='javascript:window.ran=1'>x</math>",
    "<body onload=window.ran=1>",
    "<iframe src='javascript:window.ran=1'></iframe>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<object data='javascript:window.ran=1'></object>",
    "<embed src='javascript:window.ran=1'>",
    "<a href='javascript:window.ran=1'>x</a>",
    "<a href='jav&#x09;ascript:window.ran=1'>x</a>",
    "<form action='javascript:window.ran=1'><button>x</button></form>",
    "<button formaction='javascript:window.ran=1'>x</button>",
    "<input autofocus onfocus=window.ran=1>",
    "<details open ontoggle=window.ran=1>",
    "<video><source onerror=window.ran=1></video>",
    "<audio src=x onerror=window.ran=1>",
    "<marquee onstart=window.ran=1>x</marquee>",
    "<meta http-equiv=refresh content='0;url=javascript:window.ran=1'>",
    "<base href='javascript:window.ran=1//'>",
    "<link rel=stylesheet href='javascript:window.ran=1'>",
    "<style>@import 'javascript:window.ran=1';</style>",
    "<div style='background:url(javascript:window.ran=1)'>x</div>",
    "<p hx-get='/logout' hx-trigger=load>x</p>",
    "<p hx-on:click='window.ran=1' hx-trigger=load>x</p>",
    '" onmouseover="window.ran=1" x="',
    "' onmouseover='window.ran=1' x='",
    "` onmouseover=window.ran=1 `",
    "{{ 7*191 }}{% print(7*191) %}",
    "${window.ran=1}#{window.ran=1}",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
    "javascript:window.ran=1//\u2028\u202e\ufeff",
)
#: Tags and attributes that stand in no page of ours.
NO_TAGS: Final = frozenset(
    {"iframe", "object", "embed", "base", "marquee", "math", "audio", "image", "animate", "style"},
)
#: Attributes that lead somewhere.
LEADS: Final = frozenset({"href", "src", "action", "formaction", "data", "xlink:href", "content", "hx-get", "hx-post"})


@dataclass
class Form:
    """A form as a browser would send it; ``texts`` names what people can type into, with the longest text it takes."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)


@dataclass
class Suspect(HTMLParser):
    """Feed it a page: ``found`` says what no page of ours has, ``forms`` are its forms."""

    found: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _form: Form | None = None
    _select: str = ""
    _area: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        # Values for a script of ours are no script.
        runs_here = tag == "script" and "src" not in given and given.get("type") != "application/json"
        empty = tag == "iframe" and not {"src", "srcdoc"} & given.keys()  # a form of ours is shown in it
        if (tag in NO_TAGS and not empty) or runs_here:
            self.found.append(f"<{tag}>")
        for name, value in given.items():
            runs = name in LEADS and value.strip().lower().startswith(("javascript:", "data:text"))
            if name.startswith(("on", "hx-on")) or name in ("srcdoc", "style") or runs:
                self.found.append(f"{name}={value[:60]}")
        if given.get("hx-get") == "/logout":
            self.found.append("hx-get=/logout")
        self._note_field(tag, given)

    def _note_field(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        name = given.get("name", "")
        if self._form is None or "disabled" in given:
            return
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("text", "search", "tel", "email", "url"):
                self._form.texts[name] = int(given.get("maxlength") or 200)
                self._form.values.setdefault(name, given.get("value", ""))
            elif kind not in ("checkbox", "radio", "file", "submit", "button") or "checked" in given:
                self._form.values.setdefault(name, given.get("value", "on"))
            elif kind == "radio":
                self._form.values.setdefault(name, given.get("value", ""))
        elif tag == "textarea" and name:
            self._form.texts[name] = int(given.get("maxlength") or 500)
            self._form.values.setdefault(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and given.get("value"):
            self._form.values.setdefault(self._select, given["value"])
        elif tag == "button" and name and given.get("type", "submit") == "submit":
            self._form.values.setdefault(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def looked_at(html: str) -> Suspect:
    """A page with its forms, and what is wrong with it."""
    page = Suspect()
    page.feed(html)
    return page


def packed(most: int) -> list[str]:
    """All payloads in as few texts of at most ``most`` characters as they need; those that do not fit are left out."""
    texts: list[str] = []
    for payload in PAYLOADS:
        if len(payload) > most:
            continue
        if texts and len(texts[-1]) + len(payload) < most:
            texts[-1] += f" {payload}"
        else:
            texts.append(payload)
    return texts


def pages_of(places: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Login, name and address of each page."""
    for name, (login, path) in sorted(places.items()):
        yield login, name, path


def is_ours(action: str) -> bool:
    """Whether a form goes to this application, and does not end the session or the account it is sent with."""
    path = urlsplit(action).path
    ends = ("logout", "session", "password", "/lock", "/deploy")
    return path.startswith("/") and not any(word in path for word in ends)
