"""The catalogue as it counts on a day: products, what is offered and what it costs, and who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.products.catalogue_entries import GOODS_KINDS, Entries
from app.domain.promises.calendar import ZONE
from app.errors import NotFound
from app.persistence.products.catalogue_versions import CatalogueEntry, CatalogueRelease, entries_at
from app.web.block_forms import joined
from app.web.pages.bulk.bring_in import ENTRIES
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid, PageLink
from app.web.views.parts import Pair, Tag

CATALOGUE: Final = "/catalogue"
SHOWN_CHANGES: Final = 50
TYPES: Final[Mapping[str, Sentence]] = {
    "integer": Sentence("whole number"),
    "boolean": Sentence("yes or no"),
    "text": Sentence("text"),
    "choice": Sentence("choice"),
    "phone_number": Sentence("telephone number"),
    "email": Sentence("e-mail"),
    "customer": Sentence("customer"),
    "account": Sentence("account"),
}
UNITS: Final[Mapping[str, Sentence]] = {
    "month": Sentence("per month"),
    "once": Sentence("once"),
    "order": Sentence("per order"),
    "site": Sentence("per site"),
    "end": Sentence("per end"),
    "minute": Sentence("per minute"),
    "GB": Sentence("per GB"),
    "GB_month": Sentence("per GB and month"),
    "site_month": Sentence("per site and month"),
    "desktop_month": Sentence("per desktop and month"),
}


def catalogue_page(session: Session, reader: Reader, at: datetime) -> BlockPage:
    """Everything that is sold at an instant."""
    t = reader.t
    entries = entries_at(session, at)
    prices = _prices(entries)
    segments = {code: reader.said_in(row) for code, row in entries["segment"].items()}
    products = entries["product_spec"]
    day = f"{at.astimezone(ZONE):%Y-%m-%d}"
    return BlockPage(
        title=t("Catalogue"),
        links=(
            *((PageLink(t("Bring in a file"), "/bring-in/goods", "up"),) if reader.may("catalogue.edit") else ()),
            PageLink(t("As a file"), f"/api/v1/catalogue/export?at={quote(at.isoformat())}", "dl", download=True),
        ),
        search=Form(
            action=CATALOGUE,
            submit=t("Show"),
            method="get",
            fields=(Field(name="on", label=t("As it counts on"), kind="date", value=day),),
        ),
        blocks=(
            Block(
                id="offerings",
                title=t("Offerings: {n}", n=len(entries["offering"])),
                grid=Grid(
                    caption=t("Offerings"),
                    icon="box",
                    columns=(
                        Column(t("Offering")),
                        Column(t("Product")),
                        Column(t("For whom")),
                        Column(t("Price")),
                        Column(t("Sold")),
                        Column(t("Contract")),
                    ),
                    rows=tuple(
                        (
                            Cell(reader.said_in(row), sub=code, wrap=True),
                            Cell(
                                reader.said_in(products.get(row["product"], {})),
                                href=_product_href(row["product"], day),
                            ),
                            Cell(joined((segments.get(one, one) for one in row["segments"]), reader), wrap=True),
                            Cell(" + ".join(_price(one, reader) for one in prices.get(code, ())) or "–", wrap=True),
                            Cell(_sold(row, reader, day)),
                            Cell(t("{n} months", n=row["contract_months"]) if row.get("contract_months") else "–"),
                        )
                        for code, row in entries["offering"].items()
                    ),
                    empty=t("Nothing was sold then."),
                ),
            ),
            _fees(entries, reader),
            _changes(session, reader, None),
        ),
    )


def product_page(session: Session, reader: Reader, code: str, at: datetime) -> BlockPage:
    """One product. :raises NotFound: there is none of this code at that instant."""
    t = reader.t
    entries = entries_at(session, at)
    row = entries["product_spec"].get(code)
    if row is None:
        raise NotFound
    types = {name: reader.said_in(one) for name, one in entries["order_type"].items()}
    segments = {name: reader.said_in(one) for name, one in entries["segment"].items()}
    return BlockPage(
        title=reader.said_in(row),
        about=code,
        crumbs=(Crumb(t("Catalogue"), CATALOGUE), Crumb(reader.said_in(row))),
        facts=(
            Pair(t("For whom"), joined((segments.get(one, one) for one in row.get("segments", ())), reader) or "–"),
            Pair(
                t("What can be ordered"),
                joined((types.get(one, one) for one in row.get("order_types", ())), reader) or "–",
            ),
        ),
        blocks=(
            Block(
                id="characteristics",
                title=t("What is said of it"),
                grid=Grid(
                    caption=t("What is said of it"),
                    columns=(
                        Column(t("Name")),
                        Column(t("Kind")),
                        Column(t("Values")),
                        Column(t("Without being asked")),
                        Column(t("In an order")),
                    ),
                    rows=tuple(_characteristic(one, reader) for one in row.get("characteristics", ())),
                    empty=t("Nothing is said of this product."),
                ),
            ),
            _changes(session, reader, code),
        ),
    )


def _characteristic(one: Mapping[str, Any], reader: Reader) -> tuple[Cell, ...]:
    t = reader.t
    values = [_value(each, reader) for each in one.get("values", ())]
    unit = f" {one['unit']}" if one.get("unit") else ""
    default = one.get("default")
    return (
        Cell(reader.said_in(one), sub=one["code"]),
        Cell(t(TYPES[one["type"]]) if one["type"] in TYPES else one["type"]),
        Cell(joined(values, reader) + unit if values else unit.strip() or "–", wrap=True),
        Cell("–" if default is None else f"{_value(default, reader)}{unit}"),
        Cell(
            "", tag=Tag(t("wanted"), "flag", "warn") if one.get("required") else Tag(t("may be left out"), "info", "")
        ),
    )


def _value(value: Any, reader: Reader) -> str:
    if isinstance(value, dict):
        return reader.said_in(value) or str(value.get("code", ""))
    if isinstance(value, bool):
        return reader.t("yes") if value else reader.t("no")
    return str(value)


def _fees(entries: Entries, reader: Reader) -> Block:
    t = reader.t
    types = {name: reader.said_in(one) for name, one in entries["order_type"].items()}
    products = {name: reader.said_in(one) for name, one in entries["product_spec"].items()}
    return Block(
        id="fees",
        title=t("Fees charged once"),
        grid=Grid(
            caption=t("Fees charged once"),
            columns=(Column(t("Fee")), Column(t("Order type")), Column(t("Product")), Column(t("Amount"), num=True)),
            rows=tuple(
                (
                    Cell(reader.said_in(row), sub=code),
                    Cell(
                        joined((types.get(one, one) for one in row.get("order_types", ())), reader) or t("any"),
                        wrap=True,
                    ),
                    Cell(
                        joined((products.get(one, one) for one in row.get("products", ())), reader) or t("any"),
                        wrap=True,
                    ),
                    Cell(reader.f.money(row["amount_cny"]), num=True),
                )
                for code, row in entries["fee"].items()
            ),
        ),
    )


def _changes(session: Session, reader: Reader, product: str | None) -> Block:
    """Who changed what, the newest first; of one product, or everything that is sold."""
    t, names = reader.t, Names(session, reader)
    query = select(CatalogueEntry, CatalogueRelease).join(
        CatalogueRelease, CatalogueRelease.number == CatalogueEntry.release
    )
    query = query.where(CatalogueEntry.kind.in_(sorted(GOODS_KINDS)))
    if product is None:
        query = query.where(CatalogueEntry.version > 1)
    else:
        query = query.where(CatalogueEntry.kind == "product_spec", CatalogueEntry.code == product)
    rows = session.execute(query.order_by(CatalogueEntry.seq.desc()).limit(SHOWN_CHANGES)).all()
    names.know_people(release.recorded_by for _, release in rows)
    return Block(
        id="changes",
        title=t("What was changed"),
        grid=Grid(
            caption=t("What was changed"),
            icon="diff",
            columns=(
                Column(t("Counts from")),
                Column(t("What")),
                Column(t("Version"), num=True),
                Column(t("Fields")),
                Column(t("Who")),
                Column(t("Reason")),
            ),
            rows=tuple(
                (
                    Cell(t("from the beginning") if entry.version == 1 else reader.f.full(entry.valid_from)),
                    Cell(t(ENTRIES[entry.kind]) if entry.kind in ENTRIES else entry.kind, sub=entry.code),
                    Cell(str(entry.version), num=True),
                    Cell(", ".join(entry.fields) or "–", wrap=True),
                    Cell(
                        t("Came with the product")
                        if release.recorded_by == "yizhan"
                        else names.person(release.recorded_by)
                    ),
                    Cell("" if release.recorded_by == "yizhan" else release.note, wrap=True),
                )
                for entry, release in rows
            ),
            empty=t("Everything is as it came with the product."),
        ),
    )


def _prices(entries: Entries) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in entries["price"].values():
        found.setdefault(row["offering"], []).append(row)
    return found


def _price(row: Mapping[str, Any], reader: Reader) -> str:
    unit = str(row["unit"])
    said = reader.t(UNITS[unit]) if unit in UNITS else unit
    return f"{reader.said_in(row)} {reader.f.money(row['amount_cny'])} {said}"


def _sold(row: Mapping[str, Any], reader: Reader, day: str) -> str:
    t, until = reader.t, row.get("sold_until")
    if until and until < day:
        return t("until {day}", day=until)
    if row["sold_from"] > day:
        return t("from {day}", day=row["sold_from"])
    return t("now, until {day}", day=until) if until else t("on sale")


def _product_href(code: str, day: str) -> str:
    return f"{CATALOGUE}/products/{quote(code, safe='')}?on={day}"
