"""What a step was handed, as facts with a name: nothing without one, nothing empty, no codes where a name exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.domain.words import Words
from app.web.pages.names import Names
from app.web.pages.operation_values import known_label
from app.web.reader import Reader
from app.web.values import CHOICES, INNER_NAME, NO, YES, instant
from app.web.views.parts import Pair

#: Shown elsewhere on the page, or of use to machines only.
HIDDEN: Final = frozenset(
    {"order_id", "item_id", "ticket_id", "area", "address_code", "contact_name", "contact_phone", "customer_no"}
    | {"address_zh", "address_en", "business_key", "order_number", "order_no", "ticket_number", "product", "item_no"}
    | {"product_ids", "order_item", "release_id", "reservation_id", "site_id", "index", "resource_kinds", "tier"}
    | {"segment_area", "side", "today", "address_text", "places"}
)
_MORE: Final[Mapping[str, Words]] = {
    "port": Words("端口", "Port"),
    "ports": Words("端口", "Ports"),
    "partner": Words("合作方", "Partner"),
    "partner_order": Words("合作方单号", "Partner's order"),
    "far_end": Words("对端", "Far end"),
    "trunk": Words("中继", "Trunk"),
    "trunks": Words("中继", "Trunks"),
    "desktops": Words("云桌面", "Desktops"),
    "to_customer_no": Words("新客户号", "New customer"),
    "more_stb_macs": Words("其他机顶盒 MAC", "More set-top boxes"),
    "refusal": Words("拒绝原因", "Refused because"),
    "role": Words("端", "End"),
    "feasibility": Words("资源预查", "Feasibility"),
}
_NAMED: Final[Mapping[str, Words]] = {
    "a_end": Words("A 端", "A end"),
    "z_end": Words("Z 端", "Z end"),
    "installation": Words("安装地址", "Installation"),
    "hub_site": Words("中心点", "Hub"),
    "branch_site": Words("分支", "Branch"),
    "available": Words("资源可用", "Available"),
    "survey_needed": Words("需要查勘", "Survey needed"),
    "build_needed": Words("需要新建", "Has to be built"),
    "no_free_port": Words("没有空闲端口", "No free port"),
    "no_coverage": Words("没有覆盖", "No coverage"),
}
_CODE: Final = re.compile(r"[a-z][a-z0-9]*([_.-][a-z0-9]+)*")
_DEEP: Final = 3
MOST: Final = 24


def step_facts(context: Mapping[str, Any], names: Names, reader: Reader) -> tuple[Pair, ...]:
    """The facts in the order in which they were handed over, each once, at most 24."""
    found: dict[tuple[str, str], Pair] = {}
    for pair in _facts(context, "", names, reader, _DEEP):
        found.setdefault((pair.label, pair.value), pair)
    return tuple(found.values())[:MOST]


def _facts(values: Mapping[str, Any], before: str, names: Names, reader: Reader, deep: int) -> Iterator[Pair]:
    for name, value in values.items():
        label = known_label(name, reader) or reader.words(_MORE.get(name, ""))
        if name in HIDDEN or not deep:
            continue
        if isinstance(value, Mapping):
            yield from _facts(value, _under(before, label), names, reader, deep - 1)
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            parts = [one for one in value if isinstance(one, Mapping)]
            for n, one in enumerate(parts, start=1):
                which = _text(one.get("role"), names, reader)[0] or (f"{label} {n}" if len(parts) > 1 else label)
                rest = {key: each for key, each in one.items() if key != "role"}
                yield from _facts(rest, _under(before, which), names, reader, deep - 1)
        elif label:
            text, is_code = _text(value, names, reader)
            if text:
                yield Pair(_under(before, label), text, code=is_code)


def _under(before: str, label: str) -> str:
    return f"{before} · {label}" if before and label else before or label


def _text(value: object, names: Names, reader: Reader) -> tuple[str, bool]:
    """A value as people read it, and whether it is a number of ours to be read letter by letter."""
    if isinstance(value, bool):
        return reader.words(YES if value else NO), False
    if value in (None, "", [], {}):
        return "", False
    if isinstance(value, list):
        texts = [_text(one, names, reader)[0] for one in value]
        return ", ".join(text for text in texts if text), False
    if (at := instant(value)) is not None:
        return reader.f.promise(at), False
    text = str(value)
    known = _NAMED.get(text) or CHOICES.get(text)
    if known is not None:
        return reader.words(known), False
    if INNER_NAME.search(text) or (isinstance(value, str) and _CODE.fullmatch(text) and not text.isdigit()):
        return "", False
    area = names.area(text)
    return (area, False) if area != text else (text, any(one.isdigit() for one in text))
