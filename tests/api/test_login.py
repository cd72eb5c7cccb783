"""Sessions, CSRF, tokens and the limiter, on small pages of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.access import (
    csrf_token,
    current_actor,
    current_language,
    hash_password,
    install_access,
    issue_token,
    log_in,
    log_out,
    public,
    requires,
    requires_login,
    revoke_tokens,
)
from app.access.passwords import is_password_of
from app.access.secrets_at_rest import fingerprint
from app.api.problems import register_problems
from app.observability import install_observability
from app.persistence.people import ApiToken, LoginAttempt, User, WebSession
from app.unit_of_work import transaction
from tests.api.world import World, make_deps, password_hash

MAX_FAILURES = 3


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown login costs as much as a known one, and in these tests that is little."""
    monkeypatch.setattr("app.access.passwords._NOBODY", password_hash())


@pytest.fixture
def doors(fresh_world: Any) -> Iterator[World]:
    """An application with a login page and two pages behind it; the limiter bites after three failures."""
    world: World = fresh_world(login_max_failures=MAX_FAILURES)
    app = Flask("doors", static_folder=None)
    install_observability(app, world.deps.settings)
    install_access(app, world.deps)
    register_problems(app)

    @app.get("/form")
    @public
    def form() -> str:
        return csrf_token()

    @app.post("/login")
    @public
    def login() -> str:
        return log_in(request.form["login"], request.form["password"]).login

    @app.post("/logout")
    @requires_login
    def logout() -> str:
        log_out()
        return "bye"

    @app.get("/me")
    @requires_login
    def me() -> str:
        return f"{current_actor().login} {current_actor().role} {current_language()}"

    @app.post("/change")
    @requires("order.submit")
    def change() -> str:
        return "changed"

    world.app = app
    return world


def log(client: FlaskClient, login: str = "front", password: str = "demo", **more: Any) -> Any:
    token = client.get("/form").text
    return client.post("/login", data={"login": login, "password": password, "csrf_token": token}, **more)


def session_cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("yizhan_session")
    assert cookie is not None
    return cookie.value


def test_logging_in_opens_a_session_and_logging_out_ends_it(doors: World) -> None:
    browser = doors.browser()
    assert browser.get("/me").status_code == 401
    answer = log(browser)
    assert (answer.status_code, answer.text) == (200, "front")
    assert browser.get("/me").text == "front front_desk zh"
    cookie = session_cookie(browser)
    browser.post("/logout", headers={"X-CSRF-Token": browser.get("/form").text})
    assert browser.get("/me").status_code == 401
    browser.set_cookie("yizhan_session", cookie)
    assert browser.get("/me").status_code == 401  # the stolen cookie is dead


def test_the_cookie_is_out_of_reach_and_kept_hashed(doors: World) -> None:
    browser = doors.browser()
    header = log(browser).headers["Set-Cookie"]
    assert "HttpOnly" in header and "SameSite=Lax" in header and "Secure" not in header
    rows = doors.look(lambda session: session.scalars(select(WebSession.token_hash)).all())
    assert rows == [fingerprint(session_cookie(browser))]


def test_over_https_the_cookie_is_secure(doors: World) -> None:
    browser = doors.browser()
    base = "https://localhost"
    token = browser.get("/form", base_url=base).text
    form = {"login": "front", "password": "demo", "csrf_token": token}
    answer = browser.post("/login", data=form, base_url=base)
    assert "Secure" in answer.headers["Set-Cookie"]


def test_the_session_changes_at_login(doors: World) -> None:
    browser = doors.browser()
    log(browser)
    first = session_cookie(browser)
    log(browser, "back")
    assert session_cookie(browser) != first
    assert browser.get("/me").text.startswith("back ")
    other = doors.browser()
    other.set_cookie("yizhan_session", first)
    assert other.get("/me").status_code == 401


@pytest.mark.parametrize(
    ("login", "password"),
    [("front", "wrong"), ("nobody", "demo"), ("front", ""), ("", ""), ("fr\x00nt", "demo"), ("x" * 5000, "demo")],
)
def test_a_refusal_says_nothing_about_the_login(doors: World, login: str, password: str) -> None:
    answer = log(doors.browser(), login, password)
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "login-refused"
    assert answer.get_json()["detail"] == "用户名或密码不正确"


def test_a_user_who_is_switched_off_is_out_at_once(doors: World) -> None:
    browser = doors.browser()
    log(browser)
    with transaction(doors.deps.sessions) as tx:
        tx.session.execute(update(User).where(User.login == "front").values(active=False))
    assert browser.get("/me").status_code == 401
    assert log(doors.browser()).status_code == 401


def test_a_change_of_role_holds_from_the_next_request(doors: World) -> None:
    browser = doors.browser()
    log(browser)
    headers = {"X-CSRF-Token": browser.get("/form").text}
    assert browser.post("/change", headers=headers).status_code == 200
    with transaction(doors.deps.sessions) as tx:
        tx.session.execute(update(User).where(User.login == "front").values(role="auditor"))
    assert browser.post("/change", headers=headers).status_code == 403


@pytest.mark.parametrize("older", [{"last_seen_at": timedelta(minutes=31)}, {"expires_at": timedelta(hours=13)}])
def test_a_session_ends_by_idleness_and_by_age(doors: World, older: dict[str, timedelta]) -> None:
    browser = doors.browser()
    log(browser)
    with transaction(doors.deps.sessions) as tx:
        row = tx.session.scalars(select(WebSession)).one()
        for name, by in older.items():
            setattr(row, name, getattr(row, name) - by)
    assert browser.get("/me").status_code == 401


