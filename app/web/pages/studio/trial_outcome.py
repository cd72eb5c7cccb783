"""What came of a dry run: state, promise, drawing, steps, and the tasks that wait for a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from app.domain.promises.sla import Case
from app.domain.studio.trial_masking import masked
from app.errors import AppError, FieldProblem
from app.persistence.areas import area_path
from app.services.counter.promise_trial import tried
from app.services.promises.step_targets import SAID, StepTargets
from app.services.studio.trial_setup import Setup, expectation
from app.services.studio.trial_subjects import Stage, form_schemas
from app.web.form_rendering import FormPage, form_page
from app.web.pages.studio.processes import STEP_KINDS
from app.web.pages.studio.trial_drawing import drawn, inside, places
from app.web.pages.studio.trial_moment import Words, moment
from app.web.pages.studio.trial_values import short, spoken, whole
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.diagram import RunLink
from app.web.views.parts import Fault, Pair, Tag, Tone
from app.web.views.trial import Hand, Outcome, TrialStep
from processes import versions

STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "completed": (Sentence("Came to its end", "trial"), "done", "ok"),
    "terminated": (Sentence("Ended by a terminate event", "trial"), "done", "ok"),
    "failed": (Sentence("Stopped by an error", "trial"), "alert", "bad"),
    "waiting": (Sentence("Waits", "trial"), "clock", "warn"),
}
STEP_STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "done": (Sentence("done", "element"), "done", "ok"),
    "waiting": (Sentence("waiting", "trial"), "clock", "warn"),
    "failed": (Sentence("failed", "trial"), "alert", "bad"),
    "cancelled": (Sentence("left", "element"), "slash", ""),
}
KINDS: Final[Mapping[str, Sentence]] = {
    "user": Sentence("step of a person"),
    "job": Sentence("automatic step"),
    "call": Sentence("called process"),
    "decision": Sentence("decision table"),
    "timer": Sentence("timer", "trial"),
    "message": Sentence("waits for a message"),
    "signal": Sentence("signal", "trial"),
    "undo": Sentence("undo", "trial"),
}


#: Until when a step has to be done, by its row and when it began.
Due = Callable[[Mapping[str, Any], datetime], datetime | None]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What of a trial is looked at: its id, a step, a call; or what was refused."""

    trial_id: str = ""
    result: Mapping[str, Any] | None = None
    step: int | None = None
    around: str = ""
    error: AppError | None = None
    hand: str = ""
    typed: Mapping[str, Any] | None = None
    is_old: bool = False


def board_href(draft_id: str | None) -> str:
    """The board of a draft."""
    return f"/processes/drafts/{draft_id}"


def outcome(
    session: Session,
    reader: Reader,
    registry: OperationRegistry,
    stage: Stage,
    setup: Setup,
    looked: Looked,
    href: str,
) -> Outcome:
    t, f, result = reader.t, reader.f, looked.result or {}
    words = Words(reader, registry, stage.processes)

    def address(**more: str) -> str:
        kept = {"trial": looked.trial_id, **({"in": looked.around} if looked.around else {}), **more}
        return f"{href}?{urlencode(kept)}"

    text, icon, tone = STATES[result["state"]]
    began, ended = datetime.fromisoformat(setup.now), datetime.fromisoformat(result["now"] or setup.now)
    open_tasks = [row for row in result["steps"] if row["kind"] == "user" and row["state"] == "waiting"]
    own_types = {one.id: one.type for one in stage.own.elements.values()} if stage.own is not None else {}
    expect = expectation(result, own_types)
    waits = [row for row in result["waiting"] if row["kind"] != "user"]
    names = {row["element"]: words.step(row) for row in result["steps"]}
    due_of = _due_of(session, setup, began)
    return Outcome(
        id=looked.trial_id,
        state=Tag(t(text), icon, tone),
        summary=t("{n} steps in {span} of simulated time", n=len(result["steps"]), span=f.long_span(ended - began)),
        facts=_facts(session, reader, setup, result, began, ended),
        problems=tuple(_problem(words, stage, row, names) for row in result["incidents"]),
        diagram=_diagram(session, reader, words, stage, looked, address),
        steps=tuple(_step(words, row, due_of, looked.step, address) for row in result["steps"]),
        moment=moment(words, result, looked.step),
        data=whole(result["data"], reader),
        hands=tuple(_hand(session, reader, words, row, looked) for row in open_tasks) if setup.by_hand else (),
        messages=tuple(dict.fromkeys(str(row["message"]) for row in waits if row["kind"] == "message")),
        waits=tuple(
            names.get(row["element"], row["name"])
            + (f" · {f.full(datetime.fromisoformat(row['due']))}" if row.get("due") else "")
            for row in waits
        ),
        next=f.full(datetime.fromisoformat(result["next"])) if result["next"] else "",
        can_step=bool(result["more"]) and setup.most is not None,
        can_wait=setup.by_hand and bool(result["next"]) and result["state"] == "waiting",
        case_name=setup.sample_name,
        case_path="\n".join(expect.get("path", ())),
        case_never="\n".join(expect.get("never", ())),
        case_more=json.dumps(
            {name: masked(value) for name, value in expect.items() if name not in ("path", "never")},
            ensure_ascii=False,
            indent=1,
        ),
        is_old=looked.is_old,
    )


