"""What our own data can say about an order before it is accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.actors import Actor
from app.domain.commands import Place, PlaceOrder, PlaceOrderItem, Relationship
from app.domain.counter.intake import Judgement, judge
from app.domain.counter.intake_facts import Facts, KnownAddress, KnownCustomer, KnownProduct
from tests.domain.sample_catalogue import catalogue

FRONT = Actor(login="front", role="front_desk", area="SH-SH", area_path="CN/SH/SH-SH")
TODAY = date(2026, 11, 23)
CUSTOMER = KnownCustomer(
    customer_no="C1",
    segment="public",
    tier="standard",
    area="SH-SH",
    area_path="CN/SH/SH-SH",
    accounts=("AC1",),
)
ADDRESSES = {
    "A1": KnownAddress(code="A1", area="SH-SH", area_path="CN/SH/SH-SH", area_class="rural"),
    "A2": KnownAddress(code="A2", area="SH-SH", area_path="CN/SH/SH-SH", area_class="urban"),
    "A9": KnownAddress(code="A9", area="SC-CD", area_path="CN/SC/SC-CD", area_class="urban"),
}
FIBRE = KnownProduct(
    product_id="P1",
    product="ftth_broadband",
    offering="fb-300",
    status="active",
    customer_no="C1",
    account_no="AC1",
    area="SH-SH",
    area_path="CN/SH/SH-SH",
    address_code="A1",
    places=({"role": "installation", "address_code": "A1"},),
    characteristics={"downstream_mbps": 300, "upstream_mbps": 30, "ip_mode": "dynamic", "ont_model": "ont_ge"},
)
FACTS = Facts(customer=CUSTOMER, products={"P1": FIBRE}, addresses=ADDRESSES)


def install(**more: Any) -> PlaceOrderItem:
    given = {"item_no": "1", "action": "add", "offering": "fb-300", "places": at("A1")}
    return PlaceOrderItem(**{**given, **more})


def at(*codes: str) -> tuple[Place, ...]:
    roles = ("installation",) if len(codes) == 1 else ("a_end", "z_end", "site")
    return tuple(Place(role=role, address_code=code) for role, code in zip(roles, codes, strict=False))


def judged(*items: PlaceOrderItem, facts: Facts = FACTS, actor: Actor = FRONT, **more: Any) -> Judgement:
    given = {"external_id": "X", "channel": "counter", "customer_no": "C1", "account_no": None}
    command = PlaceOrder(items=items, **{**given, **more})
    return judge(command, facts, catalogue(), actor, today=TODAY)


def codes(judgement: Judgement) -> list[str]:
    return [found.code for found in judgement.problems]


def test_an_install_becomes_a_normal_item() -> None:
    judgement = judged(install(characteristics={"ont_model": "ont_ge"}))
    assert codes(judgement) == []
    (item,) = judgement.items
    assert (item.order_type, item.product, item.address_code) == ("install", "ftth_broadband", "A1")
    assert (item.area, item.area_class) == ("SH-SH", "rural")
    assert item.characteristics["downstream_mbps"] == 300
    assert item.places[0].as_data() == {"role": "installation", "address_code": "A1", "area": "SH-SH"}
    assert (judgement.category, judgement.area, judgement.account_no) == ("install", "SH-SH", "AC1")
    assert judgement.first_bill_cny == Decimal("199.00")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"offering": "fb-9"}, "productOffering.id", "unknown-offering"),
        ({"offering": None}, "productOffering.id", "required"),
        ({"offering": None, "product": "ftth_broadband"}, "productOffering.id", "required"),
        ({"offering": "fb-50-old"}, "productOffering.id", "not-on-sale"),
        ({"offering": "fb-biz-500"}, "productOffering.id", "segment-not-allowed"),
        ({"product": "iptv"}, "productOffering.id", "product-mismatch"),
        ({"product": "teleport"}, "product.productSpecification.id", "unknown-product"),
        ({"product": "leased_line_segment", "offering": None}, "product.productSpecification.id", "unknown-product"),
        ({"action": "replace"}, "action", "unknown-action"),
        ({"action": "noChange"}, "action", "no-work"),
        ({"action": "modify", "order_type": "install"}, "action", "action-mismatch"),
        ({"order_type": "teleport"}, "action", "unknown-action"),
        ({"quantity": 2}, "quantity", "one-per-item"),
        ({"places": ()}, "product.place", "wrong-number-of-places"),
        ({"places": at("A1", "A2")}, "product.place", "wrong-number-of-places"),
        ({"places": at("A404")}, "product.place", "unknown-address"),
        ({"places": at("A9")}, "product.place", "area-outside"),
        ({"product_id": "P1"}, "product.id", "not-yet"),
        ({"characteristics": {"speed": 3}}, "product.productCharacteristic.speed", "unknown-characteristic"),
        (
            {"relationships": (Relationship(type="reliesOn", item_no="7"),)},
            "productOrderItemRelationship",
            "unknown-item",
        ),
        (
            {"relationships": (Relationship(type="reliesOn", item_no="1"),)},
            "productOrderItemRelationship",
            "unknown-item",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_field(change: dict[str, Any], field: str, code: str) -> None:
    judgement = judged(install(**change))
    assert codes(judgement) == [code]
    assert judgement.problems[0].path == f"productOrderItem.0.{field}"
    assert judgement.problems[0].zh != judgement.problems[0].en


def test_everything_wrong_is_said_at_once() -> None:
    judgement = judged(install(offering="fb-9"), install(item_no="2", places=at("A404")), channel="pigeon")
    assert sorted(codes(judgement)) == ["unknown-address", "unknown-channel", "unknown-offering"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"customer_no": None}, "required"),
        ({"customer_no": "C404", "facts": replace(FACTS, customer=None)}, "unknown-customer"),
        ({"account_no": "AC404"}, "unknown-account"),
        ({"facts": replace(FACTS, customer=replace(CUSTOMER, blacklisted=True))}, "blacklisted"),
    ],
)
def test_the_customer_must_be_fine(more: dict[str, Any], code: str) -> None:
    assert code in codes(judged(install(), **more))


def test_one_order_does_one_thing_to_a_product() -> None:
    twice = [PlaceOrderItem(item_no=number, action="delete", product_id="P1") for number in ("1", "2")]
    assert codes(judged(*twice)) == ["same-product-twice"]


def test_an_order_needs_items_and_their_numbers_differ() -> None:
    assert codes(judged()) == ["required"]
    assert codes(judged(install(), install())) == ["duplicate-item"]
    many = [install(item_no=str(number)) for number in range(201)]
    assert codes(judged(*many)) == ["too-many"]


@pytest.mark.parametrize(
    ("change", "category", "order_type"),
    [
        ({"action": "delete"}, None, "disconnect"),
        ({"action": "modify", "places": at("A2")}, None, "move"),
        ({"action": "modify", "offering": "fb-1000"}, None, "change"),
        ({"action": "modify"}, "suspend", "suspend"),
        ({"action": "modify", "order_type": "suspend"}, "change", "suspend"),
    ],
)
def test_the_order_type_is_found_out(change: dict[str, Any], category: str | None, order_type: str) -> None:
    judgement = judged(PlaceOrderItem(item_no="1", product_id="P1", **change), category=category)
    assert codes(judgement) == []
    (item,) = judgement.items
    assert item.order_type == order_type
    assert item.installed is FIBRE
    assert item.address_code == ("A2" if order_type == "move" else "A1")


@pytest.mark.parametrize(
    ("status", "order_type", "action", "fine"),
    [
        ("active", "suspend", "modify", True),
        ("suspended", "suspend", "modify", False),
        ("suspended", "resume", "modify", True),
        ("active", "resume", "modify", False),
        ("suspended", "disconnect", "delete", True),
        ("terminated", "disconnect", "delete", False),
    ],
)
def test_the_product_must_be_in_the_right_state(status: str, order_type: str, action: str, fine: bool) -> None:
    facts = replace(FACTS, products={"P1": replace(FIBRE, status=status)})
    item = PlaceOrderItem(item_no="1", action=action, order_type=order_type, product_id="P1")
    assert codes(judged(item, facts=facts)) == ([] if fine else ["wrong-product-status"])


def test_a_product_of_somebody_else_is_refused() -> None:
    facts = replace(FACTS, products={"P1": replace(FIBRE, customer_no="C2")})
    assert codes(judged(PlaceOrderItem(item_no="1", action="delete", product_id="P1"), facts=facts)) == [
        "other-customer"
    ]
    assert codes(judged(PlaceOrderItem(item_no="1", action="delete", product_id="P404"))) == ["unknown-product"]
    assert "required" in codes(judged(PlaceOrderItem(item_no="1", action="delete")))


@pytest.mark.parametrize(
    ("channel", "order_type", "action", "waits"),
    [
        ("counter", "change", "modify", False),
        ("counter", "suspend", "modify", False),
        ("billing", "suspend", "modify", True),
        ("billing", "disconnect", "delete", True),
        ("billing", "change", "modify", False),
    ],
)
def test_one_open_order_per_product_unless_billing_asks(
    channel: str, order_type: str, action: str, waits: bool
) -> None:
    facts = replace(FACTS, products={"P1": replace(FIBRE, open_order="O-2611-000007")})
    item = PlaceOrderItem(item_no="1", action=action, order_type=order_type, product_id="P1")
    judgement = judged(item, facts=facts, channel=channel)
    assert judgement.conflicts == ({} if waits else {"P1": "O-2611-000007"})


def test_a_new_owner_must_be_known() -> None:
    item = PlaceOrderItem(
        item_no="1", action="modify", order_type="owner_change", product_id="P1", characteristics={"to_customer": "C2"}
    )
    assert codes(judged(item)) == ["unknown-customer"]
    assert codes(judged(item, facts=replace(FACTS, new_owners={"C2": replace(CUSTOMER, customer_no="C2")}))) == []


@pytest.mark.parametrize(
    ("said", "wrong", "pays"),
    [
        (None, [], "AC2"),  # the first one
        ("AC2b", [], "AC2b"),
        ("AC1", ["unknown-account"], "AC1"),  # that is the old owner's
        ("AC9", ["unknown-account"], "AC9"),
    ],
)
def test_the_account_that_pays_from_then_on_is_one_of_the_new_owner(
    said: str | None, wrong: list[str], pays: str
) -> None:
    asked = {"to_customer": "C2"} | ({"to_account": said} if said else {})
    item = PlaceOrderItem(
        item_no="1", action="modify", order_type="owner_change", product_id="P1", characteristics=asked
    )
    owner = replace(CUSTOMER, customer_no="C2", accounts=("AC2", "AC2b"))
    judgement = judged(item, facts=replace(FACTS, new_owners={"C2": owner}))
    assert codes(judgement) == wrong
    assert [problem.path.rpartition(".")[2] for problem in judgement.problems] == ["to_account"] * len(wrong)
    if not wrong:
        assert judgement.items[0].characteristics["to_account"] == pays


def test_a_line_begins_in_the_own_area_and_may_end_elsewhere() -> None:
    business = replace(FACTS, customer=replace(CUSTOMER, segment="business"))
    line = install(offering="ll-province-100m", places=at("A1", "A9"))
    assert codes(judged(line, facts=business)) == []
    assert codes(judged(replace(line, places=at("A9", "A1")), facts=business)) == ["area-outside"]


def test_large_accounts_are_served_everywhere_from_their_own_area() -> None:
    large = replace(FACTS, customer=replace(CUSTOMER, segment="group"))
    judgement = judged(install(offering="fb-biz-500", places=at("A9")), facts=large)
    assert codes(judgement) == []
    assert (judgement.area, judgement.items[0].area) == ("SH-SH", "SC-CD")
    stranger = replace(FRONT, area="SC-CD", area_path="CN/SC/SC-CD")
    assert codes(judged(install(offering="fb-biz-500", places=at("A9")), facts=large, actor=stranger)) == [
        "area-outside"
    ]


def test_another_part_of_the_company_orders_segments_and_nothing_else() -> None:
    inside = replace(FACTS, customer=replace(CUSTOMER, segment="internal", accounts=()))
    traits = {"bandwidth_kbps": 10240, "interface": "ge_electrical", "parent_circuit": "FAR-1"}
    segment = install(product="leased_line_segment", offering=None, characteristics=traits)
    judgement = judged(segment, facts=inside)
    assert codes(judgement) == []
    assert (judgement.area, judgement.account_no, judgement.first_bill_cny) == ("SH-SH", None, 0)
    assert codes(judged(replace(segment, characteristics={}), facts=inside)) == ["required"] * 3
    assert "segment-not-allowed" in codes(judged(install(), facts=inside))


def test_an_item_keeps_the_rule_its_revenue_is_shared_by() -> None:
    large = replace(FACTS, customer=replace(CUSTOMER, segment="group"))
    sites = judged(install(offering="vpn-site-10m", places=at("A1", "A9")), facts=large).items[0]
    assert [share["party"] for share in sites.shares] == ["accepting_area", "site_areas_by_rent"]
    assert judged(install()).items[0].shares == ()


def test_prices_count_sites_and_desktops() -> None:
    large = replace(FACTS, customer=replace(CUSTOMER, segment="group"))
    sites = judged(install(offering="vpn-site-10m", places=at("A1", "A2", "A9")), facts=large).items[0]
    assert (sites.total_cny("one_off"), sites.total_cny("recurring")) == (Decimal("3000.00"), Decimal("4500.00"))
    desktops = judged(
        install(offering="cd-std", places=(), characteristics={"quantity": 10, "admin_email": "it@example.com"}),
        facts=large,
    ).items[0]
    assert desktops.total_cny("recurring") == Decimal("1390.00")


def test_a_move_costs_its_fee_and_no_new_rent() -> None:
    (item,) = judged(PlaceOrderItem(item_no="1", action="modify", product_id="P1", places=at("A2"))).items
    assert [price.code for price in item.prices] == ["fee-move"]


NETWORK = replace(
    FIBRE,
    product_id="P2",
    product="mpls_vpn",
    offering="vpn-site-10m",
    address_code=None,
    places=({"role": "hub", "address_code": "A1"}, {"role": "site", "address_code": "A2"}),
    characteristics={"topology": "hub_spoke", "site_bandwidth_kbps": 10240},
    resources={"sites": [{"site_id": "V-S1", "address": "A1"}, {"site_id": "V-S2", "address": "A2"}]},
)


def test_a_site_that_moves_is_one_the_product_has() -> None:
    facts = replace(FACTS, products={"P2": NETWORK})

    def moved(site_code: str, *addresses: str) -> Judgement:
        item = PlaceOrderItem(
            item_no="1",
            action="modify",
            order_type="move",
            product_id="P2",
            places=at(*addresses),
            characteristics={"site_code": site_code},
        )
        return judged(item, facts=facts)

    assert codes(moved("V-S2", "A2")) == []
    refused = moved("V-S9", "A2")
    assert [(one.path, one.code) for one in refused.problems] == [
        ("productOrderItem.0.product.productCharacteristic.site_code", "unknown-site")
    ]
    assert "V-S1, V-S2" in refused.problems[0].en and "V-S1、V-S2" in refused.problems[0].zh
    assert codes(moved("V-S2", "A1", "A2")) == ["wrong-number-of-places"]
