"""The migrations: one line of numbered sentences that ends at the tables of the code."""

from __future__ import annotations

import importlib
import re

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from processes.spiff import registry, snapshot
from processes.store.base import Base
from tests.databases import alembic_config
from tests.house.repository import files_like, package_files, short

ALEMBIC_ID_CHARS = 32
#: From which migration on executions and compiled definitions are stored in which format. Another format needs a
#: migration, if only an empty one: programs know by its number whether they understand what is stored.
FORMATS = {"0001_engine_tables": (1, 1), "0016_starts_and_signals": (1, 2), "0027_smaller_rows": (2, 2)}


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config("sqlite://"))


def test_there_is_one_head() -> None:
    assert len(scripts().get_heads()) == 1


def test_migrations_are_numbered_sentences() -> None:
    steps = list(reversed(list(scripts().walk_revisions())))
    assert [step.revision[:4] for step in steps] == [f"{number:04}" for number in range(1, len(steps) + 1)]
    for step in steps:
        assert len(step.revision) <= ALEMBIC_ID_CHARS, step.revision
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+", step.revision)
        assert step.doc.strip().endswith("."), f"{step.revision} does not say what it does"
    names = {file.stem for file in files_like("migrations/versions/*.py")}
    assert names - {"__init__"} == {step.revision for step in steps}


def test_a_format_that_is_stored_changes_only_with_a_migration() -> None:
    assert FORMATS.keys() <= {step.revision for step in scripts().walk_revisions()}
    assert FORMATS[max(FORMATS)] == (snapshot.FORMAT, registry.SPEC_FORMAT)


def test_the_migrated_tables_are_those_of_the_code(migrated_database_url: str) -> None:
    _import_every_table()
    engine = sa.create_engine(migrated_database_url)
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": False,
            "include_object": _is_for(engine.dialect.name),
        }
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def _is_for(database: str):  # type: ignore[no-untyped-def]
    """Leave out what exists on the other database only."""
    return lambda thing, _name, _kind, _reflected, _other: thing.info.get("only", database) == database


def _import_every_table() -> None:
    """So that no table is left out of the comparison by luck."""
    for file in package_files():
        if short(file).startswith(("app/persistence/", "processes/store/")):
            importlib.import_module(short(file).removesuffix(".py").removesuffix("/__init__").replace("/", "."))


def test_a_database_goes_down_and_up_again(make_database) -> None:  # type: ignore[no-untyped-def]
    from alembic import command

    url = make_database("sqlite")
    config = alembic_config(url)
    command.downgrade(config, "base")
    engine = sa.create_engine(url)
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    command.upgrade(config, "head")
