"""The files of the project, as git sees them."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

from tests.servers import ROOT

PACKAGES = ("app", "processes", "adapters")


# Not part of the project; only needed where git does not answer (an unpacked archive, somebody else's folder).
NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "var",
    "dist",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
}
NOT_OURS |= {".hypothesis", "yizhan.egg-info"}


@functools.cache
def project_files() -> tuple[Path, ...]:
    """Every file that is or could be committed: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [file for file in ROOT.rglob("*") if not NOT_OURS.intersection(file.relative_to(ROOT).parts)]
    return tuple(sorted(file for file in files if file.is_file()))


def files_like(*patterns: str) -> list[Path]:
    return [file for file in project_files() if any(file.match(pattern) for pattern in patterns)]


def package_files() -> list[Path]:
    """The Python files of the product itself."""
    return [file for file in files_like("*.py") if file.relative_to(ROOT).parts[0] in PACKAGES]


def short(file: Path) -> str:
    return str(file.relative_to(ROOT))


def text_of(file: Path) -> str:
    """The text of a file; empty for one that is not text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
