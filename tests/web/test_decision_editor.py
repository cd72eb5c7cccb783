"""The editor of decision tables in a browser: cells, columns, gaps and test rows, judged by the server."""

from __future__ import annotations

from typing import Any, Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest

from app.domain.actors import Actor
from app.services.studio import process_drafts
from tests.web.site import Site, sign_in
from tests.web.test_form_builder import english_of, kept
from tests.web.test_form_desk import board

pytestmark = pytest.mark.slow
QUOTES: Final = {'"': "&quot;"}
DMN: Final = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"


def opened(page: Any, address: str, site: Site, key: str = "suspension_fee", language: str = "zh") -> str:
    """Open the editor with a draft of a decision; returns the address of the draft."""
    own = site.visitor("designer").get(board(site, key, "dmn")).headers["Location"]
    sign_in(page, address, "designer", language)
    page.goto(f"{address}{own}")
    page.locator("#decision-editor[data-ready]").wait_for()
    return own


def stored(site: Site, own: str) -> ElementTree.Element:
    """The draft as the server has it."""
    address = own.replace("/decisions/drafts/", "/drafts/") + "/source"
    return ElementTree.fromstring(site.visitor("designer").get(address).get_data())


def cell(page: Any, element: str) -> Any:
    """What is typed into in a cell of the table."""
    return page.locator(f'[data-element-id="{element}"] [contenteditable=true]').first


def test_a_cell_is_checked_as_it_is_typed_and_rows_say_what_came_out(page, site: Site, address: str) -> None:  # type: ignore[no-untyped-def]
    own = opened(page, address, site)
    assert page.get_by_text("没有规则：产品").is_visible()
    cell(page, "desktops_product").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("< <")
    finding = page.locator(".studio-findings").get_by_text("规则 4")
    finding.wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.type('"cloud_desktop')
    finding.wait_for(state="detached")
    page.get_by_role("button", name="运行测试行").click()
    result = page.get_by_test_id("dryrun-result")
    result.get_by_text("6 行通过，0 行不符").wait_for()
    page.get_by_label("期望的 保留费，第 1 行").fill('"6.00"')
    page.get_by_role("button", name="运行测试行").click()
    result.get_by_text("5 行通过，1 行不符").wait_for()
    result.get_by_text("测试行已保存").wait_for()
    kept(page)
    root = stored(site, own)
    assert [one.get("id") for one in root.iter(f"{DMN}rule")] == [
        "home_line",
        "mobile_number",
        "lines_and_networks",
        "desktops",
    ]
    # What is noted beside a rule stays where it was, and is shown.
    notes = [one.findtext(f"{DMN}text") for one in root.iter(f"{DMN}annotationEntry")]
    assert notes[3] == "只收存储费 / the storage only"
    assert root.find(f".//{DMN}rule/{DMN}description") is None
    assert page.locator(".dmn-canvas").get_by_text("只收存储费").is_visible()
    assert root.find(f"{DMN}decision").get("{urn:yizhan:bpmn:1}nameEn") == "Keep-line fee"  # type: ignore[union-attr]
    # The row that differs stands against deploying until it is mended.
    cases = site.visitor("designer").get(own).get_data(as_text=True)
    assert "6.00" in cases
    assert page.locator(".dmn-canvas .bjs-powered-by").first.is_visible(), "the bpmn.io mark must stay visible"


@pytest.mark.torture
def test_columns_and_rules_are_changed_by_keyboard(page, site: Site, address: str) -> None:  # type: ignore[no-untyped-def]
    own = opened(page, address, site)
    page.get_by_role("button", name="添加输入列").press("Enter")
    page.get_by_label("输入表达式或输出名：输入 2").fill("months")
    page.get_by_label("中文列名：输入 2").fill("月数")
    page.get_by_label("英文列名：输入 2").fill("Months")
    page.get_by_label("类型：输入 2").select_option("number")
    page.get_by_role("button", name="添加规则").press("Enter")
    page.locator("#hit-policy").select_option("FIRST")
    kept(page)
    root = stored(site, own)
    (table,) = root.iter(f"{DMN}decisionTable")
    assert table.get("hitPolicy") == "FIRST"
    added = table.findall(f"{DMN}input")[1]
    assert added.get("label") == "月数 / Months"
    expression = added.find(f"{DMN}inputExpression")
    assert expression is not None
    assert (expression.get("typeRef"), expression.findtext(f"{DMN}text")) == ("number", "months")
    assert len(table.findall(f"{DMN}rule")) == 5
    page.get_by_role("button", name="撤销").click()
    assert page.locator("#hit-policy").input_value() == "UNIQUE"


