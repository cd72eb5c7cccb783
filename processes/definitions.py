"""Deploying definitions, finding them, and keeping their compiled form at hand."""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from processes.errors import DefinitionRefused, NotThere, UnknownDecision, UnknownProcess
from processes.findings import Finding
from processes.ids import Ids
from processes.network import Drawing, drawing_of
from processes.spiff.bridge import LoadedSpec, load_spec
from processes.spiff.compile import compile_files, read_models
from processes.spiff.decisions import CompiledDecision, load_decision
from processes.spiff.definition import CompiledProcess, ElementInfo
from processes.spiff.lint_business import Advice
from processes.spiff.lint_calls import Contract, contract_of
from processes.spiff.pins import KeptVersion
from processes.store.definitions import DecisionDefinition, Deployment, ProcessDefinition
from processes.store.rows import table_of
from processes.store.sentences import Sentence

if TYPE_CHECKING:
    from processes.versions import VersionReport

Kept = TypeVar("Kept", ProcessDefinition, DecisionDefinition)
CACHE_SIZE: Final = 128
DEPLOY_LOCK: Final = 7_240_001  # PostgreSQL advisory lock: deployments come one after another


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What a deployment brought. A definition whose content was known already keeps its version.

    ``reports``: what that means for each process, where somebody asked for it.
    """

    deployment: Deployment
    processes: tuple[ProcessDefinition, ...]
    decisions: tuple[DecisionDefinition, ...]
    findings: tuple[Finding, ...]
    reports: tuple[VersionReport, ...] = ()


@dataclass(frozen=True)
class LoadedDefinition:
    """A definition ready to run: the restored spec and what the drawing says of each element."""

    id: str
    key: str
    version: int
    spec: LoadedSpec
    elements: Mapping[str, ElementInfo]


class DecisionTable(Protocol):
    """A decision ready to be taken."""

    def evaluate(self, inputs: Mapping[str, Any], *, now: Callable[[], datetime] | None = None) -> Any:
        """Return the result for these inputs; ``now`` is asked, in the zone that counts, if the table wants to know."""


class DefinitionCache:
    """The most recently used definitions of this process; they never change, so none is ever stale."""

    def __init__(self, size: int = CACHE_SIZE) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def process(self, session: Session, definition_id: str) -> LoadedDefinition:
        """Return a process definition, loaded. :raises NotThere: no such row."""
        found: LoadedDefinition = self._get(definition_id, lambda: _load_process(session, definition_id))
        return found

    def decision(self, session: Session, definition_id: str) -> DecisionTable:
        """Return a decision, loaded. :raises NotThere: no such row."""
        found: DecisionTable = self._get(definition_id, lambda: _load_decision(session, definition_id))
        return found

    def drawing(self, session: Session, definition_id: str) -> Drawing:
        """Return what a process definition looks like. :raises NotThere: no such row."""
        found: Drawing = self._get(f"drawing:{definition_id}", lambda: _load_drawing(session, definition_id))
        return found

    def _get(self, key: str, load: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        loaded = load()
        with self._lock:
            self._kept[key] = loaded
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return loaded


def _load_process(session: Session, definition_id: str) -> LoadedDefinition:
    row = session.get(ProcessDefinition, definition_id)
    if row is None:
        raise NotThere("process definition", definition_id)
    return LoadedDefinition(row.id, row.key, row.version, load_spec(zlib.decompress(row.spec)), elements_of(row))


def _load_drawing(session: Session, definition_id: str) -> Drawing:
    row = session.get(ProcessDefinition, definition_id)
    if row is None:
        raise NotThere("process definition", definition_id)
    return drawing_of(row.xml, row.key)


def _load_decision(session: Session, definition_id: str) -> DecisionTable:
    row = session.get(DecisionDefinition, definition_id)
    if row is None:
        raise NotThere("decision definition", definition_id)
    table: DecisionTable = load_decision(row.xml, row.key)
    return table


def elements_of(row: ProcessDefinition) -> dict[str, ElementInfo]:
    """Return what the drawing says of each element, by element id."""
    found = {}
    for kept in row.elements:
        fields = {
            **kept,
            "inputs": tuple((name, value) for name, value in kept["inputs"]),
            "outputs": tuple((name, value) for name, value in kept["outputs"]),
        }
        found[kept["id"]] = ElementInfo(**fields)
    return found


@dataclass(frozen=True)
class Version:
    """Which definition is in force; ``suspended_at``: what starts on it takes no step yet."""

    id: str
    key: str
    version: int
    suspended_at: datetime | None = None


def _in_force(session: Session, entity: type[Kept], key: str) -> Version | None:
    found = _newest(entity).one(session, key=key)
    return None if found is None else Version(*found)


@cache
def _newest(entity: type[Kept]) -> Sentence:
    table = table_of(entity)
    columns = [table.c.id, table.c.key, table.c.version]
    columns += [table.c.suspended_at] if "suspended_at" in table.c else []
    newest_first = table.c.active_since.desc(), table.c.version.desc()
    # The drawing and its compiled form are large, and cached by id: they are not read here.
    chosen = [table.c.key == bindparam("key"), table.c.withdrawn_at.is_(None)]
    return Sentence(lambda: select(*columns).where(*chosen).order_by(*newest_first).limit(1))


def latest_process(session: Session, key: str) -> Version:
    """Return the version new instances start on. :raises UnknownProcess: none is deployed."""
    found = _in_force(session, ProcessDefinition, key)
    if found is None:
        raise UnknownProcess(key)
    return found


def latest_decision(session: Session, key: str) -> Version:
    """Return the version decisions are taken with. :raises UnknownDecision: none is deployed."""
    found = _in_force(session, DecisionDefinition, key)
    if found is None:
        raise UnknownDecision(key)
    return found


def decision_taken(session: Session, key: str, pinned: int | None) -> Version:
    """The version a step takes: the one it is pinned to, else the one in force.

    :raises UnknownDecision: there is none, or the pinned one was taken back.
    """
    if pinned is None:
        return latest_decision(session, key)
    found = _kept_decision().one(session, key=key, version=pinned)
    if found is None:
        raise UnknownDecision(key, pinned)
    return Version(*found)


@cache
def _kept_decision() -> Sentence:
    table = table_of(DecisionDefinition)
    chosen = [table.c.key == bindparam("key"), table.c.version == bindparam("version"), table.c.withdrawn_at.is_(None)]
    return Sentence(lambda: select(table.c.id, table.c.key, table.c.version).where(*chosen))


def check(
    session: Session,
    files: Mapping[str, bytes],
    *,
    operations: Container[str],
    values: Mapping[str, Container[str]] | None = None,
    advice: Advice | None = None,
) -> tuple[list[CompiledProcess], list[CompiledDecision], list[Finding]]:
    """Compile files against what is deployed already; nothing is stored."""
    kept = ProcessDefinition.withdrawn_at.is_(None)
    processes = set(session.scalars(select(ProcessDefinition.key).where(kept).distinct()))
    decisions = kept_versions(session)
    return compile_files(
        files,
        operations=operations,
        known_processes=processes,
        known_decisions={key for key, rows in decisions.items() if not all(row.is_withdrawn for row in rows)},
        decision_versions=decisions,
        values=values,
        advice=advice,
        contracts=None if advice is None else partial(contracts, session),
    )


def contracts(session: Session, keys: frozenset[str]) -> dict[str, Contract]:
    """What deployed processes take from whoever calls them, by key, as their version in force says."""
    newest = (_in_force(session, ProcessDefinition, key) for key in sorted(keys))
    ids = [version.id for version in newest if version is not None]
    rows = session.execute(select(ProcessDefinition.key, ProcessDefinition.xml).where(ProcessDefinition.id.in_(ids)))
    return {row.key: _contract_in(row.key, row.xml) for row in rows}


@lru_cache(maxsize=256)
def _contract_in(key: str, xml: bytes) -> Contract:
    found = (contract_of(model) for model in read_models({f"{key}.bpmn": xml}) if model.key == key)
    return next(found, Contract())


def kept_versions(session: Session, keys: Collection[str] | None = None) -> dict[str, list[KeptVersion]]:
    """Every version of every decision (or of these), by key, in the order in which they came into force."""
    columns = DecisionDefinition.key, DecisionDefinition.version, DecisionDefinition.content_hash
    rows = select(*columns, DecisionDefinition.withdrawn_at)
    if keys is not None:
        rows = rows.where(DecisionDefinition.key.in_(keys))
    found: dict[str, list[KeptVersion]] = {}
    for key, version, digest, gone in session.execute(rows.order_by(DecisionDefinition.active_since, columns[1])):
        found.setdefault(key, []).append(KeptVersion(version, digest, gone is not None))
    return found


def deploy_lock(session: Session) -> None:
    """Keep out other deployments until the end of the transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": DEPLOY_LOCK})


