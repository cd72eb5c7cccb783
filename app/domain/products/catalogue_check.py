"""Does a catalogue fit together? Every reference leads somewhere, every value is one the product allows.

The shape of each entry has been checked before; this looks at the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.domain.ordering.revenue_shares import is_whole
from app.domain.products.catalogue import Characteristic
from app.domain.products.catalogue_entries import SECTION_OF, Body, Entries
from app.errors import FieldProblem

Problems = Iterator[FieldProblem]
#: What people call the kinds that others refer to.
NOUNS: Final = {
    "segment": ("客户群", "segment"),
    "order_type": ("业务类型", "order type"),
    "product_spec": ("产品", "product"),
    "offering": ("销售品", "offering"),
    "resource_spec": ("资源类型", "kind of resource"),
    "skill": ("技能", "skill"),
    "team_role": ("班组类型", "kind of team"),
}


def catalogue_problems(entries: Entries) -> list[FieldProblem]:
    """Everything that does not fit, each with section, code and field."""
    return [
        problem for kind, check in CHECKS.items() for body in entries[kind].values() for problem in check(body, entries)
    ]


def said(kind: str, body: Body, field: str, code: str, zh: str, en: str) -> FieldProblem:
    """A problem of one field of one entry."""
    return FieldProblem(path=f"{SECTION_OF[kind]}.{body['code']}.{field}", code=code, zh=zh, en=en)


def unknown(kind: str, body: Body, field: str, named: Any, wanted: str, entries: Entries) -> Problems:
    """A problem for each name behind which there is no entry of the wanted kind."""
    zh, en = NOUNS[wanted]
    for name in named if isinstance(named, list | tuple) else [named]:
        if name not in entries[wanted]:
            yield said(kind, body, field, "unknown-reference", f"没有{zh} {name}", f"there is no {en} {name}")


def check_order_type(body: Body, entries: Entries) -> Problems:
    """Products named by its own characteristics are there; values fit their types."""
    for part in body.get("characteristics", ()):
        where = f"characteristics.{part['code']}"
        products = part.get("products", [])
        yield from unknown("order_type", body, f"{where}.products", products, "product_spec", entries)
        yield from check_characteristic("order_type", body, part, where)


def check_product(body: Body, entries: Entries) -> Problems:
    """Segments, order types and components are there; each characteristic fits itself and is there once."""
    yield from unknown("product_spec", body, "segments", body["segments"], "segment", entries)
    yield from unknown("product_spec", body, "order_types", body["order_types"], "order_type", entries)
    for part in body.get("components", ()):
        yield from unknown("product_spec", body, "components", part["product"], "product_spec", entries)
        if part["min"] > part["max"]:
            zh, en = "最少数大于最多数", "the least is more than the most"
            yield said("product_spec", body, f"components.{part['product']}.min", "not-a-range", zh, en)
    yield from check_shares(body)
    seen: set[str] = set()
    for part in body["characteristics"]:
        where = f"characteristics.{part['code']}"
        if part["code"] in seen:
            yield said(
                "product_spec", body, where, "twice", f"特性 {part['code']} 出现两次", f"{part['code']} is there twice"
            )
        seen.add(part["code"])
        yield from check_characteristic("product_spec", body, part, where)


def check_shares(body: Body) -> Problems:
    """Revenue is shared out whole, and each party is named once."""
    shares = body.get("shares", ())
    if not is_whole(shares):
        zh, en = "分摊比例之和须为 100", "the shares have to add up to 100"
        yield said("product_spec", body, "shares", "shares-do-not-sum", zh, en)
    parties = [share["party"] for share in shares]
    for party in sorted({party for party in parties if parties.count(party) > 1}):
        zh, en = f"分摊方 {party} 出现两次", f"the party {party} is there twice"
        yield said("product_spec", body, "shares", "twice", zh, en)


def check_characteristic(kind: str, body: Body, part: Body, where: str) -> Problems:
    """Least and most are a range, and values and default are such as an order may say."""
    least, most = part.get("min"), part.get("max")
    if least is not None and most is not None and least > most:
        yield said(kind, body, f"{where}.min", "not-a-range", "最小值大于最大值", "the least is more than the most")
        return
    rule = Characteristic.from_data({**part, "values": ()})
    for value in part.get("values", ()):
        yield from unfit(kind, body, f"{where}.values", rule, value)
    if part.get("default") is not None:
        yield from unfit(kind, body, f"{where}.default", Characteristic.from_data(part), part["default"])


def unfit(kind: str, body: Body, field: str, rule: Characteristic, value: Any) -> Problems:
    """What is wrong with a value of a characteristic."""
    wrong = rule.complaint(value)
    if wrong is not None:
        code, words = wrong
        yield said(
            kind, body, field, code, f"{rule.name.zh} {value}：{words.zh}", f"{rule.name.en} {value}: {words.en}"
        )


def check_offering(body: Body, entries: Entries) -> Problems:
    """Its product and segments are there, what it fixes is allowed, and it is sold from before it is sold until."""
    yield from unknown("offering", body, "product", body["product"], "product_spec", entries)
    yield from unknown("offering", body, "segments", body["segments"], "segment", entries)
    until = body.get("sold_until")
    if until is not None and date.fromisoformat(until) < date.fromisoformat(body["sold_from"]):
        zh, en = "停售日早于开售日", "it is sold until before it is sold from"
        yield said("offering", body, "sold_until", "not-a-range", zh, en)
    spec = entries["product_spec"].get(body["product"])
    rules = {part["code"]: part for part in spec["characteristics"]} if spec is not None else {}
    for name, value in body.get("fixed_characteristics", {}).items() if spec is not None else ():
        where = f"fixed_characteristics.{name}"
        if name not in rules:
            zh, en = f"产品没有特性 {name}", f"the product has no {name}"
            yield said("offering", body, where, "unknown-characteristic", zh, en)
        else:
            yield from unfit("offering", body, where, Characteristic.from_data(rules[name]), value)


def check_price(body: Body, entries: Entries) -> Problems:
    """Of an offering that is there; nobody is paid for buying."""
    yield from unknown("price", body, "offering", body["offering"], "offering", entries)
    yield from negative("price", body)


def check_fee(body: Body, entries: Entries) -> Problems:
    """Order types and products are there, and so is the characteristic it depends on."""
    yield from unknown("fee", body, "order_types", body.get("order_types", []), "order_type", entries)
    yield from unknown("fee", body, "products", body.get("products", []), "product_spec", entries)
    yield from negative("fee", body)
    if body.get("when"):
        of_orders = [entries["order_type"].get(name, {}) for name in body.get("order_types", [])]
        of_products = [entries["product_spec"].get(name, {}) for name in body.get("products", [])]
        known = {part["code"] for one in (*of_orders, *of_products) for part in one.get("characteristics", ())}
        if body["when"] not in known:
            zh, en = f"没有特性 {body['when']}", f"there is no characteristic {body['when']}"
            yield said("fee", body, "when", "unknown-reference", zh, en)


def negative(kind: str, body: Body) -> Problems:
    """A price below zero."""
    if Decimal(body["amount_cny"]) < 0:
        zh, en = f"价格不能为负：{body['amount_cny']}", f"the price is negative: {body['amount_cny']}"
        yield said(kind, body, "amount_cny", "negative-price", zh, en)


def check_service(body: Body, entries: Entries) -> Problems:
    """The resources of a resource-facing service are there."""
    yield from unknown("rfs_spec", body, "resources", body.get("resources", []), "resource_spec", entries)


def check_team(body: Body, entries: Entries) -> Problems:
    """Its kind and skills are there."""
    yield from unknown("team", body, "role", body["role"], "team_role", entries)
    yield from unknown("team", body, "skills", body.get("skills", []), "skill", entries)


CHECKS: Final[Mapping[str, Callable[[Body, Entries], Problems]]] = {
    "order_type": check_order_type,
    "product_spec": check_product,
    "offering": check_offering,
    "price": check_price,
    "fee": check_fee,
    "rfs_spec": check_service,
    "team": check_team,
}
