"""An administrator's first day in a browser, in both languages: a new colleague comes in, is absent, and is locked."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, sign_in

WORDS = {
    "zh": {
        "new": "新建用户",
        "make": "建立用户",
        "said": "仅显示这一次",
        "own": "您使用的是临时密码",
        "change": "修改密码",
        "absent": "登记缺勤",
        "leave": "休假",
        "lock": "停用用户",
        "locked": "已停用",
        "wait": "用户名或密码不正确",
        "calc": "计算",
        "holiday": "国庆节",
    },
    "en": {
        "new": "New user",
        "make": "Make the user",
        "said": "shown this once",
        "own": "You came in with a temporary password",
        "change": "Change the password",
        "absent": "Note the absence",
        "leave": "Leave",
        "lock": "Lock the user",
        "locked": "Locked",
        "wait": "Login or password is not correct",
        "calc": "Work it out",
        "holiday": "National Day",
    },
}


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_day_of_an_administrator(page: Any, address: str, site: Site, language: str) -> None:
    said, login = WORDS[language], f"day.{language}"
    sign_in(page, address, "admin", language)

    # A colleague is made; the password is seen once.
    page.get_by_role("link", name=said["new"]).click()
    page.locator("#user-login").fill(login)
    page.locator("#user-name_zh").fill("赵拟班")
    page.locator("#user-name_en").fill("Demo day")
    page.locator("#user-role").select_option("field")
    page.locator("#user-area").select_option("SH-SH")
    page.locator("#user-teams summary").click()
    page.locator('input[name=teams][value="home_field.sh-sh.east"]').check()
    page.locator('input[name=skills][value="ftth"]').check()
    page.locator("#user-name_en").press("Control+Enter")
    banner = page.locator(".banner", has_text=said["said"])
    banner.wait_for()
    password = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", banner.inner_text())
    assert password is not None

    # The colleague comes in, and can do nothing before the password is another one.
    browser = page.context.browser.new_context()
    other = browser.new_page()
    other.goto(f"{address}/login?lang={language}")
    other.fill("#u", login)
    other.fill("#p", password[0])
    other.locator("form button[type=submit]").last.click()
    other.locator(".banner", has_text=said["own"]).wait_for()
    other.goto(f"{address}/work")
    assert other.url.endswith("/account")
    other.locator("#pw-old").fill(password[0])
    other.locator("#pw-new").fill("correct horse 9")
    other.locator("#pw-again").fill("correct horse 8")
    other.get_by_role("button", name=said["change"]).click()
    other.get_by_test_id("error-summary").wait_for()
    other.wait_for_load_state()
    assert other.locator("#pw-again[aria-invalid=true]").count() == 1
    other.locator("#pw-old").fill(password[0])
    other.locator("#pw-new").fill("correct horse 9")
    other.locator("#pw-again").fill("correct horse 9")
    other.get_by_role("button", name=said["change"]).click()
    other.get_by_test_id("toast").wait_for()
    other.goto(f"{address}/work")
    assert other.url.endswith("/work")

    # Absent today: the team says so.
    page.goto(f"{address}/admin/teams/home_field.sh-sh.east")
    page.locator("#absences summary").click()
    page.locator("#absence-login").select_option(login)
    page.locator("#absence-kind").select_option("leave")
    page.get_by_role("button", name=said["absent"]).click()
    page.get_by_test_id("toast").wait_for()
    assert page.locator("#members tr", has_text=login).inner_text().strip().endswith(said["leave"])

    # What a promise would be, and why.
    page.goto(f"{address}/sla/test")
    page.locator("#case-product").select_option("home_bundle")
    page.locator("#case-at").fill("2026-09-24T17:00")
    page.locator('input[name=conditions][value="build_needed"]').check()
    page.get_by_role("button", name=said["calc"]).click()
    page.locator("#result-0 td", has_text=said["holiday"]).first.wait_for()

    # The colleague leaves: locked, and out at once.
    page.goto(f"{address}/admin/users/{login}")
    page.locator("#acts summary", has_text=said["lock"]).click()
    page.locator("#lock-reason").fill("left")
    page.locator("#acts button", has_text=said["lock"]).click()
    page.locator(".head .tag", has_text=said["locked"]).wait_for()
    other.goto(f"{address}/work")
    assert "/login" in other.url
    other.fill("#u", login)
    other.fill("#p", "correct horse 9")
    other.locator("form button[type=submit]").last.click()
    other.locator('[role="alert"]', has_text=said["wait"]).wait_for()
    other.close()
    browser.close()
