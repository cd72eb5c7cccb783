"""Teams, their kinds and skills as a file: check it, bring it in, take it out, and who changed what when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.api.catalogue_files import brought_in, taken_out, versions_shown
from app.api.door import Door, Reply
from app.api.schemas.catalogue_in import CatalogueImportIn, TeamsFileIn
from app.api.schemas.catalogue_out import (
    CatalogueChangesOut,
    CatalogueExportQuery,
    CatalogueHistoryOut,
    CatalogueHistoryQuery,
)
from app.services.products.catalogue_desk import TEAMS

door: Final = Door("teams", "/api/v1/teams", "teams")


@door.route(
    "POST",
    "/check",
    right="process.view",
    summary="What a file of teams would change, or everything that is wrong with it; nothing is stored",
    body=CatalogueImportIn,
    answers={200: CatalogueChangesOut},
    large=True,
)
def check_teams(body: Mapping[str, Any]) -> Reply:
    return brought_in(door, TeamsFileIn(), body, only_check=True, book=TEAMS)


@door.route(
    "POST",
    "/import",
    right="admin.users",
    summary="Bring in a file of teams (YAML): whole or not at all; what it does not mention stays",
    body=CatalogueImportIn,
    answers={200: CatalogueChangesOut},
    large=True,
)
def import_teams(body: Mapping[str, Any]) -> Reply:
    return brought_in(door, TeamsFileIn(), body, only_check=False, book=TEAMS)


@door.route(
    "GET",
    "/export",
    right="process.view",
    summary="Every team, kind of team and skill as a file (YAML), as it counts now or at an instant",
    query=CatalogueExportQuery,
    answers={200: None},
)
def export_teams(query: Mapping[str, Any]) -> Reply:
    return taken_out(query, "teams.yaml", TEAMS)


@door.route(
    "GET",
    "/history",
    right="process.view",
    summary="Who changed what, and from when it counts; the newest first",
    query=CatalogueHistoryQuery,
    answers={200: CatalogueHistoryOut},
)
def teams_history(query: Mapping[str, Any]) -> Reply:
    return versions_shown(query, TEAMS)
