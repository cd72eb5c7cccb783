"""Judging orders with everything that has to be read for it: of one, or of many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.commands import PlaceOrder
from app.domain.counter.intake import Judgement, judge
from app.domain.counter.intake_facts import Facts
from app.domain.counter.line_limits import Lines, check_limits, gained
from app.domain.products.catalogue import Catalogue
from app.domain.promises.calendar import ZONE
from app.domain.promises.sla_book import NoPolicy
from app.errors import AppError, FieldProblem, InvalidInput, OpenOrderConflict
from app.persistence.counter.facts import load_many_facts
from app.persistence.counter.line_counts import load_lines
from app.persistence.products.catalogue_reader import load_catalogue
from app.services.ordering.plans import has_plan

#: Product and order type.
Kind = tuple[str, str]


@dataclass(frozen=True)
class Judged:
    """An order, what is known of it, what came of looking at it, and everything that is wrong with its fields."""

    command: PlaceOrder
    facts: Facts
    judgement: Judgement
    problems: Sequence[FieldProblem]

    def conflicts(self) -> list[FieldProblem]:
        """Which open orders stand in the way."""
        return [conflict(product_id, number) for product_id, number in self.judgement.conflicts.items()]

    def refusal(self) -> AppError | None:
        """Why it cannot be taken, if it cannot."""
        if self.problems:
            return InvalidInput(
                "the order cannot be taken: " + "; ".join(problem.en for problem in self.problems[:3]),
                "不能受理：" + "；".join(problem.zh for problem in self.problems[:3]),
                details=list(self.problems),
            )
        conflicts = self.conflicts()
        return OpenOrderConflict(details=conflicts) if conflicts else None


def judge_all(
    session: Session,
    commands: Sequence[PlaceOrder],
    actor: Actor,
    deps: Deps,
    now: datetime,
    *,
    catalogue: Catalogue | None = None,
    hold: bool = False,
) -> list[Judged]:
    """Judge orders one after the other; everything they name is read with a handful of statements before.

    Of the earlier ones a later one knows what counts towards limits, and nothing else.

    :param catalogue: what is on sale, for a caller who has read it already.
    :param hold: they will be written: nobody else counts towards the same limits until the transaction ends.
    """
    known = catalogue or load_catalogue(session)
    today = now.astimezone(ZONE).date()
    found = [
        (command, facts, judge(command, facts, known, actor, today=today))
        for command, facts in zip(commands, load_many_facts(session, commands, actor), strict=True)
    ]
    asked = {(item.product, item.order_type) for *_, judgement in found for item in judgement.items}
    planned = {kind for kind in asked if has_plan(session, deps.engine, *kind, ordered_at=now)}
    lines = _lines(session, [(command, judgement) for command, _, judgement in found], known, hold=hold)
    judged = []
    for command, facts, judgement in found:
        limits = check_limits(command.customer_no, judgement.items, known, lines)
        one = Judged(command, facts, judgement, [*judgement.problems, *_unplanned(judgement, planned), *limits])
        if one.refusal() is None:
            lines.add(gained(command.customer_no, judgement.items, known))
        judged.append(one)
    return judged


def _lines(
    session: Session, orders: Sequence[tuple[PlaceOrder, Judgement]], catalogue: Catalogue, *, hold: bool
) -> Lines:
    """The lines that stand under the documents of whoever gets one by these orders; nothing is read for the others."""
    gains = [one for command, judged in orders for one in gained(command.customer_no, judged.items, catalogue)]
    if not gains:
        return Lines()
    return load_lines(session, {customer for customer, _ in gains}, {product for _, product in gains}, hold=hold)


def accepted(session: Session, command: PlaceOrder, actor: Actor, deps: Deps, now: datetime) -> tuple[Facts, Judgement]:
    """What is known about an order that may be taken, and the judgement of it.

    :raises InvalidInput: fields are wrong. :raises OpenOrderConflict: a product is being worked on.
    """
    judged = judge_all(session, [command], actor, deps, now)[0]
    refusal = judged.refusal()
    if refusal is not None:
        raise refusal
    return judged.facts, judged.judgement


def _unplanned(judgement: Judgement, planned: Collection[Kind]) -> list[FieldProblem]:
    """What nobody has drawn a plan for yet is not promised to anybody."""
    return [
        FieldProblem(
            path=f"productOrderItem.{item.position}.action",
            code="no-plan",
            zh=f"{item.product} 暂不能办理 {item.order_type}：尚无施工计划",
            en=f"{item.order_type} of {item.product} cannot be carried out yet: there is no plan for it",
        )
        for item in judgement.items
        if (item.product, item.order_type) not in planned
    ]


def unpromised(missing: NoPolicy) -> InvalidInput:
    """What nobody has said a time for is not sold: the refusal of that item."""
    zh, en = "该业务没有时限规定，不能受理", f"there is no promise for it: {missing}"
    problem = FieldProblem(path=f"productOrderItem.{missing.position or 0}", code="no-promise", zh=zh, en=en)
    return InvalidInput(f"the order cannot be taken: {en}", f"不能受理：{zh}", details=[problem])


def conflict(product_id: str, number: str) -> FieldProblem:
    """Which open order stands in the way of which product."""
    return FieldProblem(
        path="productOrderItem",
        code="open-order",
        zh=f"产品 {product_id} 有在途订单 {number}",
        en=f"order {number} works on product {product_id}",
    )
