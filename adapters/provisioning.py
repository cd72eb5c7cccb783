"""Provisioning: accounts, ports, circuits on the elements. The vendor's answer codes and what they mean to us."""

from typing import Final

from adapters.answer_codes import AnswerCodes

ANSWER_CODES: Final = AnswerCodes(
    reject={
        "P001": "request-not-understood",
        "P202": "element-rejected",
        "P204": "account-exists",
        "P205": "vlan-conflict",
        "P206": "onu-limit",
        "P207": "profile-unknown",
        "P208": "ont-not-registered",
        "P209": "ont-wrong-model",
        "P210": "number-in-use",
        "P211": "enum-conflict",
        "P212": "sim-not-found",
        "P213": "port-authorisation-expired",
        "P214": "port-refused",
        "P215": "cross-connect-failed",
        "P216": "trunk-alarm",
        "P217": "vrf-limit",
        "P218": "address-overlap",
        "P219": "quota-exceeded",
        "P220": "image-missing",
        "P221": "cpe-offline",
        "P222": "test-failed",
        "P223": "service-unknown",
        "R116": "device-not-in-stock",
        "R117": "device-already-sold",
    },
    retry={"P201": "element-unreachable"},
)
