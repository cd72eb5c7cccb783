"""Which element of one version of a process answers to which of another, and by what names the engine knows both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from processes.spiff.build_events import spec_name
from processes.spiff.registry import LoadedSpec

#: Ids of elements (and flows) of the old version, each with its counterpart in the new one; None: it has none.
Counterparts = Mapping[str, str | None]


@dataclass(frozen=True)
class Change:
    """Two versions of a process and what answers to what; an id that is not named answers to itself."""

    old: LoadedSpec
    new: LoadedSpec
    counterparts: Counterparts

    def element(self, element_id: str) -> str | None:
        """The counterpart of an element, by its id in the diagram; it need not exist."""
        return self.counterparts.get(element_id, element_id)

    def name(self, name: str) -> str | None:
        """The same for the name of a task specification or a scope, helpers of the compiler included."""
        base, mark, _ = name.partition("~")
        if not mark:
            return self.element(base)
        target = self.element(base)
        if target is None:
            return None
        own = spec_name(base)
        return spec_name(target) if name == own else spec_name(target) + name.removeprefix(own)


def specs(loaded: LoadedSpec) -> Iterator[tuple[Any, str, dict[str, Any]]]:
    """Every element of a version: the scope it stands in, its name there and what is known of it."""
    for scope in (loaded.main, *loaded.subs.values()):
        for name, spec in scope.task_specs.items():
            facts = getattr(spec, "extensions", None)
            if facts and "type" in facts:
                yield scope, name, facts


def elements(loaded: LoadedSpec) -> dict[str, str]:
    """The elements of the diagram with their BPMN type."""
    return {str(facts["el"]): str(facts["type"]) for _, _, facts in specs(loaded) if facts.get("el")}


def flows(loaded: LoadedSpec) -> set[str]:
    """The ids of the sequence flows of the diagram."""
    return {str(row[0]) for _, _, facts in specs(loaded) for row in facts.get("flows", ()) if "~" not in str(row[0])}
