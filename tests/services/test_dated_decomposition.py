"""Rules of the decision tables that count from an instant: an order keeps those of its acceptance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from app.unit_of_work import transaction
from processes.clock import set_offset
from tests.api.world import ORDERS, home_bundle, item
from tests.servers import ROOT
from tests.services.whole import Whole, whole

DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
DEPLOY = "/api/v1/process-definitions/deploy"
COLUMN = f"""<input xmlns="{DMN[1:-1]}" id="ordered_at" label="受理时间 / Accepted at">
<inputExpression id="ordered_at_expression" typeRef="dateTime"><text>ordered_at</text></inputExpression></input>"""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def running(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    with whole(make_database(request.param, migrated=True), tmp_path_factory.mktemp("dated")) as one:
        yield one


def dated(key: str, rule: str, instant: datetime, answers: Mapping[str, str]) -> str:
    """The table of a decision where one rule counts until an instant, and another one like it from then on; without
    other answers the rule itself counts only from then on."""
    root = etree.fromstring((ROOT / "bpmn" / f"{key}.dmn").read_bytes())
    table = root.find(f".//{DMN}decisionTable")
    assert table is not None
    table.findall(f"{DMN}input")[-1].addnext(etree.fromstring(COLUMN))
    until, since = f'< @"{instant.isoformat()}"', f'>= @"{instant.isoformat()}"'
    names = [output.get("name") for output in table.findall(f"{DMN}output")]
    for row in table.findall(f"{DMN}rule"):
        is_meant = row.get("id") == rule
        cell = etree.fromstring(f'<inputEntry xmlns="{DMN[1:-1]}"><text></text></inputEntry>')
        cell[0].text = "-" if not is_meant else until if answers else since
        row.findall(f"{DMN}inputEntry")[-1].addnext(cell)
        if is_meant and answers:
            later = etree.fromstring(etree.tostring(row))
            for one in later.iter():
                one.attrib.pop("id", None)
            later.findall(f"{DMN}inputEntry")[-1][0].text = since
            for name, text in answers.items():
                later.findall(f"{DMN}outputEntry")[names.index(name)][0].text = text
            row.addnext(later)
    return etree.tostring(root, encoding="unicode")


def deploy(running: Whole, key: str, table: str, *, at: str) -> None:
    """With its cases, which say now when the order was accepted."""
    name = f"{key}.test.json"
    cases = json.loads((ROOT / "bpmn" / name).read_text(encoding="utf-8")) if (ROOT / "bpmn" / name).exists() else None
    for case in cases["tests"] if cases else ():
        case["inputs"]["ordered_at"] = at
    files = {f"{key}.dmn": table} | ({name: json.dumps(cases)} if cases else {})
    running.call("POST", DEPLOY, {"files": files}, login="designer")


def fibre() -> dict[str, Any]:
    place = {"id": "A0013", "role": "installation"}
    product = {"productSpecification": {"id": "ftth_broadband"}, "place": [place]}
    return home_bundle(productOrderItem=[item(productOffering={"id": "fb-300"}, product=product)])


def services(running: Whole, order_id: str) -> set[str]:
    (found,) = running.call("GET", f"/api/v1/orders/{order_id}/plan")["items"]
    return {one["rfs"] for one in found["service_orders"]}


@contextmanager
def later(running: Whole, ahead: timedelta) -> Iterator[None]:
    """The clock runs ahead, for as long as this lasts."""
    _set_clock(running, ahead)
    try:
        yield
    finally:
        _set_clock(running, timedelta())


def _set_clock(running: Whole, ahead: timedelta) -> None:
    with transaction(running.deps.sessions) as tx:
        set_offset(tx.session, ahead.total_seconds())


def test_an_order_is_split_by_the_rules_of_its_acceptance_however_late(running: Whole) -> None:
    instant = datetime.now(UTC) + timedelta(hours=1)
    table = dated("decomposition", "broadband_account", instant, {"rfs": '"rfs_static_ip"'})
    deploy(running, "decomposition", table, at="2026-01-05T09:00:00+08:00")
    before = str(running.call("POST", ORDERS, fibre())["id"])
    with later(running, timedelta(hours=2)):
        after = str(running.call("POST", ORDERS, fibre())["id"])
        running.work()  # both are split after the instant
        assert services(running, before) == {"rfs_pon_access", "rfs_aaa_account"}
        assert services(running, after) == {"rfs_pon_access", "rfs_static_ip"}


def test_what_has_a_plan_only_from_an_instant_on_is_not_sold_before(running: Whole) -> None:
    instant = datetime.now(UTC) + timedelta(hours=1)
    rule = rule_of("work_plan", "ftth_broadband", "install")
    deploy(running, "work_plan", dated("work_plan", rule, instant, {}), at="2099-01-05T09:00:00+08:00")
    refused = running.client.post(ORDERS, json=fibre(), headers=running.headers("front"))
    assert refused.status_code == 422, refused.get_json()
    with later(running, timedelta(hours=2)):
        assert running.call("POST", ORDERS, fibre())["state"] == "acknowledged"


def rule_of(key: str, *texts: str) -> str:
    """The rule whose cells name all of these."""
    root = etree.fromstring((ROOT / "bpmn" / f"{key}.dmn").read_bytes())
    for row in root.iter(f"{DMN}rule"):
        cells = " ".join(cell.findtext(f"{DMN}text") or "" for cell in row.findall(f"{DMN}inputEntry"))
        if all(f'"{text}"' in cells for text in texts):
            return str(row.get("id"))
    raise LookupError(texts)
