"""How many lines stand under the documents of some customers, in all areas: a document is one wherever it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.domain.counter.identity import OF_PEOPLE
from app.domain.counter.line_limits import NEW, Document, Lines
from app.domain.ordering.order_lifecycle import OPEN
from app.persistence.counter.customers import Customer, InstalledProduct
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem

#: A product in one of these states is a line that somebody has.
THERE = ("active", "suspended", "pendingTerminate")


def load_lines(session: Session, customers: Collection[str], products: Collection[str], *, hold: bool = False) -> Lines:
    """Count installed lines and those that open orders bring.

    :param hold: nobody else counts for the same documents with it until this transaction ends.
    """
    of_people = Customer.id_type.in_(OF_PEOPLE)
    asked = session.execute(
        select(Customer.customer_no, Customer.id_type, Customer.id_number).where(
            Customer.customer_no.in_(customers), of_people
        )
    ).all()
    if not asked:
        return Lines()
    papers = {(row.id_type, row.id_number) for row in asked}
    same_papers = (
        select(Customer.customer_no, Customer.id_type, Customer.id_number)
        .where(tuple_(Customer.id_type, Customer.id_number).in_(papers))
        .order_by(Customer.customer_no)
    )
    # Orders of them may be written meanwhile: what is held is the counting.
    same = session.execute(same_papers.with_for_update(key_share=True) if hold else same_papers).all()
    documents: dict[str, Document] = {row.customer_no: (row.id_type, row.id_number) for row in same}
    held: Counter[tuple[Document, str]] = Counter()
    installed = (
        select(InstalledProduct.customer_no, InstalledProduct.product, func.count())
        .where(
            InstalledProduct.customer_no.in_(documents),
            InstalledProduct.product.in_(products),
            InstalledProduct.status.in_(THERE),
        )
        .group_by(InstalledProduct.customer_no, InstalledProduct.product)
    )
    coming = (
        select(ProductOrder.customer_no, ProductOrderItem.product, func.count())
        .join(ProductOrderItem, ProductOrderItem.order_id == ProductOrder.id)
        .where(
            ProductOrder.customer_no.in_(documents),
            ProductOrderItem.product.in_(products),
            ProductOrderItem.order_type == NEW,
            ProductOrderItem.state.in_(OPEN),
        )
        .group_by(ProductOrder.customer_no, ProductOrderItem.product)
    )
    for query in (installed, coming):
        for customer_no, product, count in session.execute(query):
            held[documents[str(customer_no)], product] += count
    return Lines(documents, held)
