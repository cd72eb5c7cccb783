"""Carrying a saved execution over from one version of its definition to another.

Tokens keep their ids, their data and what they wait for; only the elements they stand at are called differently. So a
timer keeps its due time and a task its person. What cannot be carried over is said, token by token; then nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from processes.spiff.bridge import NOTHING, Execution
from processes.spiff.counterparts import Change, elements
from processes.spiff.joins import starving
from processes.spiff.library import TaskState
from processes.spiff.snapshot import pack, unpack
from processes.spiff.specs.gateways import Join
from processes.spiff.waits import ClosedKind, StepContext
from processes.spiff.workflow import Process

Facts = dict[str, Any]


@dataclass(frozen=True)
class Doubt:
    """Why a token cannot be carried over, or what whoever decides should know. ``code``: see the words of migration."""

    code: str
    element_id: str = ""
    detail: str = ""


@dataclass
class Carried:
    """What became of a saved execution. With ``doubts`` it must not be used.

    ``dropped``: waits of events that the new version does not have, by task id; ``was`` and ``elements``: the element
    at which each token stood and stands now, by task id.
    """

    body: Facts
    doubts: list[Doubt] = field(default_factory=list)
    notes: list[Doubt] = field(default_factory=list)
    dropped: dict[str, ClosedKind] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)


def carry(saved: bytes, change: Change, inputs: Mapping[str, Any] = NOTHING) -> Carried:
    """Rename everything in an execution saved with these inputs; nothing is run.

    :raises SnapshotTooOld: it cannot be read.
    """
    found = Carried(unpack(saved, inputs))
    _Carrier(change, found).carry()
    return found


def set_down(carried: Carried, change: Change, context: StepContext) -> Execution:
    """Bring what was carried over to life in the new version, with the events armed that only the new one has.

    What these wait for is in the changes of the execution after :meth:`~processes.spiff.bridge.Execution.advance`.

    :raises SnapshotTooOld: it cannot be read.
    """
    execution = Execution.load(change.new, pack(carried.body, NOTHING), context=context)
    known = {change.name(name) for scope in _scopes(change) for name in scope.task_specs}
    _arm(execution._top, known)
    return execution


def _scopes(change: Change) -> Iterable[Any]:
    return (change.old.main, *change.old.subs.values())


def _arm(top: Process, known: set[str | None]) -> None:
    """Arm events beside the flow and definitions that are in the new version only; what has fired stays so."""
    for scope in list(top.scopes()):
        tokens = scope.tokens()
        for name in scope.spec.start.extensions.get("triggers", ()):
            if name not in known:
                top.spawn(scope, name, scope.task_tree, trigger=True)
        for task in tokens:
            for name in task.task_spec.extensions.get("parts", ()) if task.has_state(TaskState.STARTED) else ():
                if name not in known:
                    task.task_spec.wait_with(task, name)
            if task.internal_data.get("armed"):
                for name in task.task_spec.extensions.get("boundary", ()):
                    if name not in known:
                        top.spawn(scope, name, task, host=task.id)


class _Carrier:
    """Walks a saved execution, outer scopes first."""

    def __init__(self, change: Change, found: Carried) -> None:
        self.change, self.found = change, found
        self.there = elements(change.new)

    def carry(self) -> None:
        body = self.found.body
        lost: set[str] = set()
        for scope in body["scopes"]:
            if scope["parent"] in lost:  # said of the sub-process around it
                lost.update(token[0] for token in scope["tokens"])
                continue
            inner = scope["parent"] is not None
            old = self.change.old.subs[scope["spec"]] if inner else self.change.old.main
            name = self.change.name(scope["spec"]) if inner else scope["spec"]
            new = self.change.new.main if not inner else self.change.new.subs.get(name or "")
            if new is None:
                self.doubt("element-gone", scope["spec"].partition("~")[0])
                lost.update(token[0] for token in scope["tokens"])
                continue
            scope["spec"] = name
            self.tokens(scope, old, new, lost)
            self.records(scope.get("done", ()))

    def doubt(self, code: str, element_id: str, detail: str = "") -> None:
        doubt = Doubt(code, element_id, detail)
        if doubt not in self.found.doubts:
            self.found.doubts.append(doubt)

    def note(self, code: str, element_id: str, detail: str = "") -> None:
        note = Doubt(code, element_id, detail)
        if note not in self.found.notes:
            self.found.notes.append(note)

    def tokens(self, scope: Facts, old: Any, new: Any, lost: set[str]) -> None:
        before = _standing(scope, old)
        hosts = {token[0]: token for token in scope["tokens"]}
        kept = []
        for token in scope["tokens"]:
            if token[0] == scope["root"]:
                self.root(token, new)
                kept.append(token)
                continue
            was = old.task_specs[token[1]]
            host = hosts.get(token[3].get("host", ""))
            if self.token(token, was, new, host):
                kept.append(token)
            elif not is_beside(token[3]):
                lost.add(token[0])
        scope["tokens"] = kept
        if not lost & hosts.keys():
            known = {self.change.name(name) for name in starving(old, *before)}
            for name in starving(new, *_standing(scope, new)) - known:
                self.doubt("join-starves", str(new.task_specs[name].extensions.get("el", name)))

    def root(self, token: list[Any], new: Any) -> None:
        """The root of a scope remembers what gateways and ad-hoc sub-processes still expect."""
        facts = token[3]
        for gate, flows in dict(facts.get("gates", {})).items():
            name = self.change.name(gate)
            spec = new.task_specs.get(name or "")
            del facts["gates"][gate]
            if spec is None:
                self.doubt("element-gone", gate.partition("~")[0])
            else:
                facts["gates"][name] = [flow for flow in map(self.flow, flows) if flow in spec.extensions["incoming"]]
        if "adhoc" in facts:
            names = [self.change.name(name) for name in facts["adhoc"].get("next", ())]
            facts["adhoc"]["next"] = [name for name in names if name in new.task_specs]

    def flow(self, flow: str) -> str:
        return self.change.counterparts.get(flow) or flow

    def token(self, token: list[Any], was: Any, new: Any, host: list[Any] | None) -> bool:
        """Rename one token; false: it has no place in the new version."""
        task_id, name, _state, facts = token[:4]
        element = str(was.extensions.get("el") or was.extensions.get("near", ""))
        target = self.change.name(name)
        spec = new.task_specs.get(target or "")
        if spec is None:
            return self.homeless(token, element)
        token[1] = target
        self.found.was[task_id] = element
        self.found.elements[task_id] = str(spec.extensions.get("el") or spec.extensions.get("near", ""))
        for code in differences(was, spec, self.change):
            self.doubt(code, element, str(spec.extensions.get("el", "")))
        host = None if "part" in facts else host  # one of several definitions belongs to the event it is part of
        if host is not None and target not in new.task_specs[host[1]].extensions.get("boundary", ()):
            self.doubt("other-host", element)
        self.noted(was.extensions.get("event"), spec.extensions.get("event"), element)
        if "race_at" in facts:
            place = self.change.name(facts["race_at"])
            facts["race_at"] = place if place in new.task_specs else target
        if isinstance(spec, Join) and facts.get("flow"):
            self.arrived_by(facts, was, spec, element)
        return True

    def homeless(self, token: list[Any], element: str) -> bool:
        """An event beside a step is let go with what it waits for; anything else needs a counterpart."""
        task_id, _name, _state, facts = token[:4]
        target = self.change.element(element)
        if is_beside(facts):
            self.note("event-dropped", element)
            if "failure" in facts:
                self.found.dropped[task_id] = "failure"
            elif "wait" in facts:
                self.found.dropped[task_id] = facts["wait"]["kind"]
        elif target in self.there:
            self.doubt("other-scope", element, str(target))
        else:
            self.doubt("element-gone", element)
        return False

    def arrived_by(self, facts: Facts, was: Any, spec: Any, element: str) -> None:
        """A join counts tokens by the flow they came on."""
        incoming: list[str] = spec.extensions["incoming"]
        flow = self.flow(facts["flow"])
        if flow not in incoming and self.change.counterparts.get(facts["flow"]) is None:
            flow = self.like(facts["flow"], was, spec) or flow
        if flow not in incoming:
            self.doubt("flow-gone", element, facts["flow"])
        facts["flow"] = flow

    def like(self, flow: str, was: Any, spec: Any) -> str | None:
        """The flow into the join that comes from the counterpart of where the old one came from, if there is one."""
        sources = {_source(was._wf_spec, flow)}
        targets = {self.change.name(source) for source in sources if source}
        found = [one for one in spec.extensions["incoming"] if _source(spec._wf_spec, one) in targets]
        return found[0] if len(found) == 1 else None

    def noted(self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, element: str) -> None:
        if not before or not after or before == after:
            return
        if before["kind"] == "timer":
            self.note("timer-kept", element, str(after.get("value", "")))
        elif before["kind"] in ("message", "signal") and before.get("name") != after.get("name"):
            self.note("message-kept", element, str(before.get("name", "")))

    def records(self, rows: Iterable[list[Any]]) -> None:
        """What could be compensated later; see :class:`processes.spiff.records.Record`."""
        for row in rows:
            element = self.change.element(row[1])
            if row[3] is not None:
                handler = self.change.name(row[3])
                if handler not in self.change.new.subs:
                    self.doubt("handler-gone", row[1])
                row[3] = handler
            row[1] = element or row[1]
            self.records(row[-1] or ())


def is_beside(facts: Facts) -> bool:
    """Whether a token is an event armed beside the flow: at a step's edge, for an event sub-process, one of several."""
    return "host" in facts or "trigger" in facts or "part" in facts


