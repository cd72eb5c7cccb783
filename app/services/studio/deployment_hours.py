"""Deployments that were set for an hour: looked at once more when it comes, then carried out once, or told why not.

What was green when it was asked for may not be so at its hour: a step that is called, a team or a form has changed. So
everything is checked again, cases included. That takes a while and locks nothing: whoever does it has marked the
request, and whoever dies leaves the mark to run out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import SYSTEM
from app.domain.studio.deployments import DeploymentState
from app.domain.words import Words
from app.errors import AppError, DefinitionRefusedError
from app.persistence.studio.deployment_requests import DeploymentRequest, next_due, unpacked
from app.services.studio.deploy_parts import in_force
from app.services.studio.deploy_reports import Report, report_on
from app.services.studio.deployment_making import carry_out
from app.services.studio.deployment_rules import case_findings, what_changed
from app.unit_of_work import read
from processes.definitions import deploy_lock

#: So long whoever judges a request has it; after that somebody else begins again.
JUDGING: Final = timedelta(minutes=5)


class HourRefused(Exception):
    """The engine refuses what has been agreed to."""

    def __init__(self, request_id: str, said: Words) -> None:
        super().__init__(said.en)
        self.request_id, self.said = request_id, said


@dataclass(frozen=True)
class Judged:
    """What a request came to at its hour: ``against`` none is green, as long as ``world`` is in force."""

    request_id: str
    world: Mapping[str, int]
    against: Words | None


def take_next(session: Session, now: datetime) -> str | None:
    """Mark the deployment that is due longest and that nobody is judging; None if there is none. Returns its id."""
    request = next_due(session, now)
    if request is None:
        return None
    request.judged_until = now + JUDGING
    return request.id


def judge(request_id: str, deps: Deps) -> Judged:
    """Check, store and take back, and run the cases once more. No transaction may be open."""
    with read(deps.read_sessions) as session:
        request = session.get_one(DeploymentRequest, request_id)
        files, drafts, world = unpacked(request.content), [one["id"] for one in request.drafts], in_force(session)
        if what_changed(session, request) is not None:
            return Judged(request_id, world, None)  # outdated: said when it is settled
    try:
        report = report_on(files, SYSTEM, deps, drafts=drafts, forecast=False)
    except AppError as refusal:
        return Judged(request_id, world, Words(refusal.message_zh, refusal.message_en))
    return Judged(request_id, world, _against(report))


def settle(session: Session, judged: Judged, deps: Deps, now: datetime) -> bool:
    """Carry out what was judged, or say why not; False if it has to be judged again, or somebody else was faster.

    The row is locked and leaves its state in the commit that makes the versions: whoever dies before it has done
    nothing, whoever comes after it finds nothing to do.

    :raises HourRefused: the engine does not take it; nothing of this transaction may be kept.
    """
    deploy_lock(session)
    request = session.get_one(DeploymentRequest, judged.request_id, with_for_update=True)
    if request.state != DeploymentState.SCHEDULED:
        return False
    changed = what_changed(session, request)
    if changed is None and in_force(session) != judged.world:
        request.judged_until = None
        return False
    if changed is not None or judged.against is not None:
        request.go(DeploymentState.OUTDATED if changed else DeploymentState.FAILED, changed or judged.against)
        request.done_at = now
        return True
    try:
        carry_out(session, request, deps, now)
    except DefinitionRefusedError as refusal:
        raise HourRefused(request.id, _said(refusal)) from refusal
    return True


def note_refused(session: Session, refused: HourRefused, now: datetime) -> None:
    """Write down why the engine refused it, in a transaction after the one in which it did."""
    request = session.get_one(DeploymentRequest, refused.request_id, with_for_update=True)
    if request.state == DeploymentState.SCHEDULED:
        request.go(DeploymentState.FAILED, refused.said)
        request.done_at = now


def _against(report: Report) -> Words | None:
    """The first thing that stands against it, and how many there are."""
    if not report.is_blocked:
        return None
    return _said(DefinitionRefusedError([*(vars(one) for one in report.findings), *case_findings(report)]))


def _said(refusal: DefinitionRefusedError) -> Words:
    """The refusal with the first thing that is wrong."""
    first = next((row for row in refusal.findings if row.get("severity") == "error"), {})
    zh, en = first.get("message_zh", ""), first.get("message_en", "")
    return Words(f"{refusal.message_zh}：{zh}" if zh else refusal.message_zh, f"{refusal.message_en}: {en}")
