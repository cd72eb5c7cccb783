"""Who uses a model: the processes in force that call it, decide with it, ask it or are undone by it; nearest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from processes.definitions import elements_of
from processes.spiff.definition import ElementInfo
from processes.store.definitions import ProcessDefinition
from processes.versions import all_in_force

#: Kind (process, decision or form) and key.
Model = tuple[str, str]
#: Attributes of an element that name another model, and the kind of that.
NAMING: Final[Mapping[str, str]] = {"decision": "decision", "form": "form", "undoneBy": "process"}


@dataclass(frozen=True)
class User:
    """A process in force, and how many steps away it is from what it uses: 1 uses it itself.

    ``named``: it may only be so, because the process it calls is computed when it runs; then its cases count which name
    one of these keys.
    """

    row: ProcessDefinition
    distance: int
    named: frozenset[str] = frozenset()


def users_of(session: Session, models: Collection[Model]) -> list[User]:
    """Processes in force that use these models, directly or through others; the models themselves are not among them.

    A call that is computed is the last of its way: who calls such a caller is not looked for.
    """
    rows = all_in_force(session)
    elements = {key: elements_of(row) for key, row in rows.items()}
    used = {key: _used_by(row, elements[key]) for key, row in rows.items()}
    given = {key for kind, key in models if kind == "process"}
    found: list[User] = []
    reached, frontier, distance = set(given), set(models), 0
    while frontier:
        distance += 1
        near = [key for key in sorted(rows) if key not in reached and used[key] & frontier]
        found += [User(rows[key], distance) for key in near]
        reached.update(near)
        frontier = {("process", key) for key in near}
    computed = [key for key in sorted(rows) if key not in reached and _is_computed(elements[key])]
    return [*found, *(User(rows[key], distance + 1, frozenset(reached)) for key in computed if reached)]


def forms_asked(session: Session, forms: Collection[str]) -> dict[str, dict[str, str]]:
    """Which elements ask one of these forms: form by element id, by process in force."""
    found: dict[str, dict[str, str]] = {}
    for key, row in all_in_force(session).items() if forms else ():
        asked = {one.id: one.attributes.get("form", "") for one in elements_of(row).values()}
        found[key] = {element: form for element, form in asked.items() if form in forms}
    return found


def _used_by(row: ProcessDefinition, elements: Mapping[str, ElementInfo]) -> set[Model]:
    found = {("process", key) for key in row.called_keys} | {("decision", key) for key in row.decision_keys}
    for element in elements.values():
        found |= {(kind, element.attributes[name]) for name, kind in NAMING.items() if element.attributes.get(name)}
    return found


def _is_computed(elements: Mapping[str, ElementInfo]) -> bool:
    return any("calledExpression" in one.attributes for one in elements.values())
