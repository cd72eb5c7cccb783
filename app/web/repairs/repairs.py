"""Repairing one order around its drawing: look, then do, with a second person where the rules want one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.repair_requests import RepairAct
from app.errors import BadRequest, Conflict, Forbidden, InvalidInput, NotFound
from app.services.repairs import fallout_desk, repair_requests
from app.services.repairs.repair_requests import Wanted
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.repairs.repair_acts import ACTS, RepairActs
from app.web.pages.repairs.repair_page import Chosen, RepairDesk
from app.web.pages.repairs.repair_spot import Looked, Spot
from app.web.pages.repairs.repair_values import read_value
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.views.parts import Fault
from processes.mending import Correction
from processes.moving import MoveOrder

MOST_LETTERS: Final = 500
LONGEST_VALUE: Final = 20_000
#: What can be refused and is shown beside the form that asked for it.
REFUSED: Final = (Conflict, Forbidden, InvalidInput, BadRequest)


@bp.get("/orders/<number>/repair")
@requires("ops.view")
def repair(number: str) -> Response:
    """Where the order stands; ``at`` and ``step`` choose a step, ``act`` a way to mend it."""
    return _page(number, _chosen(request.args))


@bp.post("/orders/<number>/repair")
@requires("ops.view")
def repair_act(number: str) -> Response:
    """Show what would change (``do`` is ``look``), or do it; who may do what, the services say."""
    chosen = _chosen(request.form)
    act = chosen.looked.act
    if act not in ACTS:
        raise BadRequest("There is no such act.", "没有这个操作。")
    reason = request.form.get("reason", "").strip()[:MOST_LETTERS]
    with read(current_deps().read_sessions) as session:
        spot, acts = _spot(session, number, chosen)
        changed, given = _values(acts, spot, chosen.looked)
        faults = {**changed.faults, **given.faults}
    if request.form.get("do") == "look" or faults:
        looked = replace(chosen.looked, looked=True)
        return _page(number, replace(chosen, looked=looked, faults=faults), status=422 if faults else 200)
    if not reason and act != "retry":
        return _page(number, replace(chosen, faults={"reason": current_reader().t("Give a reason.")}), status=422)
    try:
        done = _do(number, act, spot, acts, changed.values, given.values, reason)
    except REFUSED as refusal:
        said = refusal.message(current_reader().language)
        return _page(number, replace(chosen, faults={"": said}), status=refusal.http_status)
    return see(f"{ADDRESSES.order(number)}/repair?at={spot.run.id}", done)


@bp.post("/orders/<number>/repair/<request_id>/decision")
@requires("repair.agree")
def decide_repair(number: str, request_id: str) -> Response:
    """A second person agrees, or refuses."""
    note = request.form.get("reason", "").strip()[:MOST_LETTERS]
    agreed = request.form.get("agreed") == "yes"
    if not note:
        return _page(number, Chosen(faults={f"say-{request_id}": current_reader().t("Give a reason.")}), status=422)
    try:
        repair_requests.decide(number, request_id, note, current_actor(), current_deps(), agree=agreed)
    except REFUSED as refusal:
        said = refusal.message(current_reader().language)
        return _page(number, Chosen(faults={"": said}), status=refusal.http_status)
    return see(f"{ADDRESSES.order(number)}/repair", "repair-agreed" if agreed else "repair-refused")


@bp.post("/orders/<number>/repair/<request_id>/withdraw")
@requires("ops.view")
def withdraw_repair(number: str, request_id: str) -> Response:
    """Whoever asked takes it back."""
    try:
        repair_requests.withdraw(number, request_id, current_actor(), current_deps())
    except REFUSED as refusal:
        said = refusal.message(current_reader().language)
        return _page(number, Chosen(faults={"": said}), status=refusal.http_status)
    return see(f"{ADDRESSES.order(number)}/repair", "repair-withdrawn")


class Typed:
    """Values that were read from a form, and what could not be."""

    def __init__(self, values: Mapping[str, Any], faults: Mapping[str, str]) -> None:
        self.values, self.faults = dict(values), dict(faults)


def _values(acts: RepairActs, spot: Spot, looked: Looked) -> tuple[Typed, Typed]:
    """What was corrected, and what was given as the result of a step that is skipped."""
    nothing = Typed({}, {})
    if looked.act == "data":
        return Typed(*acts.change(looked.values)), nothing
    if looked.act != "skip" or spot.incident is None:
        return nothing, nothing
    t = current_reader().t
    found, faults = {}, {}
    needed = acts.needed()
    for name in spot.incident["result_names"]:
        text = looked.values.get(f"r-{name}", "").strip()
        if not text and name in needed:
            faults[f"r-{name}"] = t("What comes next needs this value.")
        if not text:
            continue
        try:
            found[name] = read_value(text)
        except ValueError:
            faults[f"r-{name}"] = t("This begins like JSON and is none.")
    return nothing, Typed(found, faults)


def _do(
    number: str,
    act: str,
    spot: Spot,
    acts: RepairActs,
    changed: Mapping[str, Any],
    given: Mapping[str, Any],
    reason: str,
) -> str:
    """Carry it out, or hand it to a second person; returns the word of the notice."""
    actor, deps, form = current_actor(), current_deps(), request.form
    element_id = spot.element.id if spot.element else ""
    if act in ("retry", "data"):
        incident = _open_incident(spot)
        is_call = incident["inputs"] is not None
        correction = Correction(
            change=dict(changed) if changed and is_call else None,
            data=dict(changed) if changed and not is_call else None,
            nothing_happened=bool(form.get("nothing_happened")),
        )
        fallout_desk.retry(incident["id"], actor, deps, correction=correction, reason=reason)
        return "retrying"
    if act == "note":
        repair_requests.add_note(number, reason, actor, deps)
        return "noted"
    if act == "skip":
        incident = _open_incident(spot)
        how = {"result": dict(given), "effect_happened": bool(form.get("effect_happened"))}
        wanted = Wanted(
            act=RepairAct.SKIP, subject=incident["id"], instance_id=spot.run.id, element_id=element_id, how=how
        )
    elif act == "move":
        move: MoveOrder = acts.move_order(form.get("to", "")[:255], form.get("digest", "")[:64])
        if not form.get("asks"):
            repair_requests.move_alone(spot.run.id, move, reason, actor, deps)
            return "moved"
        how = {"to": move.to, "element_id": move.element_id, "digest": move.digest}
        wanted = Wanted(
            act=RepairAct.MOVE, subject=spot.run.id, instance_id=spot.run.id, element_id=element_id, how=how
        )
    else:
        root = spot.order.process_instance_id or ""
        how = {"digest": form.get("digest", "")[:64]}
        wanted = Wanted(act=RepairAct.CANCEL, subject=root, instance_id=root, how=how)
    repair_requests.ask(number, wanted, reason, actor, deps)
    return "repair-asked"


def _open_incident(spot: Spot) -> Mapping[str, Any]:
    if spot.incident is None:
        raise Conflict("this step is not stuck any more", "该步骤已不再卡住")
    return spot.incident


def _spot(session: Session, number: str, chosen: Chosen) -> tuple[Spot, RepairActs]:
    desk = RepairDesk(session, current_reader(), number, ADDRESSES, current_deps())
    spot = desk.spot(chosen)
    if spot is None:
        raise NotFound()
    return spot, desk.acts(spot)


def _chosen(given: Mapping[str, str]) -> Chosen:
    """What an address or a form says; long texts are cut."""
    act = given.get("act", "")
    values = {name: value[:LONGEST_VALUE] for name, value in given.items() if name.startswith(("v-", "r-"))}
    values |= {name: "1" for name in ("nothing_happened", "effect_happened") if given.get(name)}
    return Chosen(
        at=given.get("at", "")[:36],
        step=given.get("step", "")[:255],
        tab="act" if act else given.get("tab", "")[:8],
        looked=Looked(act=act if act in ACTS else "", to=given.get("to", "")[:255], values=values),
    )


def _page(number: str, chosen: Chosen, *, status: int = 200) -> Response:
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = RepairDesk(session, current_reader(), number, ADDRESSES, deps).page(chosen)
    faults = tuple(Fault(field, text) for field, text in chosen.faults.items())
    return render(
        "repairs/page.html",
        page,
        fragment="" if faults else "repairs/_live.html",
        status=status,
        faults=faults,
        form=request.form if request.method == "POST" else {},
        typed=request.method == "POST",
    )
