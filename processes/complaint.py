"""Trouble that lasts is told once when it begins and once when it is over, not at every try in between."""

from __future__ import annotations

import logging


class Complaint:
    """One kind of trouble of one part; ``over`` is the line that ends it."""

    def __init__(self, log: logging.Logger, *, over: str) -> None:
        self._log = log
        self._over = over
        self._text = ""

    @property
    def text(self) -> str:
        """What is wrong at the moment; empty: nothing."""
        return self._text

    def begin(self, text: str) -> None:
        """Something is wrong, perhaps still."""
        if not self._text:
            self._log.warning("%s", text)
        self._text = text

    def end(self) -> None:
        """It has worked."""
        if self._text:
            self._text = ""
            self._log.warning("%s", self._over)


def first_line(problem: Exception) -> str:
    """What went wrong, without the statement and its parameters."""
    said = str(getattr(problem, "orig", None) or (problem.args[0] if problem.args else problem)).strip()
    return said.splitlines()[0] if said else type(problem).__name__
