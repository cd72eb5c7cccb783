"""The catalogue as a file: check it, bring it in, take it out, and who changed what when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.api.catalogue_files import brought_in, taken_out, versions_shown
from app.api.door import Door, Reply
from app.api.schemas.catalogue_in import CatalogueFileIn, CatalogueImportIn
from app.api.schemas.catalogue_out import (
    CatalogueChangesOut,
    CatalogueExportQuery,
    CatalogueHistoryOut,
    CatalogueHistoryQuery,
)
from app.services.products.catalogue_desk import GOODS

door: Final = Door("catalogue", "/api/v1/catalogue", "catalogue")


@door.route(
    "POST",
    "/check",
    right="catalogue.view",
    summary="What a catalogue file would change, or everything that is wrong with it; nothing is stored",
    body=CatalogueImportIn,
    answers={200: CatalogueChangesOut},
    large=True,
)
def check_catalogue(body: Mapping[str, Any]) -> Reply:
    return brought_in(door, CatalogueFileIn(), body, only_check=True, book=GOODS)


@door.route(
    "POST",
    "/import",
    right="catalogue.edit",
    summary="Bring in a catalogue file (YAML): whole or not at all; what it does not mention stays",
    body=CatalogueImportIn,
    answers={200: CatalogueChangesOut},
    large=True,
)
def import_catalogue(body: Mapping[str, Any]) -> Reply:
    return brought_in(door, CatalogueFileIn(), body, only_check=False, book=GOODS)


@door.route(
    "GET",
    "/export",
    right="catalogue.view",
    summary="The whole catalogue as a file (YAML), as it counts now or at an instant",
    query=CatalogueExportQuery,
    answers={200: None},
)
def export_catalogue(query: Mapping[str, Any]) -> Reply:
    return taken_out(query, "catalogue.yaml", GOODS)


@door.route(
    "GET",
    "/history",
    right="catalogue.view",
    summary="Who changed what, and from when it counts; the newest first",
    query=CatalogueHistoryQuery,
    answers={200: CatalogueHistoryOut},
)
def catalogue_history(query: Mapping[str, Any]) -> Reply:
    return versions_shown(query, GOODS)
