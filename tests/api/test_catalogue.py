"""The catalogue as a file: brought in whole or not at all, with the version of every entry kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from app.persistence.products.catalogue_in_force import apply_due
from app.persistence.products.catalogue_versions import CatalogueEntry, CatalogueRelease
from app.unit_of_work import transaction
from tests.api.world import Person, World, codes, home_bundle, item

FIBRE_200: dict[str, Any] = {
    "offerings": [
        {
            **{"code": "fb-200", "product": "ftth_broadband", "name_zh": "光纤宽带 200M", "name_en": "Fibre 200M"},
            **{"segments": ["public"], "sold_from": "2026-01-01"},
            "fixed_characteristics": {"downstream_mbps": 300},
        }
    ],
    "prices": [
        {
            **{"code": "fb-200-p1", "offering": "fb-200", "kind": "recurring", "amount_cny": "89.00", "unit": "month"},
            **{"name_zh": "月租", "name_en": "Monthly rent", "tax_percent": "9.0"},
        }
    ],
}


def fibre(offering: str) -> dict[str, Any]:
    place = {"id": "A0013", "role": "installation"}
    product = {"productSpecification": {"id": "ftth_broadband"}, "place": [place]}
    return item(productOffering={"id": offering}, product=product)


def bring(person: Person, content: dict[str, Any] | str, **more: Any) -> Any:
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
    return person.post("/api/v1/catalogue/import", {"content": text, **more})


@pytest.fixture
def own(fresh_world: Callable[..., World]) -> World:
    return fresh_world()


def test_a_new_offering_is_sold_at_once(own: World) -> None:
    answer = bring(own.person("designer"), FIBRE_200, note="spring")
    assert answer.status_code == 200, answer.get_json()
    body = answer.get_json()
    assert [(one["kind"], one["code"], one["is_new"]) for one in body["changes"]] == [
        ("offering", "fb-200", True),
        ("price", "fb-200-p1", True),
    ]
    placed = own.person("front").post(
        "/tmf-api/productOrderingManagement/v4/productOrder",
        home_bundle(productOrderItem=[fibre("fb-200")]),
    )
    assert placed.status_code == 201, placed.get_json()
    assert bring(own.person("designer"), FIBRE_200).get_json()["release"] is None


def test_a_price_changes_from_its_day_on_and_the_history_says_who(own: World) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    designer = own.person("designer")
    prices = yaml.safe_load(designer.get("/api/v1/catalogue/export").data)["prices"]
    price = {**next(one for one in prices if one["code"] == "fb-300-p1"), "amount_cny": "88.00"}
    answer = bring(designer, {"prices": [price]}, valid_from=soon.isoformat(), note="cheaper")
    assert answer.get_json()["changes"] == [
        {"kind": "price", "code": "fb-300-p1", "is_new": False, "changed": ["amount_cny"]}
    ]
    assert price_now(own) == "99.00"
    assert exported_price(designer, soon - timedelta(seconds=1)) == "99.00"
    assert exported_price(designer, soon) == "88.00"
    newest, first = designer.get("/api/v1/catalogue/history?kind=price&code=fb-300-p1").get_json()["versions"]
    assert (newest["version"], newest["recorded_by"], newest["note"], newest["changed"], newest["in_force_since"]) == (
        *(2, "designer", "cheaper"),
        *(["amount_cny"], None),
    )
    assert (first["version"], first["recorded_by"]) == (1, "yizhan")
    with transaction(own.deps.sessions) as tx:
        assert apply_due(tx.session, soon) == [newest["release"]]
    assert price_now(own) == "88.00"


def price_now(world: World) -> str:
    offerings = world.person("front").get("/api/v1/catalogue").get_json()["offerings"]
    prices = next(one["prices"] for one in offerings if one["code"] == "fb-300")
    return str(next(one["amount_cny"] for one in prices if one["code"] == "fb-300-p1"))


def exported_price(person: Person, at: datetime) -> str:
    content = yaml.safe_load(person.get("/api/v1/catalogue/export", query_string={"at": at.isoformat()}).data)
    return str(next(one["amount_cny"] for one in content["prices"] if one["code"] == "fb-300-p1"))


def test_what_is_taken_out_can_be_brought_in_and_changes_nothing(own: World) -> None:
    designer = own.person("designer")
    text = designer.get("/api/v1/catalogue/export").data.decode()
    answer = bring(designer, text)
    assert (answer.status_code, answer.get_json()["changes"], answer.get_json()["release"]) == (200, [], None)


OFFERING, PRICE = FIBRE_200["offerings"][0], FIBRE_200["prices"][0]
PRODUCT = {
    **{"code": "p9", "name_zh": "新", "name_en": "New", "segments": ["public"], "places": 1},
    **{"order_types": ["install"], "characteristics": []},
}
OPERATION = {
    **{"code": "provisioning.do_it", "adapter": "provisioning", "name_zh": "做", "name_en": "Do", "mode": "sync"},
    **{"effect": "write", "irreversible": True, "inputs": ["product_id"], "outputs": [], "timeout_s": 5},
    **{"retry": "sync", "idempotency": "keyed"},
}
RESERVE = {
    **{**OPERATION, "code": "resource.reserve", "adapter": "resource", "irreversible": False},
    **{"undo": "resource.release_reservation", "inputs": ["order_item", "colour"], "outputs": ["reservation_id"]},
}
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "negative price": (
        {"prices": [{**PRICE, "offering": "fb-300", "amount_cny": "-1.00"}]},
        "prices.fb-200-p1.amount_cny",
        "negative-price",
    ),
    "price not written as money": (
        {"prices": [{**PRICE, "amount_cny": "9"}]},
        "prices.fb-200-p1.amount_cny",
        "amount-form",
    ),
    "price of nothing": ({"prices": [PRICE]}, "prices.fb-200-p1.offering", "unknown-reference"),
    "unknown product": (
        {"offerings": [{**OFFERING, "product": "gone"}]},
        "offerings.fb-200.product",
        "unknown-reference",
    ),
    "unknown segment": (
        {"offerings": [{**OFFERING, "segments": ["moon"]}]},
        "offerings.fb-200.segments",
        "unknown-reference",
    ),
    "value the product does not allow": (
        {"offerings": [{**OFFERING, "fixed_characteristics": {"downstream_mbps": 201}}]},
        "offerings.fb-200.fixed_characteristics.downstream_mbps",
        "not-a-choice",
    ),
    "sold until before from": (
        {"offerings": [{**OFFERING, "sold_until": "2025-01-01"}]},
        "offerings.fb-200.sold_until",
        "not-a-range",
    ),
    "no date": ({"offerings": [{**OFFERING, "sold_from": "soon"}]}, "offerings.fb-200.sold_from", "not-a-date"),
    "no English name": (
        {"offerings": [{key: OFFERING[key] for key in OFFERING if key != "name_en"}]},
        "offerings.fb-200.name_en",
        "required",
    ),
    "unknown field": ({"offerings": [{**OFFERING, "colour": "red"}]}, "offerings.fb-200.colour", "unknown-field"),
    "unknown section": ({"offers": [OFFERING]}, "offers", "unknown-field"),
    "twice in one file": ({"offerings": [OFFERING, OFFERING]}, "offerings", "twice"),
    "unknown order type": (
        {"product_specs": [{**PRODUCT, "order_types": ["paint"]}]},
        "product_specs.p9.order_types",
        "unknown-reference",
    ),
    "default that does not fit": (
        {
            "product_specs": [
                {
                    **PRODUCT,
                    "characteristics": [
                        {"code": "a", "name_zh": "甲", "name_en": "A", "type": "integer", "default": "x"}
                    ],
                }
            ]
        },
        "product_specs.p9.characteristics.a.default",
        "wrong-type",
    ),
    "shares of less than everything": (
        {"product_specs": [{**PRODUCT, "shares": [{"party": "accepting_area", "percent": "99.99"}]}]},
        "product_specs.p9.shares",
        "shares-do-not-sum",
    ),
    "the same party twice": (
        {"product_specs": [{**PRODUCT, "shares": [{"party": "headquarters", "percent": "50"}] * 2}]},
        "product_specs.p9.shares",
        "twice",
    ),
    "unknown resource": (
        {"rfs_specs": [{"code": "rfs_9", "name_zh": "新", "name_en": "New", "resources": ["unicorn"]}]},
        "rfs_specs.rfs_9.resources",
        "unknown-reference",
    ),
    "unknown adapter": (
        {"operations": [{**OPERATION, "code": "moon.do_it", "adapter": "moon"}]},
        "operations.moon.do_it.adapter",
        "unknown-reference",
    ),
    "write without undo": (
        {"operations": [{**OPERATION, "irreversible": False}]},
        "operations.provisioning.do_it.code",
        "operation-invalid",
    ),
    "unknown retry policy": (
        {"operations": [{**OPERATION, "retry": "never"}]},
        "operations.provisioning.do_it.code",
        "operation-invalid",
    ),
    "input in use taken away": ({"operations": [RESERVE]}, "operations.resource.reserve.inputs", "in-use"),
    "fee that depends on nothing": (
        {
            "fees": [
                {
                    "code": "f9",
                    "name_zh": "费",
                    "name_en": "Fee",
                    "amount_cny": "1.00",
                    "unit": "order",
                    "order_types": ["change"],
                    "when": "moon",
                }
            ]
        },
        "fees.f9.when",
        "unknown-reference",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_whole_with_path_and_reason(world: World, name: str) -> None:
    content, path, code = WRONG[name]
    before = world.look(lambda session: session.query(CatalogueRelease).count())
    fine = {
        "code": "fb-fine",
        "name_zh": "好",
        "name_en": "Fine",
        "product": "ftth_broadband",
        "segments": ["public"],
        "sold_from": "2026-01-01",
    }
    mixed = {**content, "offerings": [*content.get("offerings", []), fine]}
    answer = bring(world.person("designer"), mixed)
    assert answer.status_code == 422, answer.get_json()
    assert codes(answer).get(path) == code, codes(answer)
    problem = next(one for one in answer.get_json()["details"] if one["path"] == path)
    assert problem["message"]
    assert world.look(lambda session: session.query(CatalogueRelease).count()) == before
    assert "fb-fine" not in world.person("designer").get("/api/v1/catalogue/export").data.decode()


@pytest.mark.parametrize(
    "text",
    [
        "offerings: [",
        "- a\n- b",
        "offerings: []\nofferings: []",
        "a: !!python/object:os.system {}",
        "a: &x [*x]",
        "7: {}",
    ],
)
def test_what_is_no_catalogue_is_no_accident(world: World, text: str) -> None:
    answer = bring(world.person("designer"), text)
    assert answer.status_code == 400, answer.get_json()


def test_a_short_text_cannot_stand_for_a_million_values(world: World) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert bring(world.person("designer"), "\n".join(lines)).status_code == 400


def test_yesterday_cannot_be_changed(world: World) -> None:
    answer = bring(world.person("designer"), FIBRE_200, valid_from="2026-01-01T00:00:00+08:00")
    assert codes(answer) == {"valid_from": "in-the-past"}


def test_what_is_sold_no_longer_is_refused_at_the_counter(own: World) -> None:
    designer = own.person("designer")
    offerings = yaml.safe_load(designer.get("/api/v1/catalogue/export").data)["offerings"]
    gone = {**next(one for one in offerings if one["code"] == "fb-300"), "sold_until": "2026-02-01"}
    assert bring(designer, {"offerings": [gone]}).status_code == 200
    answer = own.person("front").post(
        "/tmf-api/productOrderingManagement/v4/productOrder",
        home_bundle(productOrderItem=[fibre("fb-300")]),
    )
    assert answer.status_code == 422
    assert codes(answer)["productOrderItem.0.productOffering.id"] == "not-on-sale"


def test_a_check_stores_nothing(world: World) -> None:
    answer = world.person("designer").post("/api/v1/catalogue/check", {"content": yaml.safe_dump(FIBRE_200)})
    assert [one["code"] for one in answer.get_json()["changes"]] == ["fb-200", "fb-200-p1"]
    assert answer.get_json()["release"] is None
    assert not world.look(lambda session: session.query(CatalogueEntry).filter_by(code="fb-200").count())


def test_a_release_must_fit_those_that_wait_as_well(own: World) -> None:
    """A product that loses a value today must not break an offering that will fix it tomorrow."""
    designer = own.person("designer")
    soon = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    coming = {**OFFERING, "code": "fb-new", "fixed_characteristics": {"downstream_mbps": 1000}}
    assert bring(designer, {"offerings": [coming]}, valid_from=soon).status_code == 200
    content = yaml.safe_load(designer.get("/api/v1/catalogue/export").data)
    product = next(one for one in content["product_specs"] if one["code"] == "ftth_broadband")
    part = next(one for one in product["characteristics"] if one["code"] == "downstream_mbps")
    part["values"].remove(1000)
    for one in content["offerings"]:
        one.get("fixed_characteristics", {}).pop("downstream_mbps", None)
    answer = bring(designer, {"product_specs": [product], "offerings": content["offerings"]})
    assert codes(answer) == {"offerings.fb-new.fixed_characteristics.downstream_mbps": "not-a-choice"}


def test_two_processes_of_one_system_know_a_new_operation(own: World) -> None:
    answer = bring(own.person("designer"), {"operations": [OPERATION]})
    assert answer.status_code == 200, answer.get_json()
    assert own.deps.registry.get("provisioning.do_it").timeout_s == 5
    other = World(own.deps.settings)
    try:
        assert "provisioning.do_it" in other.deps.registry
        changed = {**OPERATION, "timeout_s": 7}
        assert bring(own.person("designer"), {"operations": [changed]}).status_code == 200
        other.deps.watch.look_again()
        other.deps.watch.fits()
        assert other.deps.registry.get("provisioning.do_it").timeout_s == 7
    finally:
        other.close()
