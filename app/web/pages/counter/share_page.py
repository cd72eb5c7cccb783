"""The links by which a customer follows an order: made, copied, scanned, taken back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.deps import Deps
from app.persistence.counter.order_links import OrderLink, OrderSurvey
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.services.counter.order_links import links_of, survey_of, token_of
from app.web.addresses import Addresses
from app.web.charts.qr import qr_path
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import order_head
from app.web.reader import Reader
from app.web.views.order_acts import LinkRow, SharePage
from app.web.views.parts import Tag


def share_page(session: Session, reader: Reader, number: str, addresses: Addresses, deps: Deps) -> SharePage:
    """The page. :raises NotFound: there is no such order in the reader's area."""
    order = get_order(session, reader.actor, number)
    names = Names(session, reader)
    may = reader.may("order.share")
    links = links_of(session, order.id)
    names.know_people(link.made_by for link in links)
    survey = survey_of(session, order.id)
    return SharePage(
        head=order_head(order, names, reader, addresses),
        make_href=addresses.act("orders", order.number, "share") if may else "",
        why_not="" if may else reader.t("Your role may not give out links."),
        links=tuple(_row(link, order, names, reader, addresses, deps, may=may) for link in links),
        survey=survey_text(survey, reader) if survey else "",
    )


def survey_text(survey: OrderSurvey, reader: Reader) -> str:
    """What the customer said, in one line."""
    said = reader.t("{n} of 5, {time}", n=survey.score, time=reader.f.moment(survey.at))
    glue = ": " if reader.language == "en" else "："
    return f"{said}{glue}{survey.comment}" if survey.comment else said


def _row(
    link: OrderLink,
    order: ProductOrder,
    names: Names,
    reader: Reader,
    addresses: Addresses,
    deps: Deps,
    *,
    may: bool,
) -> LinkRow:
    t = reader.t
    works = link.revoked_at is None and link.expires_at > reader.now
    address = f"{deps.settings.base_url}/my/{token_of(link, deps)}" if works and may else ""
    size, path = qr_path(address) if address else (0, "")
    seen = t("{n} times, last {time}", n=link.seen, time=reader.time(link.last_seen_at)) if link.seen else t("never")
    if link.revoked_at is not None:
        state = Tag(t("taken back"), "slash")
    elif not works:
        state = Tag(t("run out"), "clock")
    else:
        state = Tag(t("leads to the order"), "done", "ok")
    return LinkRow(
        made=reader.f.moment(link.made_at),
        who=names.person(link.made_by),
        until=reader.f.moment(link.expires_at),
        seen=seen,
        state=state,
        address=address,
        revoke_href=f"{addresses.order(order.number)}/share/{link.id}/revoke" if works and may else "",
        qr_size=size,
        qr_path=path,
        message=t("Follow your order {number} here, no login needed: {address}", number=order.number, address=address)
        if address
        else "",
    )
