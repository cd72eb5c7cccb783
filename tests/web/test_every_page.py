"""What holds on every page: its language, no inner names, its weight, and the rules of WCAG 2.2 that axe does not see.

In the ordinary run the browser opens some of the pages; ``--full`` opens all of them, in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import pytest
from sqlalchemy import select

from app.persistence.counter.customers import Customer
from app.web import texts
from app.web.texts import Sentence
from tests.web.shown_text import Said, said_by
from tests.web.site import Site, sign_in
from tests.web.test_accessible import places as all_places

places = all_places

MOST_BYTES: Final = 60_000
INNER: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|\b[0-9a-f]{32}\b|\b(?:Activity|Gateway|Flow|Event)_\w+", re.IGNORECASE
)
CJK: Final = re.compile(r"[\u3400-\u9fff]")
#: A masked person or road keeps its first characters in any language.
MASKED: Final = re.compile(r"[\u3400-\u9fff]+\*+")
WORDS: Final = re.compile(r"\b[A-Za-z]{2,}\s+[a-z]{2,}\b")
#: What the people of these pages have typed, and what a neighbour has said, stays as it is in both languages.
TYPED: Final = re.compile(r"is it back\?|no light|looked at from afar now|no rule for order .*|门店\.csv|一站|^中文$")
#: Pages that show files or drawings as they are: names of their columns, of processes, and of what they call.
AS_THEY_ARE: Final = frozenset({"web.gallery", "web.help_page", "web.sheet"})
#: Pages for those who draw processes.
OF_THE_MACHINE: Final = frozenset({"web.process", "web.process_version", "web.processes", "web.help_page"})
#: The pages that are opened in every run; the others are in ``--full``.
FEW: Final = ("web.desk", "web.order", "web.work_list", "web.exceptions")
SPACING: Final = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)
LONGER: Final = "~" * 40


def read_in(site: Site, places: dict[str, tuple[str, str]], language: str) -> Iterator[tuple[str, str]]:
    """Every page in a language: its name and its HTML."""
    for endpoint, (login, path) in sorted(places.items()):
        glue = "&" if "?" in path else "?"
        answer = site.visitor(login).get(f"{path}{glue}lang={language}")
        if answer.status_code == 303:  # a signed link opens the page it is for
            answer = site.visitor(login).get(f"{answer.headers['Location']}?lang={language}")
        assert answer.status_code == 200, (path, answer.status_code)
        assert answer.headers["Content-Language"] == ("en" if language == "en" else "zh-CN"), path
        yield endpoint, answer.get_data(as_text=True)


def own(said: Said, language: str) -> str:
    """What of a text has to be in the page's language: not what is marked as another one, not what people typed."""
    if not said.lang.startswith(language):
        return ""
    return TYPED.sub("", MASKED.sub("", said.text))


@pytest.mark.parametrize(("language", "foreign"), [("zh", WORDS), ("en", CJK)])
def test_pages_speak_the_language_of_their_reader(
    site: Site, places: dict[str, tuple[str, str]], language: str, foreign: re.Pattern[str]
) -> None:
    found = {
        f"{endpoint}: {said.text[:120]}"
        for endpoint, html in read_in(site, places, language)
        if endpoint not in AS_THEY_ARE
        for said in said_by(html)
        if foreign.search(own(said, language))
    }
    assert not found, "\n".join(sorted(found))


def test_pages_show_no_inner_ids_and_nobodys_whole_phone(site: Site, places: dict[str, tuple[str, str]]) -> None:
    found = set()
    with site.world.deps.sessions() as session:
        phones = re.compile("|".join(session.scalars(select(Customer.phone).where(Customer.phone != ""))))
    for endpoint, html in read_in(site, places, "zh"):
        for said in said_by(html):
            if INNER.search(said.text) and endpoint not in OF_THE_MACHINE:
                found.add(f"{endpoint}: {said.text[:120]}")
            if phones.search(said.text):
                found.add(f"{endpoint}: a whole phone number: {said.text[:40]}")
    assert not found, "\n".join(sorted(found))


def test_pages_are_light(site: Site, places: dict[str, tuple[str, str]]) -> None:
    heavy = {endpoint: len(html.encode()) for endpoint, html in read_in(site, places, "zh")}
    assert {endpoint: size for endpoint, size in heavy.items() if size > MOST_BYTES} == {}


def test_each_notice_is_said_once(site: Site, places: dict[str, tuple[str, str]]) -> None:
    for login, path in (places["web.order"], places["web.task"], places["web.desk"]):
        shown = site.visitor(login).get(f"{path}?done=saved-nothing").get_data(as_text=True)
        assert 'data-testid="toast"' not in shown, "a word nobody knows is no notice"
        shown = site.visitor(login).get(f"{path}?done=paused").get_data(as_text=True)
        assert len(re.findall(r'role="status" data-testid="toast"', shown)) == 1


