"""Migrations of running instances to another version: drafted, judged, mapped, carried out, turned back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import page
from app.api.schemas.versions import (
    BackIn,
    CarryOutIn,
    JudgedOut,
    MappingIn,
    MigrationIn,
    MigrationItemOut,
    MigrationItemPage,
    MigrationItemQuery,
    MigrationOut,
    MigrationPage,
    MigrationQuery,
)
from app.services.studio import migration_desk

door: Final = Door("process_migrations", "/api/v1/process-migrations", "processes")
RIGHT: Final = "process.migrate"


@door.route(
    "GET", "", right=RIGHT, summary="Migrations, newest first", query=MigrationQuery, answers={200: MigrationPage}
)
def list_migrations(query: Mapping[str, Any]) -> Reply:
    found, total = migration_desk.listed(current_actor(), current_deps(), **query)
    shown: list[Any] = MigrationOut(many=True).dump(found)
    return page(shown, total, query)


@door.route(
    "POST",
    "",
    right=RIGHT,
    summary="Draft a migration of the running instances of one version to another, by element id",
    body=MigrationIn,
    answers={201: MigrationOut},
    errors=(404, 422),
    idempotent=True,
)
def create_migration(body: Mapping[str, Any]) -> Reply:
    return _one(migration_desk.create(body["key"], current_actor(), current_deps(), **_without(body, "key"))), 201


@door.route("GET", "/<migration_id>", right=RIGHT, summary="One migration", answers={200: MigrationOut}, errors=(404,))
def get_migration(migration_id: str) -> Reply:
    return _one(migration_id)


@door.route(
    "POST",
    "/<migration_id>/mapping",
    right=RIGHT,
    summary="Change counterparts; the dry run has to be made again",
    body=MappingIn,
    answers={200: MigrationOut},
    errors=(404, 409, 422),
)
def change_mapping(migration_id: str, body: Mapping[str, Any]) -> Reply:
    return _one(migration_desk.remap(migration_id, body["mapping"], current_actor(), current_deps()))


@door.route(
    "POST",
    "/<migration_id>/judge",
    right=RIGHT,
    summary="Dry run over all running instances of your area: a verdict and its reasons for each; nothing moves",
    answers={200: JudgedOut},
    errors=(404, 409),
)
def judge_migration(migration_id: str) -> Reply:
    done = migration_desk.judge(migration_id, current_actor(), current_deps())
    return {**_one(migration_id), "done": done}


@door.route(
    "GET",
    "/<migration_id>/instances",
    right=RIGHT,
    summary="Every instance with its verdict, the reasons, and what became of it",
    query=MigrationItemQuery,
    answers={200: MigrationItemPage},
    errors=(404,),
)
def list_migration_instances(migration_id: str, query: Mapping[str, Any]) -> Reply:
    moved = None if query["moved"] is None else query["moved"] == "true"
    wanted = {**query, "moved": moved}
    found, total = migration_desk.instances(migration_id, current_actor(), current_deps(), **wanted)
    shown: list[Any] = MigrationItemOut(many=True).dump(found)
    return page(shown, total, query)


@door.route(
    "POST",
    "/<migration_id>/run",
    right=RIGHT,
    summary="Move what is safe, one instance after the other; with a pilot it stops by itself after so many",
    body=CarryOutIn,
    answers={200: MigrationOut},
    errors=(404, 409),
)
def run_migration(migration_id: str, body: Mapping[str, Any]) -> Reply:
    wanted = {"pilot": body["pilot"], "rate_per_s": body["rate_per_s"], "only": body["instances"]}
    migration_desk.carry_out(migration_id, current_actor(), current_deps(), **wanted)
    return _one(migration_id)


@door.route(
    "POST",
    "/<migration_id>/continue",
    right=RIGHT,
    summary="Move the rest after the pilot",
    answers={200: MigrationOut},
    errors=(404, 409),
)
def continue_migration(migration_id: str) -> Reply:
    migration_desk.go_on(migration_id, current_actor(), current_deps())
    return _one(migration_id)


@door.route(
    "POST",
    "/<migration_id>/back",
    right=RIGHT,
    summary="Draft the way back for what was moved; each instance gets its own verdict again",
    body=BackIn,
    answers={201: MigrationOut},
    errors=(404, 422),
)
def turn_back(migration_id: str, body: Mapping[str, Any]) -> Reply:
    return _one(migration_desk.back(migration_id, body["reason"], current_actor(), current_deps())), 201


def _one(migration_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = MigrationOut().dump(migration_desk.one(migration_id, current_actor(), current_deps()))
    return shown


def _without(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}
