"""Deployments that were set for an hour: carried out once when it comes, or told why not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.deployments import DeploymentState
from app.domain.words import Words
from app.errors import DefinitionRefusedError
from app.persistence.deployment_requests import next_due
from app.services.deployment_making import carry_out
from app.services.deployment_rules import what_changed
from processes.definitions import deploy_lock


def activate_next(session: Session, deps: Deps, now: datetime) -> bool:
    """Carry out the deployment that is due longest; False if none is. One of them in one transaction.

    The row is locked and leaves its state in the commit that makes the versions: whoever dies before it has done
    nothing, whoever comes after it finds nothing to do.
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
        with session.begin_nested():
            carry_out(session, request, deps, now)
    except DefinitionRefusedError as refusal:
        session.refresh(request)
        request.go(DeploymentState.FAILED, _said(refusal))
        request.done_at = now
    return True


def _said(refusal: DefinitionRefusedError) -> Words:
    """The refusal with the first thing that is wrong."""
    first = next((row for row in refusal.findings if row.get("severity") == "error"), {})
    zh, en = first.get("message_zh", ""), first.get("message_en", "")
    return Words(f"{refusal.message_zh}：{zh}" if zh else refusal.message_zh, f"{refusal.message_en}: {en}")
