"""Users made, changed, locked and let in again; who may not does not; and every act is written down."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.persistence.administration.admin_changes import AdminChange
from app.persistence.people import User, WebSession
from app.unit_of_work import read, transaction
from tests.web.site import TOKEN, Site, Visitor, text_of

NEW = {
    "name_zh": "钱拟新",
    "name_en": "Demo new",
    "role": "back_office",
    "area": "SH",
    "language": "zh",
    "max_open_items": "12",
    "teams": ["res_config.sh"],
    "skills": ["olt"],
}
PASSWORD = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")


def said_password(text: str) -> str:
    found = PASSWORD.search(text)
    assert found is not None, text[:400]
    return found[0]


def entered(site: Site, login: str, password: str) -> tuple[Visitor, int]:
    """A browser after an attempt to log in, and the answer to it."""
    client = site.world.app.test_client()
    token = TOKEN.search(client.get("/login").get_data(as_text=True))
    assert token is not None
    answer = client.post("/login", data={"csrf_token": token[1], "login": login, "password": password})
    return Visitor(client), answer.status_code


def lines_about(site: Site, login: str) -> list[AdminChange]:
    with read(site.world.deps.read_sessions) as session:
        rows = select(AdminChange).where(AdminChange.subject == login).order_by(AdminChange.at, AdminChange.id)
        return list(session.scalars(rows))


def test_a_new_user_chooses_a_password_before_anything_else(site: Site) -> None:
    admin = site.visitor("admin")
    made = admin.post("/admin/users", {"login": "new.back", **NEW})
    assert made.status_code == 200
    password = said_password(text_of(made))
    assert password not in text_of(admin.get("/admin/users/new.back")), "shown once"

    visitor, status = entered(site, "new.back", password)
    assert status == 303
    assert visitor.get("/work").headers["Location"] == "/account"
    assert visitor.get("/api/v1/me").status_code == 403, "the doors for machines are closed too"
    assert "临时密码" in text_of(visitor.get("/account"))
    wrong = visitor.client.get("/account").get_data(as_text=True)
    token = TOKEN.search(wrong)
    assert token is not None

    def change(old: str, new: str, again: str) -> Any:
        return visitor.client.post(
            "/account/password", data={"csrf_token": token[1], "old": old, "new": new, "again": again}
        )

    for old, new, again, why in (
        ("nonsense-here", "a longer one 77", "a longer one 77", "原密码不正确"),
        (password, "short", "short", "至少 10 个字符"),
        (password, "aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "重复"),
        (password, "xnew.back-2026", "xnew.back-2026", "不能包含用户名"),
        (password, "a longer one 77", "a longer one 78", "不一致"),
    ):
        answer = change(old, new, again)
        assert answer.status_code == 422 and why in text_of(answer)
    assert change(password, "a longer one 77", "a longer one 77").status_code == 303
    assert visitor.get("/work").status_code == 200
    assert entered(site, "new.back", password)[1] == 401
    assert entered(site, "new.back", "a longer one 77")[1] == 303
    assert [row.what for row in lines_about(site, "new.back")] == ["created", "own-password"]


def test_everything_wrong_is_said_at_its_field_and_nothing_is_stored(site: Site) -> None:
    admin = site.visitor("admin")
    wrong = {**NEW, "login": "Bad Login", "name_zh": " ", "role": "king", "area": "XX", "max_open_items": "0"}
    answer = admin.post("/admin/users", {**wrong, "teams": ["nobody.here"], "skills": ["flying"]})
    assert answer.status_code == 422
    text = text_of(answer)
    for said in (
        "以小写字母开头",
        "须填写",
        "没有这个角色",
        "没有这个区域",
        "1 至 200",
        "没有班组 nobody.here",
        "没有技能 flying",
    ):
        assert said in text
    assert 'value="Bad Login"' in answer.get_data(as_text=True), "what was filled in is kept"
    taken = admin.post("/admin/users", {**NEW, "login": "front"})
    assert taken.status_code == 422 and "该用户名已存在" in text_of(taken)
    english = admin.post("/admin/users?lang=en", {**NEW, "login": "front"})
    assert "this login is taken" in text_of(english)
    admin.get("/admin/users?lang=zh")
    with read(site.world.deps.read_sessions) as session:
        assert session.get(User, "Bad Login") is None


def test_a_locked_user_is_out_at_once_and_can_come_back(site: Site) -> None:
    admin, victim = site.visitor("admin"), site.visitor("sh.quality")
    assert victim.get("/orders").status_code == 200
    assert admin.post("/admin/users/sh.quality/lock", {"reason": " "}).status_code == 422
    assert admin.post("/admin/users/sh.quality/lock", {"reason": "left the company"}).status_code == 303
    assert victim.client.get("/orders").status_code in (302, 303, 401)
    assert entered(site, "sh.quality", "demo")[1] == 401
    assert "已停用" in text_of(admin.get("/admin/users?state=locked"))
    assert admin.post("/admin/users/sh.quality/unlock", {"reason": "came back"}).status_code == 303
    assert entered(site, "sh.quality", "demo")[1] == 303
    with read(site.world.deps.read_sessions) as session:
        assert session.scalar(select(WebSession.id).where(WebSession.login == "sh.quality").limit(1)) is not None
    assert admin.post("/admin/users/sh.quality/sessions", {"reason": "lost telephone"}).status_code == 303
    with read(site.world.deps.read_sessions) as session:
        assert session.scalar(select(WebSession.id).where(WebSession.login == "sh.quality").limit(1)) is None
    assert [row.what for row in lines_about(site, "sh.quality")] == ["locked", "unlocked", "sessions"]


def test_a_change_is_refused_where_somebody_else_was_faster(site: Site) -> None:
    admin = site.visitor("admin")
    page = admin.get("/admin/users/back2").get_data(as_text=True)
    seen = re.search(r'name="seen" value="([0-9a-f]{16})"', page)
    assert seen is not None
    form = {**NEW, "name_zh": "吴例越", "name_en": "Demo back2", "teams": ["order_desk.sh"], "seen": seen[1]}
    assert admin.post("/admin/users/back2", {**form, "reason": "moves to the desk"}).status_code == 303
    late = admin.post("/admin/users/back2", {**form, "max_open_items": "5"})
    assert late.status_code == 409 and "其他人刚刚修改了该用户" in text_of(late)
    assert 'value="5"' in late.get_data(as_text=True), "what was filled in is kept"
    history = text_of(admin.get("/admin/users/back2"))
    assert "在手待办上限: 20 → 12" in history and "moves to the desk" in history


@pytest.mark.parametrize("act", ["lock", "password"])
def test_nobody_locks_the_own_account(site: Site, act: str) -> None:
    assert site.visitor("admin").post(f"/admin/users/admin/{act}", {"reason": "x"}).status_code == 403


def test_nobody_gives_the_own_account_another_role(site: Site) -> None:
    admin = site.visitor("admin")
    form = {
        **NEW,
        "name_zh": "褚拟朗",
        "name_en": "Demo admin",
        "role": "operations_manager",
        "area": "CN",
        "teams": [],
    }
    answer = admin.post("/admin/users/admin", {**form, "skills": []})
    assert answer.status_code == 422 and "自己的角色" in text_of(answer)


def test_who_may_not_does_not(site: Site) -> None:
    for login in ("front", "back", "ops", "designer"):
        assert site.visitor(login).get("/admin/users").status_code == 403
        assert site.visitor(login).post("/admin/users", {"login": "evil", **NEW}).status_code == 403
    auditor = site.visitor("auditor")
    assert auditor.get("/admin/users/back").status_code == 200
    assert auditor.post("/admin/users/back/lock", {"reason": "x"}).status_code == 403


def test_an_administrator_of_a_province_knows_nobody_outside(site: Site) -> None:
    with transaction(site.world.deps.sessions) as tx:
        like = tx.session.get_one(User, "admin")
        tx.session.add(
            User(
                login="sh.admin",
                name_zh="省管",
                name_en="Demo",
                role="admin",
                area="SH",
                password_hash=like.password_hash,
                skills=[],
            )
        )
    local = site.visitor("sh.admin")
    assert local.get("/admin/users/admin").status_code == 404
    assert local.post("/admin/users/ops2/lock", {"reason": "x"}).status_code == 404
    up = local.post("/admin/users", {**NEW, "login": "sh.climber", "area": "CN"})
    assert up.status_code == 422 and "不在您的管辖范围" in text_of(up)
    assert local.post("/admin/users", {**NEW, "login": "sh.helper"}).status_code == 200
