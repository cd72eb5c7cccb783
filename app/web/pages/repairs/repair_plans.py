"""Moving a token and cancelling an order: what that would leave, undo and keep, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.repair_requests import needs_second_person
from app.errors import AppError
from app.services.amending.cancel_assessments import as_data, preview_of, require_cancellable
from app.services.repairs import repair_desk
from app.services.repairs.repair_requests import undone_by
from app.web.pages.ordering.diagrams import said_element
from app.web.pages.repairs.repair_books import RepairBooks, as_text
from app.web.pages.repairs.repair_spot import STEPS, Looked, Spot
from app.web.reader import Reader
from app.web.views.parts import Choice
from app.web.views.repair import ActForm
from processes.moving import MoveOrder
from processes.spiff.definition import ElementInfo


class RepairPlans:
    """Asks the engine what would happen, and says it."""

    def __init__(self, session: Session, reader: Reader, deps: Deps, books: RepairBooks, spot: Spot) -> None:
        self._session, self._reader, self._deps, self._books, self._spot = session, reader, deps, books, spot

    def _targets(self) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
        t, spot = self._reader.t, self._spot
        here = spot.element.id if spot.element else ""
        choices = [one for one in spot.elements.values() if one.type in STEPS and one.id != here and one.parent is None]
        passed = [one for one in choices if one.id in spot.marks]
        later = [one for one in choices if one.id not in spot.marks]

        def said(found: Sequence[ElementInfo]) -> tuple[Choice, ...]:
            return tuple(Choice(one.id, said_element(one, self._reader)) for one in found)

        groups = ((t("Back to"), said(passed)), (t("Forward to"), said(later)))
        return tuple(group for group in groups if group[1])

    def move_order(self, to: str, digest: str | None = None) -> MoveOrder:
        """The move from the chosen step."""
        spot = self._spot
        stands = spot.element is not None and spot.element.id in spot.marks and spot.marks[spot.element.id].tokens
        return MoveOrder(to=to, element_id=spot.element.id if stands and spot.element else None, digest=digest)

    def move(self, looked: Looked, name: str) -> ActForm:
        t, spot = self._reader.t, self._spot
        form = ActForm(code="move", name=name, happens=(), targets=self._targets(), target=looked.to, looks=True)
        if not looked.to:
            return replace(form, happens=(t("Choose where to go; what that means is shown before anything is done."),))
        try:
            plan = repair_desk.plan_move(spot.run.id, self.move_order(looked.to), self._reader.actor, self._deps)
        except AppError as refusal:
            return replace(form, bad=(refusal.message(self._reader.language),))
        named = {one.id: said_element(one, self._reader) for one in spot.elements.values()}
        happens = [t("Left: {steps}", steps=self._list(named.get(one.element_id, "") for one in plan.left))]
        undone = [line for line in plan.effects if line.undo]
        kept = [line for line in plan.effects if not line.undo]
        if undone:
            happens.append(
                t(
                    "Undone first, newest first: {what}",
                    what=self._list(self._books.operation(line.undo_operation) for line in undone),
                )
            )
        else:
            happens.append(t("Nothing has to be undone."))
        if kept:
            happens.append(
                t("Stays as it is: {what}", what=self._list(self._books.operation(line.operation) for line in kept))
            )
        happens.append(t("Then “{step}” begins anew.", step=named.get(looked.to, "")))
        if plan.stays:
            happens.append(
                t("Goes on beside it: {steps}", steps=self._list(named.get(one.element_id, "") for one in plan.stays))
            )
        bad = []
        if plan.point_of_no_return == "hard":
            bad.append(t("The point of no return is passed: what the customer has is touched."))
        if plan.problem:
            bad.append(t("The step could not begin: {why}", why=as_text(plan.problem)))
        asks = needs_second_person(goes_back=plan.goes_back, undoes=undone_by(plan))
        return replace(
            form,
            happens=tuple(happens),
            bad=tuple(bad),
            hidden=(("digest", plan.digest),),
            asks=asks,
            looks=bool(plan.problem),
        )

    def cancel(self, name: str) -> ActForm:
        t, order = self._reader.t, self._spot.order
        require_cancellable(order)
        shown = preview_of(self._session, order)
        data = as_data(shown, self._deps)
        said = self._reader.said_in
        if data["refused"]:
            return ActForm(
                code="cancel",
                name=name,
                happens=(),
                refused=self._reader.words(shown.assessment.refused or ""),
            )
        happens = []
        if data["outstanding"]:
            happens.append(t("Answers that are still out are waited for."))
        undo = self._list(dict.fromkeys(said(line) for line in data["undo"]))
        happens.append(t("Undone, newest first: {what}", what=undo) if undo else t("Nothing has to be undone."))
        if data["stays"]:
            happens.append(t("Stays as it is: {what}", what=self._list(said(line) for line in data["stays"])))
        fee = self._reader.f.money(data["fee_cny"])
        happens.append(
            t("It costs the customer {fee}.", fee=fee)
            if shown.assessment.fee_cny
            else t("It costs the customer nothing.")
        )
        happens += ["".join(note[self._reader.language]) for note in data["notes"]]
        happens.append(t("Then the order is cancelled; nothing brings it back."))
        return ActForm(
            code="cancel",
            name=name,
            happens=tuple(happens),
            hidden=(("digest", data["digest"]),),
            asks=True,
            danger=True,
        )

    def _list(self, texts: Iterable[str]) -> str:
        return self._reader.t.about("list", ", ").join(dict.fromkeys(text for text in texts if text))
