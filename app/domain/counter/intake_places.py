"""Where an item happens: the addresses it names, or those of the product it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from app.domain.commands import PlaceOrderItem
from app.domain.counter.intake_facts import Facts, KnownProduct, NormalPlace
from app.domain.products.catalogue import OrderType, ProductSpec

#: Order types that need addresses of their own; the others work where the product is.
NEEDS_PLACES: Final = frozenset({"install", "move"})
#: More places than any body may hold.
MOST_PLACES: Final = 10**6


class Reader(Protocol):
    """Whoever reads an item, knows what our database says, and collects what is wrong."""

    given: PlaceOrderItem
    facts: Facts

    def complain(self, field_name: str, code: str, zh: str, en: str) -> None:
        """Note something that is wrong with a field of the item."""


def read_places(
    reader: Reader, spec: ProductSpec, order_type: OrderType, installed: KnownProduct | None
) -> tuple[NormalPlace, ...]:
    """The known addresses of an item; what is wrong with them is complained of."""
    given = [(place.role, place.address_code) for place in reader.given.places]
    if not given and installed is not None and order_type.code not in NEEDS_PLACES:
        given = _of_product(installed)
    else:
        _check_count(reader, spec, order_type, len(given))
    places = []
    for role, code in given:
        known = reader.facts.addresses.get(code)
        if known is None:
            reader.complain("product.place", "unknown-address", f"没有找到地址 {code}", f"there is no address {code}")
        else:
            places.append(NormalPlace(role=role, address_code=code, area=known.area))
    return tuple(places)


def _of_product(installed: KnownProduct) -> list[tuple[str, str]]:
    places: list[Mapping[str, object]] = list(installed.places)
    if not places and installed.address_code is not None:
        return [("installation", installed.address_code)]
    return [(str(place["role"]), str(place["address_code"])) for place in places]


def _check_count(reader: Reader, spec: ProductSpec, order_type: OrderType, count: int) -> None:
    most = spec.places if spec.places >= 0 else MOST_PLACES
    least = {"install": spec.places if spec.places >= 0 else 1, "move": 1}.get(order_type.code, 0)
    if order_type.code == "move":
        most = max(1, spec.places)  # of many sites one moves at a time
    if not least <= count <= most:
        expected = f"≥{least}" if most == MOST_PLACES else str(most) if least == most else f"{least}-{most}"
        reader.complain(
            "product.place",
            "wrong-number-of-places",
            f"应有 {expected} 个地址，给了 {count} 个",
            f"needs {expected} address(es), {count} given",
        )
