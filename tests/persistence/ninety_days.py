"""Ninety days of orders as plain data: what was ordered, when steps began and ended, what stopped the clocks.

Time is counted in ticks of ten minutes from the first of September 2026, midnight in China.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 9, 1, tzinfo=CHINA)
TICK = timedelta(minutes=10)
DAYS = 90
A_DAY = 144

#: product, order type, tier, urban or rural, monthly rent, installation fee
KINDS = (
    ("ftth_broadband", "install", "standard", "urban", "149.00", "100.00"),
    ("ftth_broadband", "install", "standard", "rural", "99.00", "4321.50"),
    ("home_bundle", "move", "gold", "rural", "199.00", "300.00"),
    ("iptv", "install", "platinum", "urban", "20.00", "50.00"),
    ("fixed_voice", "change", "standard", "urban", "25.00", "0.00"),
    ("ftth_broadband", "resume", "standard", "urban", "149.00", "0.00"),
    ("mobile_line", "change", "standard", "urban", "59.00", "0.00"),
    ("leased_line_local", "install", "standard", "urban", "3333.33", "2000.00"),
    ("leased_line_local", "install", "platinum", "urban", "48000.00", "2000.00"),
    ("leased_line_national", "move", "gold", "urban", "12345.67", "9000.00"),
    ("sd_wan", "change", "standard", "urban", "800.00", "0.00"),
)
#: reason, who says so, who has to agree, longest in working days, is it the customer
REASONS = (
    ("customer-defer", "front_desk", None, 90, True),
    ("customer-absent", "field", "team_leader", 5, True),
    ("property-access-denied", "field", "operations_manager", 30, False),
)
#: Steps that a plan may have; those of a known type are planned by their type, the others as laid out.
STEPS = ("book_appointment", "patch_in_exchange", "design_circuit", "own_step")


@dataclass
class Step:
    type: str
    planned: int
    begins: int = 0
    ends: int = 0


@dataclass
class Stop:
    reason: tuple[str, str, str | None, int, bool]
    begins: int
    ends: int
    decided: int | None = None
    agreed: bool = True
    revoked: int | None = None


@dataclass
class Story:
    """One order. ``ends``: when it was completed, or cancelled."""

    number: int
    kind: tuple[str, str, str, str, str, str]
    accepted: int
    steps: list[Step] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    ends: int = 0
    cancelled: bool = False

    def events(self) -> list[tuple[int, int, str, int]]:
        """Everything that happens, in order: tick, order within the tick, what, number of the step or stop."""
        found = []
        for number, step in enumerate(self.steps):
            if step.begins <= self.ends:
                found.append((step.begins, 2, "step_begins", number))
            if step.ends <= self.ends:
                found.append((step.ends, 1, "step_ends", number))
        for number, stop in enumerate(self.stops):
            found += [(stop.begins, 3, "stop", number), (stop.ends, 0, "resume", number)]
            if stop.decided is not None:
                found.append((stop.decided, 4, "decide", number))
            if stop.revoked is not None:
                found.append((stop.revoked, 6, "revoke", number))
        return sorted([*found, (self.accepted, -1, "accept", 0), (self.ends, 5, "end", 0)])


def at(tick: int) -> datetime:
    """The instant of a tick."""
    return BEGIN + tick * TICK


def stories(count: int, *, seed: int) -> list[Story]:
    """Mixed orders: most are done about as planned, some slip, stop or stand still for weeks, some are cancelled."""
    rng = random.Random(seed)
    return [_story(number, rng) for number in range(count)]


def _story(number: int, rng: random.Random) -> Story:
    story = Story(number, rng.choice(KINDS), rng.randrange(DAYS * A_DAY))
    slow = rng.choices((0.3, 1.0, 3.0, 12.0, 60.0), (30, 40, 15, 10, 5))[0]
    tick = story.accepted + rng.randrange(4)
    for _ in range(rng.randrange(1, 5)):
        step = Step(rng.choice(STEPS), rng.randrange(1, 40), begins=tick)
        tick += max(round(step.planned * slow * rng.uniform(0.5, 1.5)), 1)
        step.ends = tick
        tick += rng.choice((0, 0, 0, 1, 6))
        story.steps.append(step)
    for _ in range(rng.choices((0, 1, 2), (60, 30, 10))[0]):
        _stop(story, rng)
    story.ends = max(step.ends for step in story.steps) + rng.randrange(3)
    story.ends = max([story.ends, *(stop.ends + 1 for stop in story.stops)])
    for stop in story.stops:
        if stop.decided is not None:  # some are decided on only when the order is over
            late = rng.random() < 0.2
            stop.decided = story.ends + rng.randrange(1, A_DAY) if late else min(stop.decided, story.ends - 1)
        if stop.revoked is not None:
            stop.revoked = max(stop.revoked, (stop.decided or 0) + 1)
    if rng.random() < 0.07 and not story.stops:
        story.cancelled, story.ends = True, rng.randrange(story.accepted + 1, story.ends + 1)
    return story


def _stop(story: Story, rng: random.Random) -> None:
    """A spell in the middle of a step; that step and the later ones are done so much later."""
    after = max([0, *(max(stop.ends, stop.decided or 0, stop.revoked or 0) for stop in story.stops)])
    inside = [step for step in story.steps if step.ends - step.begins >= 3 and step.begins > after]
    if not inside:
        return
    step = rng.choice(inside)
    reason = rng.choice(REASONS)
    begins = rng.randrange(step.begins + 1, step.ends)
    length = rng.choices((6, 60, 3 * A_DAY, 11 * A_DAY), (30, 30, 30, 10))[0] + rng.randrange(1, 20)
    for later in story.steps:
        later.begins += length if later.begins > begins else 0
        later.ends += length if later.ends > begins else 0
    stop = Stop(reason, begins, begins + length)
    if reason[2] is not None:
        stop.decided, stop.agreed = begins + rng.randrange(1, 2 * A_DAY), rng.random() < 0.7
    if (reason[2] is None or stop.agreed) and rng.random() < 0.3:
        stop.revoked = max(stop.ends, stop.decided or 0) + rng.randrange(1, 4 * A_DAY)
    story.stops.append(stop)
