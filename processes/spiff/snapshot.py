"""The saved state of an execution: tokens only, compressed, versioned.

Every write of a value has its own number, so the envelope holds each value once and a token is a list of numbers,
noted as the difference from what its scope knows. Scopes come outer ones first; JSON text in an opaque blob, never a
database's JSON type, which would not keep the order.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, Final

import orjson

from processes.errors import SnapshotTooOld
from processes.spiff.library import Task, TaskState
from processes.spiff.records import Record
from processes.spiff.tokens import Token
from processes.spiff.waits import Changes, StepContext
from processes.spiff.workflow import Process, Scope, SubProcessScope

FORMAT: Final = 2
#: The first one says everything itself; otherwise they are alike.
READABLE: Final = (1, FORMAT)
#: What nearly every saved execution says; with it in mind the rest is shorter. It stays as it is for this format.
USUAL: Final = (
    b'{"format":1,"engine":"SpiffWorkflow 3.2.0","key":"","number":,"outcome":null,"completed":false,"scopes":['
    b'{"parent":null,"spec":"","root":"","local":[],"latest":[],"tokens":[["","Start",64,{},[],[]],'
    b'["","",32,{"flow":"","n":,"armed":true,"wait":{"kind":"user"}},[],[]]]}],"values":[[1,"'
)
LEVEL: Final = 1
ENGINE: Final = "SpiffWorkflow 3.2.0"


def dump(top: Process, key: str, inputs: Mapping[str, Any]) -> bytes:
    """Save an execution. ``inputs``: what it was started with, which is kept elsewhere and not once more here."""
    pool: dict[int, list[Any]] = {}
    body = {
        "format": FORMAT,
        "engine": ENGINE,
        "key": key,
        "number": top.number,
        "outcome": top.outcome,
        "completed": top.completed,
        "scopes": [_scope_facts(scope, pool) for scope in _outer_first(top)],
        "values": [],
    }
    body["values"] = [[stamp, *pool[stamp]] for stamp in sorted(pool)]
    return pack(body, inputs)


def pack(body: Mapping[str, Any], inputs: Mapping[str, Any]) -> bytes:
    """What is kept of an execution, without what its inputs say already."""
    packer = zlib.compressobj(LEVEL, zdict=_known(inputs)) if inputs else zlib.compressobj(LEVEL)
    return packer.compress(orjson.dumps(body)) + packer.flush()


def unpack(blob: bytes, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What was packed, with these inputs or with none. :raises SnapshotTooOld: something else."""
    unpacker = zlib.decompressobj(zdict=_known(inputs))
    try:
        body: dict[str, Any] = orjson.loads(unpacker.decompress(blob) + unpacker.flush())
        if unpacker.eof and body["format"]:
            return body
    except (zlib.error, ValueError, KeyError, TypeError):
        pass
    raise SnapshotTooOld("this is not a snapshot of a process instance")


def _known(inputs: Mapping[str, Any]) -> bytes:
    return orjson.dumps(inputs) + USUAL


def load(blob: bytes, loaded: Any, context: StepContext, changes: Changes, inputs: Mapping[str, Any]) -> Process:
    """Bring a saved execution back to life; :raises SnapshotTooOld: a format that is not known here."""
    body = unpack(blob, inputs)
    form = body["format"]
    if form not in READABLE:
        raise SnapshotTooOld(f"snapshot format {form!r} is not known here")
    if body["key"] != loaded.key:
        raise SnapshotTooOld(f"the snapshot is of process {body['key']!r}, not of {loaded.key!r}")
    top = Process(loaded.main, loaded.subs, context, changes)
    top.number, top.outcome, top.completed = body["number"], body["outcome"], body["completed"]
    values = {stamp: (name, value) for stamp, name, value in body["values"]}
    for facts in body["scopes"]:
        _restore_scope(top, facts, values)
    ready = [task for scope in top.scopes() for task in scope.tokens() if task.has_state(TaskState.READY)]
    top.queue.extend(sorted(ready, key=lambda task: int(task.internal_data["n"])))
    return top


def _outer_first(top: Process) -> list[Scope]:
    inner = [scope for scope in top.subprocesses.values() if not scope.completed]
    return [top, *sorted(inner, key=lambda scope: int(scope.depth))]


def _scope_facts(scope: Scope, pool: dict[int, list[Any]]) -> dict[str, Any]:
    for name, stamp in scope.stamps.items():
        pool.setdefault(stamp, [name, scope.latest[name]])
    facts = {
        "parent": scope.parent_task.id if scope.parent_task is not None else None,
        "spec": scope.spec.name,
        "root": scope.task_tree.id,
        "local": sorted(scope.local_names),
        "latest": list(scope.stamps.values()),
        "tokens": [_token_facts(task, scope, pool) for task in (scope.task_tree, *scope.tokens())],
    }
    if scope.records:
        facts["done"] = [record.as_facts(pool) for record in scope.records]
    return facts


def _token_facts(task: Task, scope: Scope, pool: dict[int, list[Any]]) -> list[Any]:
    facts = dict(task.internal_data)
    written: dict[str, int] = facts.pop("w", {})
    changed = []
    for name, stamp in written.items():
        if scope.stamps.get(name) != stamp:
            changed.append(stamp)
            pool.setdefault(stamp, [name, task.data[name]])
    missing = [stamp for name, stamp in scope.stamps.items() if name not in written]
    return [task.id, task.task_spec.name, task.state, facts, changed, missing]


def _restore_scope(top: Process, facts: dict[str, Any], values: dict[int, tuple[str, Any]]) -> None:
    scope: Scope = top
    if facts["parent"] is not None:
        parent = top.find(facts["parent"])
        if parent is None:
            raise SnapshotTooOld("the snapshot is damaged: a scope without its element")
        scope = SubProcessScope(top.subprocess_specs[facts["spec"]], parent, top)
        top.subprocesses[parent.id] = scope
    scope.local_names = frozenset(facts["local"])
    scope.latest = {values[stamp][0]: values[stamp][1] for stamp in facts["latest"]}
    scope.stamps = {values[stamp][0]: stamp for stamp in facts["latest"]}
    scope.records = [Record.of_facts(row, values) for row in facts.get("done", ())]
    scope.tasks.clear()
    scope.task_tree._children.clear()
    for token in facts["tokens"]:
        _restore_token(scope, token, root=token[0] == facts["root"], values=values)


def _restore_token(scope: Scope, token: list[Any], *, root: bool, values: dict[int, tuple[str, Any]]) -> None:
    token_id, name, state, facts, changed, missing = token
    spec = scope.spec.task_specs.get(name)
    if spec is None:
        raise SnapshotTooOld(f"the definition has no element {name!r} any more")
    task = Token(scope, spec, None if root else scope.task_tree, state=state, id=token_id)
    if root:
        scope.task_tree = task
    gone = {values[stamp][0] if stamp in values else "" for stamp in missing}
    written = {known: stamp for known, stamp in scope.stamps.items() if known not in gone}
    task.data = {known: scope.latest[known] for known in written}
    for stamp in changed:
        known, value = values[stamp]
        task.data[known], written[known] = value, stamp
    task.internal_data = {**facts, "w": written}
