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
MOBILE: Final = {"customer": "C100001", "account": "AC1000011", "product": "mobile_line", "product_id": "P10000105"}
VOICE: Final = {"customer": "C200003", "account": "AC2000031", "product": "fixed_voice", "product_id": "P20000302"}
TELEVISION: Final = {"customer": "C100001", "account": "AC1000011", "product": "iptv", "product_id": "P10000104"}
EVERY: Final = {"broadband": BROADBAND, "bundle": BUNDLE, "mobile": MOBILE, "voice": VOICE, "iptv": TELEVISION}
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
CELLS: Final = [*SUSPENSIONS, *RESUMPTIONS, *BY_BILLING, *OWNER_CHANGES]
