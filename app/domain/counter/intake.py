"""The judgement before an order is accepted: everything our own data can answer, and nothing else.

What the neighbours know (credit, feasibility) is asked later, by the process: a neighbour that is down delays an
order and never refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.actors import Actor, contains
from app.domain.commands import PlaceOrder
from app.domain.counter.intake_facts import Facts, KnownCustomer, NormalItem
from app.domain.counter.intake_item import ItemReader
from app.domain.counter.intake_start import check_start
from app.domain.products.catalogue import Catalogue
from app.domain.products.characteristics import problem
from app.errors import FieldProblem

__all__ = ["MAX_ITEMS", "Judgement", "NormalItem", "judge"]

MAX_ITEMS: Final = 200


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What came of looking at an order. With problems or conflicts it must not be accepted."""

    items: tuple[NormalItem, ...]
    category: str
    area: str
    area_path: str
    account_no: str | None
    problems: tuple[FieldProblem, ...]
    #: Numbers of open orders that stand in the way, by product number.
    conflicts: Mapping[str, str]
    #: Numbers of open orders behind which this one waits, by product number.
    behind: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_bill_cny(self) -> Decimal:
        """One-off charges and the first month, for the credit check."""
        return sum((item.total_cny("one_off") + item.total_cny("recurring") for item in self.items), Decimal(0))


def judge(command: PlaceOrder, facts: Facts, catalogue: Catalogue, actor: Actor, *, today: date) -> Judgement:
    """Decide whether an order can be accepted, and put its items into our own terms.

    :param today: the day in China, for what is on sale.
    """
    problems = [*_check_head(command, facts, catalogue), *check_start(command, facts, today)]
    items: list[NormalItem] = []
    conflicts: dict[str, str] = {}
    behind: dict[str, str] = {}
    for position, given in enumerate(command.items[:MAX_ITEMS]):
        reader = ItemReader(command, given, position, facts, catalogue, today)
        item = reader.read()
        problems += reader.problems
        conflicts.update(reader.conflicts)
        behind.update(reader.behind)
        if item is not None:
            items.append(item)
    area, area_path = _order_area(facts, items)
    if area_path:
        problems += _check_areas(items, facts, actor, area_path)
    return Judgement(
        items=tuple(items),
        category=command.category or (items[0].order_type if items else "install"),
        area=area,
        area_path=area_path,
        account_no=_account(command, facts, items),
        problems=tuple(problems),
        conflicts=conflicts,
        behind=behind,
    )


def _check_head(command: PlaceOrder, facts: Facts, catalogue: Catalogue) -> list[FieldProblem]:
    found: list[FieldProblem] = []
    if command.channel not in catalogue.channels:
        found.append(
            problem(
                "channel", "unknown-channel", f"没有渠道 {command.channel}", f"there is no channel {command.channel}"
            )
        )
    if not command.items:
        found.append(problem("productOrderItem", "required", "订单至少要有一项", "an order has at least one item"))
    if len(command.items) > MAX_ITEMS:
        found.append(
            problem("productOrderItem", "too-many", f"最多 {MAX_ITEMS} 项", f"an order has at most {MAX_ITEMS} items")
        )
    numbers = [item.item_no for item in command.items]
    for item_no in sorted({number for number in numbers if numbers.count(number) > 1}):
        found.append(
            problem("productOrderItem", "duplicate-item", f"项号 {item_no} 重复", f"item id {item_no} is used twice")
        )
    products = [item.product_id for item in command.items if item.product_id is not None]
    for product_id in sorted({number for number in products if products.count(number) > 1}):
        found.append(
            problem(
                "productOrderItem",
                "same-product-twice",
                f"产品 {product_id} 出现在多项中",
                f"product {product_id} is in more than one item",
            )
        )
    return found + _check_customer(command, facts)


def _check_customer(command: PlaceOrder, facts: Facts) -> list[FieldProblem]:
    if command.customer_no is None:
        return [problem("relatedParty", "required", "缺少客户", "the customer is missing")]
    if facts.customer is None:
        return [
            problem(
                "relatedParty",
                "unknown-customer",
                f"没有找到客户 {command.customer_no}",
                f"there is no customer {command.customer_no}",
            )
        ]
    found = []
    if facts.customer.merged_into is not None:
        into = facts.customer.merged_into
        found.append(
            problem("relatedParty", "customer-merged", f"客户已并入 {into}", f"the customer was merged into {into}")
        )
    if facts.customer.blacklisted:
        found.append(problem("relatedParty", "blacklisted", "客户在黑名单中", "the customer is blacklisted"))
    if command.account_no is not None and command.account_no not in facts.customer.accounts:
        found.append(
            problem(
                "billingAccount",
                "unknown-account",
                f"账户 {command.account_no} 不属于该客户",
                f"account {command.account_no} is not of this customer",
            )
        )
    return found


def _account(command: PlaceOrder, facts: Facts, items: Sequence[NormalItem]) -> str | None:
    if command.account_no is not None:
        return command.account_no
    for item in items:
        if item.installed is not None and item.installed.account_no is not None:
            return item.installed.account_no
    if facts.customer is not None and facts.customer.accounts:
        return facts.customer.accounts[0]
    return None


def _order_area(facts: Facts, items: Sequence[NormalItem]) -> tuple[str, str]:
    """The area an order belongs to: where its first item is; a line between areas belongs to its first end."""
    for item in items:
        if item.places:
            known = facts.addresses.get(item.places[0].address_code)
            if known is not None and (facts.customer is None or not _served_everywhere(facts.customer)):
                return known.area, known.area_path
    if facts.customer is not None:
        return facts.customer.area, facts.customer.area_path
    return "", ""


def _served_everywhere(customer: KnownCustomer) -> bool:
    return customer.segment in ("large", "group")


def _check_areas(items: Sequence[NormalItem], facts: Facts, actor: Actor, order_area_path: str) -> list[FieldProblem]:
    """The order must lie in the actor's area. Large accounts are served by their own area wherever their sites are;
    of a line with two ends the first must lie in the actor's area."""
    outside = "area-outside"
    if not contains(actor.area_path, order_area_path):
        return [
            problem(
                "productOrderItem.0.product.place",
                outside,
                f"{order_area_path} 不在您的区域 {actor.area} 内",
                f"{order_area_path} is not in your area {actor.area}",
            )
        ]
    if facts.customer is not None and _served_everywhere(facts.customer):
        return []
    found = []
    for item in items:
        for place in item.places[:1]:
            known = facts.addresses[place.address_code]
            if not contains(actor.area_path, known.area_path):
                found.append(
                    problem(
                        f"productOrderItem.{item.position}.product.place",
                        outside,
                        f"地址 {place.address_code} 不在您的区域内",
                        f"address {place.address_code} is not in your area",
                    )
                )
    return found
