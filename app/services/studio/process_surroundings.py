"""What a drawing needs around it to run: what it calls, asks and is undone by, as it is deployed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lxml import etree
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from processes import versions
from processes.definitions import elements_of, kept_versions
from processes.spiff.compile import Anything, compile_files
from processes.spiff.definition import CompiledProcess, ElementInfo
from processes.spiff.pins import numbered, pins_in
from processes.spiff.xmlsource import YIZHAN, SourceRefused
from processes.spiff.xmlsource import read as read_xml
from processes.store.definitions import DecisionDefinition, ProcessDefinition

_OURS: Final = f"{{{YIZHAN}}}"
_NAMES: Final = ("calledElement", f"{{{YIZHAN}}}decision", f"{{{YIZHAN}}}undoneBy")


def with_surroundings(session: Session, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, and whatever deployed processes and decisions they lead to, each once.

    A call whose process is computed only at run time may lead to any of them.
    """
    anything = Anything()
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


def pinned_decisions(session: Session, files: Mapping[str, bytes]) -> dict[tuple[str, int], bytes]:
    """The versions of decisions that steps in these files are pinned to; what there is none of is left out.

    A decision among the files counts as the version it has, or would have next.
    """
    wanted = {pin for root in _roots(files) for pin in pins_in(map(_words_of_ours, root.iter(etree.Element)))}
    if not wanted:
        return {}
    kept = kept_versions(session, {key for key, _ in wanted})
    tables = {name: content for name, content in files.items() if name.endswith(".dmn")}
    given = compile_files(tables)[1]
    found = {(one.key, numbered(kept.get(one.key, ()), one.content_hash)): one.xml for one in given}
    columns = DecisionDefinition.key, DecisionDefinition.version, DecisionDefinition.xml
    rows = select(*columns).where(tuple_(*columns[:2]).in_(wanted), DecisionDefinition.withdrawn_at.is_(None))
    found |= {(key, version): xml for key, version, xml in session.execute(rows)}
    return {place: xml for place, xml in found.items() if place in wanted}


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
    found = {element.get(name, "") for root in _roots(files) for element in root.iter() for name in _NAMES}
    return found - {""}


def _roots(files: Mapping[str, bytes]) -> Iterator[etree._Element]:
    """The files that can be read."""
    for content in files.values():
        try:
            yield read_xml(content)
        except SourceRefused:
            continue


def _words_of_ours(element: etree._Element) -> dict[str, str]:
    """The ``yizhan:`` attributes of an element."""
    return {
        str(name)[len(_OURS) :]: str(value) for name, value in element.attrib.items() if str(name).startswith(_OURS)
    }


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
