"""Balancing a team: what it must never do, for many made-up teams, and what it does in plain cases."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.teamwork.balancing import Bar, Card, Cause, Worker, balanced, barred

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
HERE, THERE = "CN/SH/SH-SH", "CN/JS/JS-NJ"


def card(number: str, **more: object) -> Card:
    facts: dict[str, object] = {"number": number, "area_path": HERE, "since": NOON, **more}
    return Card(**facts)  # type: ignore[arg-type]


def worker(login: str, **more: object) -> Worker:
    facts: dict[str, object] = {"login": login, "area_path": HERE, "most": 4, **more}
    return Worker(**facts)  # type: ignore[arg-type]


def team(seed: int) -> tuple[list[Card], list[Worker]]:
    rng = random.Random(seed)
    skills = ("", "ftth", "voice")
    people = [
        (f"p{n}", rng.choice((HERE, HERE, "CN/SH", THERE)), frozenset(rng.sample(skills[1:], rng.randint(0, 2))))
        for n in range(rng.randint(1, 6))
    ]
    cards = [
        card(
            f"W-{n:02d}",
            skill=rng.choice(skills),
            area_path=rng.choice((HERE, HERE, HERE, THERE)),
            holder=rng.choice([None, *(login for login, _, _ in people)]),
            is_begun=rng.random() < 0.3,
            due_at=NOON + timedelta(hours=rng.randint(-5, 40)) if rng.random() < 0.8 else None,
            priority=rng.randint(0, 3),
        )
        for n in range(rng.randint(0, 25))
    ]
    has = Counter(one.holder for one in cards)
    workers = [
        worker(
            login,
            area_path=area,
            skills=can,
            open_items=has[login] + rng.randint(0, 2),
            most=rng.randint(0, 8),
            is_away=rng.random() < 0.2,
            leads=rng.random() < 0.1,
        )
        for login, area, can in people
    ]
    return [one for one in cards if not (one.is_begun and one.holder is None)], workers


@pytest.mark.parametrize("seed", range(200))
def test_nothing_goes_where_it_must_not(seed: int) -> None:
    cards, workers = team(seed)
    plan = balanced(cards, workers)
    known = {one.login: one for one in workers}
    load = {one.login: one.open_items for one in workers}
    assert len({move.card.number for move in plan.moves}) == len(plan.moves)
    for move in plan.moves:
        to = known[move.to]
        assert barred(move.card, to) is None and not to.leads and move.to != move.source
        # What is in work leaves only who is not there.
        assert not move.card.is_begun or known[str(move.source)].is_away
        load[move.to] += 1
        if move.source in load:
            load[str(move.source)] -= 1
    for one in workers:
        if one.login in {move.to for move in plan.moves}:
            assert load[one.login] <= max(one.most, one.open_items)
    moved = {move.card.number for move in plan.moves}
    for left, why in plan.left:
        assert left.number not in moved
        fit = [one for one in workers if not one.leads and barred(left, one) is None]
        assert (why is Bar.FULL) == (bool(fit) or not [one for one in workers if not one.leads])
    assert balanced(cards, workers) == plan


def test_what_nobody_has_goes_to_who_has_least_of_what_fits_the_most_urgent_first() -> None:
    plan = balanced(
        [card("W-2", due_at=NOON + timedelta(hours=5)), card("W-1", due_at=NOON)],
        [worker("full", open_items=4), worker("one", open_items=3), worker("big", open_items=4, most=8)],
    )
    assert [(move.card.number, move.to) for move in plan.moves] == [("W-1", "big"), ("W-2", "big")]


def test_the_work_of_who_is_away_goes_on_even_what_was_begun() -> None:
    cards = [card("W-1", holder="ill", is_begun=True), card("W-2", holder="here", is_begun=True)]
    plan = balanced(cards, [worker("ill", is_away=True, open_items=1), worker("here", open_items=1)])
    assert [(move.card.number, move.to, move.cause) for move in plan.moves] == [("W-1", "here", Cause.AWAY)]


def test_load_is_evened_out_and_then_stays() -> None:
    cards = [card(f"W-{n}", holder="busy") for n in range(4)]
    people = [worker("busy", open_items=4), worker("idle")]
    plan = balanced(cards, people)
    assert [(move.to, move.cause) for move in plan.moves] == [("idle", Cause.EVEN)] * 2
    after = [
        Card(**{**vars(one), "holder": next((m.to for m in plan.moves if m.card == one), "busy")}) for one in cards
    ]
    again = balanced(after, [worker("busy", open_items=2), worker("idle", open_items=2)])
    assert again.moves == ()


def test_what_finds_nobody_says_the_nearest_reason() -> None:
    needs = card("W-1", skill="ftth")
    assert balanced([needs], [worker("a")]).left == ((needs, Bar.SKILL),)
    skilled = frozenset({"ftth"})
    assert balanced([needs], [worker("a", skills=skilled, is_away=True)]).left == ((needs, Bar.AWAY),)
    assert balanced([needs], [worker("a", skills=skilled, open_items=4)]).left == ((needs, Bar.FULL),)
    assert balanced([needs], [worker("a", skills=skilled, area_path=THERE)]).left == ((needs, Bar.AREA),)
