"""A whole application on a fresh SQLite file with the demonstration's data, and people to call it."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from app.access import issue_token
from app.config import Settings
from app.deps import Deps
from app.factory import build_app, build_deps
from app.seed.demo import load_demo
from app.seed.reference import load_reference
from app.services.studio import process_catalog
from app.unit_of_work import transaction

ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
CANCELS = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
SECRET = "a callback secret of the tests"
PEOPLE = {
    "front_desk": "front",
    "back_office": "back",
    "field": "field",
    "team_leader": "sh.lead",
    "account_manager": "sh.am",
    "designer": "designer",
    "operations": "ops",
    "operations_manager": "ops2",
    "sla_approver": "sla.approver",
    "billing_clerk": "sh.billing",
    "quality": "sh.quality",
    "auditor": "auditor",
    "admin": "admin",
}


@functools.cache
def password_hash() -> str:
    """Hashing is slow on purpose; in the tests it need not be."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("demo")


def prepare(url: str, folder: Path) -> None:
    """Fill a migrated database with the reference data, the demonstration and the bundled processes."""
    deps = make_deps(settings_for(url, folder))
    with transaction(deps.sessions) as tx:
        load_reference(tx.session)
        load_demo(tx.session, lambda _: password_hash())
    process_catalog.install_bundled(deps)
    deps.database.dispose()


def settings_for(url: str, folder: Path, **more: Any) -> Settings:
    given = {"env": "test", "data_dir": str(folder), "callback_secrets": (SECRET,), **more}
    return Settings(database_url=url, **given)


def make_deps(settings: Settings) -> Deps:
    registry = load_registry()
    twin = Twin(registry, now=lambda: datetime.now(UTC), is_ample=True)
    return build_deps(settings, ports=twin.ports)


@dataclass
class Person:
    """A caller with a bearer token; answers are checked to be free of tracebacks."""

    client: FlaskClient
    token: str
    language: str = "en"

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": self.language,
            **more.pop("headers", {}),
        }
        if "json" in more:  # None is a body too
            more["data"], more["content_type"] = json.dumps(more.pop("json")), "application/json"
        answer = self.client.open(path, method=method, headers=headers, **more)
        text = answer.get_data().decode(errors="replace")
        assert "Traceback" not in text and "sqlalchemy" not in text.lower()
        return answer

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        return self.call("POST", path, json={} if body is None else body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> TestResponse:
        return self.call("PATCH", path, json=body, **more)


class World:
    """One application; ``person`` gives out callers by login."""

    def __init__(self, settings: Settings) -> None:
        self.deps = make_deps(settings)
        self.app: Flask = build_app(settings, self.deps)
        self._people: dict[str, Person] = {}

    def person(self, login: str) -> Person:
        if login not in self._people:
            with transaction(self.deps.sessions) as tx:
                token = issue_token(tx.session, login, label="test", expires_at=None, id_=self.deps.new_id())
            self._people[login] = Person(self.app.test_client(use_cookies=False), token)
        return self._people[login]

    def browser(self) -> FlaskClient:
        """A client that keeps cookies."""
        return self.app.test_client()

    def look(self, reading: Callable[[Session], Any]) -> Any:
        with self.deps.read_sessions() as session:
            return reading(session)

    def close(self) -> None:
        self.deps.database.dispose()


def copy_database(template: Path, target: Path) -> str:
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def home_bundle(external_id: str | None = None, **more: Any) -> dict[str, Any]:
    """An order that the front desk of Shanghai may place."""
    body: dict[str, Any] = {
        "category": "install",
        "description": "home bundle",
        "channel": [{"id": "counter"}],
        "relatedParty": [{"id": "C100003", "role": "customer", "@referredType": "Customer"}],
        "productOrderItem": [item()],
    }
    if external_id is not None:
        body["externalId"] = external_id
    return body | more


def item(**more: Any) -> dict[str, Any]:
    """An item that adds a home bundle at an address of Shanghai."""
    return {
        "id": "1",
        "action": "add",
        "productOffering": {"id": "hb-500"},
        "product": {"productSpecification": {"id": "home_bundle"}, "place": [{"id": "A0013", "role": "installation"}]},
    } | more


def codes(answer: TestResponse) -> Mapping[str, str]:
    """Path to code of every wrong field of an answer."""
    return {row["path"]: row["code"] for row in answer.get_json().get("details", [])}
