"""Bulkheads of a worker: a neighbour that is slow, down or just back holds its own calls and nobody else's."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from adapters.ports import Port


class Places:
    """So many pieces of work at a time; one that waits for a neighbour's answer gives its place to another."""

    def __init__(self, count: int) -> None:
        self._free = threading.Semaphore(count)
        self._lock = threading.Lock()
        self._away = 0

    @property
    def away(self) -> int:
        """How many wait for an answer from outside, or for a place after it."""
        with self._lock:
            return self._away

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place inside."""
        with self._free:
            yield

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Inside :meth:`taken`: give the place to somebody else, and take one again at the end."""
        self._step(1)
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()
            self._step(-1)

    def _step(self, by: int) -> None:
        with self._lock:
            self._away += by


class CallsOut:
    """Which neighbours get calls from this worker now. What a port does not say of itself is taken as fine.

    :param limit: calls to one neighbour at a time.
    :param in_hand: how many calls to each are out or about to go.
    """

    def __init__(self, ports: Mapping[str, Port], *, limit: int, in_hand: Callable[[], Counter[str]]) -> None:
        self._ports = ports
        self._limit = limit
        self._in_hand = in_hand
        self.held: frozenset[str] = frozenset()

    def hold(self, adapters: Collection[str]) -> None:
        """Somebody wants these adapters to get no calls; those that may have calls again get them steadily."""
        for code in self.held.difference(adapters):
            if code in self._ports:
                _ask(self._ports[code], "drain", None)
        self.held = frozenset(adapters)

    def blocked(self) -> Collection[str]:
        """The adapters that get no calls now: held, gate closed, or their share of this worker is used up."""
        full = {code for code, count in self._in_hand().items() if count >= self._limit}
        return full | self.held | {code for code, port in self._ports.items() if _ask(port, "available_in_s", 0.0) > 0}

    def first_only(self) -> Collection[str]:
        """The adapters that get no repeats now: their retry budget is spent."""
        return {code for code, port in self._ports.items() if _ask(port, "retries_left", 1) <= 0}


def share(ports: Mapping[str, Port], sharers: int) -> None:
    """Tell every gate how many processes call the system behind it."""
    for port in ports.values():
        tell: Callable[[int], None] | None = getattr(port, "share", None)
        if tell is not None:
            tell(sharers)


def gate_figures(ports: Mapping[str, Port]) -> dict[str, Mapping[str, int]]:
    """How the gate of this process to each neighbour stands, by adapter; see :meth:`adapters.gate.Gate.figures`."""
    return {code: _ask(port, "figures", {}) for code, port in ports.items()}


def flat_figures(ports: Mapping[str, Port]) -> dict[str, int]:
    """The same in one level, for the sign of life of a worker: ``gate:billing:breaker``."""
    found = gate_figures(ports)
    return {f"gate:{code}:{name}": number for code, row in found.items() for name, number in row.items()}


def _ask(port: object, name: str, otherwise: Any) -> Any:
    ask: Callable[[], Any] | None = getattr(port, name, None)
    return otherwise if ask is None else ask()
