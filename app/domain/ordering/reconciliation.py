"""The closed loop as a rule: what was asked, what is built and what is billed must agree, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.words import Words

#: Who must act first when a field differs.
NETWORK, BILLING = "network", "billing"
#: An address of a value: names of keys from the outside in.
Path = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One field on which the books do not agree; the three values as people read them, "" = nothing there."""

    field: str
    asked: str
    built: str
    billed: str
    owner: str
    owner_role: str
    label: Words

    def as_json(self) -> dict[str, str]:
        """The form in which processes and pages get it."""
        return {
            "field": self.field,
            "asked": self.asked,
            "built": self.built,
            "billed": self.billed,
            "owner": self.owner,
            "owner_role": self.owner_role,
            "label_zh": self.label.zh,
            "label_en": self.label.en,
        }


@dataclass(frozen=True)
class FieldRule:
    """One field to compare: where each side keeps it. An empty path = that side does not know the field."""

    name: str
    label: Words
    asked: Path
    built: Path = ()
    billed: Path = ()
    owner: str = NETWORK
    owner_role: str = "res_config"


def _built(name: str, zh: str, en: str, asked: Path, built: Path | None = None, role: str = "res_config") -> FieldRule:
    return FieldRule(name, Words(zh, en), asked, built or ("built", name), owner_role=role)


def _set(name: str, zh: str, en: str, asked: Path, role: str) -> FieldRule:
    return FieldRule(name, Words(zh, en), asked, ("configured", name), owner_role=role)


#: Compared when the asked value is known; a product that has no such part asks for nothing there.
INSTALLED: Final[Sequence[FieldRule]] = (
    _built("splitter_port", "分光器端口", "Splitter port", ("assignment", "splitter_port")),
    _built("olt_port", "PON 口", "PON port", ("assignment", "olt_port")),
    _built("loid", "LOID", "LOID", ("assignment", "loid")),
    _built("number", "号码", "Number", ("assignment", "number")),
    _built("ont_serial", "光猫序列号", "ONT serial", ("devices", "ont_serial")),
    _built("stb_mac", "机顶盒 MAC", "Set-top box MAC", ("devices", "stb_mac")),
    _built("circuit_no", "电路号", "Circuit number", ("assignment", "circuit_no"), role="tx_dispatch"),
    _set("account_name", "宽带账号", "Access account", ("assignment", "account_name"), "data_access"),
    _set("profile", "速率模板", "Speed profile", ("item", "access", "profile"), "data_access"),
    _set("iptv_account", "电视账号", "IPTV account", ("assignment", "iptv_account"), "platform_iptv"),
    FieldRule(
        "voice_number",
        Words("语音号码", "Voice number"),
        ("item", "voice", "asked_number"),
        ("configured", "number"),
        owner_role="data_voice",
    ),
    FieldRule(
        "bandwidth_kbps",
        Words("带宽", "Bandwidth"),
        ("item", "bandwidth_kbps"),
        ("configured", "bandwidth_kbps"),
        owner_role="tx_dispatch",
    ),
    FieldRule(
        "tariff",
        Words("资费", "Tariff"),
        ("item", "tariff"),
        (),
        ("billed", "tariff"),
        owner=BILLING,
        owner_role="billing_desk",
    ),
    FieldRule(
        "charging_from",
        Words("起租日期", "Charging from"),
        ("charging_from",),
        (),
        ("billed", "charging_from"),
        owner=BILLING,
        owner_role="billing_desk",
    ),
    FieldRule(
        "subscription_state",
        Words("计费状态", "Subscription"),
        ("expected", "subscription_state"),
        (),
        ("billed", "state"),
        owner=BILLING,
        owner_role="billing_desk",
    ),
)


def tariff_of(prices: Any) -> str:
    """Prices as one comparable text: code and amount of each recurring one, sorted."""
    rows = prices if isinstance(prices, Sequence) and not isinstance(prices, str) else []
    recurring = [row for row in rows if isinstance(row, Mapping) and row.get("kind", "recurring") == "recurring"]
    return ", ".join(sorted(f"{row.get('code', '?')} {row.get('amount_cny', '?')}" for row in recurring))


def compare_installed(facts: Mapping[str, Any], rules: Iterable[FieldRule] = INSTALLED) -> list[Difference]:
    """Compare one installed product; ``facts`` holds ``item``, ``assignment``, ``devices``, ``built``,
    ``configured``, ``billed``, ``charging_from`` and ``expected``."""
    return [
        found
        for rule in rules
        if (asked := as_text(at(facts, rule.asked))) and (found := difference(rule, asked, facts)) is not None
    ]


def difference(rule: FieldRule, asked: str, facts: Mapping[str, Any]) -> Difference | None:
    """The difference of one field, or None where every side that knows it agrees."""
    built = as_text(at(facts, rule.built)) if rule.built else asked
    billed = as_text(at(facts, rule.billed)) if rule.billed else asked
    if asked == built == billed:
        return None
    return Difference(
        rule.name,
        asked,
        built if rule.built else "",
        billed if rule.billed else "",
        rule.owner,
        rule.owner_role,
        rule.label,
    )


def compare_removed(product_id: str, facts: Mapping[str, Any]) -> list[Difference]:
    """After a disconnect nothing may be left: no resource held, nothing configured, no running subscription."""
    left = [
        Difference(
            f"{product_id}.resources", "", held, "", NETWORK, "res_config", Words("未释放资源", "Resources still held")
        )
        for held in sorted(held_resources(at(facts, ("built",))))
    ]
    configured = {key: value for key, value in (at(facts, ("configured",)) or {}).items() if as_text(value)}
    left += [
        Difference(
            f"{product_id}.{key}", "", as_text(value), "", NETWORK, "data_access", Words("未拆数据", "Still configured")
        )
        for key, value in sorted(configured.items())
    ]
    state = as_text(at(facts, ("billed", "state")))
    if state and state not in {"stopped", "ended", "terminated", "cancelled"}:
        left.append(
            Difference(
                "subscription_state", "stopped", "", state, BILLING, "billing_desk", Words("计费状态", "Subscription")
            )
        )
    return left


def held_resources(resources: Any) -> list[str]:
    """Names of what is still held, whatever shape the resource system lists it in."""
    if isinstance(resources, Mapping):
        return [f"{key}={as_text(value)}" for key, value in resources.items() if as_text(value)]
    if isinstance(resources, Sequence) and not isinstance(resources, str):
        return [as_text(row) for row in resources if as_text(row)]
    return []


def at(facts: Any, path: Path) -> Any:
    """The value under ``path``, None where a key is missing on the way."""
    for key in path:
        if not isinstance(facts, Mapping) or key not in facts:
            return None
        facts = facts[key]
    return facts


def as_text(value: Any) -> str:
    """A value as people read it; nothing, an empty list and an empty text are all ""."""
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={as_text(inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(as_text(inner) for inner in value)
    return str(value)
