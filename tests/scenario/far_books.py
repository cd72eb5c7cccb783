"""What the simulated neighbours have in their books, so that two moments can be compared."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from adapters.simulators.store import Doc
from adapters.simulators.twin import Twin

#: Book -> names of a document that say nothing about what a customer has: instants, numbers of the system's own,
#: and who had it before.
_OWN: Final = {"since", "at", "halted_at", "ref", "business_key", "last_product_id", "came_from", "came_ref"}
_LEFT_OUT: Final = {
    "units": {*_OWN, "release_id", "quarantine_days", "quarantined_until"},
    "services": {*_OWN, "service_port_id", "policy_version"},
    "subscriptions": {*_OWN, "suspended_from", "resumed_from", "state_before_stop", "keep_fee", "prices_from"},
    "monitors": _OWN,
    "olt_vlans": _OWN,
    "stbs": _OWN,
    "trunks": _OWN,
    "pools": _OWN,
    "entries": {*_OWN, "booked_at", "reversal_no"},
    "bills": _OWN,
    "portings": _OWN,
    "windows": _OWN,
    "reservations": _OWN,
    "assignments": {*_OWN, "told"},
    "releases": _OWN,
    "arrears_actions": _OWN,
    "suborders": _OWN,
}
#: A document in one of these states is as good as none: it was made, and taken back, or nobody has ever had it.
_TAKEN_BACK: Final = {"free", "cancelled", "reversed", "released", "expired", "withdrawn"}
#: Books whose keys are numbers given anew each time.
_NUMBERED: Final = {"monitors", "windows"}


def far_books(neighbours: Twin) -> Counter[str]:
    """Everything in force at the neighbours, one line each."""
    found: Counter[str] = Counter()
    with neighbours.database.transaction() as store:
        for book, left_out in _LEFT_OUT.items():
            for key, doc in store.find(book):
                if doc.get("state") not in _TAKEN_BACK:
                    found[line(book, "" if book in _NUMBERED else key, doc, left_out)] += 1
    return found


def line(book: str, key: str, doc: Doc, left_out: set[str]) -> str:
    """One document as text, without what is left out and without what is empty."""
    facts = {name: plain(value, left_out) for name, value in doc.items() if name not in left_out}
    told = {name: value for name, value in facts.items() if value not in (None, "", [], {})}
    return f"{book} {key} {sorted(told.items())}"


def plain(value: Any, left_out: set[str]) -> Any:
    """A value with the inner names left out as well."""
    if isinstance(value, dict):
        inner = {name: plain(one, left_out) for name, one in value.items() if name not in left_out}
        return {name: one for name, one in sorted(inner.items()) if one not in (None, "", [], {})}
    return value
