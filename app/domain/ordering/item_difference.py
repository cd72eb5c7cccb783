"""What an item asks to be different from what is installed, and how the order itself wants it done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

NEW_NUMBER: Final = "new_number"
#: Says that the number came from another operator: it is not ours to rest or to give to somebody else.
PORTED: Final = "port_in"


def difference_of(
    given: Mapping[str, Any], installed: Mapping[str, Any] | None, own_names: Collection[str]
) -> dict[str, Any]:
    """``before``, ``after``, ``changed`` and what the order type itself asks for, with their defaults.

    :param given: the item before the split.
    :param installed: characteristics of the installed product; None for one that is to be installed.
    :param own_names: characteristics of the order type, which are not characteristics of the product.
    """
    asked: Mapping[str, Any] = given["characteristics"]
    after = after_of(asked, own_names)
    before = dict(installed or {})
    return {
        "before": before,
        "after": after,
        "changed": sorted(name for name in after if installed is not None and after[name] != before.get(name)),
        "asked_by": str(asked.get("asked_by") or "customer"),
        "mode": str(asked.get("mode") or "two_way"),
        "instruction_no": str(asked.get("instruction_no") or ""),
        "to_customer_no": str(asked.get("to_customer") or ""),
        "to_account_no": str(asked.get("to_account") or ""),
    }


def after_of(asked: Mapping[str, Any], own_names: Collection[str]) -> dict[str, Any]:
    """The characteristics of the product once the item is done: a new number is its number then, and one of ours."""
    after = {name: value for name, value in asked.items() if name not in own_names}
    if NEW_NUMBER in own_names and asked.get(NEW_NUMBER):
        after["number"] = asked[NEW_NUMBER]
        if PORTED in after:
            after[PORTED] = False
    return after
