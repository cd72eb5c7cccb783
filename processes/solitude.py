"""Being alone: a job that may have ended the worker it was with is done with nothing else in hand.

If it is the one that kills, nobody goes with it; if it is not, it loses a moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from processes.claimer import Work
from processes.claims import Claim

#: So long (seconds) it waits for what the worker is still at; calls that take longer go on beside it.
ROOM_WITHIN_S: Final = 5.0


class Solitude:
    """Who may begin something in one worker: anybody, or one job only."""

    def __init__(self) -> None:
        self._lone: Work | None = None

    @property
    def is_kept(self) -> bool:
        """Whether it is for one job only."""
        return self._lone is not None

    @contextmanager
    def of(self, lone: Work) -> Iterator[None]:
        """Let nothing but this job begin inside."""
        self._lone = lone
        try:
            yield
        finally:
            self._lone = None

    def admits(self, piece: Work) -> bool:
        """Whether this may begin now."""
        return self._lone is None or piece is self._lone


def wants_solitude(piece: Work) -> bool:
    """Whether it has lost its worker; a call outside, twice.

    Calls are in hand for long and in great number, so that a host that loses its power leaves many of them behind.
    """
    return isinstance(piece, Claim) and piece.deaths > (0 if piece.adapter is None else 1)
