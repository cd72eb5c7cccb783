"""A request to deploy: written down with everything that was looked at, and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.studio.deployments import DeploymentState
from app.persistence.studio.deployment_requests import WITHDRAW, DeploymentRequest, packed, unpacked
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio import process_catalog
from app.services.studio.deploy_cases import adopt_cases
from app.services.studio.deploy_parts import in_force
from app.services.studio.deploy_reports import Report
from app.services.studio.report_record import record_of
from app.services.studio.taking_back import carry_withdrawal
from processes.engine import Deployed
from processes.findings import finding_id

#: So long is a note, and so long a release note.
NOTE: Final = 500
RELEASE_NOTE: Final = 4000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to deploy, having looked at the report.

    ``seen``: digest of that report; empty where nobody has looked. ``notes``: why a warning may stay, by the id of the
    finding. ``token``: of the form. ``drafts``: id and revision of each. ``at``: aware instant, none for at once.
    """

    files: Mapping[str, bytes]
    token: str
    seen: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    release_note: str = ""
    at: datetime | None = None
    drafts: Sequence[tuple[str, int]] = ()


def sent_before(session: Session, wanted: Wanted, actor: Actor) -> DeploymentRequest | None:
    """The request that the same form has made already."""
    mine = select(DeploymentRequest).where(DeploymentRequest.token == wanted.token[:64])
    return session.scalars(mine.where(DeploymentRequest.asked_by == actor.login)).one_or_none()


def make_request(wanted: Wanted, report: Report, actor: Actor, deps: Deps, now: datetime) -> DeploymentRequest:
    return DeploymentRequest(
        id=deps.new_id(),
        token=wanted.token[:64],
        state=DeploymentState.WAITING,
        content=packed(wanted.files),
        digest=report.digest,
        parts=[
            {"kind": part.kind, "key": part.key, "name_zh": part.name.zh, "name_en": part.name.en}
            | {"before": part.before, "version": part.version}
            for part in report.parts
        ],
        drafts=[{"id": draft_id, "revision": revision} for draft_id, revision in wanted.drafts],
        warnings=[
            {
                **{name: value for name, value in vars(one).items() if isinstance(value, str)},
                "note": wanted.notes.get(finding_id(one), "")[:NOTE],
            }
            for one in report.warnings
        ],
        cases={"run": len(report.cases), "failed": len(report.failed_cases)},
        teams=list(report.teams),
        report=record_of(report),
        release_note=wanted.release_note.strip()[:RELEASE_NOTE],
        asked_by=actor.login,
        asked_at=now,
        activate_at=wanted.at,
    )


def carry_out(session: Session, request: DeploymentRequest, deps: Deps, now: datetime) -> Deployed | None:
    """The files of a request become versions; or its versions are taken back, then there is nothing to tell.

    :raises DefinitionRefusedError: the engine says no. :raises Conflict: what is to be taken back is in use.
    """
    if request.act == WITHDRAW:
        for part in request.parts:
            carry_withdrawal(session, part, request.asked_by, deps, now)
        after = in_force(session)
        request.parts = [{**part, "version": after.get(f"{part['kind']}:{part['key']}")} for part in request.parts]
        request.done_at = now
        request.go(DeploymentState.DONE)
        return None
    done = process_catalog.put_in_force(
        session, unpacked(request.content), deps, who=request.asked_by, now=now, note=request.release_note
    )
    drafts = [draft["id"] for draft in request.drafts]
    adopt_cases(session, unpacked(request.content), drafts, now=now, who=request.asked_by)
    after = in_force(session)
    request.parts = [{**part, "version": after.get(f"{part['kind']}:{part['key']}")} for part in request.parts]
    versions = {part["key"]: part["version"] for part in request.parts}
    for draft in request.drafts:
        row = session.get(ProcessDraft, draft["id"], with_for_update=True)
        if row is not None and row.key in versions:
            row.base_version = versions[row.key]
    request.deployment_id, request.done_at = done.deployment.id, now
    if request.state != DeploymentState.DONE:
        request.go(DeploymentState.DONE)
    return done
