"""The designer in a real browser, on a bare page with a strict security policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.browser.island import Island, serve

pytestmark = pytest.mark.slow
SMALL = (Path(__file__).parent / "small.bpmn").read_text(encoding="utf-8")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
YIZHAN = "{urn:yizhan:bpmn:1}"
VOCABULARY = {
    "operations": [
        {"code": "resource.reserve", "name_zh": "预占资源", "name_en": "Reserve", "inputs": ["kind", "address"]},
        {
            "code": "notify.send_sms",
            "name_zh": "发短信",
            "name_en": "Send a text message",
            "inputs": [{"name": "phone", "required": True}, {"name": "sender", "required": False}],
        },
    ],
    "teams": [{"code": "home_field", "name_zh": "装维班", "name_en": "Home field crew"}],
}
FINDING = {
    "rule": "operation-known",
    "severity": "error",
    "file": "demo.bpmn",
    "element_id": "reserve_port",
    "element_name": "预占端口",
    "message_zh": "没有这个操作",
    "message_en": "No such operation",
    "fix_zh": "从清单里选",
    "fix_en": "Choose one of the list",
}


@pytest.fixture
def island(page) -> Iterator[Island]:  # type: ignore[no-untyped-def]
    with serve() as running:
        running.source = SMALL
        running.vocabulary = VOCABULARY
        yield running
        page.close()  # nothing it still asks for meets a server that has gone


def open_designer(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    if island.read_only:
        page.goto(island.url)
    else:  # it asks what the check thinks as soon as it is open
        with page.expect_response("**/check"):
            page.goto(island.url)
    page.locator("#designer[data-ready]").wait_for()


def deployed_xml(page, island: Island) -> ElementTree.Element:  # type: ignore[no-untyped-def]
    """What the designer would deploy now."""
    island.answers["/check"] = (200, {"findings": [], "ok": True})
    with page.expect_response("**/check"):
        page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_text("没有问题").first.wait_for()
    checked = [body for path, body, _ in island.asked if path == "/check"]
    return ElementTree.fromstring(checked[-1]["files"]["demo.bpmn"])


def test_a_file_goes_through_the_designer_unharmed(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    root = deployed_xml(page, island)
    task = root.find(f".//{BPMN}serviceTask[@id='reserve_port']")
    assert task is not None
    assert task.get(f"{YIZHAN}operation") == "resource.reserve"
    assert task.get(f"{YIZHAN}workOrder") == "resource_assignment"
    assert [(i.get("name"), i.get("value")) for i in task.iter(f"{YIZHAN}input")] == [
        ("kind", "'olt_port'"),
        ("address", "item.address_code"),
    ]
    assert root.find(f".//{BPMN}loopDataInputRef").text == "items"  # type: ignore[union-attr]
    assert root.find(f".//{BPMN}inputDataItem").get("name") == "item"  # type: ignore[union-attr]
    assert page.locator(".bjs-powered-by").is_visible(), "the bpmn.io mark must stay visible"


def test_a_step_is_added_from_the_palette_with_the_keyboard(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    page.get_by_role("tab", name="元素清单").press("Enter")
    page.get_by_role("treeitem", name="逐项开通").press("Enter")
    page.get_by_role("button", name="发短信").press("Enter")
    root = deployed_xml(page, island)
    added = root.find(f".//{BPMN}serviceTask[@id='send_sms']")
    assert added is not None
    assert (added.get("name"), added.get(f"{YIZHAN}nameEn")) == ("发短信", "Send a text message")
    assert added.get(f"{YIZHAN}operation") == "notify.send_sms"
    assert [i.get("name") for i in added.iter(f"{YIZHAN}input")] == ["phone"]
    flows = [(flow.get("sourceRef"), flow.get("targetRef")) for flow in root.iter(f"{BPMN}sequenceFlow")]
    assert sorted(flows) == [
        ("each_item", "send_sms"),
        ("reserve_port", "each_item"),
        ("send_sms", "end"),
        ("start", "reserve_port"),
    ]


def test_the_panel_writes_our_attributes(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    page.get_by_role("button", name="人工任务").click()
    page.get_by_label("班组").select_option("home_field")
    page.get_by_label("英文名称").fill("Visit the customer")
    page.locator("#bio-properties-panel-yizhan-sla").select_option("own")
    page.locator("#bio-properties-panel-yizhan-duration").fill("4")
    page.locator("#bio-properties-panel-yizhan-duration").press("Tab")
    task = deployed_xml(page, island).find(f".//{BPMN}userTask")
    assert task is not None
    assert task.get("id") == "user_task"
    assert task.get(f"{YIZHAN}team") == "home_field"
    assert task.get(f"{YIZHAN}nameEn") == "Visit the customer"
    assert task.get(f"{YIZHAN}duration") == "PT4H"


def test_findings_are_shown_at_the_element_and_lead_to_it(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    island.answers["/check"] = (200, {"findings": [FINDING], "ok": False})
    open_designer(page, island)
    page.get_by_role("button", name="检查", exact=True).click()
    page.locator(".dsg-mark").wait_for()
    assert page.get_by_test_id("lint-count").inner_text() == "1"
    assert "从清单里选" in page.locator(".dsg-findings").inner_text()
    page.locator(".dsg-findings").get_by_role("button", name="预占端口").click()
    assert page.get_by_label("操作", exact=True).input_value() == "resource.reserve"
    assert island.asked[-1][2] == "the-token"


def test_a_lost_session_keeps_the_drawing(page, page_watch, island: Island) -> None:  # type: ignore[no-untyped-def]
    page_watch.allow("401")
    island.answers["/check"] = (401, {})
    open_designer(page, island)
    page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_text("登录已失效").first.wait_for()
    assert page.locator("[data-element-id=reserve_port]").first.is_visible()


def test_an_unreadable_upload_costs_nothing(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    for name, content in {"broken.bpmn": "<bpmn:definitions", "other.xml": "<html/>"}.items():
        file = {"name": name, "mimeType": "application/xml", "buffer": content.encode()}
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_text(f"打不开 {name}").wait_for()
        page.locator("[data-element-id=reserve_port]").first.wait_for()


def test_the_designer_speaks_english_too(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    island.language = "en"
    open_designer(page, island)
    assert page.get_by_role("button", name="Check", exact=True).is_visible()
    page.get_by_role("button", name="Send a text message").click()
    assert page.get_by_label("Operation", exact=True).input_value() == "notify.send_sms"


def test_a_new_process_starts_with_a_start(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    island.source = ""
    open_designer(page, island)
    page.get_by_role("tab", name="元素清单").press("Enter")
    page.get_by_role("treeitem", name="开始 开始事件").press("Enter")
    page.get_by_role("button", name="结束", exact=True).press("Enter")
    root = deployed_xml(page, island)
    process = root.find(f"{BPMN}process")
    assert process is not None
    assert process.get("isExecutable") == "true"
    flow = process.find(f"{BPMN}sequenceFlow")
    assert flow is not None
    assert (flow.get("sourceRef"), flow.get("targetRef")) == ("start", "end")


def test_who_may_only_look_sees_the_diagram_and_no_tools(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    island.read_only = True
    open_designer(page, island)
    assert page.locator("[data-element-id=reserve_port]").first.is_visible()
    assert page.get_by_role("button", name="文件").is_visible()
    for name in ("检查", "部署", "撤销", "绘图", "走查"):
        assert page.get_by_role("button", name=name, exact=True).count() == 0
    assert page.locator(".djs-palette").count() == 0
    page.get_by_role("tab", name="元素清单").press("Enter")
    page.get_by_role("treeitem", name="预占端口").click()


def test_the_file_can_be_taken_home(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    page.get_by_role("button", name="文件").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载 BPMN").click()
    assert download.value.suggested_filename == "demo.bpmn"
    assert "reserve_port" in Path(download.value.path()).read_text("utf-8")
