"""Values of catalogue, forms and answers as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.domain.words import Words

#: Names under which neighbours know our things: they say nothing to people.
INNER_NAME: Final = re.compile(
    r"(?:order:|ticket:|item:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:/item:\w+)?"
)
DATE_AND_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
YES, NO = Words("是", "yes"), Words("否", "no")
UNITS: Final[Mapping[str, Words]] = {
    "months": Words("个月", "months"),
    "pcs": Words("个", ""),
    "days": Words("天", "days"),
}
#: Choices of the catalogue that people should not have to read as codes.
CHOICES: Final[Mapping[str, Words]] = {
    "dynamic": Words("动态", "Dynamic"),
    "static": Words("固定", "Static"),
    "ont_ge": Words("千兆光猫", "Gigabit ONT"),
    "ont_wifi6": Words("Wi-Fi 6 光猫", "Wi-Fi 6 ONT"),
    "ont_10g": Words("万兆光猫", "10G ONT"),
    "basic": Words("基础包", "Basic"),
    "hd": Words("高清包", "HD"),
    "uhd4k": Words("4K 包", "4K"),
    "otn": Words("OTN", "OTN"),
    "mstp": Words("MSTP", "MSTP"),
    "ptn": Words("PTN", "PTN"),
    "ge_electrical": Words("千兆电口", "GE electrical"),
    "ge_optical": Words("千兆光口", "GE optical"),
    "10ge_optical": Words("万兆光口", "10GE optical"),
    "e1": Words("E1", "E1"),
    "normal": Words("普通", "Normal"),
    "none": Words("无", "None"),
    "line": Words("线路保护", "Line protection"),
    "dual_route": Words("双路由", "Dual route"),
    "hub_spoke": Words("星型", "Hub and spokes"),
    "full_mesh": Words("全互联", "Full mesh"),
    "hub": Words("中心点", "Hub"),
    "branch": Words("分支", "Branch"),
    "bgp": Words("BGP", "BGP"),
    "ospf": Words("OSPF", "OSPF"),
    "standard": Words("标准", "Standard"),
    "gold": Words("金", "Gold"),
    "diamond": Words("钻石", "Diamond"),
    "usim": Words("USIM 卡", "USIM card"),
    "esim": Words("eSIM", "eSIM"),
    "m59": Words("畅行 59 元", "CNY 59"),
    "m99": Words("畅行 99 元", "CNY 99"),
    "m199": Words("畅行 199 元", "CNY 199"),
    "one_way": Words("单向停机", "Outgoing only"),
    "two_way": Words("双向停机", "Both ways"),
    "east": Words("东部资源池", "East"),
    "west": Words("西部资源池", "West"),
    "c2m4": Words("2 核 4G", "2 cores, 4 GB"),
    "c4m8": Words("4 核 8G", "4 cores, 8 GB"),
    "c8m16": Words("8 核 16G", "8 cores, 16 GB"),
    "cpe_s": Words("小型 CPE", "Small CPE"),
    "cpe_m": Words("中型 CPE", "Medium CPE"),
    "cpe_l": Words("大型 CPE", "Large CPE"),
    "lte": Words("4G 无线", "LTE"),
    "own_ftth": Words("本公司光纤宽带", "Our fibre"),
    "own_leased_line": Words("本公司专线", "Our leased line"),
    "other_operator": Words("其他运营商", "Another operator"),
    "partner_alpha": Words("伙伴 Alpha", "Partner Alpha"),
    "partner_beta": Words("伙伴 Beta", "Partner Beta"),
}


def unit_said(unit: str, in_english: bool) -> str:
    """A unit as people say it; some are not said at all."""
    return UNITS.get(unit, Words(unit, unit)).in_language("en" if in_english else "zh")


def valued(value: Any, unit: str, language: str) -> str:
    """A catalogue value with its unit: rates of the transmission network in Mbit/s, choices by name."""
    if unit == "kbit/s" and isinstance(value, int) and value % 1024 == 0:
        value, unit = value // 1024, "Mbit/s"
    said = UNITS.get(unit, Words(unit, unit)).in_language(language)
    is_named = isinstance(value, str) and value in CHOICES
    text = CHOICES[value].in_language(language) if is_named else plain(value, language)
    return f"{text} {said}".strip()


def plain(value: Any, language: str) -> str:
    """A JSON value as one short text; a dash for nothing."""
    if isinstance(value, bool):
        return (YES if value else NO).in_language(language)
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return ", ".join(plain(each, language) for each in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(each, language)}" for key, each in value.items()) or "–"
    return str(value)


def instant(value: object) -> datetime | None:
    """The aware instant that a text in ISO 8601 names; None for everything else."""
    if not isinstance(value, str) or not DATE_AND_TIME.match(value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def without_ids(text: str) -> str:
    """What a neighbour said, without our inner ids; the page says by numbers whom it is about."""
    return INNER_NAME.sub("…", text)
