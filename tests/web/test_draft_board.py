"""The drawing board of a draft in a browser: it saves itself, undo outlives a reload, one person writes, comments."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.persistence.people import User
from app.unit_of_work import transaction
from tests.web.site import Site, sign_in

pytestmark = pytest.mark.slow
KEY = "home_install"


@pytest.fixture(scope="module", autouse=True)
def second_designer(site: Site) -> None:
    with transaction(site.world.deps.sessions) as tx:
        first = tx.session.scalars(select(User).where(User.login == "designer")).one()
        columns = [column.key for column in User.__mapper__.column_attrs if column.key != "id"]
        values = {name: getattr(first, name) for name in columns}
        tx.session.add(User(**values | {"login": "designer2", "name_zh": "李样二", "name_en": "Lee Two"}))


def made(site: Site, **more: str) -> str:
    """The path of a new draft of the live version."""
    form = {"from": "version", "kind": "bpmn", "key": KEY, **more}
    answer = site.visitor("designer").post("/processes/drafts", form)
    assert answer.status_code == 303
    return str(answer.headers["Location"]).partition("?")[0]


def opened(page: Any, address: str, path: str) -> None:
    page.goto(f"{address}{path}")
    page.locator("#designer[data-ready]").wait_for()


def add(page: Any, name: str) -> None:
    page.get_by_label("查找元素或操作").fill(name)
    page.get_by_role("button", name=name).first.press("Enter")


def stored(site: Site, path: str) -> str:
    return site.visitor("designer").get(f"{path}/source").get_data(as_text=True)


def test_what_is_drawn_is_saved_and_undone_after_a_reload(page: Any, address: str, site: Site) -> None:
    path = made(site)
    sign_in(page, address, "designer")
    opened(page, address, path)
    assert page.locator(".bjs-powered-by").is_visible()
    add(page, "人工任务")
    page.locator(".dsg-saved", has_text="已存").wait_for()
    assert 'id="user_task"' in stored(site, path)

    page.reload()
    page.locator("#designer[data-ready]").wait_for()
    page.locator("[data-element-id=user_task]").first.wait_for()
    page.get_by_role("button", name="撤销").click()
    page.locator("[data-element-id=user_task]").first.wait_for(state="detached")
    page.get_by_text("已存").wait_for()
    assert 'id="user_task"' not in stored(site, path)
    page.get_by_role("button", name="重做").click()
    page.locator("[data-element-id=user_task]").first.wait_for()


@pytest.mark.torture
def test_what_the_server_never_got_comes_back_after_a_crash(
    page: Any, address: str, site: Site, page_watch: Any
) -> None:
    page_watch.allow("ERR_FAILED")
    path = made(site)
    sign_in(page, address, "designer")
    opened(page, address, path)
    page.route("**/save", lambda route: route.abort())
    add(page, "人工任务")
    page.get_by_text("没有存上").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    before = stored(site, path)
    page.unroute("**/save")
    opened(page, address, path)
    page.locator("[data-element-id=user_task]").first.wait_for()
    page.get_by_text("已存").wait_for()
    assert 'id="user_task"' not in before and 'id="user_task"' in stored(site, path)


@pytest.mark.torture
def test_one_writes_and_who_is_relieved_loses_nothing(
    page: Any, address: str, site: Site, page_watch: Any, browser: Any
) -> None:
    page_watch.allow("409")
    path = made(site)
    sign_in(page, address, "designer")
    opened(page, address, path)
    other = browser.new_context(locale="zh-CN").new_page()
    try:
        sign_in(other, address, "designer2")
        opened(other, address, path)
        other.get_by_text("正在编辑").wait_for()
        assert other.locator(".djs-palette").count() == 0, "who comes second reads"
        other.get_by_role("button", name="接管").click()
        other.locator(".djs-palette").wait_for()

        add(page, "人工任务")
        page.get_by_role("link", name="打开我的那一份").click()
        page.locator("[data-element-id=user_task]").first.wait_for()
        assert 'id="user_task"' not in stored(site, path)
    finally:
        other.context.close()


@pytest.mark.torture
def test_a_comment_stands_at_its_element(page: Any, address: str, site: Site) -> None:
    path = made(site)
    sign_in(page, address, "designer")
    opened(page, address, f"{path}?element=line_test")
    page.locator(".bio-properties-panel-header-label", has_text="线路测试").wait_for()
    page.get_by_role("tab", name="批注").click()
    page.get_by_label("写给「线路测试」").fill("要测两次吗？<img src=x>")
    page.get_by_role("button", name="添加批注").click()
    badge = page.locator("[data-container-id=line_test] .dsg-comment-badge")
    badge.wait_for()
    assert badge.get_attribute("aria-label") == "1 条未解决的批注"
    assert page.locator(".dsg-words").inner_text() == "要测两次吗？<img src=x>"
    page.get_by_label("回复").fill("一次就够")
    page.get_by_role("button", name="回复").click()
    page.get_by_text("一次就够").wait_for()
    page.get_by_role("button", name="标为已解决").click()
    badge.wait_for(state="detached")
    page.get_by_text("还没有批注").wait_for()
