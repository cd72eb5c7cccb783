"""The work list: the to-dos of a person and of teams as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from app.domain.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.customers import Customer
from app.persistence.work_item_search import list_items
from app.persistence.work_items import WorkItem
from app.web.addresses import Addresses
from app.web.pages.clocks import due_cell
from app.web.pages.names import Names
from app.web.pages.order_list import product_text
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import COUNTED_AT_MOST, Pages, SlaCell, Tab, Tag, goes_on
from app.web.views.work import WorkList, WorkListRow

PAGE_SIZE: Final = 30
TABS: Final = (
    ("team", Sentence("My teams")),
    ("mine", Sentence("Mine")),
    ("all", Sentence("All", "tab")),
    ("done", Sentence("Done", "tab")),
)


def work_list(
    session: Session, reader: Reader, addresses: Addresses, *, tab: str, query: str = "", offset: int = 0
) -> WorkList:
    """One tab of the list, least time left first."""
    names = Names(session, reader)
    filters = {"q": query} if query else {}
    rows, total = list_items(
        session, reader.actor, tab, filters, offset=offset, limit=PAGE_SIZE, count_at_most=COUNTED_AT_MOST
    )
    drawn = work_rows(rows, names, reader, addresses)
    next_row = _next(session, reader)
    before = addresses.work_list(tab=tab, q=query, offset=str(max(0, offset - PAGE_SIZE) or ""))
    after = addresses.work_list(tab=tab, q=query, offset=str(offset + PAGE_SIZE))
    return WorkList(
        tabs=tuple(
            Tab(
                reader.t(text),
                addresses.work_list(tab=name),
                name == tab,
                total if name == tab and not query else _number(session, reader, name),
            )
            for name, text in TABS
        ),
        tab=tab,
        rows=drawn,
        pages=Pages(
            first=offset + 1 if rows else 0,
            last=offset + len(rows),
            total=total,
            before=before if offset else "",
            after=after if goes_on(offset + len(rows), total, is_full=len(rows) == PAGE_SIZE) else "",
        ),
        query=query,
        claim_next_href=addresses.work_list() + "/next" if next_row and tab == "team" else "",
        claim_next_number=(next_row.order.number if next_row and next_row.order else next_row.number)
        if next_row
        else "",
        shows_done=tab == "done",
    )


def _number(session: Session, reader: Reader, tab: str) -> int | None:
    """How much a tab holds; what is done only grows, and its number says nothing to who looks at what is open."""
    if tab == "done":
        return None
    return list_items(session, reader.actor, tab, limit=0, count_at_most=COUNTED_AT_MOST)[1]


def _next(session: Session, reader: Reader) -> WorkItem | None:
    rows, _ = list_items(session, reader.actor, "team", {"state": WorkItemState.OPEN.value}, limit=10)
    return next((row for row in rows if row.claimable_by(reader.actor)), None)


def work_rows(
    rows: Sequence[WorkItem], names: Names, reader: Reader, addresses: Addresses, *, why_not: str = ""
) -> tuple[WorkListRow, ...]:
    """Items as rows."""
    names.know_people(row.claimed_by for row in rows)
    numbers = [customer_no_of(row) for row in rows]
    customers = names.customers(numbers)
    return tuple(
        work_row(row, customers.get(number or ""), names, reader, addresses, why_not=why_not)
        for row, number in zip(rows, numbers, strict=True)
    )


def work_row(
    item: WorkItem, customer: Customer | None, names: Names, reader: Reader, addresses: Addresses, *, why_not: str = ""
) -> WorkListRow:
    """One item as a row; what the reader may do with it is decided by the item itself."""
    is_open = WorkItemState(item.state) in WORK_ITEM_OPEN
    is_mine = is_open and item.claimed_by == reader.actor.login
    return WorkListRow(
        id=item.id,
        number=item.number,
        href=addresses.task(item.number),
        order_number=item.order.number if item.order else item.ticket.number if item.ticket else "",
        customer=names.customer(customer),
        tier=names.tier(customer.tier) if customer else "",
        title=_title(item, reader),
        note=_note(item, reader),
        product=product_of(item, names),
        area=names.area(item.area),
        team=names.team(item.team_code) or names.team_role(item.team_role),
        owner=names.person(item.claimed_by) if is_open else names.person(item.completed_by),
        is_mine=is_mine,
        is_open=is_open,
        sla=_cell(item, reader),
        claim_href=addresses.act("work", item.number, "claim") if item.claimable_by(reader.actor) else "",
        release_href=addresses.act("work", item.number, "release") if is_mine else "",
        why_not=why_not,
    )


def customer_no_of(item: WorkItem) -> str | None:
    """The customer a work item is for."""
    if item.order is not None:
        return item.order.customer_no
    return item.ticket.customer_no if item.ticket is not None else None


def _title(item: WorkItem, reader: Reader) -> str:
    title = reader.said(item, "title")
    for prefix in ("异常：", "Incident: "):
        title = title.removeprefix(prefix)
    return title


def _note(item: WorkItem, reader: Reader) -> Tag | None:
    if item.kind == "incident":
        return Tag(reader.t.about("note", "incident"), "alert", "bad")
    if item.kind == "difference":
        return Tag(reader.t.about("note", "difference"), "diff", "warn")
    if item.ticket is not None and item.order is not None:
        return Tag(item.ticket.number, "chat", "")
    return None


def product_of(item: WorkItem, names: Names) -> str:
    """The product a work item is about."""
    if item.order is not None:
        mine = [each for each in item.order.items if each.id == item.item_id] or list(item.order.items)
        return product_text(mine, names)
    return names.product(item.ticket.product) if item.ticket is not None else ""


def _cell(item: WorkItem, reader: Reader) -> SlaCell:
    if WorkItemState(item.state) not in WORK_ITEM_OPEN:
        return SlaCell(reader.time(item.completed_at), "held")
    return due_cell(item.due_at, item.created_at, reader, is_paused=item.state == WorkItemState.PAUSED)
