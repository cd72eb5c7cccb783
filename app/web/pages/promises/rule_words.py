"""The rules of promises in words: how long, by which calendar, who hears of it, what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from app.domain.promises.sla_book import Level
from app.domain.words import Words
from app.web.block_forms import joined
from app.web.reader import Reader
from app.web.texts import Sentence

TOLD: Final[Mapping[str, Sentence]] = {
    "holder": Sentence("who has it"),
    "leader": Sentence("the team leader"),
    "manager": Sentence("the operations manager"),
    "account_manager": Sentence("the account manager"),
    "quality": Sentence("the quality desk"),
    "hq_dispatch": Sentence("headquarters dispatch"),
    "hq_manager": Sentence("the manager at headquarters"),
}
CHANNELS: Final[Mapping[str, Sentence]] = {
    "in_app": Sentence("in the system"),
    "sms": Sentence("text message"),
    "email": Sentence("e-mail"),
}
CONDITIONS: Final[Mapping[str, Words]] = {
    "build_needed": Words("需工程建设", "building work needed"),
    "port_in": Words("携号转入", "number ported in"),
    "quantity_over_50": Words("数量超过 50", "more than 50"),
    "cross_area": Words("跨区域", "across areas"),
    "ont_swap_or_visit_needed": Words("需换终端或上门", "terminal swap or visit"),
    "interface_change": Words("更换接口", "another interface"),
}
AREA_CLASSES: Final[Mapping[str, Words]] = {"urban": Words("城镇", "Urban"), "rural": Words("农村", "Rural")}
AMOUNTS: Final[Mapping[str, Sentence]] = {
    "per_order": Sentence("{amount} per order"),
    "per_visit": Sentence("{amount} per visit"),
    "per_day_or_part": Sentence("{amount} per day or part of it"),
    "per_30_days": Sentence("{amount} per 30 days"),
    "percent_of_install_fee_per_day": Sentence("{amount} of the installation fee per day"),
    "percent_of_month_per_working_day": Sentence("{amount} of the monthly rent per working day"),
    "percent_of_month_by_step": Sentence("{amount} of the monthly rent by steps"),
    "rent_pro_rata_of_fault_days": Sentence("{amount} of the rent of the days of the fault"),
}


def target_said(target: Mapping[str, Any] | None, reader: Reader) -> str:
    """``24 小时`` or ``5 个工作日``."""
    if not target:
        return "–"
    t, n = reader.t, target["value"]
    if target["unit"] == "working_hour":
        return t("{n} working hours", n=n)
    return t("{n} hours", n=n) if target["unit"] == "hour" else t("{n} working days", n=n)


def compensation_said(rule: Mapping[str, Any], reader: Reader) -> str:
    """What a rule of compensation pays, with its cap."""
    t = reader.t
    said = AMOUNTS.get(rule["kind"])
    paid = t(said, amount=_amount(rule.get("amount", {}), reader)) if said else rule["kind"]
    cap = _amount(rule.get("cap", {}), reader)
    return t("{paid}, at most {cap}", paid=paid, cap=cap) if cap else paid


def level_said(level: Level, reader: Reader) -> str:
    """Who hears of a level of the ladder, and how."""
    t = reader.t
    who = joined((t(TOLD[one]) if one in TOLD else one for one in level.tell), reader)
    how = joined((t(CHANNELS[one]) if one in CHANNELS else one for one in level.channels), reader)
    return t("{who}, by {how}", who=who, how=how)


def condition_names(reader: Reader) -> dict[str, str]:
    """What special conditions and classes of areas are called."""
    return {code: reader.words(words) for code, words in {**CONDITIONS, **AREA_CLASSES}.items()}


def _amount(amounts: Mapping[str, Any], reader: Reader) -> str:
    parts = []
    for name, value in amounts.items():
        if name == "steps":
            parts.append(_steps(value, reader))
        elif name.startswith("cny"):
            parts.append(reader.f.money(value))
        else:
            parts.append(f"{_plain(value)} %")
    return " / ".join(parts)


def _steps(steps: Sequence[Mapping[str, str]], reader: Reader) -> str:
    """What is paid below each availability."""
    return joined((f"< {above['at_least']} %: {_plain(row['percent'])} %" for above, row in pairwise(steps)), reader)


def _plain(number: str) -> str:
    return f"{Decimal(number).normalize():f}"
