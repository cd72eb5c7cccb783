"""Deploying with everything that belongs to it: the report, notes, a second person, an hour, what is told to whom.

What was looked at is what is deployed: the files lie in the request. When a draft, or a version they replace, has
changed meanwhile, nothing is done and it has to be asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.studio.deployments import AGREE, DeploymentState
from app.domain.words import Words
from app.errors import Conflict, DefinitionRefusedError, Forbidden, NotFound
from app.persistence.studio.deployment_requests import WITHDRAW, DeploymentRequest, unpacked
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio.deploy_reports import Report, report_on
from app.services.studio.deployment_making import NOTE, Wanted, carry_out, make_request, sent_before
from app.services.studio.deployment_rules import (
    case_findings,
    is_strict,
    require_alone,
    require_hour,
    require_notes,
    what_changed,
    why_outdated,
)
from app.unit_of_work import read, retried, transaction
from processes.definitions import deploy_lock
from processes.engine import Deployed


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What became of it: the request, and what the engine says if it is deployed already."""

    request: DeploymentRequest
    deployed: Deployed | None = None


def drafts_to_deploy(
    draft_ids: Sequence[str], actor: Actor, deps: Deps
) -> tuple[Sequence[ProcessDraft], dict[str, bytes]]:
    """Drafts that go together, and their files by name; two of one name are told apart.

    :raises NotFound: one of them is not there.
    """
    may(actor, "process.edit")
    with read(deps.read_sessions) as session:
        rows = []
        for draft_id in dict.fromkeys(draft_ids):
            row = session.get(ProcessDraft, draft_id)
            if row is None:
                raise NotFound()
            rows.append(row)
        files: dict[str, bytes] = {}
        for number, row in enumerate(rows):
            files[row.name if row.name not in files else f"{number}-{row.name}"] = row.content
    return rows, files


def send(wanted: Wanted, actor: Actor, deps: Deps, *, every_warning: bool = True) -> Sent:
    """Deploy, or ask a second person, or set an hour: after the same look at everything that the report takes.

    :param every_warning: each warning needs a note.
    :raises DefinitionRefusedError: something has to be mended first; nothing is kept.
    :raises Conflict: it is not what was looked at any more, or one of the things waits to be deployed already.
    :raises InvalidInput: a note is missing, or the hour will not do.
    """
    may(actor, "process.deploy")
    with read(deps.read_sessions) as session:
        known = sent_before(session, wanted, actor)
    if known is not None:
        return Sent(request=known)
    report = report_on(wanted.files, actor, deps, drafts=[draft for draft, _ in wanted.drafts], forecast=False)
    if report.is_blocked:
        # Whoever has not looked at a report wants to know what stands against it, not how else we like to work.
        said = report.findings if every_warning else report.own
        raise DefinitionRefusedError([*(vars(one) for one in said), *case_findings(report)])
    if wanted.seen and wanted.seen != report.digest:
        raise Conflict(
            "what is in force has changed since you looked; look at the report again",
            "检查之后线上版本或草稿有变化，请重新查看报告",
        )
    if every_warning and not report.way_back:
        require_notes(report, wanted.notes)
    return _kept(wanted, report, actor, deps)


def deploy(files: Mapping[str, bytes], actor: Actor, deps: Deps, *, note: str = "", **more: Any) -> Sent:
    """Deploy files nobody has looked at in a report: from the interface, the command line or an upload.

    Warnings need their notes only where a second person has to agree; ``more``: of :class:`Wanted`.
    """
    wanted = Wanted(files=files, token=deps.new_id(), release_note=note, **more)
    return send(wanted, actor, deps, every_warning=is_strict(deps))


def is_way_back(wanted: Wanted, report: Report) -> bool:
    """Whether one person may do it although two are wanted: the versions before are put in force again at once, and it
    is said why. They ran until a moment ago, and whoever stands before a bad version waits for nobody."""
    return report.way_back and wanted.at is None and bool(wanted.release_note.strip())


