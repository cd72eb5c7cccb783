"""What must be true of the engine's tables at any quiet moment, rule by rule; ``docs/invariants.md`` explains them.

Everything is asked of the database in sets and read as a stream, so the number of rows does not matter to memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from processes.invariants import areas, far_effects, history, leftovers, replay, waiting
from processes.invariants.look import FarBooks, Look, Violation

__all__ = ["CHECKS", "Check", "FarBooks", "Look", "Violation", "find", "violations"]

Check = Callable[[Look], Iterator[Violation]]

CHECKS: Final[Mapping[str, tuple[Check, ...]]] = {
    waiting.RULE: (waiting.waits_for_nothing,),
    far_effects.RULE: (far_effects.effects_at_home, far_effects.effects_at_the_far_side),
    leftovers.RULE: (
        leftovers.open_rows_of_ended_instances,
        leftovers.orphans,
        leftovers.late,
        leftovers.passed_over,
        leftovers.jobs_and_incidents,
        leftovers.twice,
    ),
    history.RULE: (history.gaps, history.ends, history.strays),
    replay.RULE: (replay.ended_instances, replay.running_instances),
    areas.RULE: (areas.trees, areas.rows),
}


def find(look: Look, rules: Collection[str] = tuple(CHECKS)) -> Iterator[Violation]:
    """Everything that is not as it must be, one rule after the other. Nothing is changed.

    :param look: its session has to see one state of the database throughout.
    """
    for rule in CHECKS:
        if rule in rules:
            for check in CHECKS[rule]:
                yield from check(look)


def violations(
    session: Session, *, now: datetime, far_effects: Iterable[Mapping[str, Any]] | None = None
) -> list[Violation]:
    """All violations at once; empty = all is well.

    :param far_effects: what the far sides count, rows of ``operation_id``, ``operation``, ``adapter``, ``count`` and
        ``is_write`` (true if missing); none = not asked, so that half of ``I2`` is not checked.
    """
    with ExitStack() as stack:
        far = None if far_effects is None else stack.enter_context(closing(FarBooks(far_effects)))
        return list(find(Look(session=session, now=now, far=far)))
