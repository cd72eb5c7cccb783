"""The builder of forms in a browser: adding, saying, moving, undoing; saved, checked and shown by the server."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.web.site import Site, sign_in
from tests.web.test_form_desk import board

pytestmark = pytest.mark.slow


def opened(page: Any, address: str, site: Site, key: str = "confirm_customer", language: str = "zh") -> str:
    """Open the builder with a draft of a form; returns the address of the draft."""
    own = site.visitor("designer").get(board(site, key)).headers["Location"]
    sign_in(page, address, "designer", language)
    page.goto(f"{address}{own}")
    page.locator("#form-builder[data-ready]").wait_for()
    return own


def stored(site: Site, own: str) -> dict[str, Any]:
    """The draft as the server has it."""
    address = own.replace("/forms/drafts/", "/drafts/") + "/source"
    body: dict[str, Any] = json.loads(site.visitor("designer").get(address).get_data())
    return body


def kept(page: Any) -> None:
    """Save now, and wait until it is."""
    page.keyboard.press("Control+s")
    page.locator(".studio-bar .say.ok").wait_for()


def test_a_question_is_added_said_and_moved_by_keyboard(page, site: Site, address: str) -> None:  # type: ignore[no-untyped-def]
    own = opened(page, address, site)
    before = stored(site, own)
    page.get_by_role("button", name="扫码").first.press("Enter")
    side = page.get_by_role("region", name="属性")
    side.get_by_label("中文标签").fill("条码")
    side.get_by_label("英文标签", exact=True).fill("Bar code")
    side.get_by_label("编号").fill("bar_code")
    side.get_by_label("必填").check()
    side.get_by_label("最多字数").fill("20")
    side.get_by_label("最多字数").blur()
    page.get_by_role("button", name="上移：条码").press("Enter")
    kept(page)
    after = stored(site, own)
    made = after["components"][-2]
    assert made == {
        "type": "scan", "key": "bar_code", "label": "条码", "labelEn": "Bar code",
        "validate": {"required": True, "maxLength": 20},
    }  # fmt: skip
    # Nothing else has changed: a small change is a small difference.
    assert [*after["components"][:-2], after["components"][-1]] == before["components"]
    assert {k: v for k, v in after.items() if k != "components"} == {
        k: v for k, v in before.items() if k != "components"
    }
    frame = page.frame_locator("iframe[name=form-preview]")
    frame.get_by_label("条码").wait_for()
    page.get_by_label("语言").select_option("en")
    frame.get_by_label("Bar code").wait_for()
    assert page.locator(".fjs-powered-by-link").is_visible(), "the bpmn.io mark must stay visible"


@pytest.mark.torture
def test_what_is_wrong_is_said_at_its_question_and_undone(page, site: Site, address: str) -> None:  # type: ignore[no-untyped-def]
    opened(page, address, site)
    page.get_by_role("button", name="下拉单选").press("Enter")
    side = page.get_by_role("region", name="属性")
    side.get_by_label("英文标签", exact=True).fill("")
    side.get_by_label("英文标签", exact=True).blur()
    finding = page.locator(".studio-findings").get_by_role("button", name="下拉单选")
    finding.wait_for()
    assert "须有 label 和 labelEn" in page.locator(".studio-findings").inner_text()
    finding.click()
    assert "须有 label 和 labelEn" in side.inner_text()
    page.get_by_role("button", name="撤销").click()
    page.get_by_text("没有问题。").wait_for()
    assert side.get_by_label("英文标签", exact=True).input_value() == "Choice from a list"


@pytest.mark.torture
def test_no_english_is_left_in_chinese(page, site: Site, address: str) -> None:  # type: ignore[no-untyped-def]
    opened(page, address, site)
    leftover: set[str] = set()
    for kind in page.locator(".fjs-palette-field").all():
        kind.click()
        leftover |= english_of(page)
    page.locator(".fjs-palette-search").fill("zzz")
    page.get_by_text("没有这种题型。").wait_for()
    leftover |= english_of(page)
    assert leftover == set()
    own = opened_blank(page, address, site)
    assert own
    assert english_of(page) == set()


def opened_blank(page: Any, address: str, site: Site) -> str:
    """The builder with a form that has nothing in it yet."""
    given = {"from": "blank", "kind": "form", "new_key": "empty_one", "name_zh": "空表单", "name_en": "Empty"}
    made = site.visitor("designer").post("/processes/drafts", given).headers["Location"]
    own = site.visitor("designer").get(made).headers["Location"]
    page.goto(f"{address}{own}")
    page.locator("#form-builder[data-ready]").wait_for()
    return own


#: Everything that is shown or said, without what stands in boxes: those hold what people have typed.
SHOWN = """node => {
  const found = [];
  const walk = (one) => {
    if (one.nodeType === 3) found.push(one.data);
    if (one.nodeType !== 1 || one.matches('script, style, svg, .code, [lang=en], option')) return;
    for (const name of ['title', 'placeholder', 'aria-label', 'alt']) found.push(one.getAttribute(name) ?? '');
    one.childNodes.forEach(walk);
  };
  walk(node);
  return found;
}"""
#: Words that are the same in both languages, names of things in files, and keys.
FINE = re.compile(r"BPMN|DMN|FEEL|bpmn\.io|MAC|ONT|JSON|labelEn|label|values|value|[a-z]+_[a-z_0-9]+|Ctrl|[A-Z]$")


def english_of(page: Any, where: str = ".studio") -> set[str]:
    """English words that stand in the studio."""
    texts = [text for one in page.locator(where).all() for text in one.evaluate(SHOWN)]
    return {text.strip() for text in texts if re.search(r"[A-Za-z]{3,}", FINE.sub("", text))}


@pytest.mark.torture
def test_hostile_words_in_a_form_run_nothing(page, site: Site, address: str) -> None:  # type: ignore[no-untyped-def]
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{constructor.constructor("alert(3)")()}}'
    own = opened_blank_again(page, address, site, evil)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert "不支持的类型 html" in page.locator(".studio-canvas").inner_text()
    page.get_by_role("button", name="编辑").first.click()
    page.locator(".studio-grid tbody tr").last.get_by_role("button").last.click()
    frame = page.frame_locator("iframe[name=form-preview]")
    frame.locator("form").wait_for()
    kept(page)
    assert dialogs == []
    assert page.locator(".studio img").count() == 0
    kept_body = stored(site, own)
    assert kept_body["components"][0]["label"] == evil


def opened_blank_again(page: Any, address: str, site: Site, words: str) -> str:
    """The builder with a form whose every text is ``words``."""
    given = {"from": "blank", "kind": "form", "new_key": "hostile_one", "name_zh": "恶意", "name_en": "Hostile"}
    visitor = site.visitor("designer")
    made = visitor.post("/processes/drafts", given).headers["Location"]
    body = {
        "type": "default", "id": "hostile_one", "name": words, "nameEn": words,
        "components": [
            {"type": "textfield", "key": "a", "label": words, "labelEn": words, "description": words, "unit": words},
            {"type": "group", "label": words, "labelEn": words, "components": [{"type": "text", "text": words}]},
            {"type": "radio", "key": "b", "label": words, "labelEn": words, "values": [{"value": "a", "label": words}]},
            {"type": "html", "content": words},
        ],
    }  # fmt: skip
    headers = {"X-CSRF-Token": visitor.token()}
    saved = visitor.client.post(f"{made}/save", json={"text": json.dumps(body), "revision": 1}, headers=headers)
    assert saved.status_code == 200, saved.get_data(as_text=True)
    own = visitor.get(made).headers["Location"]
    sign_in(page, address, "designer")
    page.goto(f"{address}{own}")
    page.locator("#form-builder[data-ready]").wait_for()
    return own
