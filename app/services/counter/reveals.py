"""Personal data in full: one value, for a reason, with a line in the audit; who looks too often is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.domain.words import Words
from app.errors import FieldProblem, InvalidInput
from app.persistence.counter.customer_search import get_customer
from app.persistence.counter.customers import Customer
from app.persistence.counter.reveals import Reveal, reveals_since
from app.persistence.numbers import next_number
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.task_desk import responsible_team
from app.unit_of_work import retried, transaction

SHOWN_FOR: Final = timedelta(seconds=60)
SHORTEST_REASON: Final = 4
LONGEST_REASON: Final = 200
#: Whoever looks so often in an hour is reported; nobody is locked out in the middle of the work.
MANY: Final = 20
DESK: Final = "quality"
#: What can be shown, and what it is called.
FIELDS: Final[Mapping[str, Words]] = {
    "name": Words("姓名", "Name"),
    "phone": Words("联系电话", "Phone"),
    "id_number": Words("证件号码", "Identity number"),
    "email": Words("电子邮箱", "E-mail"),
}
_VALUES: Final[Mapping[str, Callable[[Customer], str]]] = {
    "name": lambda customer: customer.name,
    "phone": lambda customer: customer.phone,
    "id_number": lambda customer: customer.id_number,
    "email": lambda customer: customer.email,
}


@dataclass(frozen=True)
class Revealed:
    """A value in full; ``until`` (aware UTC) is how long a page may show it."""

    value: str
    until: datetime


@retried
def reveal(customer_no: str, field: str, reason: str, actor: Actor, deps: Deps) -> Revealed:
    """Show one field of a customer to ``actor`` and write down that it was shown.

    :raises Forbidden: the role may not.
    :raises NotFound: no such customer in the actor's area.
    :raises InvalidInput: no such field, or no reason.
    """
    may(actor, "personal.reveal")
    why = " ".join(reason.split())
    _check(field, why)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        customer = get_customer(session, actor, customer_no)
        session.add(
            Reveal(
                login=actor.login, at=now, area=customer.area, customer_no=customer.customer_no, field=field, reason=why
            )
        )
        session.flush()
        if reveals_since(session, actor.login, now - timedelta(hours=1)) == MANY:
            _report(session, actor, now)
        return Revealed(_VALUES[field](customer), now + SHOWN_FOR)


def _check(field: str, reason: str) -> None:
    problems = []
    if field not in FIELDS:
        known = ", ".join(FIELDS)
        problems.append(
            FieldProblem(
                path="field", code="unknown", zh=f"没有这个字段，可选：{known}", en=f"no such field; there are {known}"
            )
        )
    if len(reason) < SHORTEST_REASON:
        problems.append(
            FieldProblem(
                path="reason",
                code="required",
                zh=f"请写明查看原因，至少 {SHORTEST_REASON} 个字",
                en=f"say why, in at least {SHORTEST_REASON} characters",
            )
        )
    elif len(reason) > LONGEST_REASON:
        problems.append(
            FieldProblem(
                path="reason",
                code="too-long",
                zh=f"原因最多 {LONGEST_REASON} 个字",
                en=f"at most {LONGEST_REASON} characters",
            )
        )
    if problems:
        raise InvalidInput(details=problems)


def _report(session: Session, actor: Actor, now: datetime) -> None:
    team = responsible_team(session, DESK, actor.area, None)
    item = WorkItem(
        kind="task",
        title_zh=f"{actor.login} 一小时内查看了 {MANY} 次客户敏感信息，请核实",
        title_en=f"{actor.login} has looked at personal data {MANY} times within an hour: please look into it",
        team_role=DESK,
        team_code=team.code if team else None,
        state=WorkItemState.OPEN,
        context={"about": "reveals", "login": actor.login},
        area=actor.area,
        priority=1,
        created_at=now,
        number=next_number(session, "W", now),
    )
    session.add(item)
