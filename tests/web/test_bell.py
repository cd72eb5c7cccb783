"""The bell on the pages: told, read, muted, and polled without pretending that the page is fresh."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, ordered, sign_in, text_of
from tests.web.test_accessible import violations


def number(site: Site, login: str) -> str:
    shown = site.visitor(login).get("/bell", HX_Request="true").get_data(as_text=True)
    found = re.search(r'class="n">(\d+)', shown)
    return found[1] if found else ""


def test_what_came_to_my_team_is_told_until_it_is_read(site: Site) -> None:
    desk = site.visitor("sh.desk")
    assert number(site, "sh.desk") == ""
    assert "都看过了" in text_of(desk.get("/bell"))
    ordered(site, "C100001", "A0001")
    assert number(site, "sh.desk") == "1"
    page = desk.get("/bell").get_data(as_text=True)
    assert 'data-testid="news-team"' in page
    upto = re.search(r'name="upto" value="([^"]+)"', page)
    assert upto is not None
    ordered(site, "C100002", "A0002")
    desk.post("/bell/read", {"kind": "team", "upto": upto[1]})
    assert number(site, "sh.desk") == "1", "what came after the page was drawn is not read"
    desk.post("/bell/read", {"upto": "nonsense"})
    assert number(site, "sh.desk") == ""


def test_a_kind_that_is_muted_is_silent_until_it_is_asked_for(site: Site) -> None:
    desk = site.visitor("sh.desk")
    desk.post("/bell/mute", {"kind": "team", "muted": "1"})
    ordered(site, "C100004", "A0013")
    assert number(site, "sh.desk") == ""
    assert "恢复提醒" in text_of(desk.get("/bell"))
    desk.post("/bell/mute", {"kind": "team", "muted": ""})
    ordered(site, "C100005", "A0014")
    assert number(site, "sh.desk") == "1"


def test_there_is_no_bell_for_kinds_that_do_not_exist(site: Site) -> None:
    assert site.visitor("sh.desk").post("/bell/mute", {"kind": "gossip", "muted": "1"}).status_code == 404
    assert site.visitor("sh.desk").post("/bell/read", {"kind": "gossip"}).status_code == 404


def test_nothing_changed_is_not_sent_again(site: Site) -> None:
    front = site.visitor("front")
    first = front.get("/bell", HX_Request="true")
    assert front.get("/bell", HX_Request="true", If_None_Match=first.headers["ETag"]).status_code == 304


@pytest.mark.slow
def test_the_bell_counts_and_can_be_read_with_the_keyboard(page: Any, address: str, site: Site) -> None:
    site.visitor("sh.desk").post("/bell/read", {})
    ordered(site, "C100006", "A0003")
    sign_in(page, address, "sh.desk", "en")
    page.get_by_role("link", name="News 1").wait_for()
    assert violations(page) == []
    page.get_by_role("link", name="News 1").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="New for my teams 1").wait_for()
    page.get_by_role("button", name="I have read everything").press("Enter")
    page.get_by_text("Nothing new: you have read everything.").wait_for()
    assert violations(page) == []
