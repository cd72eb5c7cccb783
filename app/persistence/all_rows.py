"""Every table of the application in one import: mappers and migrations need to see them all."""

from __future__ import annotations

from app.persistence import areas, audit, bell_marks, desk_choices, idempotency, numbers, people
from app.persistence.administration import admin_changes, parameters, refused_calls
from app.persistence.amending import cancels
from app.persistence.bulk import bulk_orders
from app.persistence.counter import customer_records, customers, order_links, order_quotes
from app.persistence.ordering import (
    billing_instructions,
    order_waits,
    orders,
    reconciliation,
    service_orders,
    work_orders,
)
from app.persistence.products import catalogue, catalogue_versions
from app.persistence.promises import compensations, rule_versions, sla_breaches, sla_clocks, sla_measurements
from app.persistence.repairs import repair_requests
from app.persistence.studio import deployment_requests, drafts, forms, process_cases, process_comments, process_trials
from app.persistence.teamwork import (
    absences,
    appointments,
    attachments,
    phone_reports,
    tickets,
    work_items,
    work_questions,
)

MODULES = (
    absences,
    admin_changes,
    appointments,
    areas,
    attachments,
    audit,
    bell_marks,
    billing_instructions,
    bulk_orders,
    cancels,
    catalogue,
    catalogue_versions,
    compensations,
    customer_records,
    customers,
    deployment_requests,
    desk_choices,
    drafts,
    forms,
    idempotency,
    numbers,
    order_links,
    order_quotes,
    order_waits,
    orders,
    parameters,
    people,
    phone_reports,
    process_cases,
    process_trials,
    process_comments,
    reconciliation,
    refused_calls,
    repair_requests,
    rule_versions,
    service_orders,
    sla_breaches,
    sla_clocks,
    sla_measurements,
    tickets,
    work_items,
    work_orders,
    work_questions,
)