def _problem(words: Words, stage: Stage, row: Mapping[str, Any], names: Mapping[str, str]) -> Fault:
    name = names.get(row["element"]) or row["name"] or row["element"]
    draft = stage.subject.draft_id
    href = f"{board_href(draft)}?element={quote(row['element'].partition('/')[0])}" if draft else ""
    return Fault("", f"{name}: {spoken(row['message'], words.reader.language)}".strip(), href)


def _facts(
    session: Session, reader: Reader, setup: Setup, result: Mapping[str, Any], began: datetime, ended: datetime
) -> tuple[Pair, ...]:
    t, f = reader.t, reader.f
    facts = [Pair(t("Began"), f.full(began)), Pair(t("Reached"), f.full(ended))]
    if setup.sample_name:
        facts.insert(0, Pair(t("Sample"), setup.sample_name if reader.language == "en" else setup.sample_name_zh))
    due = _promise(session, setup, began)
    if due is not None:
        kept = ended <= due and result["state"] in ("completed", "terminated")
        said = t("kept, {span} to spare", span=f.span(due - ended)) if kept else t("not yet kept")
        if ended > due:
            said = t("broken by {span}", span=f.span(ended - due))
        facts.append(Pair(t("Promise to the customer"), f"{f.promise(due)} · {said}"))
    return tuple(facts)


def _promise(session: Session, setup: Setup, began: datetime) -> datetime | None:
    """Until when such an order would be promised by the rules and working days of today; None: no rule fits."""
    if not setup.product or not setup.order_type:
        return None
    item = setup.data.get("item", {})
    order = setup.data.get("order", {})
    case = Case(
        product=setup.product,
        order_type=setup.order_type,
        tier=str(order.get("tier") or "standard") if isinstance(order, Mapping) else "standard",
        area_class=str(item.get("area_class") or "urban"),
    )
    try:
        trial = tried(session, case, str(item.get("area") or ""), began)
    except (AppError, LookupError):
        return None
    return next((one.promise.due_at for one in trial.promises if one.promise.kind == "promise"), None)


def _due_of(session: Session, setup: Setup, began: datetime) -> Due:
    """Until when steps have to be done, by the rules of when the trial began and the working days of its area."""
    item = setup.data.get("item")
    area = str(item.get("area") or "") if isinstance(item, Mapping) else ""
    path = area_path(session, area) or ""
    targets = StepTargets(session, began)

    def due(row: Mapping[str, Any], at: datetime) -> datetime | None:
        if SAID.isdisjoint(row):
            return None
        return targets.due_at(row, row.get("team"), at, area_path=path)

    return due


