"""Going straight on: automatic steps of our own that follow a job of our own are done in its transaction.

What such a step does is in our own books, so one commit for several of them loses nothing: either all have happened, or
none has and they are done again. They are done one by one, each with a commit of its own, if anything goes wrong with
one of them, and after a worker has died with the first of them in hand: what fails, or kills, has to be known alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from processes.claims import Claim, LeaseOffer
from processes.guard import Guard
from processes.running import Running
from processes.store.jobs import Job
from processes.store.units import worth_retrying

#: So many steps go with the first one, and none is begun later than this: others wait for the instance's lock.
TOGETHER: Final = 8
LONGEST_S: Final = 0.05


class FollowerFailed(RuntimeError):
    """A step that went with another one could not be done; the other one is not at fault."""


def may_go_on(claim: Claim) -> bool:
    """Whether others may go with this job: it is tried for the first time, and nobody died of it."""
    return claim.kind == "operation" and claim.adapter is None and claim.attempts == 1 and claim.deaths == 0


def go_on(running: Running, offer: LeaseOffer, do: Callable[[Running, Job], None]) -> None:
    """Do what follows at once of our own steps of the running instance; ``do`` does one of them.

    :raises FollowerFailed: one of them failed; nothing of this transaction must be kept.
    """
    until = time.monotonic() + LONGEST_S
    for _ in range(TOGETHER):
        job = _next_of(running, offer)
        if job is None or time.monotonic() > until:
            return
        offer.keep_back(job)
        running.next_step()
        with Guard() as guard:
            do(running, job)
        if guard.error is not None:
            if worth_retrying(guard.error):
                raise guard.error
            raise FollowerFailed(job.operation) from guard.error


def _next_of(running: Running, offer: LeaseOffer) -> Job | None:
    """The first job of our own that was made in this transaction and that the instance still waits for."""
    for job in offer.own:
        mine = job.kind == "operation" and job.instance_id == running.instance.id
        if mine and job.task_id is not None and running.waits_for(job.task_id):
            return job
    return None
