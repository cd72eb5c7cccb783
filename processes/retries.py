"""Retry policies that a drawing writes out itself: ``R5/PT10M`` is five tries, ten minutes apart."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from adapters.operations import RetryPolicy
from processes.spiff.timers import TimerError, parse_cycle

LONGEST_S: Final = 30 * 86_400
MOST_TRIES: Final = 1000
_WRITTEN: Final = re.compile(r"^R\d{1,4}/P", re.ASCII)


@lru_cache(maxsize=256)
def written_policy(text: str) -> RetryPolicy | None:
    """The policy a text writes out; None if it is the code of a registered one, or nothing at all."""
    if not _WRITTEN.match(text):
        return None
    try:
        cycle = parse_cycle(text)
    except TimerError:
        return None
    wait_s = cycle.every.rest.total_seconds()
    if not 1 <= cycle.times <= MOST_TRIES or cycle.every.months or wait_s > LONGEST_S:
        return None
    return RetryPolicy(code=text, attempts=cycle.times, first_wait_s=wait_s, factor=1.0, cap_s=wait_s)