@pytest.mark.torture
def test_no_english_is_left_in_chinese(page, site: Site, address: str) -> None:  # type: ignore[no-untyped-def]
    opened(page, address, site, "work_priority")
    leftover = english_of(page, "#decision-editor .studio-bar, #decision-editor .dmn-views")
    page.locator(".dmn-canvas th").first.wait_for()
    # Names of columns and what stands in cells are people's own.
    shown = {words for words in english_of(page, ".dmn-canvas") if " / " not in words and '"' not in words}
    page.locator(".dmn-canvas td.input-cell, .dmn-canvas td[data-element-id]").first.click(button="right")
    menu = page.locator(".context-menu-container, .context-menu").first
    menu.wait_for()
    leftover |= english_of(page, ".context-menu-container, .context-menu")
    page.keyboard.press("Escape")
    page.locator(".dmn-canvas th.input-cell, .dmn-canvas th[data-col-id]").first.dblclick()
    page.wait_for_timeout(200)
    leftover |= {words for words in english_of(page, ".dms-context-menu, .context-menu") if " / " not in words}
    assert (leftover | shown) - {"urgency"} == set()


TWO: Final = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="two" name="two" namespace="n">
<inputData id="amount" name="amount"/>
<decision id="tier" name="等级"><informationRequirement><requiredInput href="#amount"/></informationRequirement>
<literalExpression><text>if amount &gt; 5 then "gold" else "none"</text></literalExpression></decision>
<decision id="fee" name="费用">
<informationRequirement id="needs_tier"><requiredDecision href="#tier"/></informationRequirement>
<literalExpression><text>等级</text></literalExpression></decision></definitions>"""


@pytest.mark.torture
def test_the_diagram_is_laid_out_where_the_file_has_none_and_leaves_no_trace(
    page: Any, site: Site, address: str
) -> None:
    actor = Actor(login="designer", role="designer", area="CN", area_path="CN")
    draft = process_drafts.keep("two.dmn", TWO.encode(), actor, site.world.deps)[0]
    own = f"/processes/decisions/drafts/{draft.id}"
    sign_in(page, address, "designer")
    page.goto(f"{address}{own}")
    page.locator("#decision-editor[data-ready]").wait_for()
    page.get_by_role("button", name="决策关系图").click()
    page.locator(".dmn-drd-container .djs-shape").nth(2).wait_for()
    assert page.locator(".dmn-drd-container .djs-connection").count() == 2
    assert page.locator(".dmn-canvas .bjs-powered-by").first.is_visible()
    assert english_of(page, ".dmn-canvas") - {"amount", "two"} == set()
    page.get_by_role("button", name="等级").click()
    box = page.locator(".dmn-literal-expression-container [contenteditable=true]").first
    box.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" ")
    page.keyboard.press("Control+s")
    page.locator(".studio-bar .say").first.wait_for()
    assert "DMNShape" not in ElementTree.tostring(stored(site, own), encoding="unicode")


@pytest.mark.torture
def test_hostile_words_in_a_table_run_nothing(page: Any, site: Site, address: str) -> None:
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    body = (
        site.visitor("designer").get("/processes/decisions/suspension_fee/1/source").get_data(as_text=True)
        .replace("产品 / Product", escape(evil, QUOTES)).replace("停机保留费\"", escape(evil, QUOTES) + '"')
        .replace("移动停机保号每月 5 元", escape(evil)).replace('<text>"mobile_line"', f"<text>{escape(evil)}")
    )  # fmt: skip
    actor = Actor(login="designer", role="designer", area="CN", area_path="CN")
    draft = process_drafts.keep("hostile.dmn", body.encode(), actor, site.world.deps)[0]
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
    sign_in(page, address, "designer")
    page.goto(f"{address}/processes/decisions/drafts/{draft.id}")
    page.locator("#decision-editor[data-ready]").wait_for()
    assert page.locator(".studio").get_by_text("<script>").first.is_visible()
    page.get_by_role("button", name="决策关系图").click()
    page.locator(".dmn-drd-container .djs-shape").first.wait_for()
    assert dialogs == []
    assert page.locator(".studio img[src=x]").count() == 0
