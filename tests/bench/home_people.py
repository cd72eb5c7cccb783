"""Those who stand outside the house: ``home_people URL home-bundle|mix``; they submit orders and do work items.

They speak HTTP to the web server, and the language of ``order_process`` to whoever measures. ``mix``: every home
product.
"""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from app.cli.client import Client
from app.cli.field_crew import FieldCrew
from tests.scenario.rig import ORDERS
from tests.torture.order_book import example, orders

HANDS = 4


class Hand(FieldCrew):
    """Does one work item, whoever told it of it."""

    def do(self, item_id: str) -> bool:
        """Claim it, fill in its form, hand it in; false = it was gone."""
        return self._do(item_id)


class Outside:
    """The counter and the crews."""

    def __init__(self, url: str, kind: str) -> None:
        self._url = url
        self._prefix = f"B{time.time_ns()}"
        self._mix = orders(self._prefix, seed=1) if kind == "mix" else None
        self._local = threading.local()
        self._say_lock = threading.Lock()

    def say(self, *words: object) -> None:
        """One line to whoever measures."""
        with self._say_lock:
            print(*words, flush=True)

    def client(self) -> Client:
        """The connection of this thread."""
        if not hasattr(self._local, "client"):
            self._local.client = Client(self._url, "demo-front")
        return self._local.client

    def start(self, number: int) -> None:
        """Submit an order."""
        with self._say_lock:
            body = next(self._mix) if self._mix else example("home-bundle.json")
        answer = self.client().post(ORDERS, {**body, "externalId": f"{self._prefix}-{number}"})
        self.say("started", number, answer["id"])

    def complete(self, item_id: str) -> None:
        """Do a work item."""
        Hand(self.client()).do(item_id)
        self.say("completed", item_id)

    def listen(self) -> None:
        """Do what the lines say until there are no more."""
        with ThreadPoolExecutor(HANDS) as pool:
            for line in sys.stdin:
                word, rest = line.split()
                future = pool.submit(self.start, int(rest)) if word == "start" else pool.submit(self.complete, rest)
                future.add_done_callback(self._told)

    def _told(self, future: Future[None]) -> None:
        if problem := future.exception():
            self.say("failed", repr(problem))


if __name__ == "__main__":
    outside = Outside(*sys.argv[1:])
    outside.say("ready")
    outside.listen()
