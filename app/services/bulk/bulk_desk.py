"""Bulk runs as operators make them: seen before they are made, then started, paused, resumed, stopped, run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, can, may
from app.errors import Forbidden, InvalidInput, NotFound
from app.persistence.areas import area_path
from app.persistence.scope import scoped
from app.services.bulk import bulk_selection
from app.services.ordering.subject_names import names_of
from app.services.refused import refusals
from app.services.repairs import incident_groups, repair_desk
from app.services.repairs.incident_groups import Group
from app.services.teamwork import reassign
from app.unit_of_work import read, transaction
from processes import bulk, bulk_acts
from processes.bulk import Applied, Counts
from processes.bulk_acts import OF_INCIDENTS, why_of
from processes.lifecycle import InstanceState
from processes.store.bulk import BulkItem, BulkRun

#: What each kind of run may be begun with.
RIGHTS: Final[Mapping[str, str]] = {
    "retry": "incident.retry",
    "skip": "incident.skip",
    "move": "instance.repair",
    "suspend": "instance.repair",
    "resume": "instance.repair",
    "cancel": "instance.cancel",
    "reassign": "item.assign",
    "migrate": "process.migrate",  # begun at a desk of its own
}
#: What a run of a kind can be told, and what it must be told.
PARAMS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "retry": (frozenset({"change", "data", "nothing_happened"}), frozenset()),
    "skip": (frozenset({"result", "effect_happened"}), frozenset()),
    "move": (frozenset({"to", "element_id", "data"}), frozenset({"to"})),
    "suspend": (frozenset(), frozenset()),
    "resume": (frozenset(), frozenset()),
    "cancel": (frozenset(), frozenset()),
    "reassign": (frozenset({"team", "login"}), frozenset()),
}

#: What is told of each subject of a run.
SHOWN: Final = ("seq", "subject_id", "business_key", "state", "outcome", "code", "message", "at", "settled_at")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How many subjects fit now; of incidents, by cause."""

    count: int
    groups: Sequence[Group]


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run and how far it is."""

    run: BulkRun
    counts: Counts


def register(deps: Deps) -> None:
    """Let bulk runs do what is ours: cancel orders, give work items to others."""
    deps.engine.parts.bulk_acts["cancel"] = _cancel_act(deps)
    deps.engine.parts.bulk_acts["reassign"] = _reassign_act(deps)
    bulk_acts.register(deps.engine.parts)


def preview(kind: str, wanted: Mapping[str, Any], actor: Actor, deps: Deps) -> Preview:
    """How many subjects a run would take. :raises Forbidden: the caller may not do that."""
    may(actor, RIGHTS[kind])
    with read(deps.read_sessions) as session:
        count = bulk_selection.count(session, kind, wanted, actor)
        groups = incident_groups.groups(session, actor, wanted) if kind in OF_INCIDENTS else []
    return Preview(count=count, groups=groups)


def start(
    kind: str,
    wanted: Mapping[str, Any],
    params: Mapping[str, Any],
    reason: str,
    actor: Actor,
    deps: Deps,
    *,
    rate_per_s: float,
    pause_after: int | None = None,
    paused: bool = False,
) -> RunView:
    """Write a run over what fits now; a worker begins with it at once.

    :raises Forbidden: the caller may not do that.
    :raises InvalidInput: it does not say enough, or too much.
    :raises Conflict: nothing fits.
    """
    may(actor, RIGHTS[kind])
    allowed, needed = PARAMS[kind]
    given = {name: value for name, value in params.items() if value is not None}
    if strange := sorted(set(given) - allowed):
        raise InvalidInput(f"{kind} takes no {', '.join(strange)}", f"{kind} 不支持参数 {'、'.join(strange)}")
    if missing := sorted(needed - set(given)):
        raise InvalidInput(f"{kind} needs {', '.join(missing)}", f"{kind} 缺少参数 {'、'.join(missing)}")
    if kind == "reassign" and not given:
        raise InvalidInput("reassign needs a team or a login", "改派需要指定班组或人员")
    with transaction(deps.sessions) as tx, refusals():
        run = bulk.create(
            tx.session,
            kind=kind,
            subjects=bulk_selection.choose(tx.session, kind, wanted, actor),
            params=given,
            reason=reason,
            actor=actor.login,
            area=actor.area,
            ids=deps.new_id,
            now=deps.clock(tx.session),
            selection={name: value for name, value in wanted.items() if value is not None},
            rate_per_s=rate_per_s,
            pause_after=pause_after,
            paused=paused,
        )
        view = _view(tx.session, run)
    return view


def runs(actor: Actor, deps: Deps, *, offset: int, limit: int) -> tuple[list[RunView], int]:
    """The runs of the caller's area, newest first, and how many there are."""
    with read(deps.read_sessions) as session:
        mine = scoped(select(BulkRun), BulkRun, actor)
        total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        page = session.scalars(mine.order_by(BulkRun.created_at.desc(), BulkRun.id).offset(offset).limit(limit)).all()
        counted = bulk.counts(session, [run.id for run in page]) if page else {}
    return [RunView(run=run, counts=counted[run.id]) for run in page], total


