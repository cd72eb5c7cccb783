"""Dry runs of drafts and of deployed versions: set up, run, go on step by step, keep as a case."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import Response as FlaskResponse
from flask import redirect, request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.forms import form_fields
from app.domain.promises.calendar import ZONE
from app.errors import AppError, BadRequest, FieldProblem, InvalidInput
from app.persistence.studio.forms import form_schema
from app.persistence.studio.process_cases import ProcessCase
from app.services.studio import process_trials
from app.services.studio.trial_setup import SCENARIOS, Setup
from app.services.studio.trial_subjects import Stage, Subject, draft_subject, samples_of, stage_of, version_subject
from app.unit_of_work import read
from app.web.form_rendering import answers_from_form
from app.web.frame import render
from app.web.pages.studio.trial_outcome import Looked
from app.web.pages.studio.trial_page import trial_page
from app.web.reader import current_reader
from app.web.site import bp

MOST_SCENARIO: Final = 200


@bp.get("/processes/drafts/<draft_id>/try")
@requires("process.view")
def try_draft(draft_id: str) -> Response:
    """The dry run of a draft."""
    return _shown(lambda session: draft_subject(session, draft_id))


@bp.post("/processes/drafts/<draft_id>/try")
@requires("process.edit")
def run_draft(draft_id: str) -> Response:
    """Run a draft, or go on with a run."""
    return _acted(lambda session: draft_subject(session, draft_id))


@bp.get("/processes/<key>/<int:version>/try")
@requires("process.view")
def try_version(key: str, version: int) -> Response:
    """The dry run of a deployed version."""
    return _shown(lambda session: version_subject(session, key, version))


@bp.post("/processes/<key>/<int:version>/try")
@requires("process.edit")
def run_version(key: str, version: int) -> Response:
    """Run a version, or go on with a run."""
    return _acted(lambda session: version_subject(session, key, version))


@bp.get("/processes/trials/<trial_id>/drawing")
@requires("process.view")
def trial_drawing(trial_id: str) -> Response:
    """The file of a dry run as it was tried; for the viewer."""
    subject, _, _ = process_trials.known_trial(trial_id, current_actor(), current_deps())
    response = FlaskResponse(subject.content, content_type="text/xml; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment"
    return response


def _shown(
    find: Callable[[Any], Subject],
    *,
    error: AppError | None = None,
    hand: str = "",
    typed: Mapping[str, Any] | None = None,
    tried: Setup | None = None,
) -> Response:
    """The page: with a trial of the reader's own as it is, else ready to begin."""
    reader, deps = current_reader(), current_deps()
    trial_id = request.values.get("trial", "")[:36]
    result: Mapping[str, Any] | None = None
    setup = tried
    is_old = False
    with read(deps.read_sessions) as session:
        subject = find(session)
    if trial_id:
        was, setup, result = process_trials.known_trial(trial_id, reader.actor, deps)
        is_old = was.content != subject.content
        subject = _as_tried(subject, was)
    with read(deps.read_sessions) as session:
        stage = stage_of(session, subject, process=setup.process if setup is not None else "")
        samples = samples_of(session, subject)
        if setup is None and stage.own is not None:
            wanted = request.args.get("sample", "")
            setup = _offered(stage, sorted(samples, key=lambda row: row.id != wanted) if wanted else samples)
        looked = Looked(
            trial_id=trial_id,
            result=result,
            step=request.args.get("step", type=int),
            around=request.args.get("in", "")[:400],
            error=error,
            hand=hand,
            typed=typed,
            is_old=is_old,
        )
        page = trial_page(session, reader, deps.registry, stage, samples, setup, looked)
    status = error.http_status if error is not None else 200
    return render("processes/try.html", page, status=status)


def _as_tried(now: Subject, was: Subject) -> Subject:
    """What was tried, under the name it has today; somebody else's trial of another process is none of this page.

    :raises BadRequest: the trial is one of something else.
    """
    if (now.draft_id, now.version) != (was.draft_id, was.version):
        raise BadRequest("this trial is one of another process", "这次试跑属于另一个流程")
    return Subject(
        key=now.key or was.key,
        name=now.name,
        name_en=now.name_en,
        file_name=was.file_name,
        content=was.content,
        version=now.version,
        draft_id=now.draft_id,
        revision=was.revision,
    )


def _offered(stage: Stage, samples: list[ProcessCase]) -> Setup:
    """The setup that is offered first: the first sample, as it is."""
    first = samples[0] if samples else None
    calls = not (first is not None and first.body.get("answers", {}).get("calls"))
    return process_trials.setup_from(first, stage, current_reader().now, calls=calls)


