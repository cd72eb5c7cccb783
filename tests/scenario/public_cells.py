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
#: The same where something is charged once.
FEE: Final = "billing.charge_one_off"
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
        soft="install_at_customer",
        point=CHARGING,
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
        soft="provisioning.change_voice_number",
        point=FEE,
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
    Cell(
        name=f"bundle {name}",
        order_type="change",
        soft=point if point != CHARGING else "",
        point=CHARGING,
        traits=traits,
        **OTHER_BUNDLE,
    )
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
RELEASED: Final = "resource.release"
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
        soft="provisioning.swap_sim",
        point=FEE,
        **MOBILE,
    ),
    Cell(
        name="mobile with another number",
        order_type="change",
        traits={"new_number": "15400011035"},
        soft="provisioning.change_mobile_number",
        point=FEE,
        **MOBILE,
    ),
    Cell(
        name="mobile to another owner with a new SIM",
        order_type="owner_change",
        traits={"to_customer": "C100004", "new_sim": True},
        soft="provisioning.swap_sim",
        point="billing.transfer_owner",
        **MOBILE,
    ),
    Cell(
        name="mobile disconnected",
        order_type="disconnect",
        soft="provisioning.delete_mobile_subscriber",
        point=RELEASED,
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
        soft="install_at_customer",
        point=FEE,
        **BROADBAND,
    ),
    Cell(
        name="bundle moved",
        order_type="move",
        places=(("installation", "A0003"),),
        soft="install_at_customer",
        point=FEE,
        short=False,
        **BUNDLE,
    ),
    Cell(
        name="telephone moved",
        order_type="move",
        places=(("installation", "A0029"),),
        soft="install_at_customer",
        point=FEE,
        **VOICE,
    ),
]
VISIT: Final = "install_at_customer"
AT_HOME: Final = {"order_type": "install", "customer": "C100002", "account": "AC1000021"}
INSTALLS: Final = [
    Cell(
        name="broadband installed",
        product="ftth_broadband",
        offering="fb-300",
        places=(("installation", "A0013"),),
        soft=VISIT,
        point=INSTALLED_POINT,
        short=True,
        **AT_HOME,
    ),
    Cell(
        name="broadband installed where it has to be patched",
        order_type="install",
        customer="C100017",
        account="AC1000171",
        product="ftth_broadband",
        offering="fb-300",
        places=(("installation", "A0023"),),
        soft=VISIT,
        point=INSTALLED_POINT,
    ),
    Cell(
        name="broadband installed where cable has to be laid",
        order_type="install",
        customer="C100017",
        account="AC1000171",
        product="ftth_broadband",
        offering="fb-300",
        places=(("installation", "A0022"),),
        soft="build_drop",
        point=INSTALLED_POINT,
    ),
    Cell(
        name="bundle installed",
        product="home_bundle",
        offering="hb-500",
        traits={"with_voice": True, "with_iptv": True},
        places=(("installation", "A0014"),),
        soft=VISIT,
        point=INSTALLED_POINT,
        **AT_HOME,
    ),
    Cell(
        name="bundle installed with fibre only",
        product="home_bundle",
        offering="hb-500",
        traits={"with_voice": False, "with_iptv": False},
        places=(("installation", "A0005"),),
        soft=VISIT,
        point=INSTALLED_POINT,
        **AT_HOME,
    ),
    Cell(
        name="telephone installed",
        product="fixed_voice",
        offering="fv-basic",
        places=(("installation", "A0003"),),
        soft=VISIT,
        point=INSTALLED_POINT,
        **AT_HOME,
    ),
    Cell(
        name="telephone installed over the fibre that is there",
        product="fixed_voice",
        offering="fv-basic",
        places=(("installation", "A0002"),),
        point=INSTALLED_POINT,
        **AT_HOME,
    ),
    Cell(
        name="television installed by the customer",
        product="iptv",
        offering="tv-hd",
        traits={"self_install": True},
        places=(("installation", "A0002"),),
        point=INSTALLED_POINT,
        **AT_HOME,
    ),
    Cell(
        name="television installed with three boxes",
        product="iptv",
        offering="tv-hd",
        traits={"stb_count": 3},
        places=(("installation", "A0002"),),
        soft=VISIT,
        point=INSTALLED_POINT,
        **AT_HOME,
    ),
    Cell(
        name="television installed",
        product="iptv",
        offering="tv-hd",
        places=(("installation", "A0002"),),
        soft=VISIT,
        point=INSTALLED_POINT,
        **AT_HOME,
    ),
]
#: These leave nothing to try the others with, so they come last.
DISCONNECTS: Final = [
    Cell(
        name="television disconnected",
        order_type="disconnect",
        soft="provisioning.delete_iptv_account",
        point=RELEASED,
        **TELEVISION,
    ),
    Cell(
        name="broadband disconnected",
        order_type="disconnect",
        customer="C100004",
        account="AC1000041",
        product="ftth_broadband",
        product_id="P10000401",
        soft="provisioning.delete_access_account",
        point=RELEASED,
    ),
    Cell(
        name="bundle disconnected where it was patched",
        order_type="disconnect",
        customer="C100017",
        account="AC1000171",
        product="home_bundle",
        product_id="P10001701",
        soft="provisioning.delete_voice_subscriber",
        point=RELEASED,
    ),
    Cell(
        name="bundle disconnected",
        order_type="disconnect",
        soft="provisioning.delete_voice_subscriber",
        point=RELEASED,
        **BUNDLE,
    ),
    Cell(
        name="telephone disconnected",
        order_type="disconnect",
        soft="provisioning.delete_voice_subscriber",
        point=RELEASED,
        **VOICE,
    ),
]
CELLS: Final = [
    *INSTALLS,
    *SUSPENSIONS,
    *RESUMPTIONS,
    *BY_BILLING,
    *OWNER_CHANGES,
    *CHANGES,
    *BUNDLE_CHANGES,
    *MOBILES,
    *MOVES,
    *DISCONNECTS,
]
