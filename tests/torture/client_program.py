"""Clients and people as processes of their own: a share of a load, and what became of it as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import httpx

from tests.scenario.rig import ORDERS
from tests.servers import ROOT, start, stop
from tests.torture.crews import Crews
from tests.torture.load import LOGIN, Load, Sent
from tests.torture.members import Journal
from tests.torture.order_book import orders

LOOK_S = 0.5
#: The client whose book has what only one may order.
FIRST = "C0"


def main(url: str, prefix: str, count: str, window: str, seed: str, patience_s: str, out: str) -> None:
    """Send ``count`` orders while at most ``window`` are under way, do work items meanwhile, write down the end."""
    folder = Path(out)
    load = Load(
        [url],
        orders(prefix, int(seed), takes_away=prefix == FIRST),
        count=int(count),
        seed=int(seed) + 1,
        journal=Journal(folder / f"journal-{prefix}.jsonl"),
        threads=1,
        window=room(url, int(window)),
        patience_s=float(patience_s),
    )
    crew = Crews([url], people=1)
    crew.start()
    load.start()
    load.join()
    result = {"sent": [asdict(one) for one in load.sent], "answers": load.answers}
    part = folder / f"{prefix}.part"
    part.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    part.rename(folder / f"{prefix}.json")
    # People go on until they are sent home.
    crew.join()


def room(url: str, most: int) -> Callable[[], bool]:
    """Whether fewer than ``most`` orders are in progress, as the interface tells; asked now and then."""
    known = {"at": 0.0, "count": 0.0}
    client = httpx.Client(headers={"Authorization": f"Bearer demo-{LOGIN}"}, timeout=5)

    def has_room() -> bool:
        if time.monotonic() > known["at"] + LOOK_S:
            known["at"] = time.monotonic()
            try:
                answer = client.get(f"{url}{ORDERS}", params={"state": "inProgress", "limit": 1, "fields": "id"})
            except httpx.TransportError:
                return False
            if answer.is_success:
                known["count"] = float(answer.headers["X-Total-Count"])
        return known["count"] < most

    return has_room


class ClientProcesses:
    """The same load from several processes; looks like :class:`tests.torture.load.Load` from outside."""

    def __init__(
        self, url: str, folder: Path, *, count: int, seed: int, processes: int, window: int, patience_s: float
    ) -> None:
        self.sent: list[Sent] = []
        self.answers: Counter[str] = Counter()
        self._folder = folder
        self._words: dict[str, tuple[str, ...]] = {}
        for number in range(processes):
            share = count // processes + (1 if number < count % processes else 0)
            numbers = (share, window, seed + 100 * number, patience_s)
            self._words[f"C{number}"] = (url, f"C{number}", *(str(one) for one in numbers), str(folder))
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start the processes."""
        for prefix, words in self._words.items():
            command = [sys.executable, "-m", "tests.torture.client_program", *words]
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            self._running[prefix] = start(command, log=self._folder / f"{prefix}.log", cwd=ROOT, env=env)

    def join(self) -> None:
        """Wait until each has sent its share, and read what it knows."""
        for prefix, process in self._running.items():
            result = self._folder / f"{prefix}.json"
            while not result.exists():
                log = (self._folder / f"{prefix}.log").read_text(encoding="utf-8")
                assert process.poll() is None, f"client {prefix} has died:\n{log[-2000:]}"
                time.sleep(0.1)
            told = json.loads(result.read_text(encoding="utf-8"))
            self.sent += [Sent(**one) for one in told["sent"]]
            self.answers.update(told["answers"])

    def stop(self) -> None:
        """Send everybody home."""
        for process in self._running.values():
            stop(process)

    def of(self, state: str) -> list[Sent]:
        """The orders in that state for their clients."""
        return [one for one in self.sent if one.state == state]


if __name__ == "__main__":
    main(*sys.argv[1:])
