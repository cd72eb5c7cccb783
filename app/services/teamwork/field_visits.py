"""What a crew reports from the place: that it has arrived, and what it has done. Each report counts once.

A phone without a connection keeps its reports and sends them later, maybe twice. The key that the phone made is written
in the same transaction as what the report does, so the second one finds it and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.words import Words
from app.errors import BadRequest, KeyReused
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.phone_reports import ARRIVED, RESULT, PhoneReport, report_of
from app.persistence.teamwork.work_item_search import get_item
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.attachments import answers_with_files
from app.services.teamwork.work_list import claimed_in, completed_in
from app.unit_of_work import Tx, retried, transaction

#: Older than this, or later than now, the clock of the phone is wrong, and the time of receipt counts.
LONGEST_OFFLINE: Final = timedelta(days=7)
_KEY: Final = re.compile(r"[0-9a-zA-Z-]{8,64}")
HERE: Final = Words("已到现场", "has arrived")


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report: the key the phone made for it, when it was written there, and a hash of all it says.

    ``at`` is aware, or None where it is sent at once.
    """

    key: str
    at: datetime | None
    body_hash: str


@retried
def arrive(number: str, report: Report, actor: Actor, deps: Deps) -> bool:
    """Somebody has come to the place: the work item becomes theirs, if it is not yet, and the order's history says it.

    :returns: False where this report was received before.
    :raises NotFound: no such work item in the caller's area.
    :raises Conflict: somebody else has it, or it is closed.
    :raises Forbidden: it lies with another team.
    :raises KeyReused: the key came with something else before.
    """

    def act(tx: Tx, item: WorkItem, at: datetime) -> None:
        taken = claimed_in(tx.session, item.id, actor, deps)
        owner = taken.order or taken.ticket
        if owner is not None:
            detail = {"work_item_id": taken.id, "number": taken.number, "title_zh": taken.title_zh}
            detail |= {"title_en": taken.title_en, "arrived_at": at.isoformat()}
            owner.record("visit", HERE, actor.login, deps.clock(tx.session), detail=detail)

    return _once(ARRIVED, number, report, "item.claim", act, actor, deps)


@retried
def hand_in(number: str, answers: Mapping[str, Any], report: Report, actor: Actor, deps: Deps) -> bool:
    """Complete a work item with what was filled in on the phone, and with the photos that came before it. The flow
    goes on in the same transaction.

    :returns: False where this report was received before.
    :raises NotFound: no such work item in the caller's area.
    :raises InvalidInput: answers that the form refuses, each with its field.
    :raises Conflict: the caller does not have the item any more, or it is closed.
    :raises KeyReused: the key came with something else before.
    """

    def act(tx: Tx, item: WorkItem, _at: datetime) -> None:
        schema = form_schema(tx.session, item.form_key) if item.form_key else None
        whole = answers_with_files(tx.session, item, schema, answers) if schema else answers
        completed_in(tx, item.id, whole, actor, deps)

    return _once(RESULT, number, report, "item.complete", act, actor, deps)


def _once(
    kind: str,
    number: str,
    report: Report,
    right: str,
    act: Callable[[Tx, WorkItem, datetime], None],
    actor: Actor,
    deps: Deps,
) -> bool:
    may(actor, right)
    if not _KEY.fullmatch(report.key):
        raise BadRequest("the key is 8 to 64 letters, digits and hyphens", "键须为 8 至 64 位字母、数字或连字符")
    try:
        with transaction(deps.sessions) as tx:
            if _is_known(tx.session, kind, number, report, actor):
                return False
            item, now = get_item(tx.session, actor, number, in_brief=True), deps.clock(tx.session)
            at = report.at if report.at and now - LONGEST_OFFLINE <= report.at <= now else now
            tx.session.add(
                PhoneReport(
                    login=actor.login,
                    key=report.key,
                    kind=kind,
                    work_item_id=item.id,
                    body_hash=report.body_hash,
                    happened_at=at,
                    received_at=now,
                )
            )
            tx.session.flush()  # the same report, just being received elsewhere, is waited for here
            act(tx, item, at)
    except IntegrityError:
        with transaction(deps.sessions) as tx:
            if not _is_known(tx.session, kind, number, report, actor):
                raise
        return False
    return True


def _is_known(session: Session, kind: str, number: str, report: Report, actor: Actor) -> bool:
    known = report_of(session, actor.login, report.key)
    if known is None:
        return False
    same = known.kind == kind and known.body_hash == report.body_hash
    if not same or get_item(session, actor, number, in_brief=True).id != known.work_item_id:
        raise KeyReused()
    return True
