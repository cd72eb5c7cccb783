"""Reading the decisions of a file: what each needs, whether that is there, and what it reads from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from processes.dmn.graph import Decision, Step
from processes.dmn.logic import LogicReader
from processes.dmn.problems import NOWHERE, Place, Problems
from processes.dmn.types import ANY, Type, Types
from processes.dmn.xml import child, children, local_name
from processes.feel.calling import known_function
from processes.feel.scope import Extra

MAX_STEPS: Final = 200
_STEPS: Final = ("decision", "businessKnowledgeModel")
_KNOWLEDGE: Final = "businessKnowledgeModel"


@dataclass(frozen=True)
class _Element:
    """A decision, function or input of the drawing, with the names others know it by."""

    id: str
    kind: str
    element: etree._Element

    @property
    def names(self) -> list[str]:
        """The name of its variable first, then its own, then its id."""
        variable = child(self.element, "variable")
        given = [variable.get("name") if variable is not None else None, self.element.get("name"), self.id]
        return [" ".join(name.split()) for name in given if name]

    @property
    def type_name(self) -> str | None:
        """The type its variable declares."""
        variable = child(self.element, "variable")
        return variable.get("typeRef") if variable is not None else None


@dataclass(frozen=True)
class _Read:
    """What reading one element has yielded."""

    problems: Problems
    step: Step | None = None
    free: frozenset[str] = frozenset()
    declared: Mapping[str, Type] = field(default_factory=dict)


class Model:
    """One DMN file."""

    def __init__(self, root: etree._Element, extra: Extra) -> None:
        self.root, self.extra = root, extra
        self._read: dict[str, _Read] = {}
        self.elements = {
            item.get("id", ""): _Element(item.get("id", ""), str(etree.QName(item).localname), item)
            for item in children(root, *_STEPS, "inputData")
            if item.get("id")
        }
        self.known = frozenset(name for item in self.elements.values() for name in item.names)

    def decision(self, key: str, problems: Problems) -> Decision:
        """One decision with all it needs; what is wrong with any of it is noted."""
        steps: dict[str, Step] = {}
        names: set[str] = set()
        declared: dict[str, Type] = {}
        for item in self.needed(key, problems):
            if item.id not in self._read:
                self._read[item.id] = self._one(item)
            found = self._read[item.id]
            declared.update(found.declared)
            names |= found.free
            if found.step is not None:
                steps[item.id] = found.step
            place = _place(item, key)
            for problem in found.problems.found:
                where = Place(place.en, place.zh, problem.element or item.id)
                problems.add(where, problem.en, problem.zh, serious=problem.serious)
        return Decision(key, steps, declared, frozenset(names), self.extra)

    def _one(self, item: _Element) -> _Read:
        """One element by itself, read once however many decisions need it."""
        problems = Problems()
        types = Types(self.root, problems)
        try:
            wanted = types.named(item.type_name, NOWHERE)
            if item.kind == "inputData":
                return _Read(problems, declared={} if wanted is ANY else dict.fromkeys(item.names, wanted))
            reader = LogicReader(types, self.known, problems, self.root.get("expressionLanguage"))
            step, free = self._step(item, reader, wanted)
            return _Read(problems, step, free)
        except RecursionError:
            problems.add(NOWHERE, "it is nested too deeply", "嵌套过深")
            return _Read(problems)

    def _step(self, item: _Element, reader: LogicReader, wanted: Type) -> tuple[Step, frozenset[str]]:
        needs, outputs = self._needs(item), self._outputs(item)
        if item.kind == _KNOWLEDGE:
            logic = child(item.element, "encapsulatedLogic")
            found = reader.function(logic if logic is not None else item.element, NOWHERE, frozenset(needs), 0)
        else:
            found = reader.read(item.element, NOWHERE, frozenset(needs))
        free = set()
        for name, called in sorted(found.uses):
            if name in needs or name in outputs:
                continue
            if not called:
                free.add(name)
            elif not known_function(name, self.extra):
                reader.problems.add(NOWHERE, f"there is no function {name!r}", f"没有函数 {name!r}")
        kept = wanted if item.kind == "decision" and wanted is not ANY and found.table is None else None
        return Step(item.id, found, needs, outputs, kept), frozenset(free)

    def _needs(self, item: _Element) -> dict[str, str]:
        """Every name under which it sees another decision or function: names go before columns, columns before ids."""
        needs: dict[str, str] = {}
        others = self._steps_required(item)
        for rank in (2, 1, 0):
            needs.update({other.names[rank]: other.id for other in others if rank < len(other.names)})
        names = {name for other in others for name in other.names[:-1]}
        columns = [column for other in others if len(found := _columns(other)) > 1 for column in found]
        return {name: key for name, key in needs.items() if name in names or name not in columns}

    def _outputs(self, item: _Element) -> dict[str, tuple[str, str]]:
        """The columns of the tables it needs."""
        found = {}
        for other in self._steps_required(item):
            found.update({column: (other.id, column) for column in _columns(other)})
        return found

    def _steps_required(self, item: _Element) -> list[_Element]:
        found = [self.elements[key] for key in self._required(item) if key in self.elements]
        return [other for other in found if other.kind in _STEPS]

    @staticmethod
    def _required(item: _Element) -> list[str]:
        return [
            reference.get("href", "").removeprefix("#")
            for requirement in children(item.element, "informationRequirement", "knowledgeRequirement")
            for reference in children(requirement, "requiredDecision", "requiredInput", "requiredKnowledge")
        ]

    def needed(self, key: str, problems: Problems) -> list[_Element]:
        """The decision and everything it needs, each once; circles and what is missing are noted."""
        found: dict[str, _Element] = {}
        waiting = [key]
        while waiting:
            current = waiting.pop()
            if current in found:
                continue
            item = self.elements.get(current)
            if item is None:
                problems.add(NOWHERE, *self._missing(current))
                continue
            if len(found) >= MAX_STEPS:
                problems.add(NOWHERE, f"it needs more than {MAX_STEPS} others", f"依赖超过 {MAX_STEPS} 个")
                break
            found[current] = item
            waiting += self._required(item)
        circle = ", ".join(self._circle(found))
        if circle:
            problems.add(NOWHERE, f"decisions need each other in a circle: {circle}", f"决策相互依赖成环：{circle}")
        return list(found.values())

    def _circle(self, found: dict[str, _Element]) -> list[str]:
        """What is left when everything that needs nothing more has been taken away, again and again."""
        left = {key: {other for other in self._required(item) if other in found} for key, item in found.items()}
        while free := {key for key, needs in left.items() if not needs}:
            left = {key: needs - free for key, needs in left.items() if key not in free}
        return sorted(left)

    def _missing(self, reference: str) -> tuple[str, str]:
        if "#" in reference or ":" in reference:
            return (
                f"it needs {reference!r} of another file; draw both in one file, or call one decision after the other",
                f"它依赖另一个文件中的 {reference!r}；请画在同一个文件里，或依次调用",
            )
        there = next((local_name(item) for item in self.root if item.get("id") == reference), None)
        if there is not None:
            return (f"it needs a {there}, which is not supported", f"它依赖 {there}，不支持")
        return f"it needs {reference!r}, which is not in the file", f"它依赖的 {reference!r} 不在文件中"


def _columns(item: _Element) -> list[str]:
    """The names of the output columns, if it is a table."""
    table = child(item.element, "decisionTable")
    return [] if table is None else [name for column in children(table, "output") if (name := column.get("name"))]


def _place(item: _Element, key: str) -> Place:
    if item.id == key:
        return NOWHERE
    name = item.names[0] if item.names else item.id
    return Place(f"needed {name}", f"所依赖的 {name}")
