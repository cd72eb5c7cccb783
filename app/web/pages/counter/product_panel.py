"""One installed product beside the list: how it lies in the network, since when, until when, for how much."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.amounts import times
from app.domain.masking import mask_address
from app.domain.ordering.item_places import LINE, MANY_SITED
from app.persistence.counter.customers import Address, Contract, InstalledProduct
from app.persistence.products.catalogue_reader import load_catalogue
from app.web.counter.line_sketch import MOST_SITES, Sketch, Station, line, star
from app.web.pages.counter.places import PLACES
from app.web.pages.names import Names
from app.web.pages.states import product_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.customers import ProductPanel
from app.web.views.parts import Pair

#: What stands before the road in an address: city, district or county.
BEFORE_ROAD_ZH: Final = re.compile(r"^.*?[市州]?[^市州]*?[区县市](?=.)")
ROLES: Final = {
    "hub": Sentence("Hub"),
    "branch": Sentence("Branch"),
    "site": Sentence("Site", "sketch"),
    "a_end": Sentence("A end", "sketch"),
    "z_end": Sentence("Z end", "sketch"),
}


def product_panel(
    session: Session, reader: Reader, names: Names, row: InstalledProduct, parts: Sequence[InstalledProduct]
) -> ProductPanel:
    """The panel of a product; ``parts`` are those of a bundle."""
    t = reader.t
    facts = [
        Pair(t("Since"), row.charging_from.isoformat() if row.charging_from else "–"),
        Pair(t("Monthly"), _rent(session, reader, row)),
        Pair(t("Account"), row.account_no or "–", code=True),
    ]
    contract = session.get(Contract, row.contract_no) if row.contract_no else None
    if contract is not None:
        facts.append(Pair(t("Contract until"), contract.ends_on.isoformat()))
    traits = [
        Pair(names.characteristic(row.product, code), names.value(row.product, code, value))
        for code, value in row.characteristics.items()
        if value not in (None, "")
    ]
    return ProductPanel(
        product_id=row.product_id,
        name=names.offering(row.offering) or names.product(row.product),
        state=product_tag(row.status, reader),
        sketch=sketch_of(session, reader, names, row, parts),
        facts=(*facts, *traits),
    )


def sketch_of(
    session: Session, reader: Reader, names: Names, row: InstalledProduct, parts: Sequence[InstalledProduct]
) -> Sketch | None:
    """The drawing of a product that lies in the network; None of one that does not."""
    held: dict[str, Any] = {}
    for each in (row, *parts):
        held |= {name: value for name, value in each.resources.items() if name not in held}
    title = reader.t("How {product} lies in the network", product=row.product_id)
    if row.product.startswith(LINE):
        return _leased_line(session, reader, row, held, title)
    if row.product in MANY_SITED:
        return _network(names, reader, row, held, title)
    if held.get("olt_port") and row.address_code:
        return _access(session, reader, row, held, title)
    return None


def _leased_line(
    session: Session, reader: Reader, row: InstalledProduct, held: Mapping[str, Any], title: str
) -> Sketch | None:
    t = reader.t
    ends = {str(place.get("role"))[0]: str(place.get("address_code") or "") for place in row.places}
    stations, labels = [], []
    if "a" in ends:
        stations.append(_end(session, reader, t.about("sketch", "A end"), ends["a"]))
        stations.append(Station(name=t("Transmission"), below=_texts(held.get("port_a"))))
        labels.append(_short(held.get("fibre_a")))
    trunks = [str(one) for one in held.get("trunks") or ()]
    if "z" in ends:
        stations.append(Station(name=t("Transmission"), below=_texts(held.get("port_z"))))
        stations.append(_end(session, reader, t.about("sketch", "Z end"), ends["z"]))
        labels += [t("{n} trunks", n=len(trunks)) if trunks else "", _short(held.get("fibre_z"))]
    elif stations:
        far = ", ".join(str(row.characteristics.get(name) or "") for name in ("z_city", "z_country")).strip(", ")
        far = far or str(row.characteristics.get("parent_circuit") or "")
        stations.append(Station(name=t.about("sketch", "Z end"), below=_texts(far), kind="end"))
        labels.append(t("{n} trunks", n=len(trunks)) if trunks else "")
    return line(title, stations, labels) if len(stations) > 1 else None


def _network(names: Names, reader: Reader, row: InstalledProduct, held: Mapping[str, Any], title: str) -> Sketch | None:
    t = reader.t
    known = {str(site.get("address_code") or site.get("address")): site for site in held.get("sites") or ()}
    sites = []
    for place in row.places:
        code = str(place.get("address_code") or "")
        site = known.get(code, {})
        name = t(ROLES.get(str(place.get("role")), ROLES["site"]))
        device = str(site.get("pe_port") or site.get("cpe_serial") or "")
        where = names.address(code)
        sites.append(Station(name=f"{name} {where}", below=_texts(device), kind="end"))
    middle = str(held.get("vrf") or held.get("tenant") or t("Network"))
    more = t("and {n} more", n=len(sites) - MOST_SITES)
    return star(title, middle, sites, more) if sites else None


def _access(session: Session, reader: Reader, row: InstalledProduct, held: Mapping[str, Any], title: str) -> Sketch:
    t = reader.t
    stations = [
        _end(session, reader, t("Customer"), row.address_code or ""),
        Station(name=t("Splitter"), below=_texts(_short(held.get("splitter_port")))),
        Station(name="OLT", below=_texts(_short(held.get("olt_port")))),
        Station(name=t("Internet"), kind="end"),
    ]
    vlan = f"VLAN {held['svlan']}.{held['cvlan']}" if held.get("svlan") and held.get("cvlan") else ""
    return line(title, stations, ["", "", vlan])


def _end(session: Session, reader: Reader, name: str, code: str) -> Station:
    return Station(name=name, below=_texts(_road(session, reader, code)), kind="end")


def _road(session: Session, reader: Reader, code: str) -> str:
    """The road of an address, masked, without the city before or after it."""
    row = session.get(Address, code) if code else None
    if row is None:
        return code
    text = mask_address(reader.said(row, "text"))
    if reader.language == "en":
        return text.split(",")[0]
    place = text.find(row.district_zh)
    return text[place + len(row.district_zh) :] if place >= 0 else BEFORE_ROAD_ZH.sub("", text)


def _texts(value: Any) -> tuple[str, ...]:
    return (str(value),) if value else ()


def _short(value: Any) -> str:
    """The name of a port without what every name begins with."""
    return str(value or "").split("-", 1)[-1] if value else ""


def _rent(session: Session, reader: Reader, row: InstalledProduct) -> str:
    offering = load_catalogue(session).offerings.get(row.offering or "")
    if offering is None:
        return "–"
    rent = sum(
        (
            price.amount_cny
            * times(price.unit, places=len(row.places), characteristics=row.characteristics, quantity=1)
            for price in offering.prices
            if price.kind == "recurring"
        ),
        Decimal(0),
    )
    return reader.f.money(rent)


def role_word(reader: Reader, role: str) -> str:
    """What a place is called by its role: end, hub, branch, site."""
    return reader.t(ROLES.get(role) or PLACES.get(role, Sentence("Address")))
