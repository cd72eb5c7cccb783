"""How many lines of a product may stand under one identity document, whoever of its customers has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.domain.counter.intake_facts import NormalItem
from app.domain.products.catalogue import Catalogue
from app.domain.products.characteristics import problem
from app.errors import FieldProblem

#: Where a line comes from nowhere, and where it comes from another owner.
NEW: Final = "install"
TAKEN_OVER: Final = "owner_change"
#: Kind and number of a document.
Document = tuple[str, str]


@dataclass
class Lines:
    """What is known of documents: whose they are, and how many lines of which product stand under them.

    ``documents`` by customer number: of people only, no organisation has a limit. :meth:`add` counts on.
    """

    documents: Mapping[str, Document] = field(default_factory=dict)
    held: Counter[tuple[Document, str]] = field(default_factory=Counter)

    def add(self, gained: Iterable[tuple[str, str]]) -> None:
        """Count lines (customer and product) that are as good as there."""
        self.held.update(
            (self.documents[customer], product) for customer, product in gained if customer in self.documents
        )


def gained(customer_no: str | None, items: Iterable[NormalItem], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Who gets a line of a product that has a limit by an order: customer and product, once for each line."""
    for _, customer, product in _gains(customer_no, items, catalogue):
        yield customer, product


def check_limits(
    customer_no: str | None, items: Iterable[NormalItem], catalogue: Catalogue, lines: Lines
) -> list[FieldProblem]:
    """The items by which somebody would get one line too many."""
    found: list[FieldProblem] = []
    here = Lines(lines.documents, lines.held.copy())
    for item, customer, product in _gains(customer_no, items, catalogue):
        document = lines.documents.get(customer)
        if document is None:
            continue
        there, spec = here.held[document, product], catalogue.products[product]
        if there >= spec.max_per_identity:
            found.append(
                problem(
                    f"productOrderItem.{item.position}.productOffering.id",
                    "line-limit-reached",
                    f"同一证件名下最多 {spec.max_per_identity} 个{spec.name.zh}，已有 {there} 个",
                    f"{spec.max_per_identity} of {spec.name.en} may stand under one identity document; "
                    f"there are {there}",
                )
            )
        here.add([(customer, product)])
    return found


def _gains(
    customer_no: str | None, items: Iterable[NormalItem], catalogue: Catalogue
) -> Iterator[tuple[NormalItem, str, str]]:
    for item in items:
        owner = customer_no if item.order_type == NEW else item.characteristics.get("to_customer")
        limited = item.order_type in (NEW, TAKEN_OVER) and catalogue.products[item.product].max_per_identity > 0
        if limited and isinstance(owner, str):
            yield item, owner, item.product
