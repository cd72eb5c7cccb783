"""What lies in the repository, and what must not."""

from __future__ import annotations

import json
import re

from processes import vocabulary
from tests.house.repository import ROOT, files_like, project_files, short, text_of

MAX_BYTES = 1_500_000
GENERATED = re.compile(
    r"(^|/)(node_modules|dist|__pycache__|build|\.venv|var)/|\.(pyc|mo|sqlite|min\.js|min\.css|map)$"
)
# A path of somebody's machine.
MACHINE = re.compile(r"(?<![\w.:/])/(?:root|home/\w+|Users/\w+)/")
PICTURES = {".png", ".jpg", ".webp", ".ico"}


def test_nothing_generated_or_from_elsewhere_is_committed() -> None:
    assert [short(file) for file in project_files() if GENERATED.search(short(file))] == []


def test_no_file_is_large() -> None:
    assert [short(file) for file in project_files() if file.stat().st_size > MAX_BYTES] == []


def test_no_path_of_a_machine_is_left_in_a_file() -> None:
    here = short(ROOT / "tests/house/test_files.py")
    found = [
        f"{short(file)}:{number}: {match[0]}"
        for file in project_files()
        if file.suffix not in PICTURES and short(file) != here
        for number, line in enumerate(text_of(file).splitlines(), start=1)
        if (match := MACHINE.search(line))
    ]
    assert found == []


def test_the_python_locks_name_no_host_and_hash_everything() -> None:
    for lock in files_like("requirements/*.lock"):
        text = text_of(lock)
        assert "://" not in text, short(lock)
        assert "--index" not in text, short(lock)
        pinned = re.findall(r"^[\w.-]+==.*(?:\n .*)*", text, re.MULTILINE)
        assert pinned, short(lock)
        assert [pin.splitlines()[0] for pin in pinned if "--hash=sha256:" not in pin] == [], short(lock)


def test_tests_run_with_the_versions_that_run() -> None:
    pins = {
        name: set(re.findall(r"^[\w.-]+==\S+", text_of(ROOT / "requirements" / f"{name}.lock"), re.MULTILINE))
        for name in ("runtime", "dev")
    }
    assert pins["runtime"] - pins["dev"] == set()


def test_the_npm_lock_names_no_host_and_hashes_everything() -> None:
    packages = json.loads(text_of(ROOT / "package-lock.json"))["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert [name for name, package in installed.items() if "resolved" in package] == []
    assert [name for name, package in installed.items() if "integrity" not in package] == []


def test_browser_packages_are_pinned_exactly() -> None:
    package = json.loads(text_of(ROOT / "package.json"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_scripts_can_be_started() -> None:
    scripts = [file for file in project_files() if text_of(file).startswith("#!")]
    assert [short(file) for file in scripts if not file.stat().st_mode & 0o100] == []


def test_the_designer_knows_the_whole_vocabulary() -> None:
    """Make it anew: `python -m processes.vocabulary moddle > frontend/designer/moddle.json`."""
    assert json.loads(text_of(ROOT / "frontend/designer/moddle.json")) == vocabulary.moddle()
