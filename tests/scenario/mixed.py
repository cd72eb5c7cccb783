"""Orders of more than one thing: several items of several kinds, many sites, a later day, one behind another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.scenario.cells import Cell

HOUSEHOLD: Final = {"customer": "C100002", "account": "AC1000021"}
GROUP: Final = {"customer": "C400001", "account": "AC4000011", "channel": "account_manager"}
#: Television comes, the line gets faster, the mobile goes: one order of three kinds.
HOME: Final = (
    Cell(
        name="television",
        order_type="install",
        product="iptv",
        offering="tv-hd",
        places=(("installation", "A0002"),),
        **HOUSEHOLD,
    ),
    Cell(
        name="faster",
        order_type="change",
        product="ftth_broadband",
        product_id="P10000201",
        offering="fb-300",
        traits={"downstream_mbps": 300, "upstream_mbps": 30},
        **HOUSEHOLD,
    ),
    Cell(name="no mobile", order_type="disconnect", product="mobile_line", product_id="P10000202", **HOUSEHOLD),
)
#: A network of two sites and a line beside it.
SITES: Final = (
    Cell(
        name="network",
        order_type="install",
        product="mpls_vpn",
        offering="vpn-site-10m",
        places=(("hub", "A0005"), ("site", "A0023")),
        **GROUP,
    ),
    Cell(
        name="line",
        order_type="install",
        product="leased_line_national",
        offering="ll-national-10m",
        places=(("a_end", "A0005"), ("z_end", "A0030")),
        **GROUP,
    ),
)
FIBRE: Final = Cell(
    name="fibre",
    order_type="install",
    customer="C100012",
    account="AC1000121",
    product="ftth_broadband",
    offering="fb-300",
    places=(("installation", "A0010"),),
)
LINE: Final = Cell(
    name="local line",
    order_type="install",
    customer="C300001",
    account="AC3000011",
    product="leased_line_local",
    offering="ll-local-100m",
    places=(("a_end", "A0003"), ("z_end", "A0006")),
    channel="account_manager",
)
#: An order that waits for the line before it begins.
BESIDE: Final = Cell(
    name="SD-WAN over the line",
    order_type="install",
    customer="C300001",
    account="AC3000011",
    product="sd_wan",
    offering="sw-branch",
    places=(("hub", "A0003"), ("branch", "A0006")),
    channel="account_manager",
)
NO_SUCH_SITE: Final = Cell(
    name="a site nobody has",
    order_type="move",
    customer="C400002",
    account="AC4000021",
    product="sd_wan",
    product_id="P40000201",
    traits={"site_code": "TEN001-99"},
    places=(("branch", "A0006"),),
    channel="account_manager",
)


def body_of(*cells: Cell, **more: Any) -> dict[str, Any]:
    """One order with an item for each cell, all of one customer."""
    bodies = [cell.body("") for cell in cells]
    items = [
        {**body["productOrderItem"][0], "id": str(number), "product": typed(body["productOrderItem"][0], cell)}
        for number, (cell, body) in enumerate(zip(cells, bodies, strict=True), start=1)
    ]
    order = {**bodies[0], "productOrderItem": items, **more}
    return {name: value for name, value in order.items() if name not in ("category", "externalId")}


def typed(item: Mapping[str, Any], cell: Cell) -> dict[str, Any]:
    """The product of an item that says itself what kind of order it is of."""
    given = item["product"].get("productCharacteristic") or []
    return {**item["product"], "productCharacteristic": [*given, {"name": "order_type", "value": cell.order_type}]}


def in_days(days: int) -> str:
    """An instant so many days ahead."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
