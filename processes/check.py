"""Check files offline, as a deployment would: one file, several, or whole folders."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from processes.findings import Finding, deployable
from processes.spiff.compile import MAX_FILES, compile_files
from processes.spiff.decisions import CompiledDecision
from processes.spiff.definition import CompiledProcess
from processes.spiff.lint_business import Advice
from processes.spiff.xmlsource import MAX_BYTES

SUFFIXES: Final = (".bpmn", ".dmn", ".bpmn20.xml")
#: Forms are nothing to the engine; only a running system, which keeps them, wants to see them.
FORMS: Final = ".form"


@dataclass(frozen=True)
class Checked:
    """What a check yields; ``ok`` if the files could be deployed together."""

    processes: list[CompiledProcess] = field(default_factory=list)
    decisions: list[CompiledDecision] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing found is an error."""
        return deployable(self.findings)


def check_files(
    files: Mapping[str, bytes],
    *,
    operations: Container[str] | None = None,
    known_processes: Container[str] = (),
    known_decisions: Container[str] = (),
    values: Mapping[str, Container[str]] | None = None,
    advice: Advice | None = None,
) -> Checked:
    """Check files given by name and content; they may refer to each other and to what is known already.

    ``values``: what a ``yizhan:`` attribute may say, for the attributes that are to be checked; ``advice``: what the
    rules of how we want to work have to know (None: they are not asked).
    """
    processes, decisions, findings = compile_files(
        files,
        operations=operations,
        known_processes=known_processes,
        known_decisions=known_decisions,
        values=values,
        advice=advice,
    )
    return Checked(processes, decisions, findings)


def check_paths(
    paths: Iterable[Path],
    *,
    operations: Container[str] | None = None,
    known_processes: Container[str] = (),
    known_decisions: Container[str] = (),
    values: Mapping[str, Container[str]] | None = None,
    advice: Advice | None = None,
) -> Checked:
    """Check files and folders on disk; folders are searched for ``.bpmn`` and ``.dmn`` files."""
    files, unread = read_paths(paths)
    checked = check_files(
        files,
        operations=operations,
        known_processes=known_processes,
        known_decisions=known_decisions,
        values=values,
        advice=advice,
    )
    return Checked(checked.processes, checked.decisions, [*unread, *checked.findings])


def read_paths(paths: Iterable[Path], *, forms: bool = False) -> tuple[dict[str, bytes], list[Finding]]:
    """Read files by name, ``.form`` files only if asked to; what cannot be read becomes a finding."""
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for given in paths:
        found = [path for path in _files_in(given) if forms or not path.name.lower().endswith(FORMS)]
        if not found:
            findings.append(_unreadable(str(given), "没有 .bpmn 或 .dmn 文件", "there is no .bpmn or .dmn file"))
        for path in found[: MAX_FILES - len(files)]:
            name = path.relative_to(given).as_posix() if given.is_dir() else path.name
            if path.exists() and not path.is_file():  # a pipe would be waited for
                findings.append(_unreadable(str(path), "不是普通文件", "is not a regular file"))
                continue
            try:
                with path.open("rb") as source:
                    files[name if name not in files else str(path)] = source.read(MAX_BYTES + 1)
            except OSError as problem:
                findings.append(
                    _unreadable(str(path), f"读不了文件：{problem.strerror}", f"cannot be read: {problem.strerror}")
                )
    return files, findings


def _files_in(given: Path) -> list[Path]:
    if given.is_dir():
        return sorted(
            path for path in given.rglob("*") if path.name.lower().endswith((*SUFFIXES, FORMS)) and path.is_file()
        )
    return [given]


def _unreadable(file: str, zh: str, en: str) -> Finding:
    return Finding("unreadable", "error", file, "", "", zh, en, "检查路径", "check the path")
