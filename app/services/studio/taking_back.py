"""Versions are taken back: at once by one person where an earlier one takes over, by two where none is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.studio.deployments import DeploymentState
from app.errors import Conflict, FieldProblem, InvalidInput
from app.persistence.studio.deployment_requests import WITHDRAW, DeploymentRequest, packed
from app.services.ordering.plans import DECISION
from app.services.studio.deploy_parts import in_force
from app.services.studio.deployment_rules import is_strict, require_alone
from app.unit_of_work import retried, transaction
from processes import decision_versions, starts, versions
from processes.definitions import deploy_lock
from processes.store.definitions import DecisionDefinition, ProcessDefinition
from processes.versions import VersionInUse

Definition = ProcessDefinition | DecisionDefinition
REASON: Final = 500


@dataclass(frozen=True)
class TakenBack:
    """The version; ``asked``: it still counts, a second person has to agree first."""

    row: Definition
    asked: DeploymentRequest | None = None


@retried
def take_back(kind: str, key: str, version: int, reason: str, actor: Actor, deps: Deps) -> TakenBack:
    """Take a version of a ``process`` or ``decision`` back; the one in force before it is in force again.

    Where a second person agrees to deployments, it needs a reason, and the others are told. The last version of all is
    another matter: nothing could begin any more, and nobody is in a hurry; that a second person has to agree to.

    :raises Conflict: instances run on it, or others need it; or it is asked for already.
    :raises InvalidInput: the reason is missing.
    :raises NotThere: no such version, or it is taken back already.
    """
    may(actor, "process.deploy")
    strict, reason = is_strict(deps), reason.strip()[:REASON]
    if strict and not reason:
        zh, en = "请写明撤下的原因", "write why it is taken back"
        raise InvalidInput(en, zh, details=[FieldProblem(path="reason", code="required", zh=zh, en=en)])
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        deploy_lock(session)
        find = versions.version_of if kind == "process" else decision_versions.version_of
        row: Definition = find(session, key, version)
        before = in_force(session).get(f"{kind}:{key}")
        waits = strict and row.withdrawn_at is None and _is_last(session, row)
        if not waits:
            row = carry_withdrawal(session, {"kind": kind, "key": key, "withdrawn": version}, actor.login, deps, now)
        request = DeploymentRequest(
            id=deps.new_id(),
            token=deps.new_id(),
            act=WITHDRAW,
            state=DeploymentState.WAITING if waits else DeploymentState.DONE,
            content=packed({}),
            digest="",
            parts=[_part(row, kind, before, in_force(session).get(f"{kind}:{key}"))],
            release_note=reason,
            asked_by=actor.login,
            asked_at=now,
            done_at=None if waits else now,
            alone=strict and not waits,
        )
        if waits:
            require_alone(session, request)
        if waits or reason:
            session.add(request)
        session.flush()
        return TakenBack(row, request if waits else None)


def carry_withdrawal(session: Session, part: Mapping[str, Any], who: str, deps: Deps, now: datetime) -> Definition:
    """Take back the version that ``part`` names, in the caller's transaction. :raises Conflict: it is in use."""
    key, version = part["key"], part["withdrawn"]
    try:
        if part["kind"] == "decision":
            needed = frozenset({DECISION})
            return decision_versions.withdraw(session, key, version, actor=who, now=now, needed=needed)
        withdrawn = versions.withdraw(session, key, version, actor=who, now=now)
    except VersionInUse as error:
        if error.pinned_by:
            users = "、".join(error.pinned_by)
            zh = f"不能撤下：{users} 的步骤固定使用 {key} 的版本 {version}，先撤下这些流程版本"
            en = f"{error}; take those versions of processes back first"
            raise Conflict(en, zh, facts={"pinned_by": list(error.pinned_by)}) from error
        callers = "、".join(error.callers)
        why = f"还有 {error.running} 个实例在运行" if error.running else f"{callers} 还要用它"
        facts = {"running": error.running, "callers": list(error.callers)}
        raise Conflict(str(error), f"{key} 的版本 {version} 不能撤下：{why}", facts=facts) from error
    starts.refresh(deps.engine.parts, session, key, now=now)
    return withdrawn


def _is_last(session: Session, row: Definition) -> bool:
    entity = type(row)
    others = entity.key == row.key, entity.withdrawn_at.is_(None), entity.id != row.id
    return not session.scalar(select(func.count()).select_from(entity).where(*others))


def _part(row: Definition, kind: str, before: int | None, after: int | None) -> dict[str, Any]:
    names = {"name_zh": row.name or row.key, "name_en": row.name_en or row.name or row.key}
    return {"kind": kind, "key": row.key, **names, "before": before, "version": after, "withdrawn": row.version}
