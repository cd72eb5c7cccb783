"""What a person does on the pages in every browser scenario."""

from __future__ import annotations

from typing import Any

from tests.scenario.rig import Rig

SIGN_IN = {"zh": "登录", "en": "Sign in"}


def sign_in(page: Any, rig: Rig, login: str, *, language: str = "zh") -> None:
    """Sign in as a user of the demonstration, whoever was signed in before."""
    page.context.clear_cookies()
    page.goto(f"{rig.urls[0]}/login?lang={language}")
    page.get_by_label("工号" if language == "zh" else "Login", exact=True).fill(login)
    page.get_by_label("密码" if language == "zh" else "Password", exact=True).fill("demo")
    page.get_by_role("button", name=SIGN_IN[language], exact=True).click()
    page.locator("main#main").wait_for()
