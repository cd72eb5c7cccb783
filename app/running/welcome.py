"""What `yizhan up` says when everything runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.config import Settings

DEMO_ACCOUNTS: Final = "front back field designer ops ops2 hq.dispatch admin"


def welcome(settings: Settings, seconds: float, say: Callable[[str], None]) -> None:
    """Tell where it is, who may log in, and what to try first."""
    say(f"\n  Yizhan 一站 is ready: {settings.base_url}   ({seconds:.1f} s)\n")
    if settings.demo:
        say(f"  demo accounts (password: demo): {DEMO_ACCOUNTS}")
        say("  an order all the way: .venv/bin/yizhan order submit examples/orders/home-bundle.json --follow --play")
    say("  Ctrl-C stops everything.\n")
