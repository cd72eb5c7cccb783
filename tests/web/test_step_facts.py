"""What a step was handed is shown as facts with names, and nothing else of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.actors import SYSTEM
from app.unit_of_work import read
from app.web.pages.names import Names
from app.web.pages.step_facts import MOST, step_facts
from app.web.reader import Reader
from tests.web.site import Site


@pytest.fixture(scope="module")
def facts(site: Site) -> Any:
    def shown(language: str, context: dict[str, Any]) -> dict[str, str]:
        with read(site.world.deps.read_sessions) as session:
            reader = Reader(SYSTEM, language, datetime.now(UTC))
            return {pair.label: pair.value for pair in step_facts(context, Names(session, reader), reader)}

    return shown


LINE = {
    "order_id": "01a203c8-9053-73a9-ad85-66abc9c4c718",
    "circuit_no": "SH-LL-0042",
    "device_model": "ont_10g",
    "resources": {"olt_port": None, "splitter_port": "", "route": {"trunks": ["T-1", "T-2"]}},
    "ends": [
        {"role": "a_end", "interface": "ge_electrical", "address_code": "A0005"},
        {"role": "z_end", "interface": "10ge_optical"},
    ],
    "slot_from": "2026-12-01T01:00:00+00:00",
    "nobody_named_this": "x-1",
    "mode": "some_inner_code",
    "reference": "order:01a203c8-9053-73a9-ad85-66abc9c4c718/item:1",
}


def test_only_what_has_a_name_is_shown_under_it(facts: Any) -> None:
    shown = facts("zh", LINE)
    assert shown["电路号"] == "SH-LL-0042" and shown["设备型号"] == "万兆光猫"
    assert shown["A 端 · 接口"] == "千兆电口" and shown["Z 端 · 接口"] == "万兆光口"
    assert shown["上门时间（起）"] == "12-01 周二 09:00"
    assert [value for label, value in shown.items() if label.endswith("中继")] == ["T-1, T-2"]
    told = " ".join([*shown, *shown.values()])
    for inner in ("a_end", "ge_electrical", "x-1", "some_inner_code", "01a203c8", "–", "trunks", "nobody"):
        assert inner not in told, inner


def test_in_english_there_is_no_chinese_and_the_list_has_an_end(facts: Any) -> None:
    shown = facts("en", LINE)
    assert shown["A end · Interface"] == "GE electrical"
    assert all(text.isascii() for text in [*shown.values()])
    many = {"links": [{"olt_port": f"P-{n}"} for n in range(100)]}
    assert len(facts("en", many)) == MOST
