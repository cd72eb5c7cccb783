"""Quotes are kept as they were told; an order by a quote keeps what was told with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.commands import PlaceOrder
from app.domain.counter.quotes import VALID_FOR, Answer, ItemQuote, Quote, digest_of, named_quotes, wrong_quote
from app.domain.promises.sla import Promise
from app.persistence.counter.order_quotes import OrderQuote, held_quotes
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder
from app.services.counter.order_judging import Judged
from app.unit_of_work import retried, transaction


@retried
def keep(made: Quote, command: PlaceOrder, actor: Actor, deps: Deps) -> OrderQuote:
    """Write down what is told, under a number by which it can be ordered."""
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        row = OrderQuote(
            number=next_number(tx.session, "Q", now),
            area=made.area,
            login=actor.login,
            channel=command.channel,
            customer_no=command.customer_no,
            made_at=now,
            valid_until=now + VALID_FOR,
            digest=digest_of(command.customer_no, [one.item for one in made.items]),
            told=_told(made),
            order_id=None,
        )
        tx.session.add(row)
    return row


class Quoted:
    """The quotes that some orders refer to, held until the transaction ends."""

    def __init__(self, session: Session, judged: Sequence[Judged], actor: Actor, now: datetime) -> None:
        numbers = {number for one in judged for _, number in named_quotes(one.command)}
        self._rows = held_quotes(session, actor, numbers)
        self._now = now

    def checked(self, one: Judged) -> Judged:
        """The order with what is wrong about its quotes."""
        found = [self._wrong(one, place, number) for place, number in named_quotes(one.command)]
        return replace(one, problems=[*one.problems, *(problem for problem in found if problem is not None)])

    def _wrong(self, one: Judged, place: int, number: str) -> Any:
        row = self._rows.get(number)
        known = row and {
            "valid_until": row.valid_until,
            "digest": row.digest,
            "first_bill_cny": row.told["first_bill_cny"],
            "order": row.order_id,
        }
        return wrong_quote(
            place,
            number,
            known or None,
            digest=digest_of(one.command.customer_no, one.judgement.items),
            first_bill_cny=f"{one.judgement.first_bill_cny:.2f}",
            now=self._now,
        )

    def note(self, order: ProductOrder, one: Judged) -> None:
        """Keep what was told with the order that has come of it."""
        for _, number in named_quotes(one.command):
            row = self._rows[number]
            row.order_id = order.id
            told = {"number": number, "made_at": row.made_at.isoformat(), "made_by": row.login, **row.told}
            order.checks = {**order.checks, "quote": told}


def _told(made: Quote) -> dict[str, Any]:
    return {
        "state": made.state,
        "first_bill_cny": f"{made.first_bill_cny:.2f}",
        "promised_at": made.promised_at.isoformat() if made.promised_at is not None else None,
        "credit": _answer(made.credit),
        "items": [_item(one) for one in made.items],
    }


def _item(one: ItemQuote) -> dict[str, Any]:
    return {
        "id": one.item.item_no,
        "product": one.item.product,
        "order_type": one.item.order_type,
        "offering": one.item.offering,
        "product_id": one.item.product_id,
        "prices": [price.as_data() for price in one.item.prices],
        "one_off_cny": f"{one.one_off_cny:.2f}",
        "monthly_cny": f"{one.monthly_cny:.2f}",
        "penalty_cny": f"{one.penalty_cny:.2f}",
        "promise": _promise(one.promise),
        "feasibility": _answer(one.feasibility),
    }


def _promise(promise: Promise | None) -> dict[str, Any] | None:
    if promise is None:
        return None
    reasons = [{"zh": words.zh, "en": words.en} for words in promise.reasons]
    return {"due_at": promise.due_at.isoformat(), "policy": promise.policy, "reasons": reasons}


def _answer(answer: Answer | None) -> dict[str, Any] | None:
    return None if answer is None else {"answered": answer.is_answered, "verdict": answer.verdict}
