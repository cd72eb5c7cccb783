"""A product of every kind from its installation to its removal: every order type the catalogue knows, one after the
other, on what the first of them built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.scenario.cells import Cell, Places

#: What a product is called in our books after an order of that type.
AFTERWARDS: Final = {"suspend": "suspended", "disconnect": "terminated"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One order. ``site_at``: address of the site that moves, which the order has to name by its code."""

    order_type: str
    offering: str = ""
    traits: Mapping[str, Any] = field(default_factory=dict)
    places: Places = ()
    site_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Life:
    """One product, bought by ``customer`` and in the end perhaps somebody else's; ``name`` tells lives of the same
    product from each other."""

    product: str
    customer: str
    account: str
    steps: tuple[Step, ...]
    channel: str = "counter"
    name: str = ""
    is_internal: bool = False  # another part of the company has it, and nobody pays

    @property
    def title(self) -> str:
        """What it is called in reports."""
        return self.name or self.product

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Product and order type of each order."""
        return tuple((self.product, step.order_type) for step in self.steps)

    def cell(self, step: Step, *, product_id: str, customer: str, account: str, site_code: str = "") -> Cell:
        """The order as somebody at the counter writes it, for the product as it is by now."""
        traits = {**step.traits, **({"site_code": site_code} if site_code else {})}
        return Cell(
            name=f"{self.product} {step.order_type}",
            order_type=step.order_type,
            customer=customer,
            account=account,
            product=self.product,
            product_id=product_id,
            offering=step.offering,
            traits=traits,
            places=step.places,
            channel=self.channel,
        )


PAUSE: Final = (Step(order_type="suspend"), Step(order_type="resume"))
END: Final = Step(order_type="disconnect")


def at_home(address: str) -> Places:
    return (("installation", address),)


def ends(a: str, z: str) -> Places:
    return (("a_end", a), ("z_end", z))


def given_to(customer: str) -> Step:
    return Step(order_type="owner_change", traits={"to_customer": customer})


HOME: Final = (
    Life(
        product="ftth_broadband",
        customer="C100003",
        account="AC1000031",
        steps=(
            Step(order_type="install", offering="fb-300", places=at_home("A0013")),
            Step(order_type="change", offering="fb-500", traits={"downstream_mbps": 500, "upstream_mbps": 50}),
            Step(order_type="move", places=at_home("A0014")),
            *PAUSE,
            given_to("C100011"),
            END,
        ),
    ),
    Life(
        product="fixed_voice",
        customer="C100015",
        account="AC1000151",
        steps=(
            Step(order_type="install", offering="fv-basic", places=at_home("A0021")),
            Step(order_type="change", traits={"caller_id": False}),
            Step(order_type="move", places=at_home("A0023")),
            *PAUSE,
            given_to("C100019"),
            END,
        ),
    ),
    Life(
        product="iptv",
        customer="C100023",
        account="AC1000231",
        steps=(
            Step(order_type="install", offering="tv-hd", places=at_home("A0030")),
            Step(order_type="change", offering="tv-uhd4k", traits={"package": "uhd4k"}),
            Step(order_type="move", places=at_home("A0031")),
            *PAUSE,
            given_to("C100027"),
            END,
        ),
    ),
    Life(
        product="home_bundle",
        customer="C100031",
        account="AC1000311",
        steps=(
            Step(order_type="install", offering="hb-500", places=at_home("A0038")),
            Step(order_type="change", traits={"downstream_mbps": 1000}),
            Step(order_type="move", places=at_home("A0039")),
            *PAUSE,
            given_to("C100032"),
            END,
        ),
    ),
    Life(
        product="mobile_line",
        customer="C100035",
        account="AC1000351",
        steps=(
            Step(order_type="install", offering="mb-m59"),
            Step(order_type="change", offering="mb-m199", traits={"plan": "m199"}),
            *PAUSE,
            given_to("C100037"),
            END,
        ),
    ),
)
LINES: Final = tuple(
    Life(
        product=f"leased_line_{reach}",
        customer=customer,
        account=account,
        channel="account_manager",
        steps=(
            Step(order_type="install", offering=f"ll-{reach}-100m", traits=traits, places=places),
            Step(order_type="change", offering=f"ll-{reach}-1g", traits={"bandwidth_kbps": 1024000}),
            Step(order_type="move", places=(moved,)),
            *PAUSE,
            given_to("C300010"),
            END,
        ),
    )
    for reach, customer, account, traits, places, moved in (
        ("local", "C300001", "AC3000011", {}, ends("A0003", "A0006"), ("z_end", "A0010")),
        ("province", "C300002", "AC3000021", {}, ends("A0026", "A0035"), ("a_end", "A0028")),
        ("national", "C300003", "AC3000031", {}, ends("A0005", "A0057"), ("z_end", "A0059")),
        (
            "international",
            "C400003",
            "AC4000031",
            {
                "z_country": "XX",
                "z_city": "Example Harbour",
                "partner": "partner_alpha",
                "purpose": "office network",
            },
            (("a_end", "A0005"),),
            ("a_end", "A0007"),
        ),
    )
)
NETWORKS: Final = (
    Life(
        product="mpls_vpn",
        customer="C400001",
        account="AC4000011",
        channel="account_manager",
        steps=(
            Step(
                order_type="install",
                offering="vpn-site-10m",
                places=(("hub", "A0003"), ("site", "A0018"), ("site", "A0057")),
            ),
            Step(order_type="change", offering="vpn-site-50m", traits={"site_bandwidth_kbps": 51200}),
            Step(order_type="move", places=(("site", "A0021"),), site_at="A0018"),
            *PAUSE,
            given_to("C300009"),
            END,
        ),
    ),
    Life(
        product="cloud_desktop",
        customer="C200004",
        account="AC2000041",
        channel="account_manager",
        steps=(
            Step(
                order_type="install",
                offering="cd-std",
                traits={"quantity": 5, "admin_email": "it@example.com"},
            ),
            Step(order_type="change", traits={"quantity": 8}),
            *PAUSE,
            given_to("C200005"),
            END,
        ),
    ),
    Life(
        product="sd_wan",
        customer="C400002",
        account="AC4000021",
        channel="account_manager",
        steps=(
            Step(order_type="install", offering="sw-branch", places=(("hub", "A0017"), ("branch", "A0003"))),
            Step(order_type="change", traits={"site_bandwidth_kbps": 51200}),
            Step(order_type="move", traits={"field_install": True}, places=(("branch", "A0007"),), site_at="A0003"),
            *PAUSE,
            given_to("C400004"),
            END,
        ),
    ),
)
SEGMENT: Final = Life(
    product="leased_line_segment",
    customer="C900001",
    account="",
    channel="partner_api",
    is_internal=True,
    steps=(
        Step(
            order_type="install",
            traits={"bandwidth_kbps": 10240, "interface": "ge_electrical", "parent_circuit": "FAR-000009"},
            places=(("a_end", "A0007"),),
        ),
        Step(order_type="change", traits={"interface": "10ge_optical"}),
        END,
    ),
)
LIVES: Final = (*HOME, *LINES, SEGMENT, *NETWORKS)
