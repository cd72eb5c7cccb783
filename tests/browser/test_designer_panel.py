"""The panel in a real browser: templates of operations, choices with search, findings at the field, expressions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.browser.island import Island, serve
from tests.browser.test_designer_island import BPMN, SMALL, YIZHAN, deployed_xml, open_designer

pytestmark = pytest.mark.slow
MORE = [
    {"code": f"team_{n}", "name_zh": f"第{n}班", "name_en": f"Team {n}", "calendar": "office_5x8"} for n in range(12)
]
LEVEL = {"code": "step-fast", "name_zh": "加急", "name_en": "Fast", "about_zh": "4 个工作小时 · 班组的日历"}
CALENDARS = [
    ("office_5x8", "办公日历", "Office hours", "周一至周五 08:30–18:00", False),
    ("field_7x12", "装维日历", "Field hours", "周一至周日 08:00–20:00", False),
    ("noc_24x7", "全天候", "Round the clock", "不分昼夜", True),
]


def operation(code: str, zh: str, en: str, inputs: list[str], **more: Any) -> dict[str, Any]:
    rows = [{"name": name, "required": name != "note"} for name in inputs]
    facts = {"adapter": "resource", "mode": "sync", "effect": "write", "timeout_s": 10, "retry": "sync"}
    return {"code": code, "name_zh": zh, "name_en": en, "inputs": rows, "outputs": ["port"], **facts, **more}


VOCABULARY = {
    "operations": [
        operation(
            "resource.reserve",
            "预占资源",
            "Reserve",
            ["kind", "address", "note"],
            undo="resource.free",
            failures=["no-free-port"],
        ),
        operation("resource.assign", "资源配置", "Assign", ["kind", "reservation_id"], undo="resource.free"),
        operation("resource.free", "释放", "Free", ["reservation_id"], irreversible=True),
        *[operation(f"resource.more_{n}", f"更多{n}", f"More {n}", []) for n in range(8)],
    ],
    "teams": MORE,
    "levels": [
        {**LEVEL, "about_zh": "4 个工作小时 · 班组的日历", "about_en": "4 working hours · calendar of the team"}
    ],
    "calendars": [
        {"code": code, "name_zh": zh, "name_en": en, "about_zh": about, "about_en": "", "never_closes": never}
        for code, zh, en, about, never in CALENDARS
    ],
    "values": [
        {"code": "address", "name_zh": "地址", "name_en": "Address"},
        {"code": "port", "name_zh": "端口", "name_en": "Port"},
    ],
    "functions": [{"code": "len", "sign": "len(items)", "name_zh": "长度", "name_en": "length"}],
}
ITEM = {
    "field": {
        "name": "item",
        "kind": "object",
        "example": "",
        "zh": "",
        "en": "",
        "fields": [
            {"name": "address_code", "kind": "text", "example": "A0013", "zh": "", "en": "", "fields": []},
            {"name": "bandwidth", "kind": "number", "example": "300", "zh": "", "en": "", "fields": []},
        ],
    },
    "origin": "start",
    "from_zh": "启动数据",
    "from_en": "start data",
    "always": True,
}
WRONG = {
    "rule": "operation-input",
    "severity": "warning",
    "file": "demo.bpmn",
    "element_id": "reserve_port",
    "element_name": "预占端口",
    "message_zh": "操作需要输入 address，这里没有给",
    "message_en": "the operation needs the input address",
    "fix_zh": "加上这个输入",
    "fix_en": "add the input",
    "place": "input:address",
    "fixes": [
        {
            "label_zh": "加输入 address",
            "label_en": "Add the input address",
            "steps": [{"do": "input", "element": "reserve_port", "name": "address", "value": "item.address_code"}],
        }
    ],
}


@pytest.fixture
def island(page) -> Iterator[Island]:  # type: ignore[no-untyped-def]
    with serve() as running:
        running.source = SMALL
        running.vocabulary = VOCABULARY
        running.answers["/names"] = (200, {"names": [ITEM]})
        yield running
        page.close()  # nothing it still asks for meets a server that has gone


def inputs_of(root: ElementTree.Element, element: str) -> list[tuple[str | None, str | None]]:
    task = root.find(f".//{BPMN}serviceTask[@id='{element}']")
    assert task is not None
    return [(row.get("name"), row.get("value")) for row in task.iter(f"{YIZHAN}input")]


def test_another_operation_keeps_what_fits(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    page.locator("[data-element-id=reserve_port]").first.click()
    page.get_by_text("操作模板").click()
    facts = page.locator(".dsg-facts")
    assert "10 秒" in facts.inner_text()
    assert "释放 · resource.free" in facts.inner_text()
    assert "端口 · port" in facts.inner_text()
    assert page.get_by_role("combobox", name="地址 · address").is_visible()
    box = page.get_by_role("combobox", name="操作", exact=True)
    assert box.input_value() == "预占资源 · resource.reserve"
    box.fill("配置")
    box.press("Enter")
    assert "resource.assign" in box.input_value()
    assert inputs_of(deployed_xml(page, island), "reserve_port") == [("kind", "'olt_port'"), ("reservation_id", "")]
    page.get_by_role("button", name="撤销").first.click()
    assert inputs_of(deployed_xml(page, island), "reserve_port")[1] == ("address", "item.address_code")


@pytest.mark.torture
def test_of_many_choices_one_is_found_by_typing_and_its_code_is_kept(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    page.get_by_role("button", name="人工任务").click()
    team = page.get_by_role("combobox", name="班组")
    team.fill("第7")
    assert page.get_by_role("listbox", name="班组").get_by_role("option").all_inner_texts() == ["第7班 · team_7"]
    team.press("Enter")
    task = deployed_xml(page, island).find(f".//{BPMN}userTask")
    assert task is not None
    assert task.get(f"{YIZHAN}team") == "team_7"
    page.get_by_role("button", name="清除：班组").click()
    task = deployed_xml(page, island).find(f".//{BPMN}userTask")
    assert task is not None
    assert task.get(f"{YIZHAN}team") is None


def test_what_is_found_stands_at_its_field_and_one_press_mends_it(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    island.source = SMALL.replace('<yizhan:input name="address" value="item.address_code"/>', "").replace(
        '<yizhan:input name="address" value="item.address_code" />', ""
    )
    island.answers["/check"] = (200, {"findings": [WRONG], "ok": True})
    open_designer(page, island)
    page.locator(".dsg-mark").wait_for()
    page.locator(".dsg-findings").get_by_role("button", name="预占端口", exact=True).click()
    field = page.get_by_role("combobox", name="address", exact=False).first
    assert field.get_attribute("aria-invalid") == "true"
    assert "操作需要输入 address" in page.locator(".dsg-here").inner_text()
    island.answers["/check"] = (200, {"findings": [], "ok": True})
    page.locator(".dsg-findings").get_by_role("button", name="加输入 address").click()
    page.locator(".dsg-mark").wait_for(state="detached")
    assert field.input_value() == "item.address_code"
    undo = page.get_by_role("button", name="撤销").first
    undo.click()
    assert field.input_value() == "", "it was one step"


def test_an_expression_is_completed_and_marked_while_it_is_typed(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    wrong = {"start": 0, "end": 3, "zh": "这里没有名称 itm", "en": "there is no name itm here", "instead": ["item"]}
    open_designer(page, island)
    page.locator("[data-element-id=reserve_port]").first.click()
    field = page.get_by_role("combobox", name="address", exact=False).first
    field.click()
    field.fill("")
    field.press_sequentially("item.ba")
    options = page.get_by_role("listbox", name="address").get_by_role("option")
    assert "300" in options.first.inner_text()
    field.press("Enter")
    assert field.input_value() == "item.bandwidth"
    island.answers["/expression"] = (200, {"marks": [wrong]})
    field.fill("itm.bandwidth")
    mark = page.locator(".dsg-expr-said mark")
    mark.wait_for()
    assert mark.inner_text() == "itm"
    assert field.get_attribute("aria-invalid") == "true"
    island.answers["/expression"] = (200, {"marks": []})
    with page.expect_response("**/expression"):
        page.get_by_role("button", name="换成 item").click()
    assert field.input_value() == "item.bandwidth"


@pytest.mark.torture
def test_a_condition_is_put_together_without_knowing_the_language(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    island.source = (Path(__file__).parent / "choice.bpmn").read_text(encoding="utf-8")
    open_designer(page, island)
    page.locator("[data-element-id=fast_label]").first.click()
    page.get_by_label("什么").fill("item.bandwidth")
    page.get_by_label("什么").blur()
    page.get_by_label("怎样").select_option("ge")
    page.get_by_label("值").fill("500")
    page.get_by_label("值").blur()
    flow = deployed_xml(page, island).find(f".//{BPMN}sequenceFlow[@id='fast']/{BPMN}conditionExpression")
    assert flow is not None
    assert flow.text == "item.bandwidth >= 500"


@pytest.mark.torture
def test_times_are_chosen_by_amount_and_unit(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    page.get_by_role("button", name="定时等待").click()
    page.get_by_label("何时").select_option("timeDuration")
    page.get_by_label("时间（ISO").fill("PT2H")
    page.get_by_label("时间（ISO").blur()
    page.get_by_label("单位").select_option("D")
    found = deployed_xml(page, island).find(f".//{BPMN}timeDuration")
    assert found is not None
    assert found.text == "P2D"


def test_a_step_is_pinned_to_a_version_of_its_decision_until_it_asks_another(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    versions = [
        {"code": "2", "name_zh": "版本 2（最新）", "name_en": "version 2 (the newest)"},
        {"code": "1", "name_zh": "版本 1", "name_en": "version 1"},
    ]
    fee = {"code": "fee", "name_zh": "费用", "name_en": "Fee", "versions": versions}
    plan = {"code": "plan", "name_zh": "计划", "name_en": "Plan", "versions": versions[1:]}
    island.vocabulary = {**VOCABULARY, "decisions": [fee, plan]}
    open_designer(page, island)
    page.get_by_role("button", name="决策表", exact=True).first.click()

    def kept() -> tuple[str | None, str | None]:
        rule = deployed_xml(page, island).find(f".//{BPMN}businessRuleTask")
        assert rule is not None
        return rule.get(f"{YIZHAN}decision"), rule.get(f"{YIZHAN}decisionVersion")

    page.get_by_label("决策表", exact=True).select_option("fee")
    version = page.get_by_label("决策表版本", exact=True)
    version.wait_for()
    assert version.locator("option").all_inner_texts() == ["最新版本（执行时生效的）", "版本 2（最新）", "版本 1"]
    assert kept() == ("fee", None)
    version.select_option("1")
    page.get_by_text("始终用这个版本").wait_for()
    assert kept() == ("fee", "1")
    page.get_by_label("决策表", exact=True).select_option("plan")
    assert kept() == ("plan", None)


def test_the_time_of_a_step_is_usual_or_a_level_or_a_time_of_its_own_by_a_calendar(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    page.set_viewport_size({"width": 1440, "height": 900})
    open_designer(page, island)

    def said() -> dict[str, str | None]:
        task = deployed_xml(page, island).find(f".//{BPMN}userTask")
        assert task is not None
        return {name: task.get(f"{YIZHAN}{name}") for name in ("sla", "duration", "calendar")}

    page.get_by_role("button", name="人工任务").click()
    team = page.get_by_role("combobox", name="班组")
    team.fill("第7")
    team.press("Enter")
    sla = page.get_by_label("时限（SLA）", exact=True)
    assert sla.locator("option").all_inner_texts() == ["没有时限", "加急：4 个工作小时 · 班组的日历", "自定时限…"]
    sla.select_option("level:step-fast")
    assert said() == {"sla": "step-fast", "duration": None, "calendar": None}
    sla.select_option("own")
    page.get_by_label("多少", exact=True).fill("2")
    page.get_by_label("多少", exact=True).blur()
    page.get_by_label("单位", exact=True).select_option("D")
    page.get_by_text("= 2 工作日 · 办公日历，到当天下班为止").wait_for()
    by = page.get_by_label("按哪个日历计算", exact=True)
    assert by.locator("option").all_inner_texts() == [
        "班组的日历（办公日历）",
        "办公日历 · office_5x8",
        "装维日历 · field_7x12",
    ]
    by.select_option("field_7x12")
    page.get_by_text("周一至周日 08:00–20:00").wait_for()
    assert said() == {"sla": None, "duration": "P2D", "calendar": "field_7x12"}
    page.get_by_label("单位", exact=True).select_option("h")
    assert not by.is_visible()
    assert said() == {"sla": None, "duration": "PT2H", "calendar": "noc_24x7"}
    page.get_by_role("button", name="撤销").first.click()
    assert said() == {"sla": None, "duration": "P2D", "calendar": "field_7x12"}
