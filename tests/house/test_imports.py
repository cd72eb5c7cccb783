"""Who may import whom: the contracts of setup.cfg, and that nobody stands outside them."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.repository import PACKAGES, ROOT, package_files, short

# `create_app` hides one import, so that a domain module can be imported without starting Flask.
MAY_HIDE_IMPORTS = {"app/__init__.py"}


@pytest.mark.slow  # `make check` runs lint-imports itself
def test_imports_keep_the_contracts() -> None:
    # A program of its own: inside this one it would silence every logger made so far.
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[run.stdout.find("Broken contracts") :] + run.stderr


def test_every_room_of_the_application_is_on_a_floor() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    floors = set(re.findall(r"app\.(\w+)", config["importlinter:contract:floors"]["layers"]))
    rooms = {
        file.relative_to(ROOT).parts[1].removesuffix(".py") for file in package_files() if short(file)[:4] == "app/"
    }
    assert rooms - {"__init__"} - floors == set()


def test_imports_of_our_own_stand_at_the_top_of_a_file() -> None:
    """An import inside a function hides a knot."""
    hidden = [f"{short(file)}:{line}" for file in package_files() for line in _hidden_imports(file)]
    assert [place for place in hidden if place.split(":")[0] not in MAY_HIDE_IMPORTS] == []


def _hidden_imports(file: Path) -> Iterator[int]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for function in (node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, functions)):
        for node in ast.walk(function):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if any(name.split(".")[0] in PACKAGES for name in names):
                yield node.lineno  # type: ignore[attr-defined]
