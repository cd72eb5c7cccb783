"""What operations look at first: what is stuck, what does not agree, what is late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.persistence.ordering.order_search import list_orders
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.reconciliation import Difference, ReconcileRun
from app.persistence.scope import scoped
from app.persistence.teamwork.work_item_search import list_items
from app.web.addresses import Addresses
from app.web.pages.counter.trouble import difference_row, incident_row
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.operations import OperationsPage
from app.web.views.parts import Pair

MOST_ROWS: Final = 100


def operations_page(session: Session, reader: Reader, addresses: Addresses) -> OperationsPage:
    """Open incidents and differences in the reader's area, oldest first."""
    names = Names(session, reader)
    incidents, _ = list_items(session, reader.actor, "all", {"kind": "incident"}, limit=MOST_ROWS)
    differences = session.scalars(
        scoped(select(Difference), Difference, reader.actor)
        .where(Difference.state == "open")
        .order_by(Difference.found_at, Difference.id)
        .limit(MOST_ROWS)
    ).all()
    numbers = _order_numbers(session, differences)
    return OperationsPage(
        incidents=tuple(
            incident_row(item, reader, addresses, order_number=item.order.number if item.order else "")
            for item in incidents
        ),
        differences=tuple(
            difference_row(
                row,
                names,
                reader,
                order_number=numbers.get(row.order_id or "", ""),
                order_href=addresses.order(numbers[row.order_id]) if row.order_id in numbers else "",
            )
            for row in differences
        ),
        may_retry=reader.may("incident.retry"),
        may_reconcile=reader.may("reconcile.run"),
        last_run=_last_run(session, reader),
        late=list_orders(session, reader.actor, {"late_at": reader.now}, limit=0)[1],
        open_orders=list_orders(session, reader.actor, {"open": True}, limit=0)[1],
    )


def _order_numbers(session: Session, differences: Sequence[Difference]) -> dict[str, str]:
    ids = {row.order_id for row in differences if row.order_id}
    if not ids:
        return {}
    rows = session.execute(select(ProductOrder.id, ProductOrder.number).where(ProductOrder.id.in_(ids)))
    return dict(rows.all())


def _last_run(session: Session, reader: Reader) -> tuple[Pair, ...]:
    t = reader.t
    run = session.scalars(
        scoped(select(ReconcileRun), ReconcileRun, reader.actor)
        .where(ReconcileRun.order_id.is_(None))
        .order_by(ReconcileRun.started_at.desc())
        .limit(1)
    ).first()
    if run is None:
        return ()
    silent = ", ".join(run.unanswered or {})
    return (
        Pair(t("At"), reader.f.full(run.started_at)),
        Pair(t("Compared"), str(run.compared)),
        Pair(t("Found"), str(run.found)),
        Pair(t("Not answered"), silent or t("none")),
    )
