"""Asking a server of ours whether it answers, with what the language brings: a supervisor loads nothing heavy."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Final

TIMEOUT_S: Final = 2.0
#: Whatever proxy the machine has: these addresses are our own.
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str) -> bool:
    """Whether a server at this address answers with success."""
    try:
        with _OPENER.open(url, timeout=TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
