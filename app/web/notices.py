"""What a page says after something was done: a short word in the address, a sentence on the page.

The word is looked up here, so that no address can put a text of its own on a page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Notice:
    """One sentence above the page."""

    text: str
    tone: str
    icon: str


_NOTICES: Final = {
    "placed": ("The order is accepted; its plan is being made.", "ok"),
    "cancelling": ("The cancel request is accepted. What was done is being undone.", "ok"),
    "paused": ("The order is paused; the promise clock stands still.", "ok"),
    "resumed": ("The order goes on; the promise clock runs.", "ok"),
    "claimed": ("The item is yours.", "ok"),
    "released": ("The item is back in the queue.", "ok"),
    "completed": ("Completed. The order goes on.", "ok"),
    "reported": ("The fault is reported; repair has been started.", "ok"),
    "retrying": ("Queued for another try; the result appears here.", ""),
    "reconciled": ("All books are compared.", "ok"),
    "deployed": ("Deployed. New orders take this version.", "ok"),
    "signed-out": ("You are signed out.", "ok"),
    "nothing-open": ("There is nothing open to claim.", ""),
}


def notice_for(word: str, t: Callable[[str], str]) -> Notice | None:
    """The sentence for a word of the address; unknown words say nothing."""
    found = _NOTICES.get(word)
    if found is None:
        return None
    return Notice(t(found[0]), found[1], "done" if found[1] == "ok" else "info")
