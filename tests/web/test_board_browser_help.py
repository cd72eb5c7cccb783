"""The drawing board and the real server: what is wrong is said while one types, mended by a press, and undone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.site import Site, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.torture]
WORDS = {
    "zh": {"mend": "改为 assignment", "use": "换成 assignment", "undo": "撤销", "wrong": "没有谁提供名称 assignmnt"},
    "en": {
        "mend": "Change to assignment",
        "use": "Use assignment",
        "undo": "Undo",
        "wrong": "nobody provides the name assignmnt",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_name_is_marked_mended_and_undone(page: Any, address: str, site: Site, language: str) -> None:
    words = WORDS[language]
    sign_in(page, address, "designer", language)
    form = {"from": "version", "kind": "bpmn", "key": "access_activation"}
    draft = site.visitor("designer").post("/processes/drafts", form).headers["Location"]
    page.goto(f"{address}{draft}")
    page.locator("#designer[data-ready]").wait_for()
    page.locator("[data-element-id=configure_olt_port]").first.click()
    field = page.get_by_role("combobox", name="olt_port", exact=False).first
    field.click()
    field.fill("")
    field.press_sequentially("assignment.ol")
    offers = page.get_by_role("listbox", name="olt_port").get_by_role("option")
    offers.first.wait_for()
    assert "olt_port" in offers.first.inner_text()
    field.press("Enter")
    assert field.input_value() == "assignment.olt_port"
    field.fill("assignmnt.olt_port")
    page.get_by_role("button", name=words["use"]).wait_for()
    field.press("Escape")
    field.blur()
    page.locator(".dsg-findings").get_by_text(words["wrong"]).wait_for()
    assert page.locator(".dsg-mark.dsg-error").count() == 1
    page.locator(".dsg-findings").get_by_role("button", name=words["mend"]).click()
    page.locator(".dsg-mark.dsg-error").wait_for(state="detached")
    assert field.input_value() == "assignment.olt_port"
    page.get_by_role("button", name=words["undo"], exact=True).first.click()
    page.locator(".dsg-mark.dsg-error").wait_for()
    assert field.input_value() == "assignmnt.olt_port"
