"""The JSON doors: TM Forum's and our own."""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Flask

from app.api import (
    ad_hoc,
    amendments,
    attachments,
    billing_events,
    bulk_orders,
    bulk_runs,
    callbacks,
    cancel_product_orders,
    cancels,
    catalogue,
    confirmations,
    customers,
    decision_definitions,
    history,
    holds,
    incidents,
    instances,
    lookups,
    me,
    measurements,
    model_files,
    news,
    order_plans,
    orders,
    pre_checks,
    probes,
    process_cases,
    process_definitions,
    process_drafts,
    process_migrations,
    process_versions,
    product_orders,
    promises,
    quotes,
    reconciliation,
    refusals,
    reveals,
    rules,
    teams,
    tickets,
    work_items,
)
from app.api.catalogue_files import shaped
from app.api.door import Door, Route
from app.api.openapi_door import openapi_blueprint
from app.api.problems import register_problems
from app.api.schemas.catalogue_in import CatalogueFileIn, TeamsFileIn
from app.api.yaml_input import read_yaml
from app.deps import Deps
from app.observability import metrics_of

#: Where the pages find what reads a file of the catalogue, of teams, or of rules as strictly as the doors do.
FILE_READERS: Final = "yizhan_file_readers"


def all_doors() -> tuple[Door, ...]:
    """Every door, in the order of the document."""
    modules = (
        product_orders,
        cancel_product_orders,
        cancels,
        bulk_orders,
        orders,
        order_plans,
        work_items,
        attachments,
        tickets,
        process_definitions,
        process_cases,
        process_drafts,
        model_files,
        process_versions,
        process_migrations,
        decision_definitions,
        history,
        incidents,
        news,
        instances,
        ad_hoc,
        amendments,
        bulk_runs,
        holds,
        promises,
        measurements,
        rules,
        refusals,
        reveals,
        reconciliation,
        lookups,
        confirmations,
        customers,
        catalogue,
        teams,
        pre_checks,
        quotes,
        me,
        callbacks,
        billing_events,
        probes,
    )
    return tuple(module.door for module in modules)


def all_routes() -> tuple[Route, ...]:
    """Every documented route."""
    return tuple(route for door in all_doors() for route in door.routes)


def register_api(app: Flask, deps: Deps) -> None:
    """Open the JSON doors of ``app`` and let every error leave in one shape."""
    metrics_of(app).registry.register(probes.EngineEvents(deps.engine.parts.counters))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for door in all_doors():
        app.register_blueprint(door.blueprint)
    app.register_blueprint(openapi_blueprint(all_routes))
    app.extensions[FILE_READERS] = {
        "goods": partial(shaped, catalogue.door, CatalogueFileIn()),
        "teams": partial(shaped, teams.door, TeamsFileIn()),
        "rules": read_yaml,
    }
    register_problems(app)
