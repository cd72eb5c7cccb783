"""What the board offers around the drawing: menus, tidying, walking through, languages, parts of other tools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from tests.browser.every_kind import many_steps
from tests.browser.island import Island, serve
from tests.browser.test_designer_island import BPMN, SMALL, VOCABULARY, YIZHAN, deployed_xml, open_designer
from tests.servers import ROOT

pytestmark = pytest.mark.slow
AXE = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}))
  .violations.map((one) => `${one.id} ${one.nodes[0].html}`)"""
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"


@pytest.fixture
def island(page: Any) -> Iterator[Island]:
    with serve() as running:
        running.source = SMALL
        running.vocabulary = VOCABULARY
        running.answers["/check"] = (200, {"findings": [], "ok": True})
        yield running
        page.close()  # nothing it still asks for meets a server that has gone


def choose(page: Any, own: str) -> None:
    page.get_by_role("tab", name="元素清单").click()
    page.locator(f"[role=treeitem][data-element={own}]").press("Enter")


def places(root: ElementTree.Element) -> dict[str, tuple[float, float]]:
    found = {}
    for shape in root.iter(f"{DI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        assert bounds is not None
        found[str(shape.get("bpmnElement"))] = (float(bounds.get("x", 0)), float(bounds.get("y", 0)))
    return found


@pytest.mark.torture
def test_our_menu_appends_an_operation_by_keyboard(page: Any, island: Island) -> None:
    open_designer(page, island)
    choose(page, "reserve_port")
    page.keyboard.press("a")
    page.locator(".djs-popup input").wait_for()
    page.keyboard.type("发短信")
    page.keyboard.press("End")  # the search listens to keys; an input method sends one
    page.locator(".djs-popup .entry", has_text="人工任务").wait_for(state="detached")
    page.locator(".djs-popup .entry", has_text="发短信").wait_for()
    page.keyboard.press("Enter")
    page.locator("[data-element-id=send_sms]").first.wait_for()
    task = deployed_xml(page, island).find(f".//{BPMN}serviceTask[@id='send_sms']")
    assert task is not None and task.get(f"{YIZHAN}operation") == "notify.send_sms"


@pytest.mark.torture
def test_two_steps_are_connected_by_keyboard(page: Any, island: Island) -> None:
    open_designer(page, island)
    choose(page, "reserve_port")
    page.keyboard.press("k")
    dialog = page.get_by_role("dialog", name="从「预占端口」连线")
    dialog.get_by_label("连到").select_option("end")
    dialog.get_by_role("button", name="连线").press("Enter")
    page.get_by_text("已连线").wait_for()
    flows = [
        (flow.get("sourceRef"), flow.get("targetRef"))
        for flow in deployed_xml(page, island).iter(f"{BPMN}sequenceFlow")
    ]
    assert ("reserve_port", "end") in flows


def test_tidying_is_one_step_of_undoing_and_loses_nothing(page: Any, island: Island) -> None:
    open_designer(page, island)
    choose(page, "reserve_port")
    for key in ("Shift+ArrowDown",) * 12:
        page.keyboard.press(key)
    before = deployed_xml(page, island)
    page.get_by_role("button", name="绘图", exact=True).click()
    page.get_by_role("button", name="整理布局").click()
    page.get_by_text("已整理").wait_for()
    after = deployed_xml(page, island)
    assert places(after) != places(before) and set(places(after)) == set(places(before))
    middles = {places(after)[one][1] for one in ("start", "end")}
    assert len(middles) == 1, "what follows one another stands in one row"
    flows = lambda root: sorted(str(flow.get("id")) for flow in root.iter(f"{BPMN}sequenceFlow"))  # noqa: E731
    assert flows(after) == flows(before)
    page.get_by_role("button", name="撤销").click()
    assert places(deployed_xml(page, island)) == places(before)


@pytest.mark.torture
def test_names_are_shown_and_written_in_both_languages(page: Any, island: Island) -> None:
    island.source = SMALL.replace('name="预占端口"', 'name="预占端口" yizhan:nameEn="Reserve a port"')
    open_designer(page, island)
    step = page.locator("[data-element-id=reserve_port] text").first
    assert "预占端口" in str(step.text_content())
    choose(page, "reserve_port")
    head = page.locator(".bio-properties-panel-header-label")
    expect(head).to_have_text("预占端口")
    page.get_by_label("图上名称").select_option("en")
    assert "Reserve" in str(step.text_content())
    expect(head).to_have_text("Reserve a port")
    page.get_by_label("图上名称").blur()
    choose(page, "reserve_port")
    page.keyboard.press("e")
    page.locator(".djs-direct-editing-content").fill("Taken")
    page.keyboard.press("Enter")
    page.locator("[data-element-id=reserve_port] text", has_text="Taken").first.wait_for()
    task = deployed_xml(page, island).find(f".//{BPMN}serviceTask[@id='reserve_port']")
    assert task is not None
    assert (task.get("name"), task.get(f"{YIZHAN}nameEn")) == ("预占端口", "Taken")


def test_the_walk_through_shows_names_as_text(page: Any, island: Island) -> None:
    hostile = "&lt;img src=/stolen onerror=alert(1)&gt;"
    island.source = SMALL.replace('name="预占端口"', f'name="{hostile}"')
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_designer(page, island)
    page.get_by_role("button", name="走查", exact=True).click()
    page.locator("[title=触发]:visible").first.click()
    page.get_by_title("显示或隐藏走查记录").click()
    page.locator(".bts-log .bts-text", has_text="<img src=/stolen").wait_for()
    assert page.locator(".bts-log img, .bts-notifications img").count() == 0
    assert not [url for url in asked if "stolen" in url]
    assert page.locator(".bjs-powered-by").is_visible(), "the mark of bpmn.io stays"


@pytest.mark.torture
def test_parts_of_other_tools_are_listed_and_kept(page: Any, island: Island) -> None:
    foreign = SMALL.replace(
        'id="reserve_port"', 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:topic="x" id="reserve_port"', 1
    )
    open_designer(page, island)
    file = {"name": "other.bpmn", "mimeType": "application/xml", "buffer": foreign.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("保留了 1 个元素上其他工具的内容").wait_for()
    page.get_by_role("button", name="查看").click()
    dialog = page.get_by_role("dialog", name="其他工具的内容")
    assert "camunda:topic" in dialog.inner_text()
    dialog.get_by_role("button", name="预占端口").click()
    root = deployed_xml(page, island)
    task = root.find(f".//{BPMN}serviceTask[@id='reserve_port']")
    assert task is not None and task.get("{http://camunda.org/schema/1.0/bpmn}topic") == "x"


@pytest.mark.torture
def test_a_file_without_a_drawing_is_laid_out(page: Any, island: Island) -> None:
    island.source = re.sub(r"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", "", SMALL, flags=re.S)
    open_designer(page, island)
    page.get_by_text("已自动排布").wait_for()
    assert {"start", "reserve_port", "end"} <= set(places(deployed_xml(page, island)))


@pytest.mark.torture
def test_the_drawing_is_taken_home_as_pictures(page: Any, island: Island) -> None:
    open_designer(page, island)
    for name, begins in {"下载 SVG 图": b"<?xml", "下载 PNG 图": b"\x89PNG"}.items():
        page.get_by_role("button", name="文件", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(begins) and len(content) > 1000


@pytest.mark.torture
def test_the_mark_of_bpmn_io_is_visible_and_uncovered(page: Any, island: Island) -> None:
    open_designer(page, island)
    mark = page.locator(".bjs-powered-by")
    for part in ("问题", "元素清单"):
        page.get_by_role("tab", name=part).click()
        box = mark.bounding_box()
        assert box and box["width"] > 20
        top = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).closest('.bjs-powered-by') !== null",
            [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
        )
        assert top


@pytest.mark.torture
def test_keys_lead_round_the_board_and_are_listed(page: Any, island: Island) -> None:
    open_designer(page, island)
    page.get_by_label("查找元素或操作").focus()
    seen = []
    for _ in range(4):
        page.keyboard.press("F6")
        seen.append(
            page.evaluate(
                "() => document.activeElement.closest('.dsg-palette,.dsg-canvas,.dsg-panel,.dsg-foot').className"
            )
        )
    assert [name.split()[0] for name in seen] == ["dsg-canvas", "dsg-panel", "dsg-foot", "dsg-palette"]
    choose(page, "reserve_port")
    page.keyboard.press("?")
    assert "F6" in page.get_by_role("dialog", name="快捷键").inner_text()


def test_the_tools_beside_a_step_are_used_by_keyboard(page: Any, island: Island) -> None:
    open_designer(page, island)
    choose(page, "reserve_port")
    tools = page.get_by_role("toolbar", name="所选元素的工具")
    page.keyboard.press("Tab")
    expect(tools.get_by_role("button").first).to_be_focused()
    named = [button.get_attribute("aria-label") for button in tools.get_by_role("button").all()]
    assert len(named) > 5 and all(named)
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(tools.get_by_role("button").first).to_be_focused()
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.closest('.djs-container > svg') !== null")
    page.keyboard.press("Tab")
    for _ in range(named.index("连接到其他元素")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="从「预占端口」连线").wait_for()
    page.keyboard.press("Escape")
    choose(page, "reserve_port")
    page.keyboard.press("Tab")
    for _ in range(named.index("删除")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator("[data-element-id=reserve_port]").first.wait_for(state="detached")
    assert page.evaluate("() => document.activeElement.closest('.djs-container > svg') !== null"), "nobody is lost"


@pytest.mark.torture
def test_an_element_is_found_by_either_name(page: Any, island: Island) -> None:
    open_designer(page, island)
    choose(page, "start")
    for typed in ("预占", "reserve po", "reserve_p"):
        page.keyboard.press("Control+f")
        page.keyboard.type(typed)
        page.keyboard.press("End")  # the search listens to keys; an input method sends one
        page.locator(".djs-search-result", has_text="Reserve port · reserve_port").wait_for()
        page.keyboard.press("Escape")
    page.locator("[role=treeitem][data-element=start]").focus()
    page.keyboard.type("reserve p")
    expect(page.locator("[role=treeitem][data-element=reserve_port]")).to_be_focused()


@pytest.mark.torture
def test_three_hundred_steps_are_all_there(page: Any, island: Island) -> None:
    island.source = many_steps(300)
    open_designer(page, island)
    page.get_by_role("tab", name="元素清单").click()
    assert page.get_by_role("treeitem").count() == 303, "the process, its start, 300 steps and its end"
    choose(page, "n299")
    assert page.get_by_label("操作", exact=True).count() >= 1
    assert page.locator("[data-element-id=n299].selected").count() == 1


@pytest.mark.torture
def test_in_a_large_drawing_nothing_jumps_for_a_new_step(page: Any, island: Island) -> None:
    island.source = many_steps(300)
    open_designer(page, island)
    before = places(ElementTree.fromstring(island.source))
    choose(page, "n50")
    page.get_by_label("查找元素或操作").fill("发短信")
    page.get_by_role("button", name="发短信").first.press("Enter")
    page.locator("[data-element-id=send_sms]").first.wait_for()
    root = deployed_xml(page, island)
    after = places(root)
    new = after.pop("send_sms")
    assert after == before
    assert new[1] > before["n50"][1] and before["n50"][0] < new[0] < before["n51"][0] + 100
    ways = {(flow.get("sourceRef"), flow.get("targetRef")) for flow in root.iter(f"{BPMN}sequenceFlow")}
    assert {("n50", "send_sms"), ("send_sms", "n51")} <= ways and ("n50", "n51") not in ways


@pytest.mark.torture
def test_what_can_be_taken_back_is_seen_and_said(page: Any, island: Island) -> None:
    island.source = SMALL.replace('id="reserve_port"', 'yizhan:undo="resource.release" id="reserve_port"')
    open_designer(page, island)
    mark = page.locator("[data-container-id=reserve_port] .dsg-undo-mark")
    assert mark.get_attribute("aria-label") == "不可撤点（软，主管可撤）；可回退"
    page.get_by_role("tab", name="元素清单").click()
    assert "可回退" in page.get_by_role("treeitem", name="预占端口").inner_text()
    choose(page, "reserve_port")
    page.keyboard.press("Delete")
    mark.wait_for(state="detached")
    page.get_by_role("button", name="撤销").click()
    mark.wait_for()


@pytest.mark.torture
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_state_of_the_board_breaks_a_rule_of_access(page: Any, island: Island, language: str) -> None:
    island.language = language
    open_designer(page, island)
    page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    found: list[str] = []

    def look(state: str) -> None:
        found.extend(f"{state}: {line}" for line in page.evaluate(AXE))

    look("opened")
    page.get_by_role("tab").nth(1).click()
    row = page.locator("[role=treeitem][data-element=reserve_port]")
    row.press("Enter")
    look("an element")
    for menu in page.locator(".dsg-menu-button").all():
        menu.click()
        look("a menu")
        page.keyboard.press("Escape")
    for key in ("a", "n", "k", "?", "Control+f"):
        row.press("Enter")
        page.keyboard.press(key)
        look(key)
        page.keyboard.press("Escape")
    page.locator(".dsg-acts button").first.click()
    look("the walk-through")
    assert not found, "\n".join(found)
