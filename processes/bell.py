"""The bell: tells workers to look at the database now. It carries no work, and losing it costs only latency.

The one that rings through Redis is in `processes/redis_bell.py`: a system without Redis does not load its client.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Bell(Protocol):
    """Something that can be rung after a commit; never raises, never waits long."""

    def ring(self) -> None:
        """Tell the workers that there is something to do."""

    def trouble(self) -> str:
        """Why it may not be heard; empty: it is."""


class NoBell:
    """For a system without Redis whose workers run elsewhere: they find the work by themselves."""

    def ring(self) -> None:
        """Do nothing."""

    def trouble(self) -> str:
        """None: nobody relies on it."""
        return ""


class LocalBell:
    """For workers in this process: rings straight through."""

    def __init__(self) -> None:
        self._ears: list[Callable[[], None]] = []

    def listen(self, ear: Callable[[], None]) -> None:
        """Call ``ear`` whenever the bell rings."""
        self._ears.append(ear)

    def ring(self) -> None:
        """Wake the workers of this process."""
        for ear in self._ears:
            ear()

    def trouble(self) -> str:
        """None: it is a call within the process."""
        return ""