def deploy(
    session: Session,
    files: Mapping[str, bytes],
    *,
    operations: Container[str],
    ids: Ids,
    actor: str,
    note: str,
    now: datetime,
    values: Mapping[str, Container[str]] | None = None,
) -> Deployed:
    """Store every process and decision of the files as a version; known content keeps its version.

    :raises DefinitionRefused: a finding of severity error, or nothing to deploy; nothing is stored.
    """
    deploy_lock(session)
    processes, decisions, findings = check(session, files, operations=operations, values=values)
    if any(finding.severity == "error" for finding in findings) or not (processes or decisions):
        raise DefinitionRefused(findings)
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    deployment = Deployment(id=ids(), deployed_at=now, deployed_by=actor, note=note, files=digests)
    session.add(deployment)
    session.flush()
    return Deployed(
        deployment=deployment,
        processes=tuple(_store_process(session, compiled, deployment, ids) for compiled in processes),
        decisions=tuple(_store_decision(session, compiled, deployment, ids) for compiled in decisions),
        findings=tuple(findings),
    )


def _store_process(session: Session, compiled: CompiledProcess, deployment: Deployment, ids: Ids) -> ProcessDefinition:
    return _store(
        session,
        ProcessDefinition,
        compiled,
        deployment,
        ids,
        spec=zlib.compress(compiled.spec_json, 6),
        elements=[asdict(element) for element in compiled.elements.values()],
        attributes=dict(compiled.attributes),
        called_keys=list(compiled.called_keys),
        decision_keys=list(compiled.decision_keys),
        start_messages=list(compiled.start_messages),
        starts=[asdict(start) for start in compiled.starts],
    )


