"""Clients under load: each sends an order until it knows what became of it, as a partner must, and never takes
silence for a refusal."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx

from tests.scenario.rig import ORDERS
from tests.torture.members import Journal

TIMEOUT_S = 8.0
PATIENCE_S = 90.0
#: A system that has stood still for so long gets no more orders; the judge says what it thinks of it.
STANDSTILL_S = 900.0
#: One in so many clients goes away after the first silence and never asks again.
GIVES_UP_EVERY = 4
LOGIN = "front"
CANCEL = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
#: Answers that say "try the same again".
AGAIN = {408, 425, 429, 500, 502, 503, 504}


@dataclass
class Sent:
    """One order as its client knows it: ``state`` is acked, unknown or refused."""

    external_id: str
    body: dict[str, Any]
    state: str = "unknown"
    order_id: str = ""
    tries: int = 0
    answers: list[str] = field(default_factory=list)
    words: str = ""
    cancel: str = ""  # what became of asking for its cancellation: acked, unknown, refused; empty = not asked


class Load:
    """Sends orders from several threads through all web servers, at most ``window`` open ones at a time."""

    def __init__(
        self,
        urls: Sequence[str],
        bodies: Iterable[dict[str, Any]],
        *,
        count: int,
        seed: int,
        journal: Journal,
        threads: int = 4,
        window: Callable[[], bool] = lambda: True,
        rate: float | None = None,
        cancel_share: float = 0.0,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """``window`` says whether another order may be sent now; ``rate`` is the most orders per second."""
        self.sent: list[Sent] = []
        self.answers: Counter[str] = Counter()
        self._urls, self._count = list(urls), count
        self._bodies: Iterator[dict[str, Any]] = islice(iter(bodies), count)
        self._rng = random.Random(seed)
        self._journal, self._window, self._patience_s = journal, window, patience_s
        self._apart_s = 1 / rate if rate else 0.0
        self._cancel_share = cancel_share
        self._next_at = 0.0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"client{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until every order has been sent and every client knows, or has given up."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()

    def is_running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def of(self, state: str) -> list[Sent]:
        """The orders in that state for their clients."""
        with self._lock:
            return [one for one in self.sent if one.state == state]

    # -- inside --------------------------------------------------------------------------------------------------

    def _run(self, number: int) -> None:
        headers = {"Authorization": f"Bearer demo-{LOGIN}", "Accept-Language": "en"}
        with httpx.Client(headers=headers, timeout=TIMEOUT_S) as client:
            while (one := self._take()) is not None:
                self._send(client, one, number)
                if one.state == "acked" and self._chance(self._cancel_share):
                    self._stop.wait(self._rng.uniform(0, 3))
                    self._cancel(client, one, number)

    def _take(self) -> Sent | None:
        began = time.monotonic()
        while not self._stop.is_set() and time.monotonic() < began + STANDSTILL_S:
            with self._lock:
                now = time.monotonic()
                if now >= self._next_at and self._window():
                    body = next(self._bodies, None)
                    if body is None:
                        return None
                    self._next_at = now + self._apart_s
                    self.sent.append(one := Sent(body["externalId"], body))
                    return one
            self._stop.wait(0.05)
        return None

    def _send(self, client: httpx.Client, one: Sent, turn: int) -> None:
        """Send until there is an answer: the same body under the same number and key."""
        # Without a key the order's own number makes a repeat harmless, and nobody waits for a request that was cut off.
        key = {"Idempotency-Key": one.external_id} if self._chance(0.5) else {}
        until = time.monotonic() + self._patience_s
        gives_up = self._chance(1 / GIVES_UP_EVERY)
        while True:
            one.tries += 1
            answer = self._post(client, f"{self._url(turn + one.tries)}{ORDERS}", one.body, key)
            one.answers.append(answer if isinstance(answer, str) else str(answer.status_code))
            if not isinstance(answer, str) and self._judged(one, answer):
                return
            if gives_up or time.monotonic() > until or self._stop.is_set():
                self._journal.write("unknown", order=one.external_id, answers=one.answers[-5:])
                return
            time.sleep(self._rng.uniform(0.05, 0.5))

    def _judged(self, one: Sent, answer: httpx.Response) -> bool:
        """Whether the answer settles it."""
        if answer.is_success:
            one.order_id, one.state = str(answer.json()["id"]), "acked"
            return True
        if answer.status_code in AGAIN or told(answer, "code") == "request-in-progress":
            return False
        one.state, one.words = "refused", answer.text[:500]
        self._journal.write("refused", order=one.external_id, status=answer.status_code, words=one.words)
        return True

    def _cancel(self, client: httpx.Client, one: Sent, turn: int) -> None:
        """Ask once more and once more for a cancellation; somebody else's number makes it the same request."""
        body = {"cancellationReason": "客户改变主意", "productOrder": {"id": one.order_id}}
        one.cancel = "unknown"
        until = time.monotonic() + self._patience_s
        while time.monotonic() < until and not self._stop.is_set():
            answer = self._post(client, f"{self._url(turn)}{CANCEL}", body, {})
            if not isinstance(answer, str) and answer.status_code not in AGAIN:
                one.cancel = "acked" if answer.is_success else "refused"
                return
            turn += 1
            time.sleep(self._rng.uniform(0.05, 0.5))

    def _post(self, client: httpx.Client, url: str, body: object, headers: dict[str, str]) -> httpx.Response | str:
        """The answer, or the kind of silence."""
        try:
            answer = client.post(url, json=body, headers=headers)
        except httpx.TransportError as silence:
            self._note(type(silence).__name__)
            return type(silence).__name__
        self._note(str(answer.status_code))
        if answer.status_code >= 500:
            again, words = answer.headers.get("Retry-After", ""), answer.text[:300]
            self._journal.write("5xx", url=url, status=answer.status_code, retry_after=again, words=words)
        return answer

    def _note(self, kind: str) -> None:
        with self._lock:
            self.answers[kind] += 1

    def _url(self, turn: int) -> str:
        return self._urls[turn % len(self._urls)]

    def _chance(self, share: float) -> bool:
        with self._lock:
            return self._rng.random() < share


def told(answer: httpx.Response, name: str) -> Any:
    """A field of a JSON answer, None where there is none."""
    try:
        body = answer.json()
    except ValueError:
        return None
    return body.get(name) if isinstance(body, dict) else None
