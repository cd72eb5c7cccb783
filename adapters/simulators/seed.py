"""Fills the books from the stock and the installed products of a data folder."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from adapters.operations_file import SAFE_LOADER
from adapters.simulators import seed_products
from adapters.simulators.resource_stock import QUARANTINE_DAYS, unit_key, used_state
from adapters.simulators.store import Doc, Store

FILES: Final = ("resources", "addresses", "customers", "installed_products", "catalog")
Data = Mapping[str, Any]
# Kinds of units at ends and sites, and under which name an installed product says which it holds there.
_AT_ENDS: Final = (("fibre_pair", "fibre"), ("transmission_port", "port"))
_AT_SITES: Final = (("fibre_pair", "fibre"), ("pe_port", "pe_port"), ("ip_block", "link_prefix"), ("cpe", "cpe_serial"))


def read_folder(folder: Path) -> dict[str, Any]:
    """Return the tables of the files a folder has; a file that is not there is left out."""
    data: dict[str, Any] = {}
    for name in FILES:
        path = folder / f"{name}.yaml"
        if path.exists():
            data.update(yaml.load(path.read_text(encoding="utf-8"), Loader=SAFE_LOADER) or {})  # noqa: S506 - a safe loader either way
    return data


def load(store: Store, data: Data) -> int:
    """Write every table into the books and return how many documents that made. What is there stays as it is."""
    before = _Counting(store)
    _pools(before, data)
    _ports(before, data)
    _simple_units(before, data)
    for row in data.get("addresses", ()):
        before.add("addresses", row["code"], {**row, "site": row.get("exchange")})
    for row in data.get("accounts", ()):
        before.add("accounts", row["code"], {**row, "state": row.get("state", "open"), "site": row["customer"]})
    prices = _recurring_prices(data)
    for row in data.get("installed_products", ()):
        priced = {"prices": prices.get(row.get("offering"), []), **row}
        for book, key, doc in seed_products.documents(priced):
            before.add(book, key, doc)
    _roles(store, data)
    return before.count


def _roles(store: Store, data: Data) -> None:
    """Tell units of lines and networks at which end or site they are, as reserving does."""
    for row in data.get("installed_products", ()):
        held = row.get("resources") or {}
        codes = [(unit_key(kind, str(held.get(f"{name}_{end}"))), end) for end in "az" for kind, name in _AT_ENDS]
        for position, site in enumerate(held.get("sites", ())):
            codes += [(unit_key(kind, str(site.get(name))), str(position)) for kind, name in _AT_SITES]
        for key, role in codes:
            doc = store.get("units", key)
            if doc is not None and doc.get("role") is None and doc.get("product_id") == row["code"]:
                store.put("units", key, {**doc, "role": role})


class _Counting:
    """Adds documents that are not there yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.count = 0

    def add(self, book: str, key: str, doc: Doc) -> None:
        if self._store.get(book, key) is None:
            self._store.put(book, key, doc)
            self.count += 1

    def unit(self, kind: str, code: str, *, site: str | None = None, holder: Any = None, **more: Any) -> None:
        doc: Doc = {"kind": kind, "code": code, "site": site, "product_id": holder, "ref": None, **more}
        self.add("units", unit_key(kind, code), doc)


def _recurring_prices(data: Data) -> dict[Any, list[dict[str, Any]]]:
    prices: dict[Any, list[dict[str, Any]]] = {}
    for row in data.get("prices", ()):
        if row["kind"] == "recurring":
            told = {name: row.get(name) for name in ("code", "kind", "amount_cny", "unit")}
            prices.setdefault(row["offering"], []).append(told)
    return prices


def _pools(books: _Counting, data: Data) -> None:
    vlans = {row["olt"]: row for row in data.get("vlan_pools", ())}
    for row in data.get("olts", ()):
        pool = vlans.get(row["code"], {"cvlan_from": 101, "cvlan_to": 3000})
        books.add("olts", row["code"], {**row, "cvlan_from": pool["cvlan_from"], "cvlan_to": pool["cvlan_to"]})
    for row in data.get("nodes", ()):
        books.add("nodes", row["code"], {**row, "site": row.get("exchange")})
    for row in data.get("trunks", ()):
        books.add("trunks", row["code"], dict(row))
    for row in data.get("cloud_pools", ()):
        ratio = int(row["desktops_max"]) / max(1, int(row["vcpu"]))
        books.add("pools", row["code"], {**row, "used_desktops": int(int(row.get("vcpu_used", 0)) * ratio)})


def _ports(books: _Counting, data: Data) -> None:
    exchange_of = {row["code"]: row["exchange"] for row in data.get("olts", ())}
    for row in data.get("splitters", ()):
        olt = row["pon_port"].partition("/")[0]
        books.add("splitters", row["code"], {**row, "site": exchange_of.get(olt)})
        site = f"splitter_port@{row['code']}"
        for number, state, holder in _numbered(row, int(row["ports"])):
            more = {"pon_port": row["pon_port"], "olt": olt, "splitter": row["code"], "area": row["area"]}
            books.unit("splitter_port", f"{row['code']}#{number}", site=site, holder=holder, state=state, **more)
    for row in data.get("fibre_cables", ()):
        for number, state, holder in _numbered(row, int(row["pairs"])):
            site = f"fibre_pair@{row['from_node']}"
            more = {"cable": row["code"], "area": row["area"], "length_m": row.get("length_m")}
            books.unit("fibre_pair", f"{row['code']}#{number}", site=site, holder=holder, state=state, **more)


def _simple_units(books: _Counting, data: Data) -> None:
    """Tables with one row per unit: kind, table, field of the code, field of the place."""
    tables = (
        ("ont", "onts", "serial", "area"),
        ("stb", "set_top_boxes", "serial", "area"),
        ("cpe", "cpes", "serial", "area"),
        ("sim", "sims", "iccid", "area"),
        ("fixed_number", "fixed_numbers", "number", "area"),
        ("mobile_number", "mobile_numbers", "number", "area"),
        ("transmission_port", "transmission_ports", "code", "exchange"),
        ("pe_port", "pe_ports", "code", "exchange"),
        ("ip_block", "link_prefixes", "prefix", ""),
        ("ip_address", "static_ips", "address", ""),
        ("vrf", "vrfs", "code", ""),
        ("sdwan_tenant", "sdwan_tenants", "code", ""),
    )
    for kind, table, code, place in tables:
        for row in data.get(table, ()):
            more = {name: value for name, value in row.items() if name not in ("product", "state", "kind", "code")}
            state = "occupied" if row["state"] == "active" else row["state"]
            if state == "quarantined":
                more["quarantine_days"] = QUARANTINE_DAYS
            site = f"{kind}@{row[place]}" if place else kind
            books.unit(kind, str(row[code]), site=site, holder=row.get("product"), state=state, **more)
    for row in data.get("circuits", ()):
        books.unit("circuit", row["code"], holder=row.get("product"), state=used_state("circuit"))
        for trunk in row.get("trunks", ()):
            more = {"of": trunk, "kbps": row["bandwidth_kbps"], "state": "occupied"}
            books.unit("trunk_capacity", f"{trunk}/{row['code']}", holder=row.get("product"), **more)


def _numbered(row: Mapping[str, Any], count: int) -> Iterable[tuple[int, str, str | None]]:
    """Yield number, state and holder of each port or pair of a row."""
    occupied, faulty = row.get("occupied") or {}, set(row.get("faulty") or ())
    for number in range(1, count + 1):
        if number in occupied:
            yield number, "occupied", str(occupied[number])
        else:
            yield number, "faulty" if number in faulty else "free", None
