"""Dry runs: the real engine on a sample order, with scripted neighbours and a clock that can be moved.

Nothing of it is written anywhere but as the trial itself, no neighbour is called, and it runs in a process of its own.
Every step further is the same run from the beginning, a little longer: so any moment of it can be had again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.forms import validate_form, without_personal
from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.domain.promises.calendar import BUSINESS_CALENDAR, ZONE
from app.domain.studio.form_filling import filled_in
from app.errors import BadRequest, InvalidInput, NotFound, TooMany
from app.persistence.promises.rule_versions import rules_at
from app.persistence.studio.process_cases import ProcessCase
from app.persistence.studio.process_trials import ProcessTrial, drop_old, trial_of
from app.services.studio.process_cases import keep_case
from app.services.studio.trial_bank import usual_answers
from app.services.studio.trial_setup import Setup, answers_of, as_case, expectation, setup_of
from app.services.studio.trial_subjects import Stage, Subject, form_schemas, stage_of
from app.unit_of_work import read, transaction
from processes.errors import ProcessError
from processes.trial import START
from processes.trial_box import TrialsBusy, TrialTooLong

MOST_HANDED: Final = 200
#: One more than the engine ever does in a trial: to the end.
MOST_STEPS: Final = 3000


def setup_from(case: ProcessCase | None, stage: Stage, at: datetime, **chosen: Any) -> Setup:
    """The beginning of a dry run, ``at`` if nothing else is said: what a sample gives, and what was chosen.

    :raises InvalidInput: the drawing holds no process that can be run.
    """
    if stage.own is None:
        raise InvalidInput("there is no process that can be run", "图中没有可以运行的流程")
    body: Mapping[str, Any] = case.body if case is not None else {}
    setup = Setup(
        process=stage.own.key,
        sample=case.id if case is not None else "",
        sample_name=case.name if case is not None else "",
        sample_name_zh=case.name_zh if case is not None else "",
        product=case.product if case is not None else "",
        order_type=case.order_type if case is not None else "",
        data=body.get("data", {}),
        answers=body.get("answers", {}),
        now=str(body.get("now") or at.isoformat()),
    )
    return replace(setup, **chosen)


def run(subject: Subject, setup: Setup, actor: Actor, deps: Deps) -> ProcessTrial:
    """Run it and keep it as a new trial of this person.

    :raises InvalidInput: it cannot begin, or was ended because it took too long; the text says why.
    :raises TooMany: other trials are running.
    """
    may(actor, "process.edit")
    result = _result(subject, setup, deps)
    with transaction(deps.sessions) as tx:
        row = ProcessTrial(
            login=actor.login,
            draft_id=subject.draft_id,
            key=setup.process,
            version=subject.version,
            revision=subject.revision,
            file_name=subject.file_name,
            content=subject.content,
            setup=setup.as_data(),
            result=result,
            made_at=deps.clock(tx.session),
        )
        tx.session.add(row)
        tx.session.flush()
        drop_old(tx.session, actor.login)
        return row


def _result(subject: Subject, setup: Setup, deps: Deps) -> dict[str, Any]:
    with read(deps.read_sessions) as session:
        stage = stage_of(session, subject, process=setup.process)
        keys = {el.attributes.get("form", "") for item in stage.processes.values() for el in item.elements.values()}
        schemas = form_schemas(session, frozenset(keys - {""}))
        far, people = usual_answers(session, stage.processes)
    begin = datetime.fromisoformat(setup.now) if setup.now else START
    asked = {
        "process": setup.process,
        "data": setup.data,
        "answers": answers_of(setup, deps.registry),
        "now": begin.isoformat(),
        "forms": {key: filled_in(schema, begin) | people.get(key, {}) for key, schema in schemas.items()},
        "known": far,
        "most": MOST_STEPS if setup.most is None else setup.most,
    }
    try:
        operations = [*deps.registry.codes(), *OWN_OPERATIONS]
        return deps.trials.trial(stage.files, deps.registry, operations, asked, stage.pinned)
    except TrialsBusy as problem:
        raise TooMany(str(problem), "其他试跑正在进行，请稍后再试", retry_after_s=10) from problem
    except TrialTooLong as problem:
        raise InvalidInput(f"the dry run was ended: {problem}", f"试跑被中止：用时或内存超限（{problem}）") from problem
    except ProcessError as problem:
        raise InvalidInput(str(problem), f"试跑无法开始：{problem}") from problem


def known_trial(trial_id: str, actor: Actor, deps: Deps) -> tuple[Subject, Setup, Mapping[str, Any]]:
    """A trial of this person: what was tried, how, and what came of it. :raises NotFound: none of his."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        row = trial_of(session, trial_id, actor.login)
        if row is None:
            raise NotFound()
        subject = Subject(
            key=row.key,
            name=row.file_name,
            name_en=row.file_name,
            file_name=row.file_name,
            content=row.content,
            version=row.version,
            draft_id=row.draft_id,
            revision=row.revision,
        )
        return subject, setup_of(row.setup), row.result