class Longer(Mapping[Sentence, str]):
    """A language whose every sentence is the English one, forty per cent longer and between brackets."""

    @cached_property
    def _known(self) -> Mapping[Sentence, str]:
        return texts.chinese.__wrapped__()  # type: ignore[attr-defined,no-any-return]

    def __getitem__(self, sentence: Sentence) -> str:
        return self.get(sentence)

    def get(self, sentence: Sentence, default: Any = None) -> str:  # type: ignore[override]
        if len(sentence.text) < 3:
            return f"{sentence.text}~"  # a mark or the short name of a day
        padding = " ".join("~~~~" for _ in range(max(1, len(sentence.text) * 4 // 50)))
        return f"[{sentence.text} {padding}]"

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@pytest.fixture
def shown_places(request: pytest.FixtureRequest, places: dict[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Login, name and address of the pages that this run opens."""
    whole = request.config.getoption("--full")
    return sorted((login, name, path) for name, (login, path) in places.items() if whole or name in FEW)


def opened(page: Any, address: str, places: list[tuple[str, str, str]], language: str) -> Iterator[str]:
    """Open one page after the other; the drawing board is a library's and left out."""
    who = ""
    for login, name, path in places:
        if name == "web.draft":
            continue
        if login != who:
            page.context.clear_cookies()
            sign_in(page, address, login, language)
            who = login
        page.goto(f"{address}{path}")
        yield name


COVERED: Final = """async () => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const found = [];
  for (const each of document.querySelectorAll(wanted)) {
    const hidden = !each.checkVisibility({ checkVisibilityCSS: true }) || each.closest('dialog:not([open])');
    if (each.disabled || hidden) continue;
    each.focus();
    if (document.activeElement !== each) continue;
    const box = each.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const shown = (x, y) => {
      const top = document.elementFromPoint(x, y);
      return top && (each.contains(top) || top.contains(each) || each.labels?.[0]?.contains(top));
    };
    const parts = [.5, .1, .9];
    const spots = parts.flatMap((x) => parts.map((y) => [box.left + box.width * x, box.top + box.height * y]));
    if (!spots.some(([x, y]) => shown(x, y))) found.push('covered: ' + each.outerHTML.slice(0, 120));
    const look = getComputedStyle(each);
    const ring = look.outlineStyle !== 'none' || look.boxShadow !== 'none';
    if (!ring) found.push('no ring: ' + each.outerHTML.slice(0, 120));
  }
  return found;
}"""
CUT: Final = """(style) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
  const found = [];
  for (const each of document.querySelectorAll('main *, header *, footer *')) {
    const look = getComputedStyle(each);
    const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || look.position === 'absolute' || each.closest('svg, .vh, pre, textarea, select')) continue;
    const hides = look.overflowY === 'hidden' || look.overflowY === 'clip';
    if (hides && each.scrollHeight > each.clientHeight + 2) found.push('cut: ' + each.outerHTML.slice(0, 120));
  }
  document.adoptedStyleSheets = [];
  return found;
}"""
#: Draws each character of a page like one that no font has: what looks the same is a box.
BOXES: Final = """() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 40;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.font = `24px ${getComputedStyle(document.body).fontFamily}`;
  const drawn = (character) => {
    pen.clearRect(0, 0, 40, 40);
    pen.fillText(character, 4, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  const box = drawn('\\u{10FFFE}');
  const used = new Set(document.body.innerText.replace(/\\s/g, ''));
  return [...used].filter((one) => one > '\\u2e80' && drawn(one) === box);
}"""
TOO_WIDE: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_stand_narrow_and_spaced_and_never_hide_the_focus(
    page: Any,
    address: str,
    shown_places: list[tuple[str, str, str]],
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    if language == "en" and not request.config.getoption("--full"):
        shown_places = shown_places[:2]
    broken: list[str] = []
    page.set_viewport_size({"width": 1280, "height": 720})
    for name in opened(page, address, shown_places, language):
        page.keyboard.press("Tab")
        broken += [f"{name}: {line}" for line in page.evaluate(COVERED)]
        broken += [f"{name}: spaced: {line}" for line in page.evaluate(CUT, SPACING)]
        broken += [f"{name}: no font has {one}" for one in page.evaluate(BOXES)]
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate(TOO_WIDE)
        broken += [f"{name}: {wide} px too wide at 320"] * (wide > 0)
        page.set_viewport_size({"width": 1280, "height": 720})
    assert not broken, "\n".join(broken)


@pytest.mark.slow
def test_pages_have_room_for_longer_words(
    page: Any, address: str, shown_places: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = Longer()
    monkeypatch.setattr(texts, "chinese", lambda: longer)
    broken: list[str] = []
    for name in opened(page, address, shown_places, "zh"):
        page.set_viewport_size({"width": 1280, "height": 720})
        assert "~~~~" in page.locator("body").inner_text()
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 720})
            wide = page.evaluate(TOO_WIDE)
            broken += [f"{name}: {wide} px too wide at {width}"] * (wide > 0)
            broken += [f"{name}: {line} at {width}" for line in page.evaluate(CUT, "")]
    assert not broken, "\n".join(broken)
