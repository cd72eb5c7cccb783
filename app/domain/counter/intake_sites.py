"""The site that an order moves is one the product has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.domain.counter.intake_facts import KnownProduct
from app.domain.ordering.item_places import known_sites
from app.domain.products.characteristics import problem
from app.errors import FieldProblem

SITE: Final = "site_code"
#: So many codes are told to somebody who named a site that is not there.
TOLD: Final = 20


def site_problems(installed: KnownProduct | None, values: Mapping[str, Any], path: str) -> list[FieldProblem]:
    """What is wrong with the site an order names: nothing, or that the product has none of that code.

    :param path: where the characteristics are in the input.
    """
    named = values.get(SITE)
    if installed is None or not isinstance(named, str) or not named:
        return []
    codes = known_sites(installed.product, installed.product_id, installed.resources, installed.places).values()
    if named in codes:
        return []
    there = sorted(codes)[:TOLD]
    return [
        problem(
            f"{path}{SITE}",
            "unknown-site",
            f"产品 {installed.product_id} 没有站点 {named}；现有：{'、'.join(there)}",
            f"product {installed.product_id} has no site {named}; it has: {', '.join(there)}",
        )
    ]
