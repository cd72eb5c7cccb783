"""Deployments that were set for an hour: carried out once when it comes, or told why not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.studio.deployments import DeploymentState
from app.domain.words import Words
from app.errors import DefinitionRefusedError
from app.persistence.studio.deployment_requests import DeploymentRequest, next_due
from app.services.studio.deployment_making import carry_out
from app.services.studio.deployment_rules import what_changed
from processes.definitions import deploy_lock


class HourRefused(Exception):
    """The engine refuses what has been agreed to."""

    def __init__(self, request_id: str, said: Words) -> None:
        super().__init__(said.en)
        self.request_id, self.said = request_id, said


def activate_next(session: Session, deps: Deps, now: datetime) -> bool:
    """Carry out the deployment that is due longest; False if none is. One of them in one transaction.

    The row is locked and leaves its state in the commit that makes the versions: whoever dies before it has done
    nothing, whoever comes after it finds nothing to do.

    :raises HourRefused: the engine does not take it; nothing of this transaction may be kept.
    """
    request = next_due(session, now)
    if request is None:
        return False
    deploy_lock(session)
    changed = what_changed(session, request)
    if changed is not None:
        request.go(DeploymentState.OUTDATED, changed)
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


def _said(refusal: DefinitionRefusedError) -> Words:
    """The refusal with the first thing that is wrong."""
    first = next((row for row in refusal.findings if row.get("severity") == "error"), {})
    zh, en = first.get("message_zh", ""), first.get("message_en", "")
    return Words(f"{refusal.message_zh}：{zh}" if zh else refusal.message_zh, f"{refusal.message_en}: {en}")