def _step(words: Words, row: Mapping[str, Any], due_of: Due, chosen: int | None, address: Any) -> TrialStep:
    t, f = words.reader.t, words.reader.f
    began = datetime.fromisoformat(row["from"])
    ended = datetime.fromisoformat(row["to"]) if row.get("to") else None
    due = due_of(row, began)
    state, icon, tone = STEP_STATES[row["state"]]
    notes = []
    if row["tries"]:
        notes.append(t("no answer {n} times", n=len(row["tries"])))
    if row.get("message") and row["state"] == "failed":
        notes.append(spoken(str(row["message"]).partition(": ")[2], words.reader.language))
    if row.get("due"):
        notes.append(f.full(datetime.fromisoformat(row["due"])))
    around = row["element"].split("/")[:-1]
    name = words.step(row)
    return TrialStep(
        number=row["number"],
        name=f"{name} [{row['index'] + 1}]" if "index" in row else name,
        kind=t(KINDS.get(row["kind"]) or STEP_KINDS.get(row["type"], KINDS["job"])),
        href=address(step=str(row["number"])),
        depth=min(len(around), 4),
        around=words.process(row["process"]) if around else "",
        given=short(row["inputs"], words.reader),
        came=short(row.get("result") or row.get("wrote") or {}, words.reader),
        at=f.full(began),
        took=f.span(ended - began)
        if ended is not None and ended > began
        else "–"
        if ended is None
        else f.span(timedelta()),
        target=f.full(due) if due is not None else "",
        is_late=due is not None and (ended or began) > due,
        state=Tag(t(state), icon, tone),
        note=", ".join(notes),
        current=row["number"] == chosen,
    )


def _diagram(session: Session, reader: Reader, words: Words, stage: Stage, looked: Looked, address: Any) -> Any:
    result = looked.result or {}
    calls = places(result)
    around = looked.around if looked.around in calls else ""
    key = calls.get(around, stage.own.key if stage.own is not None else "")
    process = stage.processes.get(key)
    if process is None:
        return None
    source, version = f"/processes/trials/{looked.trial_id}/drawing", 0
    if around and process.xml != stage.subject.content:
        deployed = versions.all_in_force(session).get(key)
        if deployed is None:
            return None
        source, version = f"/drawings/{quote(key)}/{deployed.version}", deployed.version
    above = [call for call in calls if around.startswith(call)]
    way = [
        RunLink(
            name=words.process(stage.own.key) if stage.own else "",
            href=address(**{"in": ""}),
            current=not around,
            bad=False,
        )
    ]
    way += [
        RunLink(name=words.process(calls[call]), href=address(**{"in": call}), current=call == around, bad=False)
        for call in sorted(above, key=len)
    ]
    chosen = next((row["element"] for row in result["steps"] if row["number"] == looked.step), "")
    return drawn(
        reader,
        result,
        process,
        around=around,
        source_href=source,
        title=words.process(key),
        version=version,
        way=tuple(way),
        step_href=lambda number: address(step=str(number)),
        inner_href=lambda call: address(**{"in": call}),
        chosen=inside(chosen, calls)[1] if chosen and inside(chosen, calls)[0] == around else "",
    )


def _hand(session: Session, reader: Reader, words: Words, row: Mapping[str, Any], looked: Looked) -> Hand:
    form: FormPage | None = None
    schema = form_schemas(session, frozenset({row["form"]})).get(row["form"]) if row.get("form") else None
    if schema is not None:
        mine = looked.hand == row["element"]
        problems: Sequence[FieldProblem] = looked.error.details if looked.error is not None and mine else ()
        form = form_page(
            schema,
            language=reader.language,
            answers=looked.typed if mine else None,
            inputs=masked(row["inputs"]),
            problems=problems,
        )
        # Files are not asked for in a dry run: a name stands for them.
        groups = [replace(one, controls=tuple(c for c in one.controls if c.kind != "files")) for one in form.groups]
        form = replace(form, groups=tuple(groups))
    return Hand(element=row["element"], name=words.step(row), form=form)