@retried
def _kept(wanted: Wanted, report: Report, actor: Actor, deps: Deps) -> Sent:
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        deploy_lock(session)
        known = sent_before(session, wanted, actor)
        if known is not None:
            return Sent(request=known)
        require_hour(wanted.at, now)
        strict = is_strict(deps) and not is_way_back(wanted, report)
        request = make_request(wanted, report, actor, deps, now)
        if strict or wanted.at is not None:
            require_alone(session, request)
        if what_changed(session, request):
            raise Conflict("it has changed since you looked", "检查之后有变化，请重新查看报告")
        request.alone = is_strict(deps) and not strict
        request.state = DeploymentState.WAITING if strict else DeploymentState.SCHEDULED
        session.add(request)
        deployed = None
        if not strict and wanted.at is None:
            deployed = carry_out(session, request, deps, now)
        session.flush()
        tx.after_commit.append(deps.wake)
    return Sent(request=request, deployed=deployed)


def decide(request_id: str, note: str, actor: Actor, deps: Deps, *, agree: bool) -> DeploymentRequest:
    """Agree, and it is deployed or waits for its hour; or refuse, and nothing is.

    :raises NotFound: no such request.
    :raises Forbidden: nobody agrees to what they have asked for themselves.
    :raises Conflict: it is decided on already; or something has changed, and it is out of date now.
    """
    may(actor, AGREE)
    outdated = None
    if agree:
        _run_cases_again(request_id, actor, deps)
    request, outdated = _decided(request_id, note, actor, deps, agree=agree)
    if outdated is not None:
        raise Conflict(outdated.en, outdated.zh)
    return request


@retried
def _decided(
    request_id: str, note: str, actor: Actor, deps: Deps, *, agree: bool
) -> tuple[DeploymentRequest, Words | None]:
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        deploy_lock(session)
        request = _locked(session, request_id)
        if request.asked_by == actor.login:
            raise Forbidden("a second person has to agree", "须由另一人同意")
        if request.state != DeploymentState.WAITING:
            raise Conflict("it is decided on already", "该申请已处理")
        request.decided_by, request.decided_at, request.decision_note = actor.login, now, note[:NOTE]
        if not agree:
            request.go(DeploymentState.REFUSED)
            return request, None
        outdated = why_outdated(session, request, now)
        if outdated is not None:
            request.go(DeploymentState.OUTDATED, outdated)
            return request, outdated
        if request.activate_at is not None and request.activate_at > now:
            request.go(DeploymentState.SCHEDULED)
        else:
            carry_out(session, request, deps, now)
        session.flush()
        tx.after_commit.append(deps.wake)
        return request, None


@retried
def withdraw(request_id: str, actor: Actor, deps: Deps) -> DeploymentRequest:
    """Take back what waits: whoever asked, or who may agree, as long as its hour has not come.

    :raises Conflict: it is decided on, or deployed.
    :raises Forbidden: it is somebody else's, and the actor may not decide on it.
    """
    may(actor, "process.view")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        request = _locked(session, request_id)
        if request.asked_by != actor.login:
            may(actor, AGREE)
        if not request.is_open:
            raise Conflict("it is decided on already", "该申请已处理")
        request.go(DeploymentState.WITHDRAWN)
        request.decided_by, request.decided_at = actor.login, now
        return request


def found(request_id: str, actor: Actor, deps: Deps) -> DeploymentRequest:
    """One request. :raises NotFound: there is none of that id."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        row = session.get(DeploymentRequest, request_id)
        if row is None:
            raise NotFound()
        return row


def files_of(request_id: str, actor: Actor, deps: Deps) -> dict[str, bytes]:
    """The files of a request as they were looked at. :raises NotFound: there is no such request."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        content = session.scalar(select(DeploymentRequest.content).where(DeploymentRequest.id == request_id))
        if content is None:
            raise NotFound()
        return unpacked(content)


def _run_cases_again(request_id: str, actor: Actor, deps: Deps) -> None:
    """What the files call may have changed since they were looked at. :raises DefinitionRefusedError: a case fails."""
    request = found(request_id, actor, deps)
    if request.state != DeploymentState.WAITING or request.act == WITHDRAW:
        return
    drafts = [draft["id"] for draft in request.drafts]
    report = report_on(files_of(request_id, actor, deps), actor, deps, drafts=drafts, forecast=False)
    if report.is_blocked:
        raise DefinitionRefusedError([*(vars(one) for one in report.findings), *case_findings(report)])


def _locked(session: Session, request_id: str) -> DeploymentRequest:
    row = session.get(DeploymentRequest, request_id, with_for_update=True)
    if row is None:
        raise NotFound()
    return row
