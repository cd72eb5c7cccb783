"""The data a new system starts with: complete, quick to load, and safe to load again."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.products.catalogue_entries import Entries
from app.persistence.areas import Area
from app.persistence.counter.customers import Customer, InstalledProduct
from app.persistence.people import ApiToken, Team, User, actor_for
from app.persistence.products.catalogue import Offering, RuleBook
from app.persistence.products.catalogue_in_force import apply_due
from app.persistence.products.catalogue_reader import load_catalogue
from app.persistence.products.catalogue_versions import add_release, entries_at
from app.persistence.promises.rule_books import failures, stop_reasons, work_order_types
from app.persistence.promises.rule_versions import FROM_THE_BEGINNING, rules_at
from app.seed import files, fingerprint
from app.seed.demo import demo_token, load_demo, token_hash
from app.seed.fingerprint import load_once
from app.seed.reference import load_reference
from processes.clock import SystemClock
from processes.store.definitions import OperationDefinition
from processes.store.sessions import Sessions


def test_a_second_load_changes_nothing_of_what_people_did(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.get_one(Customer, "C100003").tier = "platinum"
        session.get_one(User, "front").active = False
    with sessions.begin() as session:
        assert load_reference(session) == 0
        assert load_demo(session, lambda _password: pytest.fail("hashed again")) == 0
    with sessions.begin() as session:
        assert session.get_one(Customer, "C100003").tier == "platinum"
        assert not session.get_one(User, "front").active
        session.get_one(User, "front").active = True
        session.get_one(Customer, "C100003").tier = "standard"


def test_reference_data_follows_the_files(session: Session) -> None:
    of_before = {**entries_at(session, None)["offering"]["fb-300"], "name_en": "Something else"}
    release(session, {"offering": {"fb-300": of_before}}, who="yizhan")
    assert session.get_one(Offering, "fb-300").name_en == "Something else"
    load_reference(session)
    session.expire_all()
    assert session.get_one(Offering, "fb-300").name_en == "Fibre 300M"


def test_what_people_changed_in_the_catalogue_stays(session: Session) -> None:
    changed = {**entries_at(session, None)["offering"]["fb-300"], "name_en": "Something else"}
    release(session, {"offering": {"fb-300": changed}}, who="designer")
    load_reference(session)
    session.expire_all()
    assert session.get_one(Offering, "fb-300").name_en == "Something else"


def release(session: Session, entries: Entries, *, who: str) -> None:
    now = SystemClock().now(session)
    add_release(session, entries, who=who, note="", valid_from=now, now=now)
    apply_due(session, now)
    session.expire_all()


def test_areas_know_their_way_up(session: Session) -> None:
    assert session.get_one(Area, "SC-LS").path == "CN/SC/SC-LS"
    assert session.get_one(Area, "BJ-BJ").long_distance_code == "010"
    assert session.scalar(select(func.count()).select_from(Area)) == 13


def test_people_teams_and_tokens(session: Session) -> None:
    front = actor_for(session, "front")
    teams = {"counter.sh-sh", "service_desk.sh"}
    assert (front.role, front.area_path, front.teams) == ("front_desk", "CN/SH/SH-SH", teams)
    assert session.get_one(User, "front").password_hash == "hash of demo"
    token = session.scalars(select(ApiToken).where(ApiToken.token_hash == token_hash(demo_token("field")))).one()
    assert token.login == "field"
    assert session.get_one(Team, "home_field.bj-bj.east").districts == ["east"]
    assert session.scalar(select(func.count()).select_from(User)) == 74


def test_rules_and_catalogue_can_be_read(session: Session) -> None:
    catalogue = load_catalogue(session)
    assert len(catalogue.products) == 13
    assert [price.code for price in catalogue.offerings["hb-500"].prices] == ["hb-500-p1", "hb-500-p2"]
    rules = rules_at(session, FROM_THE_BEGINNING)
    assert len(rules.book.policies) == 45
    assert "office_5x8" in rules.calendars.by_code
    assert stop_reasons(session)["customer-defer"].zh == "客户要求缓装"
    assert failures(session)["no-free-port"]["name_en"]
    assert work_order_types(session)["install_at_customer"]["team_role"] == "home_field"
    assert session.get_one(OperationDefinition, "resource.reserve").body["undo"] == "resource.release_reservation"
    assert session.get(RuleBook, "failures") is not None


def test_installed_products_have_places_and_parents(session: Session) -> None:
    line = session.get_one(InstalledProduct, "P30000101")
    assert [place["role"] for place in line.places] == ["a_end", "z_end"]
    fibre = session.get_one(InstalledProduct, "P10000102")
    assert (fibre.parent_product_id, fibre.places[0]["address_code"]) == ("P10000101", fibre.address_code)


# The files themselves: every reference resolves, stock fits the products.


@cache
def read(name: str) -> dict[str, Any]:
    return files.read(name)


@cache
def codes(name: str, part: str, key: str = "code") -> dict[str, dict[str, Any]]:
    rows = read(name)[part]
    twice = [code for code, number in Counter(row[key] for row in rows).items() if number > 1]
    assert not twice, f"{name}.{part}: {twice}"
    return {row[key]: row for row in rows}


def test_people_point_at_areas_and_teams() -> None:
    areas, teams, roles = codes("areas", "areas"), codes("teams", "teams"), codes("teams", "team_roles")
    known = codes("calendars", "calendars")
    assert {row["area"] for row in teams.values()} <= set(areas)
    assert {row["role"] for row in teams.values()} == set(roles)
    assert {row["calendar"] for row in teams.values()} <= set(known)
    for user in codes("users", "users", "login").values():
        assert user["area"] in areas
        assert set(user.get("teams", ())) <= set(teams)
        assert user["role"] in codes("users", "user_roles")


def test_the_catalogue_points_at_itself() -> None:
    products, offerings = codes("catalog", "product_specs"), codes("catalog", "offerings")
    services, resources = codes("services", "rfs_specs"), codes("services", "resource_specs")
    assert {row["product"] for row in offerings.values()} <= set(products)
    assert {row["offering"] for row in codes("catalog", "prices").values()} == set(offerings)
    assert {kind for row in services.values() for kind in row["resources"]} <= set(resources)
    assert {row["product"] for row in read("services")["decomposition_rules"]} == set(products)
    for fee in codes("catalog", "fees").values():
        assert set(fee.get("products", ())) <= set(products)


def test_addresses_hang_on_splitters_with_room() -> None:
    splitters, exchanges = codes("resources", "splitters"), codes("resources", "exchanges")
    pon_ports = codes("resources", "pon_ports")
    assert {row["pon_port"] for row in splitters.values()} <= set(pon_ports)
    for row in codes("addresses", "addresses").values():
        assert row["exchange"] in exchanges, row["code"]
        if "splitter" not in row:
            continue
        splitter = splitters[row["splitter"]]
        taken = set(splitter.get("occupied", {})) | set(splitter.get("faulty", ()))
        assert splitter["area"] == row["area"], row["code"]
        assert (len(taken) < splitter["ports"]) == (row["feasibility"] != "no_free_port"), row["code"]


def test_a_chain_of_twenty_shops_finds_ports_boxes_and_addresses() -> None:
    shops = [row for code, row in codes("addresses", "addresses").items() if "A0101" <= code <= "A0120"]
    need = Counter(row["splitter"] for row in shops)
    splitters = codes("resources", "splitters")
    assert len(shops) == 20
    for code, number in need.items():
        taken = set(splitters[code].get("occupied", {})) | set(splitters[code].get("faulty", ()))
        assert splitters[code]["ports"] - len(taken) >= number, code
    stock = Counter((row["area"], row["model"]) for row in read("resources")["onts"] if row["state"] == "in_stock")
    assert stock["JS-NJ", "ont_wifi6"] >= 20
    assert all(stock[area, model] >= 12 for area in ("SH-SH", "BJ-BJ") for model in ("ont_ge", "ont_wifi6", "ont_10g"))
    assert sum(row["state"] == "free" for row in read("resources")["static_ips"]) >= 20
    assert codes("customers", "accounts")["AC2000031"]["credit_limit_cny"] >= "15980.00"


def test_customers_accounts_and_products_belong_together() -> None:
    customers, accounts = codes("customers", "customers"), codes("customers", "accounts")
    offerings, addresses = codes("catalog", "offerings"), codes("addresses", "addresses")
    products = codes("installed_products", "installed_products")
    inside = {code for code, row in customers.items() if row["segment"] == "internal"}
    assert {row["customer"] for row in accounts.values()} == set(customers) - inside
    for code, row in products.items():
        assert row.get("address", "A0001") in addresses, code
        if row["customer"] in inside:  # they have things built, and nobody pays
            assert not {"account", "offering", "subscription_no"} & set(row), code
            continue
        assert accounts[row["account"]]["customer"] == row["customer"], code
        assert offerings[row["offering"]]["product"] == row["product"], code
        assert row.get("parent", code) in products, code


def test_devices_and_numbers_are_where_the_products_say() -> None:
    products = codes("installed_products", "installed_products")
    resources = read("resources")
    for part in ("onts", "set_top_boxes", "sims", "fixed_numbers", "mobile_numbers", "static_ips"):
        for row in resources[part]:
            assert bool(row.get("product")) == (row["state"] in ("occupied", "installed")), row
            assert row.get("product", "P10000101") in products, row
    for code, row in products.items():
        port = row.get("resources", {}).get("splitter_port")
        if port is not None:
            splitter, number = port.split("#")
            assert codes("resources", "splitters")[splitter]["occupied"][int(number)] == code


def test_personal_data_is_invented() -> None:
    for row in codes("customers", "customers").values():
        assert row["phone"].startswith("1540000") and row["email"].endswith("@example.com")
        assert row["id_number"][:2] == "99" if row["id_type"] == "id_card" else row["id_number"][2:4] == "99"


def test_files_are_loaded_once_until_they_change(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    for _ in range(2):
        with sessions.begin() as session:
            load_once(session, "trial", lambda: loads.append("first"))
    assert loads == ["first"]
    monkeypatch.setattr(fingerprint, "fingerprint", lambda: "another")
    with sessions.begin() as session:
        assert load_once(session, "trial", lambda: loads.append("changed"))
    assert loads == ["first", "changed"]
