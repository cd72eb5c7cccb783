"""What is installed is what is used."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys

from tests.house.repository import PACKAGES, ROOT, files_like, package_files

# Needed without being imported: the driver SQLAlchemy loads by name, a server started by name, the zones of zoneinfo,
# the readings of characters that are read as a file.
BY_NAME = {"psycopg", "gunicorn", "tzdata", "pypinyin"}


def normal(name: str) -> str:
    """How package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted() -> set[str]:
    lines = (ROOT / "requirements" / "runtime.in").read_text("utf-8").splitlines()
    return {normal(re.split(r"[\[=<>~ ]", line)[0]) for line in lines if line and not line.startswith("#")}


def imported() -> set[str]:
    """The distributions whose modules the product imports."""
    modules: set[str] = set()
    for file in [*package_files(), *files_like("migrations/**/*.py", "wsgi.py")]:
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    modules -= {*sys.stdlib_module_names, *PACKAGES}
    providers = importlib.metadata.packages_distributions()
    return {normal(provider) for module in modules for provider in providers.get(module, [f"unknown: {module}"])}


def test_every_wanted_package_is_used() -> None:
    assert wanted() - imported() - BY_NAME == set()


def test_every_used_package_is_wanted() -> None:
    """Not only present because another package happens to bring it."""
    assert imported() - wanted() == set()