def _acted(find: Callable[[Any], Subject]) -> Response:
    what, deps, actor = request.form.get("do", "run"), current_deps(), current_actor()
    trial_id = request.form.get("trial", "")[:36]
    if what in ("run", "step-through"):
        return _begun(find, is_stepwise=what == "step-through")
    element = request.form.get("element", "")[:400]
    typed: Mapping[str, Any] | None = None
    try:
        if what in ("case", "sample"):
            kept = _kept(trial_id, what)
            draft = f"?draft={kept.draft_id}" if kept.draft_id else ""
            return redirect(f"/processes/{kept.key}/cases{draft}#case-{kept.id}", 303)
        if what == "hand":
            typed = _typed(trial_id, element)
            change = process_trials.hand_in(element, typed, deps)
        else:
            change = _changes().get(what, process_trials.to_the_end)
        row = process_trials.go_on(trial_id, change, actor, deps)
    except InvalidInput as error:
        return _shown(find, error=error, hand=element if error.details else "", typed=typed)
    return redirect(f"{request.path}?trial={row.id}#result", 303)


def _changes() -> dict[str, Callable[[Setup, Mapping[str, Any]], Setup]]:
    deps = current_deps()
    return {
        "one": process_trials.one_step,
        "next": process_trials.to_the_next,
        "day": process_trials.one_working_day(deps),
        "message": process_trials.message_comes(request.form.get("message", "")[:200]),
    }


def _begun(find: Callable[[Any], Subject], *, is_stepwise: bool) -> Response:
    """Run what was set up on the page."""
    deps, actor, reader = current_deps(), current_actor(), current_reader()
    with read(deps.read_sessions) as session:
        subject = find(session)
        stage = stage_of(session, subject)
        samples = {row.id: row for row in samples_of(session, subject)}
    setup: Setup | None = None
    try:
        setup = process_trials.setup_from(
            samples.get(request.form.get("sample", "")),
            stage,
            reader.now,
            by_hand=request.form.get("people") == "hand",
            calls=request.form.get("calls") != "as-said",
            pace="usual" if request.form.get("pace") == "usual" else "at once",
            scenario=_scenario(),
            most=0 if is_stepwise else None,
            **_begins(),
        )
        row = process_trials.run(subject, setup, actor, deps)
    except InvalidInput as error:
        return _shown(find, error=error, tried=setup)
    return redirect(f"{request.path}?trial={row.id}#result", 303)


def _begins() -> dict[str, str]:
    text = request.form.get("begins", "").strip()
    if not text:
        return {}
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        zh, en = "开始时间的格式如 2026-11-24T09:00", "write the time like 2026-11-24T09:00"
        problem = FieldProblem(path="begins", code="format", zh=zh, en=en)
        raise InvalidInput(en, zh, details=[problem]) from None
    return {"now": (at if at.tzinfo is not None else at.replace(tzinfo=ZONE)).isoformat()}


def _scenario() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, what in list(request.form.items())[:MOST_SCENARIO]:
        if name.startswith("what:") and what in SCENARIOS and what != "as-said":
            code = name.removeprefix("what:")
            times = request.form.get(f"times:{code}", "1")
            found[code] = {
                "what": what,
                "code": request.form.get(f"code:{code}", "")[:80],
                "times": int(times) if times.isascii() and times.isdigit() and len(times) < 4 else 1,
            }
    return found


def _typed(trial_id: str, element: str) -> dict[str, Any]:
    """What was filled in for a task; for files a name stands."""
    _, _, result = process_trials.known_trial(trial_id, current_actor(), current_deps())
    waiting = [one for one in result["steps"] if one["element"] == element and one["state"] == "waiting"]
    form = str(waiting[0].get("form", "")) if waiting else ""
    with read(current_deps().read_sessions) as session:
        schema = form_schema(session, form) if form else None
    if schema is None:
        return {}
    answers = answers_from_form(schema, request.form)
    files = [field.key for field in form_fields(schema) if field.kind in ("photo", "file")]
    return {**answers, **{key: ["trial.jpg"] for key in files}}


def _kept(trial_id: str, what: str) -> ProcessCase:
    """Keep the trial as a case or as a sample."""
    name = request.form.get("name", "").strip()[:200]
    expect: dict[str, Any] | None = None
    if what == "case":
        try:
            expect = json.loads(request.form.get("more") or "{}")
        except ValueError:
            raise InvalidInput("what else is expected has to be JSON", "其他期望须为 JSON") from None
        if not isinstance(expect, dict):
            raise InvalidInput("what else is expected has to be a JSON object", "其他期望须为 JSON 对象")
        for part in ("path", "never"):
            lines = [line.strip() for line in request.form.get(part, "").splitlines() if line.strip()]
            if lines:
                expect[part] = lines
    return process_trials.save_case(trial_id, name, expect, current_actor(), current_deps())
