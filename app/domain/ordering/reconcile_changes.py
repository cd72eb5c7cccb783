"""The closed loop for products that stay: after a change, a move, a suspension, a resumption or a new owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.domain.ordering.reconciliation import (
    BILLING,
    INSTALLED,
    NETWORK,
    Difference,
    FieldRule,
    as_text,
    at,
    compare_installed,
)
from app.domain.words import Words

#: What a product holds once the order is done; asked only where the plan has said what it should be.
KEPT: Final[Sequence[FieldRule]] = (
    *(rule for rule in INSTALLED if rule.name not in {"charging_from", "subscription_state"}),
    FieldRule(
        "package",
        Words("电视包", "IPTV package"),
        ("wanted", "package"),
        ("configured", "package"),
        owner_role="platform_iptv",
    ),
    FieldRule(
        "features",
        Words("固话功能", "Features of the telephone"),
        ("wanted", "features"),
        ("configured", "features"),
        owner_role="data_voice",
    ),
    FieldRule(
        "plan", Words("移动套餐", "Mobile plan"), ("wanted", "plan"), ("configured", "plan"), owner_role="data_mobile"
    ),
    FieldRule(
        "msisdn",
        Words("移动号码", "Mobile number"),
        ("assignment", "msisdn"),
        ("configured", "msisdn"),
        owner_role="data_mobile",
    ),
    FieldRule("iccid", Words("卡号", "SIM"), ("devices", "iccid"), ("configured", "iccid"), owner_role="data_mobile"),
)
#: By component or product, the name its state has at the network, and who looks after it.
STATES: Final[Mapping[str, tuple[str, str]]] = {
    "internet": ("access_state", "data_access"),
    "voice": ("voice_state", "data_voice"),
    "tv": ("iptv_state", "platform_iptv"),
    "mobile_line": ("mobile_state", "data_mobile"),
    "leased_line_local": ("circuit_state", "tx_dispatch"),
    "leased_line_province": ("circuit_state", "tx_dispatch"),
    "leased_line_national": ("circuit_state", "tx_dispatch"),
    "leased_line_international": ("circuit_state", "tx_dispatch"),
    "mpls_vpn": ("vpn_state", "data_ip"),
    "cloud_desktop": ("desktop_state", "cloud_ops"),
    "sd_wan": ("sdwan_state", "data_ip"),
}
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
#: Words of the network for a service that is stopped; lines and sites are blocked.
STOPPED: Final = frozenset({"suspended", "blocked"})
#: Resources that a change or a move may replace; what was there before may not be left behind.
REPLACED: Final = ("splitter_port", "number", "ont_serial", "stb_serial", "iccid", "circuit_no")


def compare_kept(facts: Mapping[str, Any], names: Iterable[str] = REPLACED) -> list[Difference]:
    """After a change or a move: what is there is what was asked, and what it replaces is gone.

    :param facts: as for ``compare_installed``, with ``wanted`` (traits to look at), ``before`` (what was held) and
        ``units`` (what the resource system lists, ``[{kind, code, state}]``).
    """
    return [*compare_installed(facts, KEPT), *left_behind(names, facts)]


def left_behind(names: Iterable[str], facts: Mapping[str, Any]) -> list[Difference]:
    """What was held before, is held no more by the plan, and yet is still listed."""
    before, now = at(facts, ("before",)) or {}, {**(at(facts, ("assignment",)) or {}), **(facts.get("devices") or {})}
    codes = {as_text(one.get("code")) for one in facts.get("units") or [] if isinstance(one, Mapping)}
    label = Words("旧资源未释放", "Old resource still held")
    return [
        Difference(f"old_{name}", "", as_text(before[name]), "", NETWORK, "res_config", label)
        for name in names
        if as_text(before.get(name)) in codes and as_text(before[name]) != as_text(now.get(name))
    ]


def compare_states(
    product: str, parts: Sequence[str], wanted: str, configured: Mapping[str, Any], bills: Mapping[str, Any]
) -> list[Difference]:
    """After a suspension or a resumption: every part that can be switched stands as asked, billing too.

    :param parts: ``components`` of the item.
    :param wanted: ``active`` or ``suspended``.
    :param bills: state by number of the subscription.
    """
    names = [STATES[part] for part in parts if part in STATES] or [STATES[one] for one in (product,) if one in STATES]
    expected = {ACTIVE} if wanted == ACTIVE else STOPPED
    label = Words("业务状态", "State of the service")
    found = [
        Difference(name, wanted, as_text(configured.get(name)), "", NETWORK, owner_role, label)
        for name, owner_role in names
        if as_text(configured.get(name)) not in expected
    ]
    label = Words("计费状态", "Subscription")
    return found + [
        Difference(f"{number}.state", wanted, "", as_text(state), BILLING, "billing_desk", label)
        for number, state in bills.items()
        if as_text(state) != wanted
    ]


def compare_owner(account_no: str, accounts: Mapping[str, Any]) -> list[Difference]:
    """After an owner change: every subscription is paid by the new account.

    :param accounts: account by number of the subscription.
    """
    label = Words("付费账户", "Account that pays")
    return [
        Difference(f"{number}.account_no", account_no, "", as_text(account), BILLING, "billing_desk", label)
        for number, account in accounts.items()
        if as_text(account) != account_no
    ]
