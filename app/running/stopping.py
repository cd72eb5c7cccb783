"""How a process is asked to stop: by SIGTERM or Ctrl-C, or because the one that started it has gone."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final, NoReturn

#: What is in hand may take so long to finish; what is not finished then is given back.
FINISH_WITHIN_S: Final = 20.0
#: A process that has not ended by then is ended.
GONE_WITHIN_S: Final = 27.0
#: How often a child looks whether its parent is still there.
LOOK_S: Final = 1.0
log = logging.getLogger(__name__)


class StopAsked:
    """SIGTERM and SIGINT as something the main thread waits for.

    The handler only writes into a pipe: one that takes a lock (an event does) could come while the main thread
    holds it, and wait for ever.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self.times = 0

    def listen(self) -> None:
        """Take SIGTERM and SIGINT from now on. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self.ask())

    def ask(self) -> None:
        """Ask this process to stop; any thread may."""
        self.times += 1
        try:
            os.write(self._writer, b".")
        except BlockingIOError:  # asked thousands of times: it knows
            return

    def wait(self, timeout_s: float) -> bool:
        """Whether somebody has asked; waits so long for it."""
        return bool(select.select([self._reader], [], [], timeout_s)[0])

    def wait_long(self, parent: int) -> None:
        """Return when somebody has asked, or when ``parent`` is no longer our parent (0: whoever it is)."""
        while not self.wait(LOOK_S) and not is_orphan(parent):
            pass


def is_orphan(parent: int) -> bool:
    """Whether the process that started this one has gone, however that happened; 0: it may go."""
    return parent != 0 and os.getppid() != parent


def end_at_last(in_hand: Callable[[], int]) -> None:
    """See to it that this process ends, whatever hangs in it: a database that says nothing, a call that does.

    :param in_hand: how many pieces of work it has begun and not finished.
    """

    def end() -> None:
        log.error("not stopped in %g s with %d pieces in hand; their leases run out", GONE_WITHIN_S, in_hand())
        leave(1)

    timer = threading.Timer(GONE_WITHIN_S, end)
    timer.daemon = True
    timer.start()


def leave(code: int) -> NoReturn:
    """End this process at once, without waiting for its threads."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
