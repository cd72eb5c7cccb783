"""One step of a dry run: what went in and came out, and what a cancel would undo at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.operations import OperationRegistry
from app.web.pages.operation_values import all_in_full
from app.web.pages.studio.trial_values import whole
from app.web.reader import Reader
from app.web.views.parts import Pair, Tag
from app.web.views.trial import Moment, UndoRow
from processes.spiff.definition import CompiledProcess
from processes.trial_steps import PEOPLE, undo_plan


class Words:
    """What things of a trial are called."""

    def __init__(self, reader: Reader, registry: OperationRegistry, processes: Mapping[str, CompiledProcess]) -> None:
        self.reader, self.registry, self.processes = reader, registry, processes

    def step(self, row: Mapping[str, Any]) -> str:
        """An element as it is called in the drawing."""
        name = (row.get("name_en") if self.reader.language == "en" else row["name"]) or row["name"]
        return str(name or row.get("id") or row["element"].rpartition("/")[2])

    def element(self, path: str, process: str) -> str:
        """An element of a process by its path."""
        found = self.processes[process].elements.get(path.rpartition("/")[2]) if process in self.processes else None
        if found is None:
            return path.rpartition("/")[2]
        return (found.name_en if self.reader.language == "en" else found.name) or found.name or found.id

    def operation(self, code: str) -> str:
        """An operation by its name."""
        return self.reader.said(self.registry.get(code)) if code in self.registry else code

    def process(self, key: str) -> str:
        """A process by its name."""
        found = self.processes.get(key)
        if found is None:
            return key
        return (found.name_en if self.reader.language == "en" else found.name) or found.name or key


def moment(words: Words, result: Mapping[str, Any], number: int | None) -> Moment | None:
    """What is said of step ``number``, the plan of undo as it was right after it; without a number at the end."""
    t, f = words.reader.t, words.reader.f
    row = next((one for one in result["steps"] if one["number"] == number), None)
    if number is not None and row is None:
        return None
    plan = undo_plan(result, None if row is None else row.get("ended", row["tick"]))
    facts: list[Pair] = []
    if row is not None:
        if row.get("operation"):
            facts.append(Pair(t("Operation"), words.operation(row["operation"])))
        if row.get("decision"):
            pinned = f" v{row['version']}" if row.get("version") else ""
            facts.append(Pair(t("Decision table"), row["decision"] + pinned, code=True))
        if row.get("calls"):
            facts.append(Pair(t("Called process"), words.process(row["calls"])))
        if row.get("message"):
            facts.append(Pair(t("Message"), str(row["message"])))
        facts.append(Pair(t("Began"), f.seconds(datetime.fromisoformat(row["from"]))))
        if row.get("to"):
            facts.append(Pair(t("Ended"), f.seconds(datetime.fromisoformat(row["to"]))))
    return Moment(
        title=words.step(row) if row is not None else t("At the end"),
        facts=tuple(facts),
        inputs=whole(row["inputs"], words.reader) if row is not None else (),
        result=whole(row.get("result", {}), words.reader) if row is not None else (),
        wrote=whole(row.get("wrote") or {}, words.reader) if row is not None else (),
        tries=tuple(
            f"{f.seconds(datetime.fromisoformat(one['at']))} {one['message']}" for one in (row["tries"] if row else ())
        ),
        undo=tuple(_undo(words, one) for one in plan["undo"]),
        stays=tuple(_undo(words, one) for one in plan["stays"]),
        points=tuple(
            t("{step}: no way back (hard)", step=words.step(one))
            if one["level"] == "hard"
            else t("{step}: only with consent (soft)", step=words.step(one))
            for one in plan["points"]
        ),
        out=tuple(words.step(one) for one in plan["out"]),
    )


def _undo(words: Words, row: Mapping[str, Any]) -> UndoRow:
    t = words.reader.t
    by_people = row["by"] == PEOPLE
    undo = words.process(row["undo"]) if by_people and row["undo"] else words.operation(row["undo"] or "")
    tried, note = None, ""
    if row["missing"]:
        tried = Tag(t("would fail"), "alert", "bad")
        note = t("not known: {names}", names=all_in_full(row["missing"], words.reader))
    elif by_people and row.get("tried"):
        state = row["tried"]["state"]
        if state == "completed":
            tried = Tag(t("tried, works"), "done", "ok")
            note = " → ".join(words.step(one) for one in row["tried"]["steps"])
        else:
            tried = Tag(t("tried, does not get through"), "alert", "bad")
            note = str(row["tried"]["message"])
    elif row["undo"]:
        tried = Tag(t("inputs complete"), "done", "ok")
    return UndoRow(
        name=words.step(row),
        does=words.operation(row["does"]) if not by_people else t("done by people"),
        undo=undo,
        tried=tried,
        note=note,
        values=whole(row["inputs"], words.reader),
    )
