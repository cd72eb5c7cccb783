"""Links by which customers follow one order without a login: made and taken back by people, used by whoever has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import SYSTEM, Actor, may
from app.domain.counter.link_tokens import is_ours, link_of, signed
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound, TooMany
from app.persistence.areas import area_path
from app.persistence.counter.order_links import OrderLink, OrderSurvey
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.services.amending.order_change import locked_order
from app.services.teamwork.appointments import CUSTOMER, move_visit
from app.unit_of_work import retried, transaction

SHARE: Final = "order.share"
MOST_LIVE: Final = 10
#: So often a link is opened within a window; more is no customer.
WINDOW: Final = timedelta(minutes=10)
MOST_SEEN: Final = 120
#: So often something is changed with one link.
MOST_CHANGES: Final = 10
MOST_LETTERS: Final = 500
BY_LINK: Final = Words("客户通过查询链接改约", "the customer moved it with the link")
RATED: Final = frozenset({OrderState.COMPLETED, OrderState.PARTIAL})


@dataclass(frozen=True)
class Opened:
    """What a link leads to; nothing else may be shown with it."""

    link_id: str
    order_id: str


def token_of(link: OrderLink, deps: Deps) -> str:
    """The text of a link, made anew; it is kept nowhere."""
    return signed(link.id, link.expires_at, deps.settings.secret_key)


def links_of(session: Session, order_id: str) -> Sequence[OrderLink]:
    """The links of an order, the newest first."""
    return session.scalars(select(OrderLink).where(OrderLink.order_id == order_id).order_by(OrderLink.id.desc())).all()


def survey_of(session: Session, order_id: str) -> OrderSurvey | None:
    """What the customer said afterwards."""
    return session.scalars(select(OrderSurvey).where(OrderSurvey.order_id == order_id)).one_or_none()


@retried
def make_link(order_id: str, actor: Actor, deps: Deps) -> OrderLink:
    """Make a link for the customer of an order.

    :raises NotFound: no such order in the caller's area.
    :raises Conflict: there are enough that work.
    """
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_id, actor, SHARE)
        now = deps.clock(tx.session)
        mine = OrderLink.order_id == order.id, OrderLink.revoked_at.is_(None), OrderLink.expires_at > now
        if (tx.session.scalar(select(func.count()).select_from(OrderLink).where(*mine)) or 0) >= MOST_LIVE:
            raise Conflict("there are enough links to this order; take one back first", "有效链接已够多，请先作废一个")
        link = OrderLink(
            order_id=order.id,
            made_by=actor.login,
            made_at=now,
            expires_at=(now + timedelta(days=deps.settings.order_link_days)).replace(microsecond=0),
            area=order.area,
        )
        tx.session.add(link)
        order.record("link", Words("生成客户查询链接", "a link for the customer was made"), actor.login, now)
    return link


@retried
def revoke_link(order_id: str, link_id: str, actor: Actor, deps: Deps) -> None:
    """From the next request on the link leads nowhere; again changes nothing. :raises NotFound: no such link."""
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_id, actor, SHARE)
        link = tx.session.get(OrderLink, link_id)
        if link is None or link.order_id != order.id:
            raise NotFound()
        if link.revoked_at is None:
            link.revoked_at, link.revoked_by = deps.clock(tx.session), actor.login
            why = Words("作废客户查询链接", "a link for the customer was taken back")
            order.record("link", why, actor.login, link.revoked_at)


# -- what a customer does


@retried
def opened(token: str, deps: Deps) -> Opened:
    """Somebody looks at the page of a link.

    :raises NotFound: the link is none of ours, has run out or was taken back; which of these is not told.
    :raises TooMany: it is opened too often.
    """
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        link = _valid(tx.session, token, deps, now)
        if link.window_at is None or now - link.window_at >= WINDOW:
            link.window_at, link.window_seen = now, 0
        if link.window_seen >= MOST_SEEN:
            raise TooMany(retry_after_s=int(WINDOW.total_seconds()))
        link.window_seen += 1
        link.seen += 1
        link.last_seen_at = now
        return Opened(link.id, link.order_id)


@retried
def move_by_customer(token: str, item_no: str, slot: str, deps: Deps) -> None:
    """The customer moves the visit. :raises NotFound, InvalidInput, Conflict: the link, the time or the visit."""
    with transaction(deps.sessions) as tx:
        link, order = _for_change(tx.session, token, deps)
        move_visit(tx.session, order, item_no, slot, CUSTOMER, BY_LINK.zh, CUSTOMER, deps, role=None)
        link.changes += 1
        tx.after_commit.append(deps.wake)


@retried
def rate(token: str, score: int, comment: str, deps: Deps) -> OrderSurvey:
    """The customer says how content he is; what was said first stays.

    :raises NotFound, Conflict: the link; or the order has not been completed.
    :raises InvalidInput: a score that does not exist.
    """
    if score not in range(1, 6):
        zh, en = "请选择 1 到 5 分", "choose 1 to 5"
        raise InvalidInput(en, zh, details=[FieldProblem(path="score", code="out-of-range", zh=zh, en=en)])
    with transaction(deps.sessions) as tx:
        link, order = _for_change(tx.session, token, deps)
        if OrderState(order.state) not in RATED:
            raise Conflict("the order has not been completed", "订单还没有完成")
        known = survey_of(tx.session, order.id)
        if known is not None:
            return known
        now = deps.clock(tx.session)
        row = OrderSurvey(
            order_id=order.id,
            link_id=link.id,
            score=score,
            comment=comment.strip()[:MOST_LETTERS],
            at=now,
            area=order.area,
        )
        tx.session.add(row)
        link.changes += 1
        order.record("survey", Words(f"客户评价 {score} 分", f"the customer gave {score} of 5"), CUSTOMER, now)
    return row


def _for_change(session: Session, token: str, deps: Deps) -> tuple[OrderLink, ProductOrder]:
    """The link and its order, locked."""
    now = deps.clock(session)
    order_id = session.scalar(select(OrderLink.order_id).where(OrderLink.id == link_of(token)))
    if order_id is None:
        raise NotFound("this link leads nowhere", "链接无效")
    order = locked_order(session, order_id, SYSTEM, "order.view")  # before the link: everybody locks in this order
    link = _valid(session, token, deps, now)
    if link.changes >= MOST_CHANGES:
        raise Conflict("too many changes with this link; please call us", "用此链接修改次数过多，请联系营业厅")
    return link, order


def _valid(session: Session, token: str, deps: Deps, now: datetime) -> OrderLink:
    """The link, locked, so that nothing it counts is lost."""
    link_id = link_of(token)
    mine = select(OrderLink).where(OrderLink.id == link_id).with_for_update()
    link = session.scalars(mine.execution_options(populate_existing=True)).one_or_none() if link_id else None
    if link is None or not is_ours(token, link.id, link.expires_at, deps.settings.secret_key):
        raise NotFound("this link leads nowhere", "链接无效")
    if link.revoked_at is not None or link.expires_at <= now:
        raise NotFound("this link leads nowhere", "链接无效")
    return link


def order_of(session: Session, found: Opened) -> ProductOrder:
    """The order of a link, for its page."""
    return get_order(session, SYSTEM, found.order_id)


def may_share(session: Session, order: ProductOrder, actor: Actor) -> None:
    """:raises Forbidden: the actor may not give out links to this order."""
    may(actor, SHARE, area_path=area_path(session, order.area))