def differences(was: Any, spec: Any, change: Change) -> list[str]:
    """In what two elements differ so that a token of one cannot stand at the other."""
    before, after = was.extensions, spec.extensions
    if ("loop" in before) != ("loop" in after) or (
        "loop" in before and before["loop"]["mode"] != after["loop"]["mode"]
    ):
        return ["repeat-differs"]
    if _kind(was) != _kind(spec):
        return ["kind-differs"]
    if "scope" in before and change.name(before["scope"]) != after.get("scope"):
        return ["kind-differs"]
    return []


def _kind(spec: Any) -> tuple[str, ...]:
    """What matters of an element to a token that stands there: its class, and what it waits for."""
    facts = spec.extensions
    return type(spec).__name__, str(facts.get("wait", "")), str((facts.get("event") or {}).get("kind", ""))


def _source(scope: Any, flow: str) -> str | None:
    for name, spec in scope.task_specs.items():
        if any(row[0] == flow for row in getattr(spec, "extensions", {}).get("flows", ())):
            return str(name)
    return None


def _standing(scope: Facts, spec: Any) -> tuple[set[str], set[tuple[str, str]]]:
    """Where tokens stand that can still move on, and which have arrived at a join by which flow."""
    moving: set[str] = set()
    arrived: set[tuple[str, str]] = set()
    for token in scope["tokens"]:
        _, name, _, facts = token[:4]
        if token[0] == scope["root"] or "trigger" in facts or name not in spec.task_specs:
            continue
        if isinstance(spec.task_specs[name], Join) and facts.get("flow"):
            arrived.add((name, facts["flow"]))
        else:
            moving.add(facts.get("race_at", name))
    return moving, arrived
