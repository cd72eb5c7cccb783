"""What people ask while there are many orders: the queue of a team, the next item, searches; each timed many times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import structlog
from flask.testing import FlaskClient

from app.access import issue_token
from app.config import Settings
from app.factory import build_app, build_deps
from app.services import work_list
from app.unit_of_work import transaction
from processes.store.base import Sessions
from tests.bench.figures import line, ms, percentile
from tests.bench.meters import now

CONTENDERS: Final = 20
BURSTS: Final = 10
#: Somebody of the team with the long queue, of the front desk, of operations.
WORKS, SELLS, WATCHES = "field", "front", "ops"


def asks(count: int) -> dict[str, tuple[str, Callable[[int], str]]]:
    """By name: whose question it is, and the address asked for the n-th time; ``count``: customers there are."""

    def some(number: int) -> int:
        return 1 + number * 7919 % count

    return {
        "queue_page": (WORKS, lambda _: "/api/v1/work-items?tab=team&limit=30"),
        "queue_done": (WORKS, lambda _: "/api/v1/work-items?tab=done&limit=30"),
        "queue_all": (WATCHES, lambda _: "/api/v1/work-items?tab=all&limit=30"),
        "customer_by_number": (SELLS, lambda n: f"/api/v1/customers?q=V{some(n):08d}"),
        "customer_by_phone": (SELLS, lambda n: f"/api/v1/customers?q=139{some(n):08d}"),
        "customer_by_name": (SELLS, lambda n: f"/api/v1/customers?q={'王李张刘陈'[n % 5]}{'伟芳娜敏静'[n // 5 % 5]}明"),
        "customer_unknown": (SELLS, lambda n: f"/api/v1/customers?q=no%20such%20name%20{n}"),
        "orders_by_customer": (WATCHES, lambda n: f"/orders?q=V{some(n):08d}"),
        "orders_by_phone": (WATCHES, lambda n: f"/orders?q=139{some(n):08d}"),
        "orders_by_part": (WATCHES, lambda n: f"/orders?q=VOLUME-{some(n):09d}"),
        "orders_newest": (WATCHES, lambda _: "/orders"),
        "errors_by_text": (WATCHES, lambda n: f"/api/v1/incidents?state=resolved&q=OLT-{20 * some(n // 20)}"),
        "errors_unknown": (WATCHES, lambda n: f"/api/v1/incidents?state=resolved&q=nothing-like-{n}"),
    }


@contextmanager
def product(url: str) -> Iterator[tuple[Any, Any]]:
    """The application on this database, and its parts; nobody else works on it."""
    settings = Settings(database_url=url, env="test", callback_secrets=("a secret of this bench",), pool_size=24)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # the output is for figures
    deps = build_deps(settings)
    try:
        yield build_app(settings, deps), deps
    finally:
        deps.close()


def ask_all(app: Any, deps: Any, *, times: int, customers: int, database: str) -> Iterator[dict[str, Any]]:
    """One line per question; ``p95_ms`` is the figure."""
    people = {login: _client(app, deps, login) for login in (WORKS, SELLS, WATCHES)}
    for name, (login, address) in asks(customers).items():
        client, headers = people[login]
        took, found = [], 0
        for number in range(times + 3):
            began = now()
            answer = client.get(address(number), headers=headers)
            if number >= 3:
                took.append(now() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"{address(number)}: {answer.status_code} {answer.get_data(as_text=True)[:300]}")
            body = answer.get_json() if answer.is_json else None
            found += len(body.get("items", body.get("customers", ()))) if isinstance(body, dict) else 0
        yield line("volume", name, database, 0, **_spread(took), found=found)


def contend(deps: Any, actors: list[Any], *, bursts: int, database: str) -> dict[str, Any]:
    """Twenty people take the next item at the same instant, again and again; nobody gets what another has."""
    took: list[float] = []
    got: list[str] = []
    barrier = threading.Barrier(len(actors))

    def one(actor: Any) -> None:
        for _ in range(bursts):
            barrier.wait()
            began = now()
            item = work_list.claim_next(actor, deps)
            took.append(now() - began)
            if item is not None:
                got.append(item.id)

    with ThreadPoolExecutor(len(actors)) as pool:
        for done in [pool.submit(one, actor) for actor in actors]:
            done.result()
    if len(set(got)) != len(got):
        raise RuntimeError("an item was claimed twice")
    return line("volume", "claim_next", database, 0, **_spread(took), found=len(got), contenders=len(actors))


def _client(app: Any, deps: Any, login: str) -> tuple[FlaskClient, dict[str, str]]:
    sessions: Sessions = deps.sessions
    with transaction(sessions) as tx:
        token = issue_token(tx.session, login, label="bench", expires_at=None, id_=deps.new_id())
    return app.test_client(use_cookies=False), {"Authorization": f"Bearer {token}"}


def _spread(took: list[float]) -> dict[str, Any]:
    return {
        "asked": len(took),
        "p50_ms": ms(percentile(took, 50)),
        "p95_ms": ms(percentile(took, 95)),
        "most_ms": ms(max(took, default=None)),
    }
