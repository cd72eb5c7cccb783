"""What people ask while there are many orders: the queue of a team, the next item, searches; each timed many times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import structlog
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access import issue_token
from app.config import Settings
from app.factory import build_app, build_deps
from app.persistence.counter.customers import Customer
from app.persistence.people import actor_of, staff_of
from app.persistence.scope import scoped
from app.services.teamwork import work_list
from app.unit_of_work import read, transaction
from tests.bench.figures import line, ms, percentile
from tests.bench.meters import now

DATABASE: Final = "postgresql"
CONTENDERS: Final = 20
BURSTS: Final = 10
WARM_UP: Final = 3
#: Somebody of the team with the long queue, of the front desk, of operations of a province, of all of them.
WORKS, SELLS, WATCHES, SEES_ALL = "field", "front", "ops", "ops2"
#: Whose question it is, the address asked for the n-th time, and what the answer says if it found something.
Question = tuple[str, Callable[[int], str], str]


def asks(customers: Sequence[str], *, finished: int) -> dict[str, Question]:
    """Questions by name; what nobody is called is asked for as well, for that is what costs most.

    :param customers: numbers of some that the front desk may see.
    """

    def some(number: int) -> str:
        return customers[number % len(customers)]

    def order(number: int) -> int:
        return 1 + number * 7919 % finished

    def port(number: int) -> int:
        return 20 * (1 + number * 7919 % max(1, finished // 20))

    return {
        "queue_page": (WORKS, lambda _: "/api/v1/work-items?tab=team&limit=30", '"order_number"'),
        "queue_done": (WORKS, lambda _: "/api/v1/work-items?tab=done&limit=30", '"order_number"'),
        "queue_all": (WATCHES, lambda _: "/api/v1/work-items?tab=all&limit=30", '"order_number"'),
        "queue_page_html": (WORKS, lambda _: "/work?tab=team", "W-V"),
        "queue_done_html": (WORKS, lambda _: "/work?tab=done", "W-V"),
        "customer_by_number": (SELLS, lambda n: f"/api/v1/customers?q={some(n)}", '"customer_no"'),
        "customer_by_phone": (SELLS, lambda n: f"/api/v1/customers?q=139{some(n)[1:]}", '"customer_no"'),
        "customer_by_name": (
            SELLS,
            lambda n: f"/api/v1/customers?q={'王李张刘陈'[n % 5]}{'伟芳娜敏静'[n // 5 % 5]}明",
            '"customer_no"',
        ),
        "customer_unknown": (SELLS, lambda n: f"/api/v1/customers?q=no%20such%20name%20{n}", ""),
        "orders_by_customer": (WATCHES, lambda n: f"/orders?q={some(n)}", "O-V"),
        "orders_by_phone": (WATCHES, lambda n: f"/orders?q=139{some(n)[1:]}", "O-V"),
        "orders_by_name": (WATCHES, lambda n: f"/orders?q={'王李张刘陈'[n % 5]}{'伟芳娜敏静'[n // 5 % 5]}明", "O-V"),
        "orders_by_part": (SEES_ALL, lambda n: f"/orders?q=VOLUME-{order(n):09d}", "O-V"),
        "orders_open": (WATCHES, lambda _: "/orders", "O-V"),
        "orders_newest": (SEES_ALL, lambda _: "/orders?view=all", "O-V"),
        "orders_finished": (SELLS, lambda _: "/orders?view=finished", "O-V"),
        "order_page": (SEES_ALL, lambda n: f"/orders/O-V{order(n):09d}", "O-V"),
        "order_history": (SEES_ALL, lambda n: f"/api/v1/history?order=O-V{order(n):09d}", '"element_id"'),
        "history_counts": (SEES_ALL, lambda _: "/api/v1/history/counts/order_8", '"entered"'),
        "control_room": (SEES_ALL, lambda _: "/operations", ""),
        "errors_by_text": (SEES_ALL, lambda n: f"/api/v1/incidents?state=resolved&q=OLT-{port(n)}", '"message"'),
        "errors_by_words": (WATCHES, lambda _: "/api/v1/incidents?state=resolved&q=no%20free%20port", '"message"'),
        "errors_unknown": (WATCHES, lambda n: f"/api/v1/incidents?state=resolved&q=nothing-like-{n}", ""),
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


class Asker:
    """People with tokens, asking over HTTP without a wire."""

    def __init__(self, app: Any, deps: Any) -> None:
        self._people = {login: _client(app, deps, login) for login in (WORKS, SELLS, WATCHES, SEES_ALL)}

    def ask(self, login: str, address: str) -> tuple[float, str]:
        """Seconds until the answer, and the answer. :raises RuntimeError: it is not 200."""
        client, headers = self._people[login]
        began = now()
        answer = client.get(address, headers=headers)
        took, text = now() - began, answer.get_data(as_text=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code} {text[:300]}")
        return took, text


def ask_all(app: Any, deps: Any, *, times: int, finished: int) -> Iterator[dict[str, Any]]:
    """One line per question; ``p95_ms`` is the figure, ``found`` how many answers had something."""
    asker = Asker(app, deps)
    for name, (login, address, mark) in asks(_seen_by(deps, SELLS, times), finished=finished).items():
        took, found = [], 0
        for number in range(times + WARM_UP):
            seconds, text = asker.ask(login, address(number))
            if number >= WARM_UP:
                took.append(seconds)
                found += bool(mark) and mark in text
        yield line("volume", name, DATABASE, 0, **spread(took), found=found)


def contend(deps: Any, actors: list[Any], *, bursts: int) -> dict[str, Any]:
    """Twenty people take the next item at the same instant, again and again; nobody gets what another has."""
    took: list[float] = []
    got: list[str] = []
    barrier = threading.Barrier(len(actors))

    def one(actor: Any) -> None:
        for burst in range(bursts + 1):
            barrier.wait()
            began = now()
            item = work_list.claim_next(actor, deps)
            if burst:  # the first one opens connections
                took.append(now() - began)
            if item is not None:
                got.append(item.id)

    with ThreadPoolExecutor(len(actors)) as pool:
        for done in [pool.submit(one, actor) for actor in actors]:
            done.result()
    if len(set(got)) != len(got):
        raise RuntimeError("an item was claimed twice")
    return line("volume", "claim_next", DATABASE, 0, **spread(took), found=len(got), contenders=len(actors))


def spread(took: list[float]) -> dict[str, Any]:
    """How often it was asked, and how long that took."""
    return {
        "asked": len(took),
        "p50_ms": ms(percentile(took, 50)),
        "p95_ms": ms(percentile(took, 95)),
        "most_ms": ms(max(took, default=None)),
    }


def _seen_by(deps: Any, login: str, count: int) -> Sequence[str]:
    """Numbers of customers in the area of somebody, from all over the table."""
    with read(deps.read_sessions) as session:
        actor = actor_of(staff_of(session, login))
        numbers = scoped(select(Customer.customer_no), Customer, actor).where(Customer.customer_no.startswith("V"))
        found = session.scalars(numbers.order_by(Customer.customer_no)).all()
    return found[:: max(1, len(found) // count)]


def token_of(deps: Any, login: str) -> str:
    """A new token of somebody."""
    with transaction(deps.sessions) as tx:
        return issue_token(tx.session, login, label="bench", expires_at=None, id_=deps.new_id())


def _client(app: Any, deps: Any, login: str) -> tuple[FlaskClient, dict[str, str]]:
    return app.test_client(use_cookies=False), {"Authorization": f"Bearer {token_of(deps, login)}"}
