"""Every string of the drawing board in Chinese: whatever is shown anywhere is collected, and no English may be left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.every_kind import every_kind
from tests.browser.island import Island, serve
from tests.browser.test_designer_island import FINDING, VOCABULARY

pytestmark = pytest.mark.slow
# What is the same in both languages: names of formats, keys, marks, codes, and what designers type.
SAME = {
    "BPMN", "BPMNDI", "DMN", "SVG", "PNG", "FEEL", "ISO", "UTC", "Ctrl", "Shift", "Tab", "Delete", "Enter", "Esc",
    "XML", "SLA",
    "result", "order", "tier", "gold", "demo", "Designer", "all", "start", "end",
}  # fmt: skip
WORDS = re.compile(r"[A-Za-z]{3,}")
CODE = re.compile(r"\S*[_.:@'=/]\S*|\b(?=\w*\d)\w+\b|R\d+/\S*")
MARK = "Powered by bpmn.io"
COLLECT = """() => {
  const said = new Set();
  const shown = (node) => node.checkVisibility ? node.checkVisibility() : true;
  for (const node of document.querySelectorAll('body *')) {
    if (!shown(node) || node.closest('script, style')) continue;
    for (const name of ['title', 'aria-label', 'placeholder', 'aria-description', 'alt'])
      if (node.getAttribute(name)) said.add(node.getAttribute(name));
    for (const child of node.childNodes) if (child.nodeType === 3 && child.data.trim()) said.add(child.data.trim());
  }
  return [...said];
}"""


class Listener:
    """Collects what a page shows and keeps what is English."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.seen: set[str] = set()
        self.english: dict[str, str] = {}

    def nothing_english(self) -> None:
        """Fail with everything that was."""
        assert not self.english, "\n".join(f"{where}: {said!r}" for said, where in self.english.items())

    def listen(self, where: str) -> None:
        for said in self.page.evaluate(COLLECT):
            if said in self.seen or said == MARK:
                continue
            self.seen.add(said)
            left = [word for word in WORDS.findall(CODE.sub(" ", said)) if word not in SAME]
            if left:
                self.english[said] = where


@pytest.fixture
def island(page: Any) -> Iterator[Island]:
    with serve() as running:
        running.vocabulary = VOCABULARY
        running.answers["/check"] = (200, {"findings": [FINDING | {"element_id": "z1"}], "ok": False})
        yield running
        page.close()  # nothing it still asks for meets a server that has gone


def opened(page: Any, island: Island) -> Listener:
    page.goto(island.url)
    page.locator("#designer[data-ready]").wait_for()
    heard = Listener(page)
    heard.listen("opened")
    return heard


def choose(page: Any, own: str) -> None:
    """Select an element by the list of elements; the panel shows it."""
    row = page.locator(f"[role=treeitem][data-element={own}]")
    row.press("Enter")
    page.locator(".dsg-row[aria-selected=true]").wait_for()


def unfold(page: Any) -> None:
    """Open every group and entry of the panel, and add a row to each list."""
    page.evaluate(
        """() => {
          const press = (css) => { for (const one of document.querySelectorAll(css)) one.click(); };
          press('.bio-properties-panel-group-header:not(.open)');
        }"""
    )
    page.evaluate("() => document.querySelectorAll('.bio-properties-panel-add-entry').forEach((one) => one.click())")
    page.evaluate(
        """() => document.querySelectorAll('.bio-properties-panel-collapsible-entry-header:not(.open)')
          .forEach((one) => one.click())"""
    )


@pytest.mark.parametrize("some", [True, pytest.param(False, marks=pytest.mark.torture)], ids=["some", "every"])
def test_no_element_speaks_english(page: Any, island: Island, some: bool) -> None:
    island.source, ids = every_kind(some=some)
    page.set_default_timeout(30_000)
    heard = opened(page, island)
    page.get_by_role("tab", name="元素清单").click()
    for own in [*ids, "f1", "g", "all"]:
        choose(page, own)
        unfold(page)
        heard.listen(f"the panel of {own}")
        page.keyboard.press("r")
        heard.listen(f"the kinds to change {own} into")
        page.keyboard.press("Escape")
    heard.nothing_english()


def test_no_menu_and_no_dialog_speaks_english(page: Any, island: Island) -> None:
    island.source, _ = every_kind(some=True)
    heard = opened(page, island)
    for name in ("文件", "视图", "绘图"):
        page.get_by_role("button", name=name, exact=True).click()
        heard.listen(name)
        page.keyboard.press("Escape")
    page.get_by_role("tab", name="元素清单").click()
    choose(page, "t1")
    for key, name in {"a": "append", "n": "create", "k": "connect", "?": "shortcuts", "Control+f": "find"}.items():
        page.keyboard.press(key)
        heard.listen(name)
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
        page.locator(".djs-popup").wait_for(state="detached")
        choose(page, "t1")
    page.get_by_role("button", name="检查", exact=True).click()
    page.locator(".dsg-mark").wait_for()
    heard.listen("findings")
    heard.nothing_english()


@pytest.mark.torture
def test_the_walk_through_speaks_chinese(page: Any, island: Island) -> None:
    island.source = ""
    heard = opened(page, island)
    page.get_by_role("tab", name="元素清单").click()
    choose(page, "start")
    page.get_by_label("查找元素或操作").fill("发短信")
    page.get_by_role("button", name="发短信").press("Enter")
    page.get_by_label("查找元素或操作").fill("")
    page.get_by_role("button", name="排他网关").press("Enter")
    page.get_by_role("button", name="结束", exact=True).press("Enter")
    page.get_by_role("button", name="走查", exact=True).click()
    page.get_by_text("不用数据").first.wait_for()
    heard.listen("walk-through begun")
    page.get_by_title("触发").first.click()
    page.get_by_title("显示或隐藏走查记录").click()
    heard.listen("walk-through running")
    page.get_by_text("走完了").first.wait_for()
    heard.listen("walk-through done")
    page.get_by_role("button", name="走查", exact=True).click()
    heard.nothing_english()
