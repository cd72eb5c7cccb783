"""From a sample to a deployed version without a mouse: every control is come to with Tab and worked with keys."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.torture]

#: So many times somebody would press Tab before giving up.
PATIENCE = 250
WORDS = {
    "zh": {
        "new": "新建流程",
        "make": "建立草稿",
        "outline": "元素清单",
        "saved": "已存",
        "name": "远程线路测试",
        "deploy": re.compile("^发布"),
    },
    "en": {
        "new": "New process",
        "make": "Make the draft",
        "outline": "Elements",
        "saved": "Saved",
        "name": "Line test from afar",
        "deploy": re.compile("^Deploy"),
    },
}


def reach(page: Any, wanted: Any) -> None:
    """Press Tab until the focus is there."""
    for _ in range(PATIENCE):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {wanted}")


def fill(page: Any, wanted: Any, text: str) -> None:
    """Come to a field and type."""
    reach(page, wanted)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_designer_goes_from_a_sample_to_a_deployed_version_by_keyboard(
    page: Any, address: str, site: Site, language: str
) -> None:
    words, key = WORDS[language], f"by_keyboard_{language}"
    sign_in(page, address, "designer", language)
    page.goto(f"{address}/processes")
    reach(page, page.get_by_role("link", name=words["new"]).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/processes/new*")
    reach(page, page.locator("a[href*='code=line_test']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**code=line_test*")
    for field, text in (("name_zh", "线路测试二"), ("name_en", "Line test two"), ("new_key", key)):
        fill(page, page.locator(f"#f-{field}"), text)
    reach(page, page.get_by_role("button", name=words["make"]))
    page.keyboard.press("Enter")
    page.wait_for_url("**/processes/drafts/**")
    page.locator("#designer[data-ready]").wait_for()
    draft = page.url.split("?")[0]

    outline = page.get_by_role("tab", name=words["outline"])
    for _ in range(8):  # from one part of the board to the next
        page.keyboard.press("F6")
        if page.evaluate("document.activeElement.getAttribute('role')") == "tab":
            break
    for _ in range(4):
        if outline.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    step = page.locator("[role=treeitem][data-element]").first
    step.wait_for()
    for _ in range(20):
        if page.evaluate("document.activeElement.getAttribute('role')") == "treeitem":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for _ in range(6):
        page.keyboard.press("F6")
        if page.evaluate("Boolean(document.activeElement.closest('.dsg-panel'))"):
            break
    name = page.locator(".dsg-panel textarea[name=name], .dsg-panel input[name=name]").first
    if not name.is_visible():  # the section is folded; the focus is on what unfolds it
        page.keyboard.press("Enter")
    fill(page, name, words["name"])
    page.keyboard.press("Control+s")
    page.locator(".dsg-saved", has_text=words["saved"]).wait_for()
    assert words["name"] in site.visitor("designer").get(f"{draft.removeprefix(address)}/source").get_data(as_text=True)

    page.keyboard.press("Control+Shift+D")
    page.wait_for_url("**/deploy")
    notes = page.locator("[name^=note-]")
    for at in range(notes.count()):
        fill(page, notes.nth(at), "known")
    release = page.locator("[name=release_note]")
    fill(page, release, "by keyboard")
    deploy = page.get_by_role("button", name=words["deploy"]).first
    assert deploy.is_enabled(), page.locator("main").inner_text()[:3000]
    reach(page, deploy)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/processes/{key}/1*")
    assert page.locator("h1").is_visible()
