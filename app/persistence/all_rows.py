"""Every table of the application in one import: mappers and migrations need to see them all."""

from __future__ import annotations

from app.persistence import (
    areas,
    audit,
    bulk_orders,
    cancels,
    catalogue,
    catalogue_versions,
    customers,
    forms,
    idempotency,
    numbers,
    order_waits,
    orders,
    people,
    reconciliation,
    refused_calls,
    service_orders,
    sla_clocks,
    tickets,
    work_items,
    work_orders,
)

MODULES = (
    areas,
    audit,
    bulk_orders,
    cancels,
    catalogue,
    catalogue_versions,
    customers,
    forms,
    idempotency,
    numbers,
    order_waits,
    orders,
    people,
    reconciliation,
    refused_calls,
    service_orders,
    sla_clocks,
    tickets,
    work_items,
    work_orders,
)
