"""Lines, networks and desktops: each product with each kind of order it has, as demonstration customers order it."""

from __future__ import annotations

from typing import Any, Final

from tests.scenario.cells import Cell

SHANGHAI: Final = {"customer": "C300001", "account": "AC3000011"}
GROUP: Final = {"customer": "C400003", "account": "AC4000031"}
LOCAL: Final = {**SHANGHAI, "product": "leased_line_local", "product_id": "P30000101"}
PROVINCE: Final = {
    "customer": "C300002",
    "account": "AC3000021",
    "product": "leased_line_province",
    "product_id": "P30000201",
}
NATIONAL: Final = {
    "customer": "C300007",
    "account": "AC3000071",
    "product": "leased_line_national",
    "product_id": "P30000701",
}
ABROAD: Final = {**GROUP, "product": "leased_line_international", "product_id": "P40000301"}
LINES: Final = {"local": LOCAL, "province": PROVINCE, "national": NATIONAL, "international": ABROAD}
MANAGED: Final = {"channel": "account_manager"}
FAR_END: Final = {
    "z_country": "XX",
    "z_city": "Example Harbour",
    "partner": "partner_alpha",
    "purpose": "office network",
}


def line(name: str, order_type: str, given: dict[str, Any], **more: Any) -> Cell:
    return Cell(name=f"{name} line, {order_type}", order_type=order_type, **MANAGED, **given, **more)


NEW_LINES: Final = [
    line(
        "local",
        "install",
        {**SHANGHAI, "product": "leased_line_local"},
        offering="ll-local-100m",
        places=(("a_end", "A0003"), ("z_end", "A0006")),
        point="billing.start_charging",
        soft="install_end",
    ),
    line(
        "province",
        "install",
        {"customer": "C300002", "account": "AC3000021", "product": "leased_line_province"},
        offering="ll-province-100m",
        places=(("a_end", "A0026"), ("z_end", "A0035")),
        point="billing.start_charging",
        soft="install_end",
    ),
    line(
        "national",
        "install",
        {**SHANGHAI, "product": "leased_line_national"},
        offering="ll-national-10m",
        places=(("a_end", "A0005"), ("z_end", "A0057")),
        point="billing.start_charging",
        soft="install_end",
    ),
    line(
        "international",
        "install",
        {**GROUP, "product": "leased_line_international"},
        offering="ll-international-10m",
        traits=FAR_END,
        places=(("a_end", "A0005"),),
        point="billing.start_charging",
        soft="install_end",
    ),
]
CHANGED_LINES: Final = [
    line(
        "local",
        "change",
        LOCAL,
        offering="ll-local-1g",
        traits={"bandwidth_kbps": 1024000},
        point="billing.query_subscription",
        soft="provisioning.change_circuit",
    ),
    line(
        "province",
        "change",
        PROVINCE,
        offering="ll-province-10m",
        traits={"bandwidth_kbps": 10240},
        point="billing.query_subscription",
        soft="provisioning.change_circuit",
    ),
    line(
        "national",
        "change",
        NATIONAL,
        traits={"interface_z": "10ge_optical"},
        point="billing.query_subscription",
        soft="install_end",
    ),
    line(
        "international",
        "change",
        ABROAD,
        offering="ll-international-100m",
        traits={"bandwidth_kbps": 102400},
        point="billing.query_subscription",
        soft="provisioning.change_circuit",
    ),
]
MOVED_LINES: Final = [
    line("local", "move", LOCAL, places=(("z_end", "A0006"),), point="unpatch_in_exchange", soft="install_end"),
    line(
        "province",
        "move",
        PROVINCE,
        places=(("a_end", "A0027"), ("z_end", "A0033")),
        point="unpatch_in_exchange",
        soft="install_end",
    ),
    line(
        "national",
        "move",
        NATIONAL,
        places=(("z_end", "A0057"),),
        point="unpatch_in_exchange",
        soft="provisioning.change_circuit",
        short=True,
    ),
    line(
        "international", "move", ABROAD, places=(("a_end", "A0007"),), point="unpatch_in_exchange", soft="install_end"
    ),
]
LEAVING_LINES: Final = [
    line(
        name,
        "disconnect",
        given,
        point="cancel_partner_half" if name == "international" else "unpatch_in_exchange",
        moved_point="area.send_suborder" if name == "national" else "",
        soft="provisioning.delete_circuit",
        short=name == "international",
    )
    for name, given in LINES.items()
]
STOPPED_LINES: Final = [line(name, "suspend", given, point="billing.suspend_charging") for name, given in LINES.items()]
RESUMED_LINES: Final = [
    line(name, "resume", given, point="billing.resume_charging", status="suspended", short=name == "national")
    for name, given in LINES.items()
]
GIVEN_LINES: Final = [
    line(
        name,
        "owner_change",
        given,
        traits={"to_customer": "C300009"},
        point="billing.transfer_owner",
        short=name == "province",
    )
    for name, given in LINES.items()
]
VPN: Final = {"customer": "C400001", "account": "AC4000011", "product": "mpls_vpn", "product_id": "P40000101"}
DESKTOPS: Final = {"customer": "C200002", "account": "AC2000021", "product": "cloud_desktop", "product_id": "P20000201"}
SDWAN: Final = {"customer": "C400002", "account": "AC4000021", "product": "sd_wan", "product_id": "P40000201"}
OTHERS: Final = {"VPN": VPN, "desktops": DESKTOPS, "SD-WAN": SDWAN}


def network(name: str, order_type: str, given: dict[str, Any], **more: Any) -> Cell:
    return Cell(name=f"{name}, {order_type}", order_type=order_type, **MANAGED, **given, **more)


def new(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name != "product_id"}


