"""Trying an operation of the registry: on a pretended neighbour of its own, never on a real one, and nothing is kept.

The neighbour is made for this one call, filled from the demonstration's data, and thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import app.seed
from adapters.errors import Rejected, Unreachable
from adapters.operations import Operation, OperationRegistry
from adapters.ports import Answer, OperationCall
from adapters.simulators.seed import read_folder
from adapters.simulators.twin import Twin
from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import NotFound
from app.seed import files as seed_files
from app.unit_of_work import read

SEED: Final = Path(app.seed.__file__).parent / "data"
#: An order of nobody.
KEY: Final = "trial:operation"
AREA: Final = "SH-SH"
#: What can be made to happen besides what the neighbour does by itself.
SILENT: Final = "silent"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Inputs to begin with; ``after`` is what has to be done before, in this order."""

    inputs: Mapping[str, Any]
    after: tuple[str, ...] = ()
    undoes: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call and its answer: ``done``, ``refused`` (with ``code`` and what was said) or ``silent``."""

    operation: str
    inputs: Mapping[str, Any]
    outcome: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    said: str = ""
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What was done before, the call itself, and its undo if there is one and the call has been done."""

    before: tuple[Call, ...]
    call: Call
    undo: Call | None
    problems: tuple[str, ...] = ()


def sample_of(registry: OperationRegistry, code: str) -> Sample:
    """What to try an operation with. One that only undoes another is tried by undoing that; a strange one gets none."""
    rows = {row["code"]: row for row in seed_files.read("operation_samples")["operation_samples"]}
    if code in rows:
        return Sample(inputs=rows[code]["inputs"], after=tuple(rows[code].get("after", ())))
    for other in rows:
        if other in registry and registry.get(other).undo == code:
            return Sample(inputs={}, after=(*rows[other].get("after", ()), other), undoes=other)
    return Sample(inputs={})


def prepared(code: str, actor: Actor, deps: Deps) -> dict[str, Any]:
    """The inputs a form begins with, those that only earlier calls can give included.

    :raises NotFound: no such operation.
    """
    may(actor, "process.edit")
    operation = _operation(deps, code)
    return _bench(deps).prepared(operation)[1]


def try_operation(code: str, inputs: Mapping[str, Any], actor: Actor, deps: Deps, *, happens: str = "") -> Tried:
    """Call an operation with these inputs on a pretended neighbour, and undo it again.

    :param happens: the code of a refusal the neighbour shall answer with, or ``silent``; else it does what it does.
    :raises NotFound: no such operation.
    """
    may(actor, "process.edit")
    operation = _operation(deps, code)
    return _bench(deps).tried(operation, inputs, happens)


def _operation(deps: Deps, code: str) -> Operation:
    if code not in deps.registry:
        raise NotFound(f"there is no operation {code}", f"没有操作 {code}")
    return deps.registry.get(code)


@cache
def _stock() -> Mapping[str, Any]:
    """The demonstration's data; a neighbour copies what it takes."""
    return read_folder(SEED)


def _bench(deps: Deps) -> Bench:
    with read(deps.read_sessions) as session:
        return Bench(deps.registry, deps.clock(session), deps.new_id)


class Bench:
    """A pretended neighbour for one trial. ``now`` is an aware UTC instant."""

    def __init__(self, registry: OperationRegistry, now: datetime, ids: Callable[[], str]) -> None:
        self._registry, self._now, self._ids = registry, now, ids
        self.twin = Twin(registry, now=lambda: self._now, seed_data=_stock(), callback_delay_s=0.0)

    def tried(self, operation: Operation, inputs: Mapping[str, Any], happens: str = "") -> Tried:
        """See :func:`try_operation`."""
        before, _ = self.prepared(operation)
        if happens == SILENT:
            self.twin.script("error503", operation.code)
        elif happens:
            self.twin.script("refuse", operation.code, code=happens)
        call = self.call(operation, inputs)
        undo = self.undone(operation, call) if call.outcome == "done" and operation.undo else None
        problems = tuple(self._registry.check_inputs(operation.code, inputs))
        return Tried(before=tuple(before), call=call, undo=undo, problems=problems)

    def prepared(self, operation: Operation) -> tuple[list[Call], dict[str, Any]]:
        """Do what has to be done before; returns that, and the inputs of the operation."""
        sample = sample_of(self._registry, operation.code)
        calls: list[Call] = []
        known: dict[str, Any] = {}
        for code in sample.after:
            earlier = self._registry.get(code)
            wanted = {**_named(earlier, known), **sample_of(self._registry, code).inputs}
            done = self.call(earlier, wanted)
            calls.append(done)
            known |= {**done.inputs, **done.outputs}
        if sample.undoes and calls and calls[-1].outcome == "done":
            undone = self._registry.get(sample.undoes)
            return calls, self._registry.undo_inputs(undone, calls[-1].inputs, calls[-1].outputs)
        return calls, {**_named(operation, known, obligatory=True), **sample.inputs}

    def call(self, operation: Operation, inputs: Mapping[str, Any]) -> Call:
        """Call it, and wait for an answer that comes later."""
        port = self.twin.ports.get(operation.adapter)
        if port is None:
            return Call(operation=operation.code, inputs=inputs, outcome="silent", said="no such neighbour")
        key = self._ids()
        asked = OperationCall(name=operation.code, operation_id=key, inputs=inputs, business_key=KEY, area=AREA)
        try:
            answer: Answer | None = port.perform(asked, timeout_s=operation.timeout_s)
            later = answer is not None and answer.pending
            if later:
                self._now += timedelta(seconds=max(operation.p90_s, 1))
                answer = port.query(key, timeout_s=operation.timeout_s)
        except Rejected as refusal:
            return Call(
                operation=operation.code, inputs=inputs, outcome="refused", code=refusal.code, said=refusal.message
            )
        except Unreachable as silence:
            return Call(operation=operation.code, inputs=inputs, outcome="silent", said=str(silence))
        outputs = answer.outputs if answer is not None else {}
        return Call(operation=operation.code, inputs=inputs, outcome="done", outputs=outputs, later=later)

    def undone(self, operation: Operation, call: Call) -> Call:
        """Undo what a call has done, with the inputs the ledger would keep for it."""
        undo = self._registry.get(str(operation.undo))
        try:
            inputs = self._registry.undo_inputs(operation, call.inputs, call.outputs)
        except LookupError as problem:
            return Call(operation=undo.code, inputs={}, outcome="refused", code="undo-inputs", said=str(problem))
        return self.call(undo, inputs)


def _named(operation: Operation, known: Mapping[str, Any], *, obligatory: bool = False) -> dict[str, Any]:
    names = operation.inputs if obligatory else (*operation.inputs, *operation.optional_inputs)
    return {name: known[name] for name in names if name in known}
