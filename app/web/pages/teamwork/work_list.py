"""The work list: the to-dos of a person and of teams as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import BadRequest
from app.persistence.counter.customers import Customer
from app.persistence.desk_choices import choice_of, views_of
from app.persistence.teamwork.team_search import members_of
from app.persistence.teamwork.work_item_search import list_items
from app.persistence.teamwork.work_items import WorkItem
from app.persistence.teamwork.work_questions import count_waiting_for
from app.services.teamwork.work_bulk import Outcome
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_list import product_text
from app.web.pages.promises.clocks import due_cell
from app.web.pages.teamwork.work_filters import TABS, Asked, asked, chips, choices, filters_of, without
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import COUNTED_AT_MOST, Choice, Pages, SlaCell, Tab, Tag
from app.web.views.work import BulkBar, Column, View, WorkList, WorkListRow

PAGE_SIZE: Final = 30
#: Columns that can be left out, and those that are there until somebody chooses.
OPTIONAL: Final = (
    ("tier", Sentence("Tier")),
    ("product", Sentence("Product")),
    ("area", Sentence("Area")),
    ("team", Sentence("Team")),
    ("owner", Sentence("Who has it")),
    ("came", Sentence("Came")),
    ("follow", Sentence("Follow-up")),
)
USUAL: Final = frozenset({"tier", "product", "team", "owner"})
#: Columns the list can be sorted by, and the word for it.
SORTED_BY: Final = {"left": "", "order": "order", "came": "newest", "follow": "follow"}
CHOICE: Final = "work"


def work_list(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    wanted: Asked,
    *,
    outcomes: Sequence[Outcome] = (),
) -> WorkList:
    """One tab of the list, least time left first unless another order is asked for."""
    names = Names(session, reader)
    rows, total = found_items(session, reader, wanted, limit=PAGE_SIZE)
    next_row = _next(session, reader) if wanted.tab == "team" else None
    liked = choice_of(session, reader.actor.login, CHOICE)
    shown = columns_of(liked)
    return WorkList(
        tabs=_tabs(session, reader, addresses, wanted, total),
        tab=wanted.tab,
        rows=work_rows(rows, names, reader, addresses, columns=shown),
        pages=_pages(wanted, len(rows), total, addresses),
        query=wanted.query,
        claim_next_href=addresses.work_list() + "/next" if next_row else "",
        claim_next_number=(next_row.order.number if next_row.order else next_row.number) if next_row else "",
        shows_done=wanted.tab == "done",
        chips=chips(wanted, names, reader, addresses),
        choices=choices(session, wanted, names, reader),
        columns=tuple(Column(name, reader.t(text), name in shown) for name, text in OPTIONAL),
        heads=_heads(wanted, shown, reader, addresses),
        density="roomy" if liked.get("density") == "roomy" else "compact",
        views=view_rows(session, reader, addresses, wanted),
        here_href=addresses.work_list(**wanted.arguments, offset=str(wanted.offset or "")),
        arguments=tuple((name, value) for name, value in wanted.arguments.items() if value),
        questions=count_waiting_for(session, reader.actor),
        filtered=wanted.is_filtered,
        clear_href=addresses.work_list(tab=wanted.tab),
        export_href=addresses.work_list(**wanted.arguments, format="csv"),
        bulk=_bulk_bar(session, reader, addresses, names) if wanted.tab != "done" else None,
        outcomes=tuple((one.number, reader.words(one.why_not) if one.why_not else "") for one in outcomes),
    )


def columns_of(liked: Mapping[str, Any]) -> frozenset[str]:
    """The optional columns somebody wants to see."""
    chosen = liked.get("columns")
    return frozenset(chosen) & {name for name, _ in OPTIONAL} if isinstance(chosen, list) else USUAL


def _heads(wanted: Asked, shown: frozenset[str], reader: Reader, addresses: Addresses) -> tuple[Column, ...]:
    t = reader.t
    texts = {
        "left": t("Finished at") if wanted.tab == "done" else t("Time left"),
        "order": t("Order"),
        "customer": t("Customer"),
        "task": t("Task"),
        **{name: t(text) for name, text in OPTIONAL},
    }
    order = ("left", "order", "customer", "tier", "task", "product", "area", "team", "owner", "came", "follow")
    optional = {name for name, _ in OPTIONAL}
    return tuple(
        Column(
            name,
            texts[name],
            sort_href=addresses.work_list(**{**wanted.arguments, "sort": SORTED_BY[name]})
            if name in SORTED_BY and wanted.tab != "done"
            else "",
            sorted_by=SORTED_BY.get(name) == wanted.sort,
        )
        for name in order
        if name not in optional or name in shown
    )


def all_rows(
    session: Session, reader: Reader, addresses: Addresses, wanted: Asked, *, most: int
) -> tuple[tuple[WorkListRow, ...], bool]:
    """Every row of a tab, at most so many, and whether there are more."""
    rows, total = found_items(session, reader, replace(wanted, offset=0), limit=most, count_at_most=most + 1)
    return work_rows(rows, Names(session, reader), reader, addresses), total > most


def found_items(
    session: Session, reader: Reader, wanted: Asked, *, limit: int, count_at_most: int = COUNTED_AT_MOST
) -> tuple[Sequence[WorkItem], int]:
    """The items of a tab in the wanted order, and how many there are."""
    of = next(part for name, _, part in TABS if name == wanted.tab)
    return list_items(
        session,
        reader.actor,
        of,
        filters_of(wanted, reader),
        offset=wanted.offset,
        limit=limit,
        sort=wanted.sort,
        count_at_most=count_at_most,
    )


def view_rows(session: Session, reader: Reader, addresses: Addresses, here: Asked | None = None) -> tuple[View, ...]:
    """The views of the reader; those with a star are counted: exactly the rows they lead to."""
    found = []
    for row in views_of(session, reader.actor.login, CHOICE):
        arguments = {name: str(value) for name, value in row.arguments.items()}
        href = addresses.work_list(**arguments)
        try:
            wanted = asked(arguments, 0)
        except BadRequest:  # a filter that is no more: its page says so, it never shows more than was asked for
            found.append(View(row.id, row.name, href, row.starred, current=False))
            continue
        number = found_items(session, reader, wanted, limit=0)[1] if row.starred else None
        current = here is not None and wanted.arguments == here.arguments
        found.append(View(row.id, row.name, href, row.starred, current, number))
    return tuple(found)


def _tabs(session: Session, reader: Reader, addresses: Addresses, wanted: Asked, total: int) -> tuple[Tab, ...]:
    """The tabs with the counts of exactly the rows they lead to, the other filters kept."""
    found = []
    for name, text, _ in TABS:
        here = without(wanted, tab=name)
        # What is done only grows, and its number says nothing to who looks at what is open.
        number = (
            None if name == "done" else total if name == wanted.tab else found_items(session, reader, here, limit=0)[1]
        )
        href = addresses.work_list(**here.arguments)
        found.append(Tab(reader.t(text), href, name == wanted.tab, number, bad=name == "late"))
    return tuple(found)


def _pages(wanted: Asked, shown: int, total: int, addresses: Addresses) -> Pages:
    def at(offset: int) -> str:
        return addresses.work_list(**wanted.arguments, offset=str(offset or ""))

    return Pages.of(at, offset=wanted.offset, shown=shown, total=total, size=PAGE_SIZE)


def _bulk_bar(session: Session, reader: Reader, addresses: Addresses, names: Names) -> BulkBar | None:
    if not reader.may("item.claim"):
        return None
    href = addresses.work_list() + "/bulk"
    if not reader.may("item.assign"):
        return BulkBar(href)
    teams = tuple(Choice(code, names.team(code)) for code in sorted(reader.actor.teams))
    people = members_of(session, reader.actor.teams)
    names.know_people(people)
    return BulkBar(href, teams, tuple(Choice(login, names.person(login)) for login in people))


def _next(session: Session, reader: Reader) -> WorkItem | None:
    rows, _ = list_items(session, reader.actor, "team", {"state": WorkItemState.OPEN.value}, limit=10)
    return next((row for row in rows if row.claimable_by(reader.actor)), None)


def work_rows(
    rows: Sequence[WorkItem],
    names: Names,
    reader: Reader,
    addresses: Addresses,
    *,
    why_not: str = "",
    columns: frozenset[str] = USUAL,
) -> tuple[WorkListRow, ...]:
    """Items as rows."""
    names.know_people(row.claimed_by for row in rows)
    numbers = [customer_no_of(row) for row in rows]
    customers = names.customers(numbers)
    return tuple(
        replace(work_row(row, customers.get(number or ""), names, reader, addresses, why_not=why_not), columns=columns)
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
        title=title_of(item, reader),
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
        can_choose=is_open and (reader.may("item.claim") or reader.may("item.assign")),
        came=reader.f.moment(item.created_at),
        follow_up=item.follow_up_on.isoformat() if item.follow_up_on and is_open else "",
        follow_up_due=item.follow_up_on is not None and item.follow_up_on <= reader.now.astimezone(ZONE).date(),
    )


def customer_no_of(item: WorkItem) -> str | None:
    """The customer a work item is for."""
    if item.order is not None:
        return item.order.customer_no
    return item.ticket.customer_no if item.ticket is not None else None


def title_of(item: WorkItem, reader: Reader) -> str:
    """What is to be done; that it is an incident is said by a mark."""
    title = reader.said(item, "title")
    for prefix in ("异常：", "Incident: "):
        title = title.removeprefix(prefix)
    return title


def _note(item: WorkItem, reader: Reader) -> Tag | None:
    if item.returned_at is not None:
        return Tag(reader.t.about("note", "given back"), "undo", "bad")
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
