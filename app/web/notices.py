"""What a page says after something was done: a short word in the address, a sentence on the page.

The word is looked up here, so that no address can put a text of its own on a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.web.texts import Sentence, Texts


@dataclass(frozen=True)
class Notice:
    """One sentence above the page."""

    text: str
    tone: str
    icon: str
    #: Where to post what takes it back.
    undo_href: str = ""


_NOTICES: Final = {
    "placed": (Sentence("The order is accepted; its plan is being made."), "ok"),
    "cancelling": (Sentence("The cancel request is accepted. What was done is being undone."), "ok"),
    "cancel-asked": (
        Sentence("Work on site has begun: the cancel waits until the operations manager agrees."),
        "",
    ),
    "paused": (Sentence("The order is paused; the promise clock stands still."), "ok"),
    "cancel-agreed": (Sentence("Agreed. What was done is being undone."), "ok"),
    "cancel-refused": (Sentence("The cancel is refused; the order goes on where it was."), "ok"),
    "amended": (Sentence("The change is confirmed; only what it touches is done again."), "ok"),
    "amend-asked": (Sentence("Work on site has begun: the change waits until an operations manager agrees."), ""),
    "amend-refused": (Sentence("The change is refused; the order goes on as it was."), "ok"),
    "visit-moved": (Sentence("The visit is moved; whoever goes there sees the new time."), "ok"),
    "link-made": (Sentence("The link is made. Copy it, or let the customer scan it."), "ok"),
    "link-revoked": (Sentence("The link leads nowhere any more."), "ok"),
    "held": (Sentence("The order is held; every clock runs on."), ""),
    "resumed": (Sentence("The order goes on; the promise clock runs."), "ok"),
    "claimed": (Sentence("The item is yours."), "ok"),
    "released": (Sentence("The item is back in the queue."), "ok"),
    "given-out": (Sentence("Moved. What is not in work is offered first and not begun by that."), "ok"),
    "absence-noted": (Sentence("The absence is noted; nothing more is offered to that person."), "ok"),
    "absence-ended": (Sentence("The absence is over; work is offered again."), "ok"),
    "arrived": (Sentence("You are on site; the order says so."), "ok"),
    "completed": (Sentence("Completed. The order goes on."), "ok"),
    "reported": (Sentence("The fault is reported; repair has been started."), "ok"),
    "sheet-checked": (Sentence("The sheet is checked. Nothing is ordered before you submit it."), "ok"),
    "sheet-submitted": (Sentence("The good lines are ordered now, one after another."), "ok"),
    "retrying": (Sentence("Queued for another try; the result appears here."), ""),
    "moved": (Sentence("Moved. What has to be undone for it is undone first."), "ok"),
    "noted": (Sentence("Written down."), "ok"),
    "repair-asked": (Sentence("Asked. It happens as soon as a second person agrees."), ""),
    "repair-agreed": (Sentence("Agreed, and carried out."), "ok"),
    "repair-refused": (Sentence("Refused; nothing was done."), ""),
    "repair-withdrawn": (Sentence("Taken back; nothing was done."), ""),
    "cases-run": (Sentence("All chosen cases were run."), "ok"),
    "case-removed": (Sentence("The case is taken out."), "ok"),
    "sample-taken": (Sentence("The order is kept as a sample; whom it was for is taken out."), "ok"),
    "cases-taken": (Sentence("The cases of the file are kept."), "ok"),
    "reconciled": (Sentence("All books are compared."), "ok"),
    "tried": (Sentence("Tried on everything that runs in your area; nothing has moved."), "ok"),
    "mapped": (Sentence("The counterparts are saved, and everything is tried again."), "ok"),
    "moving": (Sentence("They are moved one after the other; the figures follow."), ""),
    "deployed": (Sentence("Deployed. New orders take this version."), "ok"),
    "deploy-asked": (Sentence("Asked. It is deployed as soon as somebody else agrees."), ""),
    "deploy-set": (Sentence("Set. It comes into force by itself at its hour, once."), "ok"),
    "deploy-refused": (Sentence("Refused; nothing is deployed."), ""),
    "deploy-withdrawn": (Sentence("Taken back; nothing is deployed."), ""),
    "signed-out": (Sentence("You are signed out."), "ok"),
    "saved": (Sentence("Saved."), "ok"),
    "withdrawn": (Sentence("Taken back: nothing begins on this version any more."), "ok"),
    "password": (Sentence("Your password is changed. Your other sessions have ended."), "ok"),
    "completed-next": (Sentence("Completed. This is the next one."), "ok"),
    "handed-over": (Sentence("Your colleague has it now."), "ok"),
    "sent-back": (Sentence("Given back; the sender sees why."), "ok"),
    "sent-again": (Sentence("Sent on to the team again."), "ok"),
    "asked": (Sentence("The question is put; the answer appears on this page."), "ok"),
    "answered": (Sentence("Your answer is with the work item."), "ok"),
    "follow-up": (Sentence("The follow-up day is noted."), "ok"),
    "order-held": (Sentence("The order stands still."), "ok"),
    "view-saved": (Sentence("The view is saved."), "ok"),
    "attached": (Sentence("The file is with the work item."), "ok"),
    "file-removed": (Sentence("The file is removed."), "ok"),
    "quoted": (Sentence("The quote is kept as it is told here; it can be ordered by its number."), "ok"),
    "customer-made": (Sentence("The customer is taken in. You can order right away."), "ok"),
    "customer-changed": (Sentence("The data is corrected; what was changed stands in the history."), "ok"),
    "merged": (Sentence("The two customers are one now; everything is here."), "ok"),
    "nothing-chosen": (Sentence("Choose the products first."), ""),
    "nothing-open": (Sentence("There is nothing open to claim."), ""),
}


def notice_for(word: str, t: Texts) -> Notice | None:
    """The sentence for a word of the address; unknown words say nothing."""
    found = _NOTICES.get(word)
    if found is None:
        return None
    return Notice(t(found[0]), found[1], "done" if found[1] == "ok" else "info")
