"""A product nobody had thought of is brought into a system that runs, over HTTP, and ordered to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from scripts.draw.__main__ import draw_outline
from tests.scenario.rig import CANCELS, ORDERS, Client, Rig, distributed
from tests.servers import redis_server

FOLDER = Path(__file__).parent / "smart_lock"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
#: What the tables that everybody shares have to say of the new product; other inputs do not matter.
RULES: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "work_plan": ({"product": '"smart_lock"', "order_type": '"install"'}, {"plan": '"smart_lock_install"'}),
    "decomposition": (
        {"product": '"smart_lock"'},
        {
            "component": '"lock"',
            "cfs": '"cfs_lock"',
            "rfs": '"rfs_lock"',
            "resources": '"lock_device"',
            "per": '"item"',
        },
    ),
    "sla_policy": ({"product": '"smart_lock"', "order_type": '"install"'}, {"policy": '"home-install-urban"'}),
}


def with_rule(xml: bytes, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """A decision table with one rule more."""
    root = etree.fromstring(xml)
    table = root.find(f".//{DMN}decisionTable")
    assert table is not None
    rule = etree.Element(f"{DMN}rule", id="smart_lock")
    first = table.find(f"{DMN}rule")
    assert first is not None
    first.addprevious(rule)  # tables that take the first rule that fits end with one that always does
    for given in table.iterfind(f"{DMN}input/{DMN}inputExpression/{DMN}text"):
        etree.SubElement(etree.SubElement(rule, f"{DMN}inputEntry"), f"{DMN}text").text = inputs.get(
            given.text or "", "-"
        )
    for wanted in table.iterfind(f"{DMN}output"):
        value = outputs.get(wanted.get("name", ""), '""')
        etree.SubElement(etree.SubElement(rule, f"{DMN}outputEntry"), f"{DMN}text").text = value
    return etree.tostring(root, encoding="unicode")


def newest(designer: Client, key: str) -> str | None:
    """The table in force with the rule for the new product; None where there is no such table."""
    known = {row["key"]: row["version"] for row in designer.ask("/api/v1/decision-definitions")["decisions"]}
    if key not in known:
        return None
    source = designer.get(f"/api/v1/decision-definitions/{key}/{known[key]}/source")
    return with_rule(source.content, *RULES[key])


def order_of(customer: str = "C100003") -> dict[str, Any]:
    place = {"id": "A0013", "role": "installation"}
    product = {"productSpecification": {"id": "smart_lock"}, "place": [place]}
    return {
        **{"category": "install", "channel": [{"id": "counter"}]},
        "relatedParty": [{"id": customer, "role": "customer", "@referredType": "Customer"}],
        "productOrderItem": [{"id": "1", "action": "add", "productOffering": {"id": "lock-white"}, "product": product}],
    }


def bring_in(rig: Rig) -> None:
    """Teach the neighbours' platform its operations, and the system the product, its plan and its form."""
    designer = rig.client("designer")
    content = (FOLDER / "catalogue.yaml").read_text(encoding="utf-8")
    rig.far("POST", "/control/operations", {"operations": yaml.safe_load(content)["operations"]})
    designer.tell("/api/v1/catalogue/import", {"content": content, "note": "smart locks"})
    drawing = draw_outline(yaml.safe_load((FOLDER / "plan.yaml").read_text(encoding="utf-8"))).decode()
    files = {"smart_lock_install.bpmn": drawing, "fit_lock.form": (FOLDER / "fit_lock.form").read_text("utf-8")}
    tables = {f"{key}.dmn": newest(designer, key) for key in RULES}
    files |= {name: text for name, text in tables.items() if text is not None}
    designer.tell("/api/v1/process-definitions/deploy", {"files": files, "note": "smart locks"})


def is_ordered_to_its_end(rig: Rig) -> None:
    front = rig.client()
    refused = front.tell(ORDERS, order_of(), status=422)
    assert "lock-white" in refused["message"]
    bring_in(rig)

    order_id = str(front.tell(ORDERS, order_of(), status=201)["id"])
    view = rig.follow(order_id)

    assert view["state"] == "completed"
    assert {row["type"] for row in view["work_orders"]} == {
        "create_subscription",
        "enrol_lock",
        "fit_lock",
        "start_charging",
    }
    (product,) = [
        row for row in front.ask("/api/v1/products", customer_no="C100003")["items"] if row["product"] == "smart_lock"
    ]
    assert (product["status"], product["characteristics"]) == ("active", {"colour": "white"})
    known = rig.far("GET", f"/control/books/generic/provisioning:{product['product_id']}")
    assert known["inputs"] == {"product_id": product["product_id"], "colour": "white"}
    (bill,) = [row for row in rig.books("billing", "subscriptions") if row["product_id"] == product["product_id"]]
    assert bill["state"] == "active"

    # And another one is cancelled half-way: the operation that came with the product is undone by the other.
    other = str(front.tell(ORDERS, order_of(), status=201)["id"])
    rig.follow(
        other,
        play=False,
        until=lambda view: any(
            row["type"] == "fit_lock" and row["state"] == "inProgress" for row in view["work_orders"]
        ),
    )
    front.tell(CANCELS, {"productOrder": {"id": other}, "cancellationReason": "changed their mind"})
    assert rig.follow(other, play=False)["state"] == "cancelled"
    assert [row["operation"] for row in rig.effects() if row["operation"].endswith("_lock")].count(
        "provisioning.remove_lock"
    ) == 1


@pytest.mark.slow
def test_a_new_product_is_ordered_on_the_system_that_runs(running: Rig) -> None:
    is_ordered_to_its_end(running)


@pytest.mark.slow
def test_the_catalogue_is_a_file_on_the_command_line_too(running: Rig, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    running.command("catalogue", "export", "--output", str(file))
    as_it_was = file.read_text(encoding="utf-8")
    assert running.command("catalogue", "check", str(file)) == ""  # what was taken out changes nothing
    file.write_text(as_it_was.replace("Fibre 300M", "Fibre for all"), encoding="utf-8")
    brought = running.command("catalogue", "import", str(file), "--note", "a better name")
    assert "offering  fb-300  changed: name_en" in brought and "release" in brought
    assert "a better name" in running.command("catalogue", "history", "offering", "fb-300")
    file.write_text("prices: [{code: x}]", encoding="utf-8")
    running.command("catalogue", "import", str(file), expect=1)
    file.write_text(as_it_was, encoding="utf-8")
    running.command("catalogue", "import", str(file))


@pytest.fixture
def several(tmp_path: Path, make_database: Callable[..., str]) -> Iterator[Rig]:
    """Two web servers and two workers on PostgreSQL."""
    with redis_server() as bell, distributed(tmp_path, make_database("postgresql", migrated=False), bell.url) as rig:
        yield rig


@pytest.mark.slow
@pytest.mark.torture
def test_every_process_of_a_large_system_knows_the_new_product(several: Rig) -> None:
    is_ordered_to_its_end(several)
