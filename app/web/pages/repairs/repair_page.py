"""The page on which one order is repaired: the drawing in the middle, one step chosen, ways to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.deps import Deps
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.persistence.repairs.repair_requests import RepairRequest
from app.services.ordering.order_diagrams import Mark, Run
from app.services.repairs import repair_requests
from app.services.repairs.incident_groups import groups
from app.services.repairs.incident_view import incident_view
from app.services.repairs.instance_view import instance_view
from app.services.repairs.repair_audit import repairs
from app.web.addresses import Addresses
from app.web.pages.administration.audit import act_name
from app.web.pages.counter.trouble import advice
from app.web.pages.names import Names
from app.web.pages.ordering.diagrams import OrderDiagram, said_element
from app.web.pages.ordering.order_head import order_head
from app.web.pages.promises.clocks import Clockwork, deciding_clock, sla_cell
from app.web.pages.repairs.repair_acts import RepairActs
from app.web.pages.repairs.repair_books import RepairBooks, data_parts, without_ids
from app.web.pages.repairs.repair_requests import request_line
from app.web.pages.repairs.repair_spot import Looked, Spot
from app.web.pages.studio.processes import STEP_KINDS
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.order_page import EventRow
from app.web.views.parts import Pair, Tab, Tag
from app.web.views.repair import RepairPage, StepPanel
from processes.lifecycle import IncidentState
from processes.store.instances import Incident

TABS: Final = {
    "why": Sentence("Why", "repair"),
    "data": Sentence("Data", "repair"),
    "act": Sentence("What can be done", "repair"),
}
MOST_AUDIT: Final = 12


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the address or a form says is looked at. ``faults`` by field, of a form that was refused."""

    at: str = ""
    step: str = ""
    tab: str = ""
    looked: Looked = field(default_factory=Looked)
    faults: Mapping[str, str] = field(default_factory=dict)