def _store_decision(
    session: Session, compiled: CompiledDecision, deployment: Deployment, ids: Ids
) -> DecisionDefinition:
    return _store(session, DecisionDefinition, compiled, deployment, ids)


def _store(
    session: Session,
    entity: type[Kept],
    compiled: CompiledProcess | CompiledDecision,
    deployment: Deployment,
    ids: Ids,
    **own: Any,
) -> Kept:
    """The row of that content, in force from now on: the one that is there, or the next version."""
    same = select(entity).where(entity.key == compiled.key, entity.content_hash == compiled.content_hash)
    if known := session.scalars(same).one_or_none():
        known.active_since = deployment.deployed_at
        known.withdrawn_at = known.withdrawn_by = None
        if isinstance(known, ProcessDefinition):
            known.starts = known.starts or own["starts"]  # stored by a program that did not note them
        return known
    last = session.scalar(select(func.max(entity.version)).where(entity.key == compiled.key))
    row = entity(
        id=ids(),
        key=compiled.key,
        version=(last or 0) + 1,
        content_hash=compiled.content_hash,
        name=compiled.name,
        name_en=compiled.name_en,
        xml=compiled.xml,
        deployment_id=deployment.id,
        deployed_at=deployment.deployed_at,
        deployed_by=deployment.deployed_by,
        active_since=deployment.deployed_at,
        **own,
    )
    session.add(row)
    session.flush()
    return row