def go_on(trial_id: str, change: Callable[[Setup, Mapping[str, Any]], Setup], actor: Actor, deps: Deps) -> ProcessTrial:
    """The same dry run with something changed. :raises NotFound: no such trial of this person."""
    subject, setup, result = known_trial(trial_id, actor, deps)
    return run(subject, change(setup, result), actor, deps)


def one_step(setup: Setup, result: Mapping[str, Any]) -> Setup:
    """One more thing happens."""
    return replace(setup, most=int(result["stimuli"]) + 1)


def to_the_end(setup: Setup, _result: Mapping[str, Any]) -> Setup:
    """Everything happens that can."""
    return replace(setup, most=None)


def to_the_next(setup: Setup, result: Mapping[str, Any]) -> Setup:
    """The clock goes on to what is due next."""
    return replace(setup, until=result["next"] or setup.until, most=None)


def one_working_day(deps: Deps) -> Callable[[Setup, Mapping[str, Any]], Setup]:
    """The clock goes on to the same hour of the next working day, by the calendar of working days."""

    def change(setup: Setup, result: Mapping[str, Any]) -> Setup:
        now = datetime.fromisoformat(result["now"])
        with read(deps.read_sessions) as session:
            calendar = rules_at(session, deps.clock(session)).calendars.calendar(BUSINESS_CALENDAR)
        then = now + timedelta(days=1)
        while not calendar.is_working_day(then.astimezone(ZONE).date()):
            then += timedelta(days=1)
        known = datetime.fromisoformat(setup.until) if setup.until else then
        return replace(setup, until=max(then, known).isoformat(), most=None)

    return change


def message_comes(name: str) -> Callable[[Setup, Mapping[str, Any]], Setup]:
    """A message that is waited for comes now."""

    def change(setup: Setup, result: Mapping[str, Any]) -> Setup:
        return replace(setup, messages=[*setup.messages, {"name": name, "at": result["now"]}], most=None)

    return change


def hand_in(element: str, given: Mapping[str, Any], deps: Deps) -> Callable[[Setup, Mapping[str, Any]], Setup]:
    """A person hands in the form of a task that waits, checked like any form.

    :raises InvalidInput: fields are wrong, each named. :raises BadRequest: nobody waits for that any more.
    """

    def change(setup: Setup, result: Mapping[str, Any]) -> Setup:
        row = next((one for one in result["steps"] if one["element"] == element and one["state"] == "waiting"), None)
        if row is None or len(setup.handed) >= MOST_HANDED:
            raise BadRequest("nobody waits for that any more", "该步骤已不在等待")
        answers = dict(given)
        if row.get("form"):
            with read(deps.read_sessions) as session:
                schema = form_schemas(session, frozenset({row["form"]})).get(row["form"])
            if schema is not None:
                answers, problems = validate_form(schema, given)
                if problems:
                    raise InvalidInput("some fields are wrong", "有字段需要改正", details=problems)
                answers = without_personal(schema, answers)
        handed = {"task": element, "at": result["now"], "result": answers}
        return replace(setup, handed=[*setup.handed, handed], most=None)

    return change


def case_of(trial_id: str, actor: Actor, deps: Deps) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a trial would be as a case: its data and answers, and what it came to."""
    subject, setup, result = known_trial(trial_id, actor, deps)
    with read(deps.read_sessions) as session:
        own = stage_of(session, subject, process=setup.process).own
    elements = {one.id: one.type for one in own.elements.values()} if own is not None else {}
    return as_case(setup, result, deps.registry), expectation(result, elements)


def save_case(trial_id: str, name: str, expect: Mapping[str, Any] | None, actor: Actor, deps: Deps) -> ProcessCase:
    """Keep a trial as a case of its process, or without ``expect`` as a sample; of a draft with that draft."""
    subject, setup, _ = known_trial(trial_id, actor, deps)
    body, _ = case_of(trial_id, actor, deps)
    return keep_case(
        kind="process",
        key=setup.process,
        name=name,
        body=body,
        expect=expect,
        is_sample=expect is None,
        draft_id=subject.draft_id,
        actor=actor,
        deps=deps,
    )
