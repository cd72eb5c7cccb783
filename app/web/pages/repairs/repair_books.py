"""What was asked of neighbours and what they did: tries, ledger of effects, data; masked, without our own ids."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from adapters.redaction import redacted
from app.services.ordering.order_diagrams import Run
from app.web.pages.names import Names
from app.web.pages.operation_values import input_label
from app.web.pages.ordering.diagrams import said_element
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.values import plain
from app.web.views.parts import Pair, Tag, Tone
from app.web.views.repair import CallBook, CallRow, DataPart, EffectRow
from processes.by_people import PEOPLE
from processes.spiff.definition import ElementInfo
from processes.store.definitions import ProcessDefinition
from processes.store.jobs import Effect, Job

UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
SHORT: Final = 60
MOST_CALLS: Final = 6
MOST_EFFECTS: Final = 60
_JOB_STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "ready": (Sentence("queued", "call"), "clock", "run"),
    "leased": (Sentence("queued", "call"), "clock", "run"),
    "sent": (Sentence("sent, no answer yet", "call"), "play", "run"),
    "waiting_answer": (Sentence("accepted, result to come", "call"), "clock", "run"),
    "incident": (Sentence("gave up", "call"), "alert", "bad"),
    "suspended": (Sentence("stands still", "call"), "pause", ""),
    "done": (Sentence("answered", "call"), "done", "ok"),
    "cancelled": (Sentence("not wanted any more", "call"), "slash", ""),
}
_EFFECT_STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "confirmed": (Sentence("in force", "effect"), "done", "ok"),
    "undoing": (Sentence("being undone", "run"), "undo", "run"),
    "undone": (Sentence("undone", "element"), "undo", ""),
    "undo_failed": (Sentence("could not be undone", "effect"), "alert", "bad"),
    "irreversible": (Sentence("stays for good", "effect"), "lock", ""),
}


class RepairBooks:
    """Reads the books of one order for one reader."""

    def __init__(self, session: Session, reader: Reader, names: Names, registry: OperationRegistry) -> None:
        self._session, self._reader, self._names, self._registry = session, reader, names, registry

    def operation(self, code: str | None) -> str:
        """What an operation is called; a process of people by its own name."""
        if not code:
            return ""
        if code in self._registry.codes():
            found = self._registry.get(code)
            return found.name_en if self._reader.language == "en" else found.name_zh
        rows = select(ProcessDefinition).where(ProcessDefinition.key == code).order_by(ProcessDefinition.version.desc())
        drawn = self._session.scalars(rows.limit(1)).first()
        return ((drawn.name_en or drawn.name) if self._reader.language == "en" else drawn.name) if drawn else code

    def calls(self, run: Run, element_id: str) -> tuple[CallBook, ...]:
        """Every call of the step, the newest first, with the tries that failed."""
        rows = select(Job).where(Job.instance_id == run.id, Job.element_id == element_id, Job.adapter.is_not(None))
        jobs = self._session.scalars(rows.order_by(Job.id.desc()).limit(MOST_CALLS)).all()
        effects = {
            effect.operation_id: effect
            for effect in self._session.scalars(
                select(Effect).where(Effect.instance_id == run.id, Effect.element_id == element_id)
            )
        }
        return tuple(self._call(job, effects.get(job.operation_id)) for job in jobs)

    def _call(self, job: Job, effect: Effect | None) -> CallBook:
        t = self._reader.t
        text, icon, tone = _JOB_STATES.get(job.state, (Sentence(job.state), "info", ""))
        return CallBook(
            system=self._names.system(job.operation),
            operation=self.operation(job.operation),
            key=job.operation_id.replace("-", "")[-8:].upper(),
            state=Tag(t(text), icon, tone),
            rows=tuple(self._try(line) for line in reversed(job.payload.get("tries", ()))),
            sent=as_text(redacted(job.payload.get("inputs"))),
            answered=as_text(redacted(effect.outputs)) if effect else "",
        )

    def _try(self, line: Mapping[str, Any]) -> CallRow:
        at = datetime.fromisoformat(str(line["at"]))
        return CallRow(
            number=str(line["attempt"]),
            at=self._reader.f.seconds(at)[5:],
            said=str(without_ids(redacted(line.get("error", "")))),
            tag=Tag(self._reader.t.about("call", "failed"), "alert", "bad"),
        )

    def effects(
        self, runs: Sequence[Run], elements: Mapping[str, Mapping[str, ElementInfo]], chosen: tuple[str, str]
    ) -> tuple[EffectRow, ...]:
        """The ledger of the whole order, newest first, which is the order of undoing.

        :param elements: by process key, what is drawn. :param chosen: id of the run and the element looked at.
        """
        if not runs:
            return ()
        by_id = {run.id: run for run in runs}
        rows = select(Effect).where(Effect.instance_id.in_(list(by_id))).order_by(Effect.seq.desc()).limit(MOST_EFFECTS)
        return tuple(self._effect(row, by_id[row.instance_id], elements, chosen) for row in self._session.scalars(rows))

    def _effect(
        self, row: Effect, run: Run, elements: Mapping[str, Mapping[str, ElementInfo]], chosen: tuple[str, str]
    ) -> EffectRow:
        t = self._reader.t
        text, icon, tone = _EFFECT_STATES.get(row.state, (Sentence(row.state), "info", ""))
        element = elements.get(run.key, {}).get(row.element_id)
        by_people = row.adapter == PEOPLE
        undo = self.operation(row.undo_operation)
        return EffectRow(
            step=said_element(element, self._reader) if element else self.operation(row.operation),
            done=t("done by people") if by_people else self.operation(row.operation),
            undo=t("{what}, by people", what=undo) if by_people and undo else undo or "–",
            at=self._reader.f.moment(row.confirmed_at),
            state=Tag(t(text), icon, tone),
            current=(row.instance_id, row.element_id) == chosen,
        )

    def inputs(self, given: object) -> tuple[Pair, ...]:
        """The inputs of a step as pairs."""
        shown = redacted(given) if isinstance(given, Mapping) else {}
        return tuple(
            Pair(input_label(str(name), self._reader), plain(without_ids(value), self._reader.language), code=True)
            for name, value in shown.items()
            if not is_id(value)
        )


def data_parts(data: Mapping[str, Any]) -> tuple[DataPart, ...]:
    """The data of a process by name, masked already; long values are folded."""
    parts = []
    for name, value in sorted(data.items()):
        if is_id(value):
            continue
        text = as_text(value)
        parts.append(DataPart(name=name, value=text, is_long=len(text) > SHORT))
    return tuple(parts)


def as_text(value: object) -> str:
    """JSON for people: short on a line, long over several; without our own ids."""
    clean = without_ids(value)
    if clean in (None, "", [], {}):
        return "–"
    if isinstance(clean, str | int | float) and not isinstance(clean, bool):
        return str(clean)
    text = json.dumps(clean, ensure_ascii=False)
    return text if len(text) <= SHORT else json.dumps(clean, ensure_ascii=False, indent=2)


def is_id(value: object) -> bool:
    """Whether a value is nothing but an id of ours, which says nothing to people."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def without_ids(value: object) -> object:
    """The value without ids of ours."""
    if isinstance(value, Mapping):
        return {str(name): without_ids(one) for name, one in value.items() if not is_id(one)}
    if isinstance(value, list | tuple):
        return [without_ids(one) for one in value if not is_id(one)]
    return UUID.sub("…", value) if isinstance(value, str) else value
