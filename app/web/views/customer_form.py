"""The forms in which customers are taken in, corrected and made one."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Fault, Pair


@dataclass(frozen=True, kw_only=True)
class Input:
    """One field. ``kept``: the masked value that stays where nothing is typed."""

    name: str
    label: str
    value: str = ""
    kept: str = ""
    problem: str = ""
    optional: bool = False
    options: tuple[Choice, ...] = ()
    type: str = "text"
    max_length: int = 120
    width: int = 6


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody to speak to who is known already, masked; may be taken off the list."""

    place: int
    name: str
    role: str
    reach: str


@dataclass(frozen=True, kw_only=True)
class CustomerForm:
    """A new customer, or the data of one."""

    title: str
    number: str
    name: str
    inputs: tuple[Input, ...]
    people: tuple[Person, ...]
    new_person: tuple[Input, ...]
    faults: tuple[Fault, ...]
    twins: tuple[Choice, ...]
    seen: int
    action: str
    back_href: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class MergePage:
    """Two customers who may be one: who they are, what would go where, what stands against it."""

    number: str
    name: str
    query: str
    hits: tuple[Choice, ...]
    searched: bool
    gone: str
    keep_facts: tuple[Pair, ...]
    gone_facts: tuple[Pair, ...]
    moved: tuple[Pair, ...]
    reason: str
    faults: tuple[Fault, ...]
    action: str
    back_href: str