NEW_NETWORKS: Final = [
    network(
        "VPN",
        "install",
        new(VPN),
        offering="vpn-site-10m",
        places=(("hub", "A0003"), ("site", "A0018"), ("site", "A0057")),
        point="billing.start_charging",
        soft="install_end",
    ),
    network(
        "desktops",
        "install",
        new(DESKTOPS),
        offering="cd-std",
        traits={"quantity": 5, "admin_email": "it@example.com"},
        point="billing.start_charging",
        soft="hand_over_accounts",
        short=True,
    ),
    network(
        "SD-WAN",
        "install",
        new(SDWAN),
        offering="sw-branch",
        places=(("hub", "A0017"), ("branch", "A0003")),
        point="billing.start_charging",
        soft="deliver_device",
    ),
]
STOPPED_NETWORKS: Final = [
    network(name, "suspend", given, point="billing.suspend_charging", short=name == "VPN")
    for name, given in OTHERS.items()
]
RESUMED_NETWORKS: Final = [
    network(name, "resume", given, point="billing.resume_charging", status="suspended", short=name == "SD-WAN")
    for name, given in OTHERS.items()
]
CHANGED_NETWORKS: Final = [
    network(
        "VPN",
        "change",
        VPN,
        offering="vpn-site-50m",
        traits={"site_bandwidth_kbps": 51200},
        point="billing.query_subscription",
        soft="provisioning.change_vpn_site",
    ),
    network(
        "VPN and a site more",
        "change",
        VPN,
        traits={"add_site": True},
        places=(("site", "A0035"),),
        point="billing.query_subscription",
        soft="install_end",
    ),
    network(
        "more desktops",
        "change",
        DESKTOPS,
        traits={"quantity": 20},
        point="billing.query_subscription",
        soft="provisioning.change_desktops",
        short=True,
    ),
    network(
        "fewer desktops",
        "change",
        DESKTOPS,
        traits={"quantity": 8},
        point="billing.query_subscription",
        soft="provisioning.change_desktops",
    ),
    network(
        "SD-WAN",
        "change",
        SDWAN,
        traits={"site_bandwidth_kbps": 51200},
        point="billing.query_subscription",
        soft="provisioning.push_sdwan_policy",
    ),
    network(
        "SD-WAN and a site more",
        "change",
        SDWAN,
        traits={"add_site": True},
        places=(("branch", "A0035"),),
        point="billing.query_subscription",
        soft="deliver_device",
    ),
]
GIVEN_NETWORKS: Final = [
    network(name, "owner_change", given, traits={"to_customer": "C300009"}, point="billing.transfer_owner")
    for name, given in OTHERS.items()
]
MOVED_NETWORKS: Final = [
    network(
        "VPN",
        "move",
        VPN,
        traits={"site_code": "VPN0001-S2"},
        places=(("site", "A0018"),),
        point="unpatch_in_exchange",
        soft="install_end",
    ),
    network(
        "SD-WAN",
        "move",
        SDWAN,
        traits={"site_code": "TEN001-02", "field_install": True},
        places=(("branch", "A0006"),),
        point="billing.query_subscription",
        soft="install_end",
    ),
]
LEAVING_NETWORKS: Final = [
    network("VPN", "disconnect", VPN, point="unpatch_in_exchange", soft="provisioning.remove_vpn_site"),
    network(
        "desktops",
        "disconnect",
        DESKTOPS,
        point="provisioning.purge_desktops",
        soft="billing.stop_charging",
        short=True,
    ),
    network("SD-WAN", "disconnect", SDWAN, point="resource.release", soft="provisioning.unregister_cpe"),
]
#: What another part of the company, whose orders are in another installation, has built, changed and removed here.
ELSEWHERE: Final = {"customer": "C900001", "account": "", "product": "leased_line_segment", "channel": "partner_api"}
SEGMENT: Final = {"bandwidth_kbps": 102400, "interface": "ge_electrical", "parent_circuit": "FAR-000002"}
SEGMENTS: Final = [
    Cell(
        name="segment, install",
        order_type="install",
        **ELSEWHERE,
        traits=SEGMENT,
        places=(("a_end", "A0006"),),
        point="",
        soft="install_end",
    ),
    Cell(
        name="segment, change",
        order_type="change",
        **ELSEWHERE,
        product_id="P90000101",
        traits={"interface": "10ge_optical"},
        point="resource.release",
        soft="install_end",
    ),
    Cell(
        name="segment, disconnect",
        order_type="disconnect",
        **ELSEWHERE,
        product_id="P90000101",
        point="resource.release",
        short=True,
    ),
]
CELLS: Final = [
    *NEW_LINES,
    *STOPPED_LINES,
    *RESUMED_LINES,
    *CHANGED_LINES,
    *GIVEN_LINES,
    *MOVED_LINES,
    *LEAVING_LINES,
    *NEW_NETWORKS,
    *STOPPED_NETWORKS,
    *RESUMED_NETWORKS,
    *CHANGED_NETWORKS,
    *GIVEN_NETWORKS,
    *MOVED_NETWORKS,
    *LEAVING_NETWORKS,
    *SEGMENTS,
]
#: What the network says of one of these that is stopped, and how: they know no "one way".
STOPPED: Final = {
    **{str(given["product"]): ("blocked", "full") for given in (*LINES.values(), VPN, SDWAN)},
    "cloud_desktop": ("suspended", "full"),
}
#: Those that are cancelled at every step in every run of the tests, and not in full runs only.
ALWAYS_CANCELLED: Final = (
    "national line, resume",
    "province line, owner_change",
    "VPN, suspend",
    "SD-WAN, resume",
    "desktops, disconnect",
    "segment, disconnect",
)
