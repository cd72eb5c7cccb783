"""One act on many work items: each in a transaction of its own, each with its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.words import Words
from app.errors import AppError, InvalidInput
from app.persistence.teamwork.work_item_search import get_item
from app.services.teamwork import handing, reassign, work_list
from app.unit_of_work import read

MOST: Final = 200
Act = Literal["claim", "release", "assign", "follow_up"]
RIGHTS: Final = {"claim": "item.claim", "release": "item.claim", "assign": "item.assign", "follow_up": "item.claim"}


@dataclass(frozen=True)
class Outcome:
    """What became of one item; ``why_not`` is empty where it was done."""

    number: str
    why_not: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The act. ``team``, ``login`` and ``reason`` belong to ``assign``: to a team, or to a person of a
    team. ``day`` belongs to ``follow_up``."""

    act: Act
    team: str | None = None
    login: str | None = None
    reason: str = ""
    day: date | None = None


def do_each(numbers: Sequence[str], wanted: Wanted, actor: Actor, deps: Deps) -> list[Outcome]:
    """Do it to every item by number, in the given order; one that is refused stops no other.

    :raises Forbidden: the role may not do this at all.
    :raises InvalidInput: no item, or more than 200.
    """
    may(actor, RIGHTS[wanted.act])
    chosen = list(dict.fromkeys(numbers))
    if not chosen:
        raise InvalidInput("choose at least one work item", "请至少选择一条待办")
    if len(chosen) > MOST:
        raise InvalidInput(f"at most {MOST} work items at once", f"一次最多 {MOST} 条待办")
    return [_outcome(number, _act(wanted, actor, deps), actor, deps) for number in chosen]


def _act(wanted: Wanted, actor: Actor, deps: Deps) -> Callable[[str], object]:
    if wanted.act == "claim":
        return lambda item_id: work_list.claim(item_id, actor, deps)
    if wanted.act == "release":
        return lambda item_id: work_list.release(item_id, actor, deps)
    if wanted.act == "follow_up":
        return lambda item_id: handing.follow_up(item_id, wanted.day, actor, deps)
    return lambda item_id: reassign.reassign(
        item_id, team=wanted.team, login=wanted.login, reason=wanted.reason, actor=actor, deps=deps
    )


def _outcome(number: str, act: Callable[[str], object], actor: Actor, deps: Deps) -> Outcome:
    try:
        with read(deps.read_sessions) as session:
            item_id = get_item(session, actor, number, in_brief=True).id
        act(item_id)
    except AppError as refusal:
        if refusal.http_status >= 500:
            raise
        return Outcome(number, Words(refusal.message_zh, refusal.message_en))
    return Outcome(number)
