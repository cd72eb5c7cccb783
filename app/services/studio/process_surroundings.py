"""What a drawing needs around it to run: what it calls, asks and is undone by, as it is deployed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import versions
from processes.definitions import elements_of
from processes.spiff.compile import compile_files
from processes.spiff.definition import CompiledProcess, ElementInfo
from processes.spiff.xmlsource import YIZHAN, SourceRefused
from processes.spiff.xmlsource import read as read_xml
from processes.store.definitions import DecisionDefinition, ProcessDefinition

_NAMES: Final = ("calledElement", f"{{{YIZHAN}}}decision", f"{{{YIZHAN}}}undoneBy")


class _Anything:
    """Contains whatever is asked for."""

    def __contains__(self, item: object) -> bool:
        return True


def with_surroundings(session: Session, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, and whatever deployed processes and decisions they lead to, each once.

    A call whose process is computed only at run time may lead to any of them.
    """
    anything = _Anything()
    given, decisions, _ = compile_files(files, known_processes=anything, known_decisions=anything)
    have = {item.key for item in given} | {item.key for item in decisions}
    wanted, everything = _needs(given)
    wanted |= _named(files)
    in_force = versions.all_in_force(session)
    found = dict(files)
    seen: set[str] = set()
    while more := sorted((set(in_force) if everything else wanted & set(in_force)) - have - seen):
        for key in more:
            row = in_force[key]
            seen.add(key)
            found[f"(deployed) {key}.bpmn"] = row.xml
            wanted |= {*row.called_keys, *row.decision_keys, *_undone_by(elements_of(row).values())}
            everything = everything or _is_computed(elements_of(row).values())
    if everything:
        wanted |= {key for row in in_force.values() for key in row.decision_keys}
    for key, xml in _decisions(session, wanted - have).items():
        found[f"(deployed) {key}.dmn"] = xml
    return _once(found)


def deployed_file(row: ProcessDefinition | DecisionDefinition) -> dict[str, bytes]:
    """A deployed version as a file."""
    ending = "bpmn" if isinstance(row, ProcessDefinition) else "dmn"
    return {f"{row.key}.{ending}": row.xml}


def _needs(given: Iterable[CompiledProcess]) -> tuple[set[str], bool]:
    wanted: set[str] = set()
    computed = False
    for item in given:
        wanted |= {*item.called_keys, *item.decision_keys, *_undone_by(item.elements.values())}
        computed = computed or _is_computed(item.elements.values())
    return wanted, computed


def _named(files: Mapping[str, bytes]) -> set[str]:
    """What drawings name that cannot be compiled yet: calls, decisions, and what undoes people's work."""
    found: set[str] = set()
    for content in files.values():
        try:
            root = read_xml(content)
        except SourceRefused:
            continue
        for element in root.iter():
            found |= {element.get(name, "") for name in _NAMES}
    return found - {""}


def _undone_by(elements: Iterable[ElementInfo]) -> set[str]:
    return {row.attributes.get("undoneBy", "") for row in elements} - {""}


def _is_computed(elements: Iterable[ElementInfo]) -> bool:
    return any("calledExpression" in row.attributes for row in elements)


def _decisions(session: Session, keys: set[str]) -> dict[str, bytes]:
    rows = select(DecisionDefinition).where(DecisionDefinition.key.in_(keys), DecisionDefinition.withdrawn_at.is_(None))
    ordered = rows.order_by(DecisionDefinition.active_since, DecisionDefinition.version)
    newest = {row.key: row for row in session.scalars(ordered)}
    return {key: row.xml for key, row in newest.items()}


def _once(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """One file may hold several processes: it is there under the first of their names."""
    known: dict[bytes, str] = {}
    for name, content in files.items():
        known.setdefault(content, name)
    return {name: content for content, name in known.items()}
