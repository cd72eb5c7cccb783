"""Deployments as people ask for them: waiting for a second person, for their hour, done, or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.domain.words import Words
from app.errors import IllegalTransition


class DeploymentState(StrEnum):
    """``waiting``: for a second person. ``scheduled``: for its hour. ``outdated``: what it was looked at with has
    changed, it has to be asked for again. ``failed``: the engine refused it when its hour had come."""

    WAITING = "waiting"
    SCHEDULED = "scheduled"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OUTDATED = "outdated"
    FAILED = "failed"


S = DeploymentState
ALLOWED: Final[Mapping[S, frozenset[S]]] = {
    S.WAITING: frozenset({S.SCHEDULED, S.DONE, S.REFUSED, S.WITHDRAWN, S.OUTDATED}),
    S.SCHEDULED: frozenset({S.DONE, S.WITHDRAWN, S.OUTDATED, S.FAILED}),
    S.DONE: frozenset(),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.OUTDATED: frozenset(),
    S.FAILED: frozenset(),
}
OPEN: Final = (S.WAITING, S.SCHEDULED)
STATE_NAMES: Final[Mapping[S, Words]] = {
    S.WAITING: Words("等第二人同意", "waits for a second person"),
    S.SCHEDULED: Words("已定时", "scheduled"),
    S.DONE: Words("已发布", "deployed"),
    S.REFUSED: Words("未同意", "refused"),
    S.WITHDRAWN: Words("已撤回", "taken back"),
    S.OUTDATED: Words("已过时，需重新申请", "out of date, ask again"),
    S.FAILED: Words("发布失败", "failed"),
}
#: The right of who agrees to what somebody else wants to deploy.
AGREE: Final = "process.agree"
#: How long a request waits for a second person.
WAITS: Final = timedelta(days=7)
#: How far ahead a deployment may be set.
FARTHEST: Final = timedelta(days=90)
SECOND_PERSON: Final = ("auto", "yes", "no")


def next_state(current: S, wanted: S) -> S:
    """Return ``wanted`` if a request in ``current`` may go there. :raises IllegalTransition: no such arrow."""
    if wanted not in ALLOWED[current]:
        raise IllegalTransition(current, wanted)
    return wanted


def wants_second_person(setting: str, *, production: bool, demo: bool) -> bool:
    """Whether somebody else has to agree; ``auto``: in production that is no demonstration."""
    return setting == "yes" or (setting == "auto" and production and not demo)
