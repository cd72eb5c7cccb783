"""Parameters are changed while the system runs: checked, written down, and counting at once; nobody sees a secret."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.config import Settings
from app.factory import build_deps
from app.persistence.administration.admin_changes import AdminChange
from app.persistence.administration.parameters import Parameter, with_changes
from app.persistence.people import WebSession
from app.unit_of_work import read, transaction
from tests.web.site import TOKEN, Site, text_of

HERE = "/admin/parameters"


def test_a_change_counts_at_once_and_is_taken_back(site: Site) -> None:
    admin, deps = site.visitor("admin"), site.world.deps
    front = site.visitor("front")
    assert front.get("/desk").status_code == 200
    with transaction(deps.sessions) as tx:
        aged = deps.clock(tx.session) - timedelta(minutes=10)
        tx.session.execute(update(WebSession).where(WebSession.login == "front").values(last_seen_at=aged))
    assert front.client.get("/desk").status_code == 200, "ten minutes are not too many"
    with transaction(deps.sessions) as tx:
        tx.session.execute(update(WebSession).where(WebSession.login == "front").values(last_seen_at=aged))
    assert admin.post(f"{HERE}/session_idle_min", {"value": "5", "reason": "open counters"}).status_code == 303
    assert deps.watch.fits() and deps.live.now.session_idle_min == 5
    assert front.client.get("/desk").status_code != 200, "and now they are"
    page = text_of(admin.get(HERE))
    assert "open counters" in page and "在此修改" in page
    assert admin.post(f"{HERE}/session_idle_min/reset", {"reason": "too short"}).status_code == 303
    assert deps.watch.fits() and deps.live.now.session_idle_min == deps.settings.session_idle_min
    assert admin.post(f"{HERE}/session_idle_min/reset", {"reason": "again"}).status_code == 404
    with read(deps.read_sessions) as session:
        rows = session.scalars(
            select(AdminChange).where(AdminChange.kind == "parameter").order_by(AdminChange.at)
        ).all()
    assert [(row.what, row.after) for row in rows] == [("changed", {"value": "5"}), ("reset", {"value": "30"})]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("session_idle_min", "0", 422),
        ("session_idle_min", "many", 422),
        ("session_idle_min", "1.5", 422),
        ("bulk_starts_per_s", "nan", 422),
        ("language", "fr", 422),
        ("secret_key", "mine", 404),
        ("database_url", "sqlite://", 404),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_is_kept(site: Site, name: str, value: str, status: int) -> None:
    answer = site.visitor("admin").post(f"{HERE}/{name}", {"value": value, "reason": "try"})
    assert answer.status_code == status
    with read(site.world.deps.read_sessions) as session:
        assert session.get(Parameter, name) is None


def test_no_secret_is_shown_and_who_may_not_changes_nothing(site: Site) -> None:
    page = text_of(site.visitor("auditor").get(f"{HERE}?lang=zh"))
    assert "YIZHAN_SECRET_KEY" in page and site.world.deps.settings.secret_key not in page
    assert site.world.deps.settings.database_url not in page
    assert site.visitor("auditor").post(f"{HERE}/language", {"value": "en", "reason": "x"}).status_code == 403
    assert site.visitor("front").get(HERE).status_code in (302, 303, 403)


def test_fewer_wrong_logins_make_one_wait(site: Site) -> None:
    admin, deps = site.visitor("admin"), site.world.deps
    assert admin.post(f"{HERE}/login_max_failures", {"value": "2", "reason": "attack"}).status_code == 303
    client = site.stranger()
    token = TOKEN.search(client.get("/login").get_data(as_text=True))
    assert token is not None
    form = {"csrf_token": token[1], "login": "sh.billing", "password": "wrong"}
    assert [client.post("/login", data=form).status_code for _ in range(3)] == [401, 401, 429]
    admin.post(f"{HERE}/login_max_failures/reset", {"reason": "over"})
    assert deps.watch.fits()


def test_another_process_hears_of_it_within_a_second_or_so(site: Site) -> None:
    other = build_deps(site.world.deps.settings, ports=site.world.twin.ports)
    try:
        assert other.watch.fits() and other.live.now.login_window_min == 15
        site.visitor("admin").post(f"{HERE}/login_window_min", {"value": "20", "reason": "longer"})
        for _ in range(100):
            if other.watch.fits() and other.live.now.login_window_min == 20:
                break
            time.sleep(0.1)
        assert other.live.now.login_window_min == 20
    finally:
        other.database.dispose()
        site.visitor("admin").post(f"{HERE}/login_window_min/reset", {"reason": "back"})


def test_what_no_longer_fits_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    kept = with_changes(Settings(), {"session_idle_min": "-3", "gone": "1", "language": "en"})
    assert kept == Settings(language="en")
    assert "session_idle_min" in caplog.text and "gone" in caplog.text