class RepairDesk:
    """One order on the desk. :raises NotFound: no such order in the reader's area."""

    def __init__(self, session: Session, reader: Reader, number: str, addresses: Addresses, deps: Deps) -> None:
        self._session, self._reader, self._addresses, self._deps = session, reader, addresses, deps
        self.order: ProductOrder = get_order(session, reader.actor, number)
        self._names = Names(session, reader)
        self._books = RepairBooks(session, reader, self._names, deps.registry)
        self._drawn = OrderDiagram(session, reader, number, addresses)

    def page(self, chosen: Chosen) -> RepairPage:
        """The page around the chosen step."""
        reader, order = self._reader, self.order
        spot = self.spot(chosen)
        clock = deciding_clock(order.clocks)
        clockwork = Clockwork(self._session, reader, self._names)
        element_id = spot.element.id if spot and spot.element else ""
        cause, cause_href, cause_link = self._cause(spot)
        runs = self._drawn.runs
        elements = {run.key: self._drawn.elements(run) for run in runs}
        return RepairPage(
            head=order_head(order, self._names, reader, self._addresses),
            left=sla_cell(
                order.clocks,
                reader,
                promised_at=order.promised_at,
                ended_at=order.completed_at,
                is_final=order.is_final,
                is_cancelled=order.state == "cancelled",
            ),
            stuck=self._stuck(spot),
            cause=cause,
            cause_href=cause_href,
            cause_link=cause_link,
            action=f"{self._addresses.order(order.number)}/repair",
            diagram=self._drawn.drawn(
                spot.run, step_href=self._href, run_href=self._run_href, chosen=element_id
            ) if spot else None,
            panel=self._panel(spot, chosen) if spot else None,
            calls=self._books.calls(spot.run, element_id) if spot and element_id else (),
            effects=self._books.effects(runs, elements, (spot.run.id, element_id) if spot else ("", "")),
            audit=self._audit(),
            requests=tuple(
                request_line(row, self._session, self._names, reader, self._addresses, number=order.number)
                for row in self._requests()
            ),
            sla=clockwork.panel(clock, is_cancelled=order.state == "cancelled") if clock else None,
            hidden=(("at", spot.run.id), ("step", element_id)) if spot else (),
        )  # fmt: skip

    def spot(self, chosen: Chosen) -> Spot | None:
        """The chosen step; if none is chosen, the one that is stuck, else one where a token stands."""
        run = self._drawn.chosen(chosen.at)
        if run is None:
            return None
        elements, marks = self._drawn.elements(run), self._drawn.marks(run)
        wanted = chosen.step if chosen.step in elements else _first(marks)
        incident = self._incident(run, wanted)
        view = instance_view(run.id, self._reader.actor, self._deps)
        return Spot(
            order=self.order,
            run=run,
            element=elements.get(wanted),
            elements=elements,
            marks=marks,
            incident=incident,
            data=view["data"],
        )

    def acts(self, spot: Spot) -> RepairActs:
        """The ways of repair of a step."""
        return RepairActs(self._session, self._reader, self._deps, self._books, spot)

    def _requests(self) -> list[RepairRequest]:
        return list(repair_requests.of_order(self._session, self.order.id, limit=10))

    def _incident(self, run: Run, element_id: str) -> Mapping[str, Any] | None:
        rows = self._session.query(Incident.id).filter(
            Incident.instance_id == run.id, Incident.element_id == element_id, Incident.state == IncidentState.OPEN
        )
        found = rows.order_by(Incident.opened_at).first()
        if found is None:
            return None
        return incident_view(self._session, found.id, self._reader.actor, self._deps.registry)

    def _href(self, run: Run, element: str, **more: str) -> str:
        query = urlencode({"at": run.id, "step": element, **more})
        return f"{self._addresses.order(self.order.number)}/repair?{query}"

    def _run_href(self, run: Run, _element: str) -> str:
        return f"{self._addresses.order(self.order.number)}/repair?{urlencode({'at': run.id})}"

    def _stuck(self, spot: Spot | None) -> Tag | None:
        if spot is None or spot.incident is None or spot.element is None:
            return None
        t, f = self._reader.t, self._reader.f
        span = f.span(self._reader.now - spot.incident["opened_at"])
        name = said_element(spot.element, self._reader)
        return Tag(t("stuck at “{step}” for {span}", step=name, span=span), "alert", "bad")

    def _cause(self, spot: Spot | None) -> tuple[str, str, str]:
        if spot is None or spot.incident is None:
            return "", "", ""
        t, incident = self._reader.t, spot.incident
        same = groups(self._session, self._reader.actor, {"cause_key": incident["cause_key"]})
        others = sum(group.count for group in same) - 1
        name = self._reader.said_in(incident["known"]) or str(without_ids(incident["message"]))
        said = t("Cause: {name}, since {time}.", name=name, time=self._reader.time(incident["opened_at"]))
        if others > 0:
            said += " " if self._reader.language == "en" else ""
            said += t("{n} others have the same cause: alone it may well fail again.", n=others)
        return (
            said,
            f"/exceptions?cause={incident['cause_key']}",
            t("Mend all {n} together", n=others + 1) if others > 0 else "",
        )

    def _panel(self, spot: Spot, chosen: Chosen) -> StepPanel | None:
        if spot.element is None:
            return None
        t, element = self._reader.t, spot.element
        tab = chosen.tab if chosen.tab in TABS else "act" if chosen.looked.act else "why"
        acts = self.acts(spot)
        mark = spot.marks.get(element.id)
        kind = STEP_KINDS.get(element.type)
        incident = spot.incident or {}
        return StepPanel(
            name=said_element(element, self._reader),
            kind=t(kind) if kind else "",
            state=self._drawn.tag(mark),
            tabs=tuple(
                Tab(t(text), f"{self._href(spot.run, element.id, tab=code)}#step", code == tab)
                for code, text in TABS.items()
            ),
            tab=tab,
            why=self._why(spot, mark),
            message=str(without_ids(incident.get("message") or "")),
            advice=advice(incident["known"], self._reader) if incident else "",
            data=data_parts(spot.data) if tab == "data" else (),
            inputs=self._books.inputs(incident.get("inputs")) if tab == "data" else (),
            acts=acts.links(chosen.looked.act, f"{self._href(spot.run, element.id, tab='act')}&act=")
            if tab == "act"
            else (),
            form=acts.form(chosen.looked, chosen.faults) if tab == "act" else None,
            links=self._links(spot),
        )

    def _why(self, spot: Spot, mark: Mark | None) -> tuple[Pair, ...]:
        t, f, incident = self._reader.t, self._reader.f, spot.incident
        pairs = []
        if incident is not None:
            known = incident["known"]
            if name := self._reader.said_in(known):
                pairs.append(Pair(t("What went wrong"), name))
            pairs.append(Pair(t("Since"), f.full(incident["opened_at"])))
            if incident["operation"]:
                pairs.append(Pair(t("Operation"), self._books.operation(incident["operation"])))
                pairs.append(Pair(t("Who was asked"), self._names.system(incident["operation"])))
            if incident["max_attempts"]:
                pairs.append(Pair(t("Attempts"), f"{incident['attempts']}/{incident['max_attempts']}"))
            pairs.append(Pair(t("Code"), str(incident["code"]), code=True))
            if incident["outcome_unknown"]:
                pairs.append(Pair(t("Outcome"), t("not known: it may have taken effect")))
            if known["owner_role"]:
                pairs.append(Pair(t("Who repairs it"), self._names.team_role(known["owner_role"])))
            return tuple(pairs)
        if mark is None:
            return (Pair(t("State"), t("nobody has come here yet")),)
        tag = self._drawn.tag(mark)
        pairs.append(Pair(t("State"), tag.text if tag else "–"))
        if mark.since:
            pairs.append(Pair(t("Since") if mark.tokens else t("At"), f.full(mark.since)))
        if mark.by:
            pairs.append(Pair(t("By whom"), self._names.person(mark.by)))
        if mark.most:
            pairs.append(Pair(t("Attempts"), f"{mark.attempts}/{mark.most}"))
        if mark.next_at:
            pairs.append(Pair(t("Next try"), f.full(mark.next_at)))
        if mark.times > 1:
            pairs.append(Pair(t("Done"), t("{n} times", n=mark.times)))
        return tuple(pairs)

    def _links(self, spot: Spot) -> tuple[Pair, ...]:
        """Where else something can be done: the to-do of the incident, the clock."""
        t, order = self._reader.t, self.order
        found = []
        incident_id = (spot.incident or {}).get("id")
        item = next((one for one in order.work_items if incident_id and one.incident_id == incident_id), None)
        if item is not None and self._reader.may("item.view"):
            found.append(Pair(t("Hand it to somebody"), item.number, href=self._addresses.task(item.number)))
        if self._reader.may("order.hold") and not order.is_final:
            found.append(
                Pair(t("Stop the clock, or hold the order"), "", href=f"{self._addresses.order(order.number)}/hold")
            )
        return tuple(found)

    def _audit(self) -> tuple[EventRow, ...]:
        rows, _ = repairs(self._session, self._reader.actor, {"order": self.order.number}, offset=0, limit=MOST_AUDIT)
        self._names.know_people(row["actor"] for row in rows)
        return tuple(
            EventRow(
                at=self._reader.f.moment(row["at"]),
                iso=row["at"].isoformat(),
                text=f"{act_name(str(row['action']), self._reader)} {row['reason'] or ''}".strip(),
                who=self._names.person(row["actor"]),
                now=False,
                bad=False,
            )
            for row in rows
        )


def _first(marks: Mapping[str, Mark]) -> str:
    """The step to look at first."""
    wanted = ("failed", "again", "here")
    for state in wanted:
        for mark in marks.values():
            if mark.state == state and (mark.tokens or state == "failed"):
                return mark.element_id
    return list(marks)[-1] if marks else ""
