"""The ways of repairing one step, each with what will happen, before anybody does it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from adapters.operations import Operation
from app.deps import Deps
from app.domain.repair_requests import why_not_skip
from app.errors import AppError
from app.web.pages.operation_values import input_label
from app.web.pages.ordering.diagrams import said_element
from app.web.pages.repairs.repair_books import RepairBooks, is_id
from app.web.pages.repairs.repair_plans import RepairPlans
from app.web.pages.repairs.repair_spot import STEPS, Looked, Spot
from app.web.pages.repairs.repair_values import named_in, shown_value, typed
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.repair import ActForm, ActLink, InputField
from processes.moving import MoveOrder

ACTS: Final = {
    "retry": (Sentence("Try again"), Sentence("The same data once more, under the same key")),
    "data": (Sentence("Try again with other data"), Sentence("What was wrong is corrected and compared first")),
    "skip": (Sentence("Skip"), Sentence("Go on with a result of your own; a second person agrees")),
    "move": (Sentence("Go to another step"), Sentence("Back or forward; what that undoes is shown first")),
    "cancel": (Sentence("Undo and cancel the order"), Sentence("A second person agrees")),
    "note": (Sentence("Write a note"), Sentence("For whoever looks at this order next")),
}
NEXT_NAMED: Final = 3


class RepairActs:
    """Builds the links and the form for one spot."""

    def __init__(self, session: Session, reader: Reader, deps: Deps, books: RepairBooks, spot: Spot) -> None:
        self._session, self._reader, self._deps, self._books, self._spot = session, reader, deps, books, spot
        self._plans = RepairPlans(session, reader, deps, books, spot)

    def links(self, chosen: str, href: str) -> tuple[ActLink, ...]:
        """Every way, those that are not open with the reason. ``href`` ends where the code of the way goes."""
        t = self._reader.t
        return tuple(
            ActLink(
                code=code,
                name=t(name),
                note=t(note),
                href=f"{href}{code}",
                chosen=code == chosen,
                why_not=self._why_not(code),
            )
            for code, (name, note) in ACTS.items()
        )

    def form(self, looked: Looked, faults: Mapping[str, str]) -> ActForm | None:
        """The form of the chosen way; None if it is not open."""
        build = {
            "retry": self._retry,
            "data": self._data,
            "skip": self._skip,
            "move": self._move,
            "cancel": self._cancel,
            "note": self._note,
        }.get(looked.act)
        if build is None or self._why_not(looked.act):
            return None
        try:
            return build(looked, faults)
        except AppError as refusal:
            said = refusal.message(self._reader.language)
            return ActForm(code=looked.act, name=self._act_name(looked.act), happens=(), refused=said)

    def _why_not(self, code: str) -> str:
        t, spot = self._reader.t, self._spot
        rights = {"retry": "incident.retry", "data": "incident.retry", "skip": "incident.skip"}
        if not self._reader.may(rights.get(code, "instance.repair")):
            return t("Your role may not do this.")
        if spot.run.state != "running" and code == "move":
            return t("This process does not run any more.")
        if spot.order.is_final and code == "cancel":
            return t("The order has ended, there is nothing to cancel.")
        if code in ("retry", "data", "skip") and spot.incident is None:
            return t("This step is not stuck.")
        if code == "skip" and (operation := self._operation()) is not None:
            refused = why_not_skip(operation.adapter, operation.code, is_write=operation.is_write)
            return self._reader.words(refused) if refused else ""
        return ""

    def _operation(self) -> Operation | None:
        code = str((self._spot.incident or {}).get("operation") or "")
        return self._deps.registry.get(code) if code in self._deps.registry.codes() else None

    def _act_name(self, code: str) -> str:
        return self._reader.t(ACTS[code][0])

    def _name(self) -> str:
        return said_element(self._spot.element, self._reader) if self._spot.element else ""

    def _retry(self, looked: Looked, _faults: Mapping[str, str]) -> ActForm:
        t, incident = self._reader.t, self._spot.incident or {}
        happens = [
            t("“{step}” is done once more with the same data, under the same key: what already worked is not repeated.",
              step=self._name()),
            t("It has as many tries as at first; whether it worked shows here."),
        ]  # fmt: skip
        if after := self._next():
            happens.append(t("If it works, {steps} comes next.", steps=after))
        return ActForm(
            code="retry",
            name=self._act_name("retry"),
            happens=tuple(happens),
            checks=self._nothing_happened(incident, looked),
            needs_reason=False,
        )

    def _nothing_happened(self, incident: Mapping[str, Any], looked: Looked) -> tuple[tuple[str, str, str, bool], ...]:
        if not incident.get("outcome_unknown"):
            return ()
        t = self._reader.t
        said = t("I have made sure that the earlier call had no effect")
        note = t("Its outcome is not known; without this the far side is asked first.")
        return (("nothing_happened", said, note, bool(looked.values.get("nothing_happened"))),)

    def _data(self, looked: Looked, faults: Mapping[str, str]) -> ActForm:
        t, incident = self._reader.t, self._spot.incident or {}
        fields, differences = [], []
        for name, old in self.correctable().items():
            shown = shown_value(old)
            value = looked.values.get(f"v-{name}", shown)
            error = faults.get(f"v-{name}", "")
            masked = "****" in shown or "[secret]" in shown
            hint = t("Masked; leave it as it is to keep the value.") if masked else ""
            label = input_label(name, self._reader)
            fields.append(
                InputField(name=f"v-{name}", label=label, value=value, hint=hint, error=error, is_long="\n" in shown)
            )
            if value != shown and not error:
                differences.append((label, shown or "–", value or "–"))
        looked_at = looked.looked and bool(differences) and not faults
        happens = [t("“{step}” is done once more with what is changed below.", step=self._name())]
        if looked_at:
            happens.append(t("A call with other data is another call: it goes out under a new key."))
            if after := self._next():
                happens.append(t("If it works, {steps} comes next.", steps=after))
        nothing = t("Nothing is changed yet.") if looked.looked and not differences and not faults else ""
        return ActForm(
            code="data",
            name=self._act_name("data"),
            happens=tuple(happens),
            bad=(nothing,) if nothing else (),
            fields=tuple(fields),
            differences=tuple(differences),
            checks=self._nothing_happened(incident, looked),
            looks=not looked_at,
            refused="" if fields else t("This step has no data of its own to correct."),
        )

    def correctable(self) -> dict[str, Any]:
        """Values that can be corrected, as they are shown: inputs of a call, or of a failed step the names it uses."""
        incident = self._spot.incident or {}
        if incident.get("inputs") is not None:
            return {name: value for name, value in incident["inputs"].items() if not is_id(value)}
        used = named_in(text for _, text in self._spot.element.inputs) if self._spot.element else set()
        return {name: self._spot.data[name] for name in sorted(used) if name in self._spot.data}

    def change(self, values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """What was typed differently, as values of the same kind; and what cannot be read, by field."""
        changed, faults = {}, {}
        for name, old in self.correctable().items():
            text = values.get(f"v-{name}", shown_value(old)).strip()
            if text == shown_value(old).strip():
                continue
            try:
                changed[name] = typed(old, text)
            except ValueError:
                faults[f"v-{name}"] = self._reader.t(
                    "This has to be of the same kind as before: {old}", old=shown_value(old)[:60]
                )
        return changed, faults

    def _skip(self, looked: Looked, faults: Mapping[str, str]) -> ActForm:
        t, incident = self._reader.t, self._spot.incident or {}
        needed = self.needed()
        happens = [t("“{step}” is marked as skipped: nothing more is sent for it.", step=self._name())]
        if after := self._next():
            happens.append(t("The plan goes on with what you give below: {steps} comes next.", steps=after))
        else:
            happens.append(t("The plan goes on with what you give below."))
        happens.append(
            t("What was not done has to be made up for by hand; at the end the books are compared all the same.")
        )
        operation = self._operation()
        happened: tuple[tuple[str, str, str, bool], ...] = ()
        if operation is not None and operation.is_write:
            said = t("The far side has done it all the same")
            note = t("Then it is in the ledger, and undone with the rest if the order is cancelled.")
            happened = (("effect_happened", said, note, bool(looked.values.get("effect_happened"))),)
        return ActForm(
            code="skip",
            name=self._act_name("skip"),
            happens=tuple(happens),
            fields=tuple(
                InputField(
                    name=f"r-{name}",
                    label=input_label(str(name), self._reader),
                    value=looked.values.get(f"r-{name}", ""),
                    hint=t("needed by what comes next") if name in needed else t("optional"),
                    error=faults.get(f"r-{name}", ""),
                )
                for name in incident.get("result_names", ())
            ),
            checks=happened,
            asks=True,
        )

    def needed(self) -> set[str]:
        """Names of the answer without which the drawing cannot go on."""
        outputs = self._spot.element.outputs if self._spot.element else ()
        texts = [text for _, text in outputs if text]
        return {name for text in texts for name in re.findall(r"\bresult\.(\w+)", text)}

    def move_order(self, to: str, digest: str | None = None) -> MoveOrder:
        """The move from the chosen step."""
        return self._plans.move_order(to, digest)

    def _move(self, looked: Looked, _faults: Mapping[str, str]) -> ActForm:
        return self._plans.move(looked, self._act_name("move"))

    def _cancel(self, _looked: Looked, _faults: Mapping[str, str]) -> ActForm:
        return self._plans.cancel(self._act_name("cancel"))

    def _note(self, _looked: Looked, _faults: Mapping[str, str]) -> ActForm:
        said = self._reader.t("It is written into the record of the order; nothing else happens.")
        return ActForm(code="note", name=self._act_name("note"), happens=(said,))

    def _next(self) -> str:
        """The steps that follow the chosen one, in words."""
        spot = self._spot
        if spot.element is None:
            return ""
        drawing = self._deps.engine.parts.definitions.drawing(self._session, spot.run.definition_id)
        found: list[str] = []
        seen, edge = {spot.element.id}, [spot.element.id]
        while edge and len(found) < NEXT_NAMED:
            targets = [flow.target for flow in drawing.flows if flow.source in edge and flow.target not in seen]
            seen |= set(targets)
            steps = [one for one in targets if one in spot.elements and spot.elements[one].type in STEPS]
            found += [said_element(spot.elements[one], self._reader) for one in steps]
            edge = [one for one in targets if one not in steps]
        either = self._reader.t.about("list", " or ")
        return either.join(dict.fromkeys(found[:NEXT_NAMED]))
