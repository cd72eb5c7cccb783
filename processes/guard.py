"""The one place where any error whatever is kept from going up: round a single piece of a worker's work."""

from __future__ import annotations

from types import TracebackType


class Guard:
    """Keeps the error of its block in ``error`` instead of letting it end the worker.

    Handlers, adapters and listeners are other people's code; a bug in one must cost one job its attempt, be
    recorded with that job, and leave the worker alive. Stopping the process still goes through.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
            return True
        return False

    @property
    def message(self) -> str:
        """What to write down: kind and text of the error."""
        return f"{type(self.error).__name__}: {self.error}"
