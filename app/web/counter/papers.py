"""Quotes and confirmations: made, listed, and shown as a paper to print."""

from __future__ import annotations

from typing import Final

from flask import request
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.persistence.counter.order_quotes import OrderQuote, get_quote
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.services.counter.confirmation import confirmation_of
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.customer_lists import quote_rows
from app.web.pages.counter.papers import confirmation_paper, quote_paper
from app.web.pages.names import Names
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request
from app.web.texts import Sentence
from app.web.views.papers import QuotesPage
from app.web.views.parts import Pages, Tab

PAGE_SIZE: Final = 50
SHOWN: Final = {"mine": Sentence("mine", "quotes"), "all": Sentence("all", "quotes")}


@bp.get("/quotes")
@requires("order.submit")
def quotes() -> Response:
    """The quotes that were made by me, or in my area, the latest first."""
    reader, offset = current_reader(), offset_of_request()
    show = request.args.get("show", "mine")
    show = show if show in SHOWN else "mine"
    with read(current_deps().read_sessions) as session:
        mine = [OrderQuote.login == reader.actor.login] if show == "mine" else []
        counted = scoped(select(func.count()).select_from(OrderQuote), OrderQuote, reader.actor)
        total = session.scalar(counted.where(*mine)) or 0
        query = select(OrderQuote, ProductOrder.number)
        joined = query.outerjoin(ProductOrder, ProductOrder.id == OrderQuote.order_id).where(*mine)
        joined = scoped(joined, OrderQuote, reader.actor)
        latest = joined.order_by(OrderQuote.made_at.desc(), OrderQuote.id).offset(offset).limit(PAGE_SIZE)
        listed = quote_rows(session.execute(latest).all(), reader, ADDRESSES, Names(session, reader))
    before, after = max(0, offset - PAGE_SIZE), offset + PAGE_SIZE
    page = QuotesPage(
        tabs=tuple(
            Tab(reader.t(text), f"{ADDRESSES.quotes()}?show={name}", name == show) for name, text in SHOWN.items()
        ),
        list=listed,
        pages=Pages(
            first=offset + 1 if listed.rows else 0,
            last=offset + len(listed.rows),
            total=total,
            before=f"{ADDRESSES.quotes()}?show={show}&offset={before}" if offset else "",
            after=f"{ADDRESSES.quotes()}?show={show}&offset={after}" if after < total else "",
        ),
    )
    return render("papers/quotes.html", page)


@bp.get("/quotes/<number>")
@requires("order.submit")
def quote(number: str) -> Response:
    """One quote as it was told, to print."""
    with read(current_deps().read_sessions) as session:
        row = get_quote(session, current_actor(), number)
        ordered = session.scalar(select(ProductOrder.number).where(ProductOrder.id == row.order_id))
        page = quote_paper(session, current_reader(), ADDRESSES, row, ordered)
    return render("papers/page.html", page)


@bp.get("/orders/<number>/confirmation")
@requires("order.view")
def confirmation(number: str) -> Response:
    """What the customer takes along when an order is accepted, to print and to sign."""
    found = confirmation_of(number, current_actor(), current_deps())
    return render("papers/page.html", confirmation_paper(current_reader(), ADDRESSES, found))
