"""What a process takes from whoever calls it: the data it declares, what each looks like, and what it relies on."""

from __future__ import annotations

from dataclasses import dataclass

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import NotFound
from app.services.studio.board_names import Field, field_of
from app.services.studio.example_data import shipped_examples
from app.unit_of_work import read
from processes.definitions import latest_process
from processes.errors import UnknownProcess
from processes.spiff.compile import read_models
from processes.spiff.lint_calls import relied_on
from processes.store.definitions import ProcessDefinition


@dataclass(frozen=True)
class Taken:
    """One name of the data of a called process; ``needed``: none of its own steps writes it."""

    field: Field
    needed: bool


def taken_by(key: str, actor: Actor, deps: Deps) -> list[Taken]:
    """The declared data of the version in force, what is needed first; empty where it declares none.

    :raises NotFound: there is no such process.
    """
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        try:
            row = session.get_one(ProcessDefinition, latest_process(session, key).id)
        except UnknownProcess as missing:
            raise NotFound(f"there is no process {key}", f"没有流程 {key}") from missing
        models = read_models({f"{key}.bpmn": row.xml})
    model = next((one for one in models if one.key == key), None)
    if model is None:
        return []
    needed, examples = relied_on(model), shipped_examples()
    names = list(dict.fromkeys(model.declared or ()))
    rows = [Taken(field_of(name, examples.of(name, key)), name in needed) for name in names]
    return sorted(rows, key=lambda one: not one.needed)
