"""After a backup was put back: ask the neighbours what was done since, before anything else is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from adapters.errors import AdapterError, Rejected
from app.deps import Deps
from app.domain.business_keys import subject_of
from app.domain.words import Words
from app.errors import Conflict, InvalidInput
from app.persistence.areas import top_area
from app.persistence.audit import new_event
from app.persistence.numbers import leave_gap
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import WebSession
from app.persistence.teamwork.tickets import TroubleTicket
from app.unit_of_work import read, transaction
from processes import home, lost_calls, restoring
from processes.store.bulk import Repair
from processes.store.restores import LostCall, Restoration

CALLS: Final = "calls"
PAGE_TIMEOUT_S: Final = 30.0
EVENT: Final = "restored"


@dataclass
class Restored:
    """What a comparison came to. ``marked``: open calls that are asked about first, by adapter. ``told``: calls each
    adapter has named. ``silent``: those that named none, and why; ``is_open``: work may go on. ``lost``: rows of calls
    made after the backup. ``skipped``: numbers of each kind that are not given out."""

    as_of: datetime | None
    marked: Mapping[str, int]
    told: Mapping[str, int] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False
    lost: Sequence[Mapping[str, Any]] = ()
    skipped: int = 0


def compare(
    deps: Deps, *, actor: str, reason: str, without: Collection[str], skip_numbers: int, takes_over: bool
) -> Restored:
    """Close the database, mark what is open, ask every neighbour, and open it again if they have answered.

    A neighbour that keeps no book of calls is no hindrance: it is asked about each open call, but what it did under
    keys we do not know stays unknown.

    :param without: neighbours not to wait for: they get no calls until :func:`ask_late` has asked them.
    :param skip_numbers: so many numbers of each kind may have been given out after the backup.
    :raises InvalidInput: there is no such neighbour.
    """
    unknown = sorted(set(without).difference(deps.ports))
    if unknown:
        raise InvalidInput(f"there is no neighbour {', '.join(unknown)}", f"没有外围系统 {'、'.join(unknown)}")
    begun = _begin(deps, actor, reason, takes_over, skip_numbers)
    for adapter in deps.ports:
        if adapter not in without:
            _ask(deps, adapter, begun)
    with transaction(deps.sessions) as tx:
        found = tx.session.get_one(Restoration, begun)
        for adapter in without:
            why = "left out, and held until it has been asked"
            restoring.keep_silent(tx.session, deps.registry, found, adapter, why)
        missing = [adapter for adapter in found.silent if adapter not in without and adapter not in found.told]
        if not missing:
            restoring.finish(tx.session, found, held=without, now=deps.clock(tx.session))
            _tell_orders(tx.session, found, deps.clock(tx.session))
        marked, told, silent, as_of = found.marked, found.told, found.silent, found.as_of
    deps.watch.look_again()
    deps.wake()
    return Restored(as_of, marked, told, silent, not missing, listed(deps), skip_numbers)


def ask_late(deps: Deps, adapter: str) -> int:
    """Ask a neighbour that was left out; returns how many calls were lost. Its hold is ended by whoever set it.

    :raises Conflict: it has been asked already. :raises InvalidInput: it does not answer.
    """
    with read(deps.read_sessions) as session:
        found = restoring.latest(session)
        if found is None or adapter not in found.silent or found.ended_at is None:
            raise Conflict(f"{adapter} was not left out of the last restore", f"上次恢复并未略过 {adapter}")
    lost = _ask(deps, adapter, found.id)
    with read(deps.read_sessions) as session:
        why = session.get_one(Restoration, found.id).silent.get(adapter)
    if why is not None:
        raise InvalidInput(f"{adapter} does not answer: {why}", f"{adapter} 无应答：{why}")
    return lost


def moved(deps: Deps) -> None:
    """The database was moved whole, with everything stopped: nothing is missing in it.

    :raises Conflict: it is being compared with the neighbours, so something may be.
    """
    with transaction(deps.sessions) as tx:
        if restoring.under_way(tx.session) is not None:
            raise Conflict(
                "`yizhan db restored` has begun; let it come to its end", "yizhan db restored 已开始，请让其完成"
            )
        home.move_in(tx.session, now=deps.clock(tx.session), closed=False)
    deps.watch.look_again()


def listed(deps: Deps, *, everything: bool = False) -> list[Mapping[str, Any]]:
    """What the neighbours did after the backup and our books do not know, with whose it is."""
    with read(deps.read_sessions) as session:
        rows = lost_calls.listed(session, everything=everything)
        names = _names(session, {row.business_key for row in rows})
        return [
            {
                "key": row.operation_id,
                "adapter": row.adapter,
                "operation": row.operation,
                "at": row.done_at or "",
                "of": names.get(row.business_key, f"{row.business_key or 'nobody'} (not in our books)"),
                "state": row.state,
                "note": row.note or "",
            }
            for row in rows
        ]


def settle(deps: Deps, keys: Collection[str], *, actor: str, note: str) -> list[str]:
    """A person has seen to these lost calls; returns the keys that were on the list."""
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        found = lost_calls.settle(tx.session, keys, actor=actor, note=note, now=now)
        for key in found:
            _audit(tx.session, deps, actor, "lost-call-settled", note, key, now)
        return found


def _begin(deps: Deps, actor: str, reason: str, takes_over: bool, skip_numbers: int) -> str:
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        is_new = restoring.under_way(session) is None
        found = restoring.begin(
            session, deps.registry, deps.new_id, actor=actor, reason=reason, takes_over=takes_over, now=now
        )
        if is_new:
            leave_gap(session, now, count=skip_numbers)
            session.execute(delete(WebSession))  # who logged out after the backup is logged in again
            _audit(session, deps, actor, "database-restored", reason, found.id, now)
        return found.id


def _ask(deps: Deps, adapter: str, restoration_id: str) -> int:
    with read(deps.read_sessions) as session:
        after = restoring.first_key(session.get_one(Restoration, restoration_id))
    calls: Sequence[Mapping[str, Any]] | None = None
    why = ""
    try:
        calls = deps.ports[adapter].books(CALLS, timeout_s=PAGE_TIMEOUT_S, after=after)
    except Rejected:
        why = "it keeps no book of calls; each open call is asked about, but what else it did is not known"
    except AdapterError as error:
        why = str(error)
        with transaction(deps.sessions) as tx:
            found = tx.session.get_one(Restoration, restoration_id)
            restoring.keep_silent(tx.session, deps.registry, found, adapter, why)
        return 0
    with transaction(deps.sessions) as tx:
        found = tx.session.get_one(Restoration, restoration_id)
        lost = restoring.keep_told(tx.session, deps.registry, found, adapter, calls or ())
        if calls is None:
            restoring.keep_silent(tx.session, deps.registry, found, adapter, why)
        return lost


def _tell_orders(session: Session, found: Restoration, now: datetime) -> None:
    """One line in the history of every order and ticket that something was done for after the backup."""
    counted = select(LostCall.business_key, func.count()).where(LostCall.restoration_id == found.id)
    for business_key, number in session.execute(counted.group_by(LostCall.business_key)).all():
        of = subject_of(business_key)
        row: ProductOrder | TroubleTicket | None = None
        if of.order_id is not None:
            row = session.get(ProductOrder, of.order_id)
        elif of.ticket_id is not None:
            row = session.get(TroubleTicket, of.ticket_id)
        if row is None:
            continue
        why = Words(
            f"数据库从备份恢复；外围系统此后已执行 {number} 个操作，本系统没有记录",
            f"the database was put back from a backup; the neighbours did {number} operation(s) since that we have no "
            "record of",
        )
        session.add(
            new_event(
                kind=EVENT,
                area=row.area,
                who=found.actor,
                why=why,
                at=now,
                order_id=of.order_id,
                ticket_id=of.ticket_id,
                detail={"restoration": found.id, "operations": number},
            )
        )


def _names(session: Session, keys: Collection[str]) -> dict[str, str]:
    """What people call the subjects of these keys that are in our books."""
    found = {}
    for key in keys:
        of = subject_of(key)
        if of.order_id is not None and (order := session.get(ProductOrder, of.order_id)) is not None:
            found[key] = order.number if of.item_no is None else f"{order.number}/{of.item_no}"
        elif of.ticket_id is not None and (ticket := session.get(TroubleTicket, of.ticket_id)) is not None:
            found[key] = ticket.number
    return found


def _audit(session: Session, deps: Deps, actor: str, action: str, reason: str, subject: str, now: datetime) -> None:
    session.add(
        Repair(
            id=deps.new_id(),
            at=now,
            actor=actor,
            action=action,
            reason=reason,
            subject=subject,
            business_key="",
            area=top_area(session),
        )
    )
