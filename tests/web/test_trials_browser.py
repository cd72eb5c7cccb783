"""A designer tries a version, keeps the run as a case and runs all cases, in a browser and in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.site import Site, sign_in

WORDS = {
    "zh": {
        "calls": "被调用的流程", "run": "运行到底", "ended": "走到终点", "name": "名称", "save": "存为用例",
        "all": "全部运行（4）", "passed": "4 个通过，0 个未通过，0 个未运行", "undo": "此刻撤单", "step": "资源配置",
        "played": "逐步运行", "next": "下一步",
    },
    "en": {
        "calls": "Called processes", "run": "Run to the end", "ended": "Came to its end", "name": "Name",
        "save": "Save as a case", "all": "Run all 4", "passed": "4 passed, 0 failed, 0 not run yet",
        "undo": "A cancel at this moment", "step": "Resource assignment", "played": "Step by step", "next": "Next step",
    },
}  # fmt: skip


@pytest.mark.torture
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_run_becomes_a_case_and_all_cases_are_run(page: Any, address: str, site: Site, language: str) -> None:
    words = WORDS[language]
    page.set_default_timeout(60_000)
    sign_in(page, address, "designer", language)
    page.goto(f"{address}/processes/home_install/1/try")
    page.get_by_role("button", name=words["played"]).click()
    page.get_by_role("button", name=words["next"]).click()
    page.get_by_label(words["calls"]).select_option("run")
    page.get_by_role("button", name=words["run"]).click()
    result = page.get_by_test_id("dryrun-result")
    result.get_by_text(words["ended"]).wait_for()
    result.locator(".dgm[data-ready=true] .djs-element.is-done").first.wait_for()
    result.get_by_role("row").get_by_role("link", name=words["step"], exact=True).click()
    page.get_by_role("heading", name=words["undo"]).wait_for()
    page.get_by_label(words["name"], exact=True).fill("kept in a browser")
    page.get_by_role("button", name=words["save"]).click()
    page.get_by_role("button", name=words["all"]).click()
    page.get_by_text(words["passed"]).wait_for()