def test_use_keeps_a_session_alive(doors: World) -> None:
    browser = doors.browser()
    log(browser)
    with transaction(doors.deps.sessions) as tx:
        row = tx.session.scalars(select(WebSession)).one()
        row.last_seen_at = earlier = row.last_seen_at - timedelta(minutes=20)
    assert browser.get("/me").status_code == 200
    seen = doors.look(lambda session: session.scalars(select(WebSession.last_seen_at)).one())
    assert seen > earlier + timedelta(minutes=19)


def test_unsafe_requests_need_the_token_of_their_page(doors: World) -> None:
    browser, other = doors.browser(), doors.browser()
    log(browser)
    log(other)
    mine, foreign = browser.get("/form").text, other.get("/form").text
    assert browser.post("/change").status_code == 403
    assert browser.post("/change").get_json()["code"] == "csrf-refused"
    assert browser.post("/change", headers={"X-CSRF-Token": foreign}).status_code == 403
    assert browser.post("/change", data={"csrf_token": "é"}).status_code == 403
    assert browser.post("/change", data={"csrf_token": mine}).status_code == 200
    assert browser.post("/change", headers={"X-CSRF-Token": mine}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_requests_from_other_sites_are_refused_even_with_a_token(doors: World, headers: dict[str, str]) -> None:
    browser = doors.browser()
    log(browser)
    token = browser.get("/form").text
    assert browser.post("/change", headers={"X-CSRF-Token": token, **headers}).status_code == 403
    own = {"X-CSRF-Token": token, "Origin": "http://localhost"}
    assert browser.post("/change", headers=own).status_code == 200


def test_logging_in_itself_needs_a_token(doors: World) -> None:
    form = {"login": "front", "password": "demo"}
    assert doors.browser().post("/login", data=form).status_code == 403
    token = doors.browser().get("/form").text
    assert doors.browser().post("/login", data={**form, "csrf_token": token}).status_code == 403


def test_guessing_is_slowed_down_per_login_and_address(doors: World) -> None:
    browser = doors.browser()
    assert [log(browser, password="wrong").status_code for _ in range(MAX_FAILURES)] == [401] * MAX_FAILURES
    blocked = log(browser)
    assert (blocked.status_code, blocked.get_json()["code"]) == (429, "too-many")
    assert int(blocked.headers["Retry-After"]) > 0
    assert log(browser, "back").status_code == 200  # another login is free
    elsewhere = log(browser, environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 200  # and so is another address
    with transaction(doors.deps.sessions) as tx:
        for row in tx.session.scalars(select(LoginAttempt)):
            row.at -= timedelta(minutes=16)
    assert log(browser).status_code == 200


def test_one_address_cannot_try_every_login(doors: World) -> None:
    browser = doors.browser()
    statuses = [log(browser, f"user{n}", "guess").status_code for n in range(5 * MAX_FAILURES + 1)]
    assert statuses == [401] * (5 * MAX_FAILURES) + [429]


def test_a_success_forgives_earlier_failures(doors: World) -> None:
    browser = doors.browser()
    for _ in range(3):
        assert log(browser, password="wrong").status_code == 401
        assert log(browser, password="wrong").status_code == 401
        assert log(browser).status_code == 200


def test_bearer_tokens_are_hashed_expire_and_are_revoked(doors: World) -> None:
    deps, client = doors.deps, doors.app.test_client(use_cookies=False)

    def status(token: str) -> int:
        return client.post("/change", headers={"Authorization": f"Bearer {token}"}).status_code

    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        good = issue_token(tx.session, "front", label="", expires_at=now + timedelta(hours=1), id_=deps.new_id())
        old = issue_token(tx.session, "front", label="", expires_at=now - timedelta(seconds=1), id_=deps.new_id())
    kept = doors.look(lambda session: session.scalars(select(ApiToken.token_hash)).all())
    assert good not in kept and fingerprint(good) in kept
    assert len(good) >= 43
    assert (status(good), status(old), status(""), status(good + "x"), status("x" * 5000)) == (200, 401, 401, 401, 401)
    with transaction(deps.sessions) as tx:
        revoke_tokens(tx.session, "front", now=deps.clock(tx.session))
    assert status(good) == 401


def test_language_comes_from_address_cookie_profile_and_browser(doors: World) -> None:
    browser = doors.browser()
    log(browser, "auditor")  # an English profile
    assert browser.get("/me").text.endswith(" en")
    assert browser.get("/me?lang=zh").text.endswith(" zh")
    assert browser.get("/me").text.endswith(" zh")  # the choice is kept
    assert browser.get("/me?lang=fr").text.endswith(" zh")


def test_the_demo_password_opens_nothing_in_production(fresh_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.observability.configure_logging", lambda settings: None)
    secret = "s" * 40
    world = fresh_world(env="production", secret_key=secret, callback_secrets=(secret,))
    app = Flask("doors", static_folder=None)
    install_observability(app, world.deps.settings)
    install_access(app, make_deps(world.deps.settings))
    register_problems(app)
    app.add_url_rule("/form", "form", public(csrf_token))
    app.add_url_rule("/login", "login", public(lambda: log_in("front", "demo").login), methods=["POST"])
    browser = app.test_client()
    token = browser.get("/form").text
    assert browser.post("/login", headers={"X-CSRF-Token": token}).status_code == 401


def test_a_stored_password_is_argon2id_and_fits_only_itself() -> None:
    stored = hash_password("一个口令")
    assert stored.startswith("$argon2id$")
    assert is_password_of(stored, "一个口令")
    assert not is_password_of(stored, "一个口")
    assert not is_password_of(None, "demo") and not is_password_of("broken", "demo")
