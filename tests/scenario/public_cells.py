"""Home and mobile: each product with each kind of order. Products and customers are those of the demonstration."""

from __future__ import annotations

from typing import Final

from tests.scenario.cells import Cell

BROADBAND: Final = {
    "customer": "C100002",
    "account": "AC1000021",
    "product": "ftth_broadband",
    "product_id": "P10000201",
}
BUNDLE: Final = {"customer": "C100001", "account": "AC1000011", "product": "home_bundle", "product_id": "P10000101"}
OTHER_BUNDLE: Final = {
    "customer": "C100005",
    "account": "AC1000051",
    "product": "home_bundle",
    "product_id": "P10000501",
}
MOBILE: Final = {"customer": "C100001", "account": "AC1000011", "product": "mobile_line", "product_id": "P10000105"}
VOICE: Final = {"customer": "C200003", "account": "AC2000031", "product": "fixed_voice", "product_id": "P20000302"}
TELEVISION: Final = {"customer": "C100001", "account": "AC1000011", "product": "iptv", "product_id": "P10000104"}
EVERY: Final = {"broadband": BROADBAND, "bundle": BUNDLE, "mobile": MOBILE, "voice": VOICE, "iptv": TELEVISION}
#: The first call of a changed bill.
CHARGING: Final = "billing.query_subscription"
ARREARS: Final = {"asked_by": "billing", "mode": "one_way", "instruction_no": "ARR-1"}

SUSPENSIONS: Final = [
    Cell(
        name=f"{name} suspended",
        order_type="suspend",
        point="billing.suspend_charging",
        short=name == "bundle",
        **given,
    )
    for name, given in EVERY.items()
]
RESUMPTIONS: Final = [
    Cell(
        name=f"{name} resumed",
        order_type="resume",
        point="billing.resume_charging",
        status="suspended",
        short=name == "voice",
        **given,
    )
    for name, given in EVERY.items()
]
BY_BILLING: Final = [
    Cell(
        name="broadband suspended by billing",
        order_type="suspend",
        channel="billing",
        traits=ARREARS,
        point="billing.confirm_arrears_action",
        **BROADBAND,
    ),
    Cell(
        name="broadband resumed by billing",
        order_type="resume",
        channel="billing",
        traits=ARREARS,
        point="billing.confirm_arrears_action",
        status="suspended",
        **BROADBAND,
    ),
]
OWNER_CHANGES: Final = [
    Cell(
        name=f"{name} to another owner",
        order_type="owner_change",
        traits={"to_customer": "C100004"},
        point="billing.transfer_owner",
        short=name == "iptv",
        **given,
    )
    for name, given in EVERY.items()
]
CHANGES: Final = [
    Cell(
        name="broadband faster",
        order_type="change",
        offering="fb-300",
        point=CHARGING,
        traits={"downstream_mbps": 300, "upstream_mbps": 30},
        **BROADBAND,
    ),
    Cell(
        name="broadband with another terminal",
        order_type="change",
        point="install_at_customer",
        traits={"ont_model": "ont_10g"},
        short=True,
        **BROADBAND,
    ),
    Cell(
        name="telephone with other features",
        order_type="change",
        point=CHARGING,
        traits={"caller_id": False},
        **VOICE,
    ),
    Cell(
        name="telephone with another number",
        order_type="change",
        point="provisioning.change_voice_number",
        traits={"new_number": "025-00001010"},
        **VOICE,
    ),
    Cell(
        name="television with another package",
        order_type="change",
        offering="tv-uhd4k",
        point=CHARGING,
        traits={"package": "uhd4k"},
        **TELEVISION,
    ),
]
#: One after the other: what leaves the bundle comes back, now as part of the bundle's own product.
BUNDLE_CHANGES: Final = [
    Cell(name=f"bundle {name}", order_type="change", point=point, traits=traits, **OTHER_BUNDLE)
    for name, point, traits in (
        ("without television", CHARGING, {"with_iptv": False}),
        ("with television", "install_at_customer", {"with_iptv": True}),
        ("without telephone", CHARGING, {"with_voice": False}),
        ("with telephone", CHARGING, {"with_voice": True}),
        ("without either", CHARGING, {"with_voice": False, "with_iptv": False}),
        ("faster", CHARGING, {"downstream_mbps": 1000}),
    )
]
INSTALLED_POINT: Final = "billing.start_charging"
MOBILES: Final = [
    Cell(
        name="mobile installed",
        order_type="install",
        customer="C100002",
        account="AC1000021",
        product="mobile_line",
        offering="mb-m59",
        point=INSTALLED_POINT,
        short=True,
    ),
    Cell(
        name="mobile installed with a ported number",
        order_type="install",
        customer="C100002",
        account="AC1000021",
        product="mobile_line",
        offering="mb-m59",
        traits={"port_in": True, "number": "15400019999"},
        point="provisioning.port_in_number",
    ),
    Cell(
        name="mobile with another plan",
        order_type="change",
        offering="mb-m199",
        traits={"plan": "m199"},
        point=CHARGING,
        **MOBILE,
    ),
    Cell(
        name="mobile with another SIM",
        order_type="change",
        traits={"new_sim": True},
        point="provisioning.swap_sim",
        **MOBILE,
    ),
    Cell(
        name="mobile with another number",
        order_type="change",
        traits={"new_number": "15400011035"},
        point="provisioning.change_mobile_number",
        **MOBILE,
    ),
    Cell(
        name="mobile to another owner with a new SIM",
        order_type="owner_change",
        traits={"to_customer": "C100004", "new_sim": True},
        point="provisioning.swap_sim",
        **MOBILE,
    ),
    Cell(
        name="mobile disconnected",
        order_type="disconnect",
        point="provisioning.delete_mobile_subscriber",
        customer="C100002",
        account="AC1000021",
        product="mobile_line",
        product_id="P10000202",
    ),
]
MOVES: Final = [
    Cell(
        name="broadband moved",
        order_type="move",
        places=(("installation", "A0003"),),
        short=True,
        point="install_at_customer",
        **BROADBAND,
    ),
    Cell(
        name="bundle moved",
        order_type="move",
        places=(("installation", "A0003"),),
        point="install_at_customer",
        short=False,
        **BUNDLE,
    ),
    Cell(
        name="telephone moved",
        order_type="move",
        places=(("installation", "A0029"),),
        point="install_at_customer",
        **VOICE,
    ),
]
CELLS: Final = [*SUSPENSIONS, *RESUMPTIONS, *BY_BILLING, *OWNER_CHANGES, *CHANGES, *BUNDLE_CHANGES, *MOBILES, *MOVES]