def get(run_id: str, actor: Actor, deps: Deps) -> RunView:
    """One run. :raises NotFound: not in the caller's area."""
    with read(deps.read_sessions) as session:
        return _view(session, _found(session, run_id, actor))


def items(
    run_id: str, actor: Actor, deps: Deps, *, state: str | None, outcome: str | None, offset: int, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Some subjects of a run with their results, and the numbers people know them by."""
    with read(deps.read_sessions) as session:
        _found(session, run_id, actor)
        rows = bulk.items(session, run_id, state=state, outcome=outcome, offset=offset, limit=limit)
        names = names_of(session, {row.business_key for row in rows})
        return [{**{name: getattr(row, name) for name in SHOWN}, "about": names[row.business_key]} for row in rows]


def pause(run_id: str, actor: Actor, deps: Deps) -> RunView:
    """Touch no further subject."""
    return _change(run_id, actor, deps, lambda session, _now: bulk.pause(session, run_id))


def resume(run_id: str, actor: Actor, deps: Deps, *, rate_per_s: float | None = None) -> RunView:
    """Go on, at another rate if one is given."""
    return _change(
        run_id, actor, deps, lambda session, now: bulk.resume(session, run_id, now=now, rate_per_s=rate_per_s)
    )


def stop(run_id: str, actor: Actor, deps: Deps) -> RunView:
    """End it for good."""
    return _change(run_id, actor, deps, lambda session, now: bulk.stop(session, run_id, now=now))


def rerun(run_id: str, reason: str, actor: Actor, deps: Deps, *, rate_per_s: float | None = None) -> RunView:
    """A new run over those that were refused or have failed again."""

    def again(session: Session, now: datetime) -> BulkRun:
        kind = session.get_one(BulkRun, run_id).kind
        return bulk.rerun(
            session,
            run_id,
            actor=actor.login,
            reason=reason,
            ids=deps.new_id,
            now=now,
            rate_per_s=rate_per_s,
            subjects_of=lambda rows: bulk_acts.again(session, kind, rows),
        )

    return _change(run_id, actor, deps, again)


def _change(run_id: str, actor: Actor, deps: Deps, act: Callable[[Session, datetime], BulkRun]) -> RunView:
    with transaction(deps.sessions) as tx, refusals():
        found = _found(tx.session, run_id, actor)
        right = RIGHTS.get(found.kind)
        if right is None or not can(actor, right, area_path=area_path(tx.session, found.area)):
            raise Forbidden()
        run = act(tx.session, deps.clock(tx.session))
        tx.session.flush()
        view = _view(tx.session, run)
    return view


def _found(session: Session, run_id: str, actor: Actor) -> BulkRun:
    run = session.scalars(scoped(select(BulkRun).where(BulkRun.id == run_id), BulkRun, actor)).one_or_none()
    if run is None:
        raise NotFound(f"there is no bulk run {run_id}", f"没有批量任务 {run_id}")
    return run


def _view(session: Session, run: BulkRun) -> RunView:
    return RunView(run=run, counts=bulk.counts(session, [run.id])[run.id])


def _cancel_act(deps: Deps) -> bulk.BulkAct:
    def act(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
        state = repair_desk.cancel_tree(session, item.subject_id, why_of(run), deps, now)
        outcome = bulk.SUCCEEDED if state == InstanceState.CANCELLED else bulk.UNDER_WAY
        return Applied(outcome=outcome, follow={"root_id": item.subject_id})

    return act


def _reassign_act(deps: Deps) -> bulk.BulkAct:
    def act(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
        team, login = run.params.get("team"), run.params.get("login")
        reassign.assign(session, item.subject_id, team=team, login=login, why=why_of(run), deps=deps, now=now)
        return Applied()

    return act
