"""People in front of browsers, without a browser: log in, read pages, send forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.operations_file import load_registry
from adapters.simulators.seed import read_folder
from adapters.simulators.twin import Twin
from app.config import Settings
from app.factory import build_app, build_deps
from processes.worker import Worker
from tests.api.world import SECRET

SEED = Path(__file__).parents[2] / "app" / "seed" / "data"

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """Somebody who is logged in; every answer is checked to be free of tracebacks."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        return checked(self.client.get(path, headers={name.replace("_", "-"): v for name, v in headers.items()}))

    def post(self, path: str, form: dict[str, Any], **headers: str) -> TestResponse:
        token = self.token()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return checked(self.client.post(path, data={"csrf_token": token, **form}, headers=named))

    def token(self) -> str:
        """The token of this session's forms; the bar of every page holds one."""
        found = TOKEN.search(self.client.get("/", follow_redirects=True).get_data(as_text=True))
        assert found is not None
        return found[1]


class World:
    """One application whose neighbours live in memory, know the demonstration's stock, and answer at once."""

    def __init__(self, settings: Settings) -> None:
        registry = load_registry()
        self.twin = Twin(
            registry,
            now=lambda: datetime.now(UTC),
            deliver=self._deliver,
            secret=SECRET.encode(),
            seed_data=read_folder(SEED),
            callback_delay_s=0.0,
        )
        self.deps = build_deps(settings, ports=self.twin.ports)
        self.app: Flask = build_app(settings, self.deps)

    def _deliver(self, _adapter: str, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        given = {**headers, "Content-Type": "application/json"}
        return self.app.test_client().post(urlsplit(url).path, data=body, headers=given).status_code < 300

    def close(self) -> None:
        self.deps.database.dispose()


@dataclass
class Site:
    """One application and its visitors."""

    world: World
    _visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, login: str) -> Visitor:
        """A browser in which this user has logged in."""
        if login not in self._visitors:
            client = self.world.app.test_client()
            token = TOKEN.search(client.get("/login").get_data(as_text=True))
            assert token is not None
            answer = client.post("/login", data={"csrf_token": token[1], "login": login, "password": "demo"})
            assert answer.status_code == 303, answer.get_data(as_text=True)
            self._visitors[login] = Visitor(client)
        return self._visitors[login]

    def forget(self, login: str) -> None:
        """The next visit of this user begins with a login."""
        self._visitors.pop(login, None)

    def stranger(self) -> FlaskClient:
        """A browser in which nobody is logged in."""
        return self.world.app.test_client()

    def work(self) -> None:
        """Let workers and neighbours do everything that is due."""
        deps = self.world.deps
        worker = Worker(deps.engine, deps.sessions, threads=1)
        while worker.drain() + self.world.twin.send_callbacks():
            pass


def sign_in(page: Any, address: str, login: str, language: str = "zh") -> None:
    """Log in with a real browser."""
    page.goto(f"{address}/login?lang={language}")
    page.fill("#u", login)
    page.fill("#p", "demo")
    page.locator("form button[type=submit]").last.click()
    page.locator("nav.rail, body.phone").first.wait_for(state="attached")


def checked(answer: TestResponse) -> TestResponse:
    """The answer, after a look for what must never reach people."""
    text = answer.get_data().decode(errors="replace")
    assert "Traceback" not in text
    assert "sqlalchemy" not in text.lower()
    return answer


def text_of(answer: TestResponse) -> str:
    """What a reader sees: the page without its tags."""
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def ordered(site: Site, customer: str, address: str) -> None:
    """A bundle for this customer, as far as it gets by itself."""
    where = f"/orders/new?customer={customer}&offering=hb-500"
    answer = site.visitor("front").post(where, {"do": "submit", "place-installation": address, "c-with_voice": "true"})
    assert answer.status_code == 303, text_of(answer)
    site.work()
