"""The `yizhan` command: every command is where the list says, and short ones stay light."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from app.cli import COMMANDS, main
from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.services.order_steps import COMPLETE_ITEM, SPLIT, STEPS

HEAVY = {"flask", "sqlalchemy", "SpiffWorkflow", "waitress", "alembic", "redis"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_where_the_list_says(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name


@pytest.mark.parametrize(
    ("module", "may_load"),
    [
        ("app.cli", set()),
        ("app.cli.orders", set()),
        ("app.cli.history", set()),
        ("app.cli.reconciling", set()),
        ("app.cli.neighbours", set()),
        ("app.cli.running", set()),
        ("app.running.fleet", set()),
        ("app.cli.processes", {"SpiffWorkflow"}),
    ],
)
def test_short_commands_load_neither_web_server_nor_database(module: str, may_load: set[str]) -> None:
    program = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert HEAVY & set(loaded) <= may_load


def test_a_system_without_redis_does_not_load_its_client() -> None:
    program = "import sys, app.running.system; print('redis' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "False"


def test_checks_of_drawings_know_what_we_do_in_our_own_books() -> None:
    assert {*STEPS, SPLIT, COMPLETE_ITEM} == OWN_OPERATIONS.keys()
