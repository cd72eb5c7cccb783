"""Habits of the code that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.repository import files_like, package_files, short

NO_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?)(_|$)|_services?$")
# The one place that reads the clock of the machine.
CLOCK = "processes/wall_clock.py"
BROAD = {"Exception", "BaseException"}


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    for file in package_files():
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, kinds):
                yield file, node


def test_no_exception_is_caught_blindly() -> None:
    found = []
    for file, node in nodes(ast.ExceptHandler):
        caught = getattr(node, "type", None)
        kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
        is_broad = any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in kinds)
        if is_broad and not _passes_on(node):
            found.append(f"{short(file)}:{node.lineno}")  # type: ignore[attr-defined]
    assert found == []


def _passes_on(handler: ast.AST) -> bool:
    """Whether it only tidies up and lets the error go on its way."""
    last = handler.body[-1]  # type: ignore[attr-defined]
    return isinstance(last, ast.Raise) and last.exc is None


def test_time_is_an_argument() -> None:
    found = []
    for file, node in nodes(ast.Call):
        called = ast.unparse(node.func)  # type: ignore[attr-defined]
        if re.search(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)$", called) and short(file) != CLOCK:
            found.append(f"{short(file)}:{node.lineno} {called}")  # type: ignore[attr-defined]
    assert found == []


def test_nothing_is_printed_past_the_log() -> None:
    found = [
        f"{short(file)}:{node.lineno}"  # type: ignore[attr-defined]
        for file, node in nodes(ast.Call)
        if file.name != "__main__.py"  # a program of its own says where it listens
        and isinstance(node.func, ast.Name)  # type: ignore[attr-defined]
        and node.func.id == "print"  # type: ignore[attr-defined]
    ]
    assert found == []


def test_every_package_says_what_it_is() -> None:
    silent = [short(file) for file in package_files() if not ast.get_docstring(ast.parse(file.read_bytes()))]
    assert silent == []


def test_files_are_named_after_what_they_hold() -> None:
    named = [*package_files(), *files_like("tests/**/*.py", "scripts/*.py")]
    assert [short(file) for file in named if NO_NAMES.search(file.stem)] == []


def test_element_ids_are_words() -> None:
    """reserve_port tells more in a log than Activity_0x1abc2d."""
    made_up = re.compile(r'\bid="((?:Activity|Gateway|Event|Flow|Task|StartEvent|EndEvent)_[0-9a-z]{7})"')
    found = [
        f"{short(file)}: {name}" for file in files_like("*.bpmn") for name in made_up.findall(file.read_text("utf-8"))
    ]
    assert found == []
