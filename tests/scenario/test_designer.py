"""A designer changes the home installation in the browser; orders on their way keep the version they began on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsing import PageWatch
from tests.scenario.pages import sign_in
from tests.scenario.rig import Rig, embedded

pytestmark = [pytest.mark.slow, pytest.mark.torture]
KEY = "home_install"
TEAM = "service_desk"


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A system of its own: what is deployed here must not meet the orders of other scenarios."""
    with embedded(tmp_path_factory.mktemp("designer")) as running:
        yield running


def live_version(rig: Rig) -> int:
    rows = rig.client("designer").ask("/api/v1/process-definitions")["definitions"]
    return next(int(row["version"]) for row in rows if row["key"] == KEY)


def waits_for_somebody(view: Any) -> bool:
    return any(wait["kind"] == "person" for wait in view["waits_for"])


def steps_of(rig: Rig, order_id: str) -> set[str]:
    """The forms and titles of everything people were asked to do for an order so far."""
    number = rig.order(order_id)["number"]
    rows: list[dict[str, Any]] = []
    for tab in ("all", "done"):
        rows += rig.client().ask("/api/v1/work-items", tab=tab, order=number, limit=100)["items"]
    return {str(row["title_zh"]) for row in rows}


def edit(page: Any, rig: Rig) -> None:
    """Open the drawing board on a draft of the live version."""
    page.goto(f"{rig.urls[0]}/processes?q={KEY}")
    page.get_by_test_id("process-row").filter(has_text=KEY).locator(".rowacts .btn").first.click()
    page.locator("#designer[data-ready]").wait_for()


def report(page: Any) -> None:
    """Leave the drawing board for the report."""
    page.get_by_role("link", name="检查并发布").click()
    page.wait_for_url("**/deploy*")


def deploy(page: Any, note: str) -> None:
    """Explain every warning, and deploy."""
    for field in page.locator("[name^=note-]").all():
        field.fill(note)
    page.get_by_label("发布说明").fill(note)
    page.locator("form button.primary[type=submit]").last.click()
    page.get_by_test_id("toast").wait_for()


def add_call_after_test(page: Any) -> None:
    """A step of a person after the line test, put there with the keyboard and filled in at the panel."""
    page.get_by_role("tab", name="元素清单").press("Enter")
    page.get_by_role("treeitem", name="线路测试").press("Enter")
    page.get_by_label("查找元素或操作").fill("人工")
    page.get_by_role("button", name="人工任务").press("Enter")
    page.get_by_text("已添加").first.wait_for()
    group = page.get_by_text("基本", exact=True)
    if not page.get_by_label("名称", exact=True).is_visible():
        group.click()
    page.get_by_label("名称", exact=True).fill("开通回访")
    page.get_by_label("名称", exact=True).blur()
    page.get_by_label("英文名称").fill("Call the customer")
    page.get_by_label("英文名称").blur()
    page.locator("#bio-properties-panel-yizhan-sla").select_option("own")
    for field, text in (("team", TEAM), ("duration", "2")):
        page.locator(f"#bio-properties-panel-yizhan-{field}").fill(text)
        page.locator(f"#bio-properties-panel-yizhan-{field}").press("Tab")


def test_a_new_order_takes_the_new_version_and_a_waiting_one_keeps_its_own(page: Any, rig: Rig) -> None:
    before = live_version(rig)
    waiting = rig.place("home-bundle.json")
    rig.follow(waiting, play=False, until=waits_for_somebody)

    sign_in(page, rig, "designer")
    edit(page, rig)
    add_call_after_test(page)
    page.locator(".dsg-saved", has_text="已存").wait_for()
    report(page)
    deploy(page, "开通后回访客户")
    assert live_version(rig) == before + 1

    fresh = rig.place("home-bundle.json")
    rig.follow(fresh, play=False, until=waits_for_somebody)
    page.goto(f"{rig.urls[0]}/processes?q={KEY}")
    row = page.get_by_test_id("process-row").filter(has_text=KEY)
    shown = row.inner_text()
    assert "v2: 1" in shown and "v1: 1" in shown, shown

    assert rig.follow(fresh)["state"] == "completed"
    assert rig.follow(waiting)["state"] == "completed"
    assert "开通回访" in steps_of(rig, fresh)
    assert "开通回访" not in steps_of(rig, waiting)


def test_a_drawing_with_a_script_is_refused_at_its_element(page: Any, page_watch: PageWatch, rig: Rig) -> None:
    before = live_version(rig)
    sign_in(page, rig, "designer")
    edit(page, rig)
    xml = page.evaluate("() => fetch(document.getElementById('designer').dataset.sourceUrl).then((it) => it.text())")
    broken = xml.replace('<bpmn:serviceTask id="fix_service_date"', '<bpmn:scriptTask id="fix_service_date"')
    start = broken.index("<bpmn:scriptTask")
    broken = broken[:start] + broken[start:].replace("</bpmn:serviceTask>", "</bpmn:scriptTask>", 1)
    file = {"name": f"{KEY}.bpmn", "mimeType": "text/xml", "buffer": broken.encode()}
    page.locator("input[type=file][accept*=bpmn]").set_input_files(file)
    mark = page.locator(".djs-overlays[data-container-id=fix_service_date] .dsg-mark")
    mark.wait_for()
    assert "脚本" in str(mark.get_attribute("title"))
    assert page.locator(".dsg-findings .dsg-tag").first.inner_text() == "错误"
    page.locator(".dsg-saved", has_text="已存").wait_for()
    report(page)
    assert page.locator("form button.primary[type=submit]").last.is_disabled()
    assert live_version(rig) == before
