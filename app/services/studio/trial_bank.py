"""What neighbours and people usually answer, taken from the cases there are, where a sample is silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.persistence.studio.process_cases import ProcessCase
from processes.spiff.definition import CompiledProcess


def usual_answers(
    session: Session, processes: Mapping[str, CompiledProcess]
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Outputs by operation, and answers by form, as the cases of these processes have them; the first one counts.

    What one case leaves out another may add.
    """
    mine = ProcessCase.kind == "process", ProcessCase.key.in_(list(processes)), ProcessCase.ended_at.is_(None)
    rows = session.execute(
        select(ProcessCase.key, ProcessCase.body)
        .where(*mine, ProcessCase.draft_id.is_(None))
        .order_by(ProcessCase.key, ProcessCase.place)
    )
    far: dict[str, dict[str, Any]] = {}
    people: dict[str, dict[str, Any]] = {}
    for key, body in rows:
        answers = body.get("answers", {})
        process = processes[key]
        for name, said in answers.get("operations", {}).items():
            code = _attribute(process, name, "operation") or (name if "." in name else "")
            for reply in _each(said):
                if code and isinstance(reply.get("return"), Mapping):
                    far[code] = {**reply["return"], **far.get(code, {})}
        for name, said in answers.get("userTasks", {}).items():
            form = _attribute(process, name, "form")
            for given in _each(said):
                if form:
                    people[form] = {**given, **people.get(form, {})}
    return far, people


def _attribute(process: CompiledProcess, path: str, name: str) -> str:
    element = process.elements.get(path.rpartition("/")[2])
    return element.attributes.get(name, "") if element is not None else ""


def _each(said: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, Mapping)]
