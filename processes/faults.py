"""Named points where a test may kill, stop or disturb the process; without a test they do nothing.

Switched on by ``YIZHAN_TEST_FAULTS=1``, refused when ``YIZHAN_ENV=production``. The file named by
``YIZHAN_TEST_FAULT_FILE`` is read again at each hit, one rule per line: ``name:nth:action`` (nth counts the
hits of that name over all processes that share the log). Actions: ``kill``, ``stop``, ``raise``, ``exit``,
``sleep=SECONDS``. Each hit is a line in the file named by ``YIZHAN_TEST_FAULT_LOG``.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from pathlib import Path
from typing import Final

POINTS: Final = (
    "claim.after_commit",
    "op.before_sent_commit",
    "op.after_sent_commit",
    "http.before",
    "http.after_reply",
    "advance.loaded",
    "advance.before_commit",
    "advance.after_commit",
    "outbox.before_enqueue",
    "outbox.after_enqueue",
    "inbox.before_insert",
    "inbox.after_insert",
    "timer.claimed",
    "timer.before_commit",
    "comp.before",
    "comp.after",
    "lease.before_renew",
    "audit.before_append",
    "order.before_ack",
)

#: Passed only while a bulk run is carried out, by no order.
BULK_POINTS: Final = ("bulk.before_commit", "bulk.after_commit")

#: Passed only while an instance is renewed.
RENEWAL_POINTS: Final = ("renew.frozen", "renew.begun", "renew.taken_over")

#: Passed only while people undo what people did.
PEOPLE_POINTS: Final = ("undo.people_asked", "undo.people_answered")


class InjectedFault(RuntimeError):
    """A test asked for this failure."""


class FaultsRefused(RuntimeError):
    """Fault points cannot be switched on in production."""


def fault(name: str) -> None:
    """Mark a place where the process may die; does nothing unless a test switched the points on."""
    if os.environ.get("YIZHAN_TEST_FAULTS") != "1":
        return
    if os.environ.get("YIZHAN_ENV") == "production":
        raise FaultsRefused("YIZHAN_TEST_FAULTS is set in production")
    nth = _log_hit(name)
    rules = os.environ.get("YIZHAN_TEST_FAULT_FILE")
    if rules is None or not Path(rules).exists():
        return
    for line in Path(rules).read_text(encoding="utf-8").splitlines():
        wanted, _, rest = line.strip().partition(":")
        count, _, action = rest.partition(":")
        if wanted == name and count == str(nth):
            _act(name, action)


def _log_hit(name: str) -> int:
    """Append the hit to the log and return how often that point has been passed, by any process."""
    path = os.environ.get("YIZHAN_TEST_FAULT_LOG")
    if path is None:
        return 0
    with Path(path).open("a+", encoding="utf-8") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.seek(0)
        nth = 1 + sum(1 for line in log if line.split(" ", 1)[0] == name)
        log.write(f"{name} {nth} {os.getpid()}\n")
    return nth


def _act(name: str, action: str) -> None:
    verb, _, value = action.partition("=")
    if verb == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif verb == "exit":
        os._exit(17)
    elif verb == "sleep":
        time.sleep(float(value or 1))
    elif verb == "raise":
        raise InjectedFault(name)
