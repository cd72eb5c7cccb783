"""People under load: they take whatever is open in the work lists and hand in the forms, through any web server."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from app.cli.field_crew import ITEMS, answers

TIMEOUT_S = 8.0
PAGE = 100
IDLE_S = 0.3


class Crews:
    """A few people; what one of them cannot finish because a server died, he or she tries again later.

    :param leave: forms of work items that are left alone.
    """

    def __init__(self, urls: Sequence[str], *, people: int = 2, leave: Sequence[str] = ()) -> None:
        self.done = 0
        self.answers: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.refusals: list[str] = []
        self._urls, self._leave, self._people = list(urls), set(leave), people
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"crew{number}", daemon=True)
            for number in range(people)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Work until the process ends."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Put the pen down; waits until everybody has."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=3 * TIMEOUT_S)

    def _run(self, number: int) -> None:
        headers = {"Authorization": "Bearer demo-front", "Accept-Language": "en"}
        turn = number
        with httpx.Client(headers=headers, timeout=TIMEOUT_S) as client:
            while not self._stop.is_set():
                turn += 1
                url = self._urls[turn % len(self._urls)]
                try:
                    busy = self._round(client, url, number)
                except httpx.TransportError as silence:
                    self._note(type(silence).__name__)
                    busy = False
                if not busy:
                    self._stop.wait(IDLE_S)

    def _round(self, client: httpx.Client, url: str, number: int) -> bool:
        listed = self._ask(lambda: client.get(f"{url}{ITEMS}", params={"tab": "all", "limit": PAGE}))
        if listed is None:
            return False
        mine = [row for row in listed["items"] if self._is_for(row, number)]
        for row in mine:
            if self._stop.is_set():
                return False
            self._do(client, url, row["id"])
        return bool(mine)

    def _is_for(self, row: dict[str, Any], number: int) -> bool:
        """Open, not left alone, and this person's share: nobody takes what another is writing on."""
        wanted = row["state"] in {"open", "claimed"} and row["form_key"] and row["form_key"] not in self._leave
        return bool(wanted) and int(row["id"][-4:], 16) % self._people == number

    def _do(self, client: httpx.Client, url: str, item_id: str) -> None:
        item = self._ask(lambda: client.post(f"{url}{ITEMS}/{item_id}/claim", json={}))
        if item is None:
            return
        result = answers(item.get("form") or {}, item.get("context") or {})
        path, key = f"{url}{ITEMS}/{item_id}/complete", {"Idempotency-Key": f"crew-{item_id}"}
        if self._ask(lambda: client.post(path, json={"result": result}, headers=key)) is not None:
            with self._lock:
                self.done += 1

    def _ask(self, send: Callable[[], httpx.Response]) -> Any:
        began = time.monotonic()
        answer = send()
        self._note(str(answer.status_code))
        with self._lock:
            self.seconds.append(time.monotonic() - began)
            if 400 <= answer.status_code < 500 and len(self.refusals) < 50:
                self.refusals.append(f"{answer.request.url.path} {answer.status_code} {answer.text[:200]}")
        return answer.json() if answer.is_success else None

    def _note(self, kind: str) -> None:
        with self._lock:
            self.answers[kind] += 1
