"""Resource inventory: numbers, ports, fibres, devices. The vendor's answer codes and what they mean to us."""

from typing import Final

from adapters.answer_codes import AnswerCodes

ANSWER_CODES: Final = AnswerCodes(
    reject={
        "R001": "request-not-understood",
        "R101": "no-coverage",
        "R102": "no-free-port",
        "R103": "no-free-number",
        "R104": "no-fibre-pair",
        "R105": "no-trunk-capacity",
        "R106": "no-cloud-capacity",
        "R107": "no-vlan",
        "R109": "reservation-expired",
        "R110": "resource-data-wrong",
        "R111": "resource-conflict",
        "R112": "address-not-found",
        "R115": "number-already-reused",
        "R116": "device-not-in-stock",
        "R117": "device-already-sold",
        "R118": "device-out-of-stock",
        "R119": "reservation-unknown",
    },
    retry={"R108": "reservation-conflict", "R114": "resource-system-down"},
)
