"""The page of a dry run: how it is set up, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy.orm import Session

from adapters.operations import Operation, OperationRegistry
from app.domain.promises.calendar import ZONE
from app.persistence.studio.process_cases import ProcessCase
from app.services.studio.trial_setup import SCENARIOS, Setup
from app.services.studio.trial_subjects import Stage
from app.web.pages.studio.trial_outcome import Looked, board_href, outcome
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Choice, Fault, Tag
from app.web.views.trial import ScenarioRow, SetupForm, TrialPage

WHAT: Final[Mapping[str, Sentence]] = {
    "as-said": Sentence("as the sample says", "scenario"),
    "ok": Sentence("answers well", "scenario"),
    "refuse": Sentence("refuses", "scenario"),
    "timeout": Sentence("gives no answer, several times", "scenario"),
    "slow": Sentence("is slow", "scenario"),
    "late": Sentence("answers after its deadline", "scenario"),
    "never": Sentence("never answers", "scenario"),
}


def trial_page(
    session: Session,
    reader: Reader,
    registry: OperationRegistry,
    stage: Stage,
    samples: Sequence[ProcessCase],
    setup: Setup | None,
    looked: Looked,
) -> TrialPage:
    """Build the page. ``setup`` is that of the trial shown, or the one that is offered."""
    t, subject = reader.t, stage.subject
    name = reader.said(subject) if subject.draft_id is None else (_own_name(reader, stage) or reader.said(subject))
    is_draft = subject.draft_id is not None
    href = (
        f"/processes/drafts/{subject.draft_id}/try"
        if is_draft
        else f"/processes/{quote(subject.key)}/{subject.version}/try"
    )
    faults: tuple[Fault, ...] = ()
    if looked.error is not None and not looked.hand:
        faults = (Fault("", looked.error.message(reader.language)),)
    key = stage.own.key if stage.own is not None else subject.key
    return TrialPage(
        title=name,
        tag=Tag(t("draft"), "file") if is_draft else Tag(f"v{subject.version}", "flow"),
        href=href,
        key=key,
        back_href=f"/processes/drafts/{subject.draft_id}"
        if is_draft
        else f"/processes/{quote(subject.key)}/{subject.version}",
        back=t.about("designer", "Back to the board") if is_draft else t("Back to the version"),
        process_href="/processes",
        cases_href=f"/processes/{quote(key)}/cases" + (f"?draft={subject.draft_id}" if is_draft else ""),
        case_count=sum(not row.is_sample for row in samples),
        setup=_setup(reader, registry, stage, samples, setup) if setup is not None else None,
        faults=faults,
        findings=tuple(
            Fault(
                "",
                one.message_en if reader.language == "en" else one.message_zh,
                f"{board_href(subject.draft_id)}?element={quote(one.element_id)}" if is_draft else "",
            )
            for one in stage.findings
        ),
        outcome=outcome(session, reader, registry, stage, setup, looked, href)
        if setup is not None and looked.result is not None
        else None,
        may_run=reader.may("process.edit"),
        is_draft=is_draft,
    )


def _own_name(reader: Reader, stage: Stage) -> str:
    own = stage.own
    if own is None:
        return ""
    return (own.name_en if reader.language == "en" else own.name) or own.name or own.key


def _setup(
    reader: Reader, registry: OperationRegistry, stage: Stage, samples: Sequence[ProcessCase], setup: Setup
) -> SetupForm:
    own_codes = {el.attributes.get("operation", "") for el in stage.own.elements.values()} if stage.own else set()
    rows = [
        _scenario(reader, registry.get(code), names, setup.scenario.get(code, {}))
        for code, names in stage.operations.items()
        if code in registry
    ]
    begins = datetime.fromisoformat(setup.now).astimezone(ZONE) if setup.now else reader.now.astimezone(ZONE)
    label = {True: reader.t.about("case", "sample"), False: reader.t.about("case", "case")}
    return SetupForm(
        samples=tuple(Choice(row.id, f"{reader.said(row)} · {label[row.is_sample]}") for row in samples),
        sample=setup.sample,
        begins=f"{begins:%Y-%m-%dT%H:%M}",
        by_hand=setup.by_hand,
        calls=setup.calls,
        usual_pace=setup.pace == "usual",
        own=tuple(row for row in rows if row.code in own_codes),
        others=tuple(row for row in rows if row.code not in own_codes),
        changed=sum(row.what != "as-said" for row in rows),
    )


def _scenario(
    reader: Reader, operation: Operation, names: Sequence[tuple[str, str]], chosen: Mapping[str, Any]
) -> ScenarioRow:
    offered = [what for what in SCENARIOS if what != "late" or operation.mode == "callback"]
    if not operation.failures:
        offered.remove("refuse")
    return ScenarioRow(
        code=operation.code,
        name=reader.said(operation),
        adapter=operation.adapter,
        steps=("、" if reader.language != "en" else ", ").join(
            (en if reader.language == "en" else zh) for zh, en in names if zh or en
        ),
        what=str(chosen.get("what", "as-said")),
        refusal=str(chosen.get("code", "")),
        times=int(chosen.get("times") or 1),
        refusals=operation.failures,
        choices=tuple(Choice(what, reader.t(WHAT[what])) for what in offered),
    )
