"""Two registries with the same type names: one for specifications as compiled, one for specifications as run.

A specification is compiled from plain classes, converted to JSON by the first registry, and always restored by the
second one, whose classes have the run-time behaviour (:mod:`processes.spiff.speed`) in front. So nothing that was
attached in the process that compiled a definition can be missing in the process that runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import orjson

from processes.errors import SnapshotTooOld
from processes.spiff.library import (
    DEFAULT_SPEC_CONFIG,
    BpmnProcessSpec,
    BpmnTaskSpecConverter,
    DefaultRegistry,
)
from processes.spiff.specs.activities import Activity, Decision, SubProcess, Waiting
from processes.spiff.specs.adhoc import AdHoc
from processes.spiff.specs.complex_gateway import Complex
from processes.spiff.specs.events import Begin, Boundary, Catch, CycleCatch, End, Throw, Trigger
from processes.spiff.specs.gateways import Collector, EventBased, Exclusive, Inclusive, Parallel
from processes.spiff.specs.loops import Loop
from processes.spiff.specs.node import Node
from processes.spiff.specs.sending import Send
from processes.spiff.specs.several import Part, Several, SeveralAtEdge, SeveralAtStart, SeveralTrigger
from processes.spiff.specs.undoing import CancelEnd, Undo
from processes.spiff.speed import Live

#: 2: with elements the first versions did not know; whatever can do without them is still written as 1.
SPEC_FORMAT: Final = 2
ELEMENT_CLASSES: Final[tuple[type[Node], ...]] = (
    Node,
    Activity,
    Waiting,
    Decision,
    SubProcess,
    Loop,
    Exclusive,
    Inclusive,
    Parallel,
    EventBased,
    Catch,
    CycleCatch,
    Boundary,
    Trigger,
    Throw,
    End,
    Begin,
    Send,
    Undo,
    CancelEnd,
    AdHoc,
    Complex,
    Collector,
    Part,
    Several,
    SeveralAtEdge,
    SeveralAtStart,
    SeveralTrigger,
)


@dataclass(frozen=True)
class LoadedSpec:
    """A definition ready to run; may be shared by any number of executions, in one process."""

    key: str
    main: BpmnProcessSpec
    subs: dict[str, BpmnProcessSpec]

    @property
    def gathers(self) -> bool:
        """Whether several events have to happen together before it has begun."""
        return bool(self.main.start.extensions.get("gathers"))

    def starting_at(self, element_id: str, name: str) -> str:
        """Where the message ``name`` begins at this element: there, or at that of several messages there."""
        one_of = f"{element_id}~{name}"
        return one_of if one_of in self.main.start.extensions["starts"] else element_id

    @property
    def compensates(self) -> bool:
        """Whether something in it asks for what was completed to be undone."""
        return any(
            isinstance(spec, Undo) for part in (self.main, *self.subs.values()) for spec in part.task_specs.values()
        )


def _registry(live: bool) -> DefaultRegistry:
    registry = DefaultRegistry()
    for library_class, converter in DEFAULT_SPEC_CONFIG.items():
        converter(library_class, registry)
    for cls in ELEMENT_CLASSES:
        target = type(cls.__name__, (Live, cls), {}) if live else cls
        BpmnTaskSpecConverter(target, registry, cls.__name__)
    return registry


@cache
def compile_registry() -> DefaultRegistry:
    """Converts what the compiler built."""
    return _registry(live=False)


@cache
def run_registry() -> DefaultRegistry:
    """Restores what is run."""
    return _registry(live=True)


def dump_spec(key: str, main: BpmnProcessSpec, subs: dict[str, BpmnProcessSpec], *, form: int = SPEC_FORMAT) -> bytes:
    """The JSON of a compiled specification; equal specifications give equal bytes."""
    convert = compile_registry().convert
    body = {
        "format": form,
        "key": key,
        "main": convert(main),
        "subs": {name: convert(spec) for name, spec in subs.items()},
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def load_spec(spec_json: bytes) -> LoadedSpec:
    """Restore a specification; takes about a millisecond, so keep it. :raises SnapshotTooOld: unknown format."""
    body = orjson.loads(spec_json)
    if body.get("format") not in range(1, SPEC_FORMAT + 1):
        raise SnapshotTooOld(f"specification format {body.get('format')!r} is not known here")
    restore = run_registry().restore
    subs = {name: restore(spec) for name, spec in body["subs"].items()}
    return LoadedSpec(body["key"], restore(body["main"]), subs)


def dump_loaded(loaded: LoadedSpec) -> bytes:
    """The JSON of a restored specification, to see that running has not changed it."""
    convert = run_registry().convert
    body = {
        "format": SPEC_FORMAT,
        "key": loaded.key,
        "main": convert(loaded.main),
        "subs": {name: convert(spec) for name, spec in loaded.subs.items()},
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
