"""A whole Yizhan in one process: the real rows, engine and doors, with the neighbours in memory beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from adapters.operations_file import load_registry
from adapters.simulators.seed import read_folder
from adapters.simulators.twin import Twin
from app.access import issue_token
from app.cli.field_crew import answers
from app.config import Settings
from app.deps import Deps
from app.factory import build_app, build_deps
from app.services import truth
from app.unit_of_work import transaction
from processes.invariants import Violation
from processes.worker import Worker
from tests.api.world import ORDERS, prepare
from tests.servers import ROOT

SECRET = "a secret of the callbacks in these tests"
FINAL = {"completed", "partial", "failed", "cancelled", "rejected"}
ROUNDS = 400


@cache
def stock() -> dict[str, Any]:
    return read_folder(ROOT / "app" / "seed" / "data")


def settings_for(url: str, folder: Path, *, demo: bool, wait_scale: float = 1_000_000.0) -> Settings:
    return Settings(
        database_url=url,
        env="test",
        demo=demo,  # waits are short, and everybody may take any work item
        data_dir=str(folder),
        callback_secrets=(SECRET,),
        demo_wait_scale=wait_scale,
    )


@dataclass
class Whole:
    """One product. ``neighbours`` outlive it: hand them to the next one on the same database."""

    deps: Deps
    app: Flask
    neighbours: Twin
    worker: Worker

    def call(self, method: str, path: str, body: Any = None, *, login: str = "front") -> Any:
        """Ask the interface; returns the answer as JSON."""
        answer = self.client.open(
            path,
            method=method,
            data=None if body is None else json.dumps(body),
            content_type="application/json",
            headers=self.headers(login),
        )
        assert answer.status_code < 300, (method, path, answer.status_code, answer.get_data(as_text=True))
        return answer.get_json()

    def headers(self, login: str) -> dict[str, str]:
        """Who is calling; a demonstration gives everybody a token that is good everywhere."""
        if self.deps.settings.demo:
            return {"Authorization": f"Bearer demo-{login}"}
        with transaction(self.deps.sessions) as tx:
            token = issue_token(tx.session, login, label="test", expires_at=None, id_=self.deps.new_id())
        return {"Authorization": f"Bearer {token}"}

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def place(self, example: str, **changes: Any) -> str:
        """Submit an example order; returns its id."""
        body = json.loads((ROOT / "examples" / "orders" / example).read_text(encoding="utf-8"))
        return str(self.call("POST", ORDERS, {**body, **changes})["id"])

    def work(self) -> int:
        """Let workers and neighbours do what is due; returns how much that was."""
        return self.worker.drain() + self.neighbours.send_callbacks()

    def play(self, order_id: str, *, until: Sequence[str] = tuple(FINAL), leave: int | None = None) -> Any:
        """Do everything for an order, people's part too, until it is in one of the states.

        :param leave: stop before that many-th work item is done.
        """
        done = 0
        for _round in range(ROUNDS):
            self.work()
            view = self.call("GET", f"/api/v1/orders/{order_id}")
            if view["state"] in until:
                return view
            query = f"/api/v1/work-items?tab=all&order={view['number']}&limit=100"
            for row in self.call("GET", query)["items"]:
                if done == leave:
                    return view
                if row["state"] in {"open", "claimed"}:
                    self.do(row["id"])
                    done += 1
        raise AssertionError(f"{order_id} does not come to an end: {view}")

    def do(self, item_id: str) -> None:
        item = self.call("POST", f"/api/v1/work-items/{item_id}/claim", {})
        result = answers(item.get("form") or {}, item.get("context") or {})
        self.call("POST", f"/api/v1/work-items/{item_id}/complete", {"result": result})

    def violations(self, *rules: str, tally: truth.Tally | None = None) -> list[Violation]:
        """What `yizhan invariants` would find."""
        told = truth.check(
            self.deps,
            rules or tuple(truth.RULES),
            tally=tally,
            count_effects=lambda _url: iter(self.neighbours.effects()),
        )
        return list(told)


@contextmanager
def whole(
    url: str,
    folder: Path,
    *,
    neighbours: Twin | None = None,
    fresh: bool = True,
    demo: bool = True,
    wait_scale: float = 1_000_000.0,
) -> Iterator[Whole]:
    """A product on a migrated database. ``fresh``: fill it first; ``wait_scale``: how much shorter a demo waits."""
    if fresh:
        prepare(url, folder)
    twin = neighbours or Twin(
        load_registry(), now=lambda: datetime.now(UTC), seed_data=stock(), secret=SECRET.encode(), callback_delay_s=0.0
    )
    settings = settings_for(url, folder, demo=demo, wait_scale=wait_scale)
    deps = build_deps(settings, role="test", ports=twin.ports)
    app = build_app(settings, deps)

    def deliver(adapter: str, _url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        answer = app.test_client().post(f"/api/v1/callbacks/{adapter}", data=body, headers=dict(headers))
        return answer.status_code < 300

    twin.postman = replace(twin.postman, deliver=deliver)
    running = Whole(deps, app, twin, Worker(deps.engine, deps.sessions, name="whole"))
    try:
        yield running
    finally:
        deps.close()
