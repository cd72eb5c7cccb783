"""The decisions that designers deploy: their versions side by side, their tables."""

from __future__ import annotations

from collections.abc import Sequence

from app.deps import Deps
from app.domain.actors import Actor, may
from app.unit_of_work import read
from processes import decision_versions
from processes.store.definitions import DecisionDefinition


def versions(actor: Actor, deps: Deps, key: str | None = None) -> tuple[Sequence[DecisionDefinition], dict[str, int]]:
    """Every version of every decision (or of one), and by key the one in force."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return decision_versions.all_versions(session, key), decision_versions.in_force(session)


def source(key: str, version: int, actor: Actor, deps: Deps) -> bytes:
    """The file of one version, as it was deployed. :raises NotThere: no such version."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return decision_versions.version_of(session, key, version).xml
