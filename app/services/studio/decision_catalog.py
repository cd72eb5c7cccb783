"""The decisions that designers deploy: their versions side by side, their tables, taking one back."""

from __future__ import annotations

from collections.abc import Sequence

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict
from app.services.ordering.plans import DECISION
from app.unit_of_work import read, transaction
from processes import decision_versions
from processes.store.definitions import DecisionDefinition
from processes.versions import VersionInUse


def versions(actor: Actor, deps: Deps, key: str | None = None) -> tuple[Sequence[DecisionDefinition], dict[str, int]]:
    """Every version of every decision (or of one), and by key the one in force."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return decision_versions.all_versions(session, key), decision_versions.in_force(session)


def source(key: str, version: int, actor: Actor, deps: Deps) -> bytes:
    """The file of one version, as it was deployed. :raises NotThere: no such version."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return decision_versions.version_of(session, key, version).xml


def withdraw(key: str, version: int, actor: Actor, deps: Deps) -> DecisionDefinition:
    """Take a version back; the one before it is in force again.

    :raises Conflict: it is the last one, and needed, or steps are pinned to it.
    :raises NotThere: no such version.
    """
    may(actor, "process.deploy")
    with transaction(deps.sessions) as tx:
        try:
            now, needed = deps.clock(tx.session), frozenset({DECISION})
            return decision_versions.withdraw(tx.session, key, version, actor=actor.login, now=now, needed=needed)
        except VersionInUse as error:
            raise _refused(error, key, version) from error


def _refused(error: VersionInUse, key: str, version: int) -> Conflict:
    if error.pinned_by:
        users = "、".join(error.pinned_by)
        why = f"{users} 的步骤固定使用 {key} 的版本 {version}，先撤下这些流程版本"
        en = f"{error}; take those versions of processes back first"
        return Conflict(en, f"不能撤下：{why}", facts={"pinned_by": list(error.pinned_by)})
    why = f"{key} 的版本 {version} 是最后一个，{'、'.join(error.callers)} 还要用它"
    return Conflict(str(error), f"不能撤下：{why}", facts={"callers": list(error.callers)})
