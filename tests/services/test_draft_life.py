"""A draft has one writer at a time; a save counts once, and what comes too late is kept for whoever wrote it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.deps import Deps
from app.domain.actors import Actor, Role
from app.errors import Conflict, DraftChanged, DraftLocked, Forbidden, InvalidInput, NotFound
from app.persistence.studio.drafts import TEXTS_KEPT, DraftText, ProcessDraft, ProcessPlace
from app.persistence.studio.process_cases import cases_of
from app.services.studio import draft_locks, draft_making, process_drafts, process_folders
from app.services.studio.model_files import KINDS, look_into
from app.services.studio.process_samples import samples
from app.unit_of_work import read, transaction
from processes.canonical import canonical
from tests.processes.drawing import bpmn, flows, start, user
from tests.services.desk import Desk

DRAWN = bpmn(start(), user("a", yz_team="home_field"), flows("s>a"), key="drawn_here")
ANN = Actor(login="designer", role=Role.DESIGNER, area="CN", area_path="CN")
BOB = replace(ANN, login="bob")
EVE = replace(ANN, login="front", role=Role.FRONT_DESK)


def text(number: int) -> bytes:
    return DRAWN + f"<!-- {number} -->".encode()


@pytest.fixture
def deps(office: Desk) -> Deps:
    return office.whole.deps


@pytest.fixture
def draft(deps: Deps) -> ProcessDraft:
    return process_drafts.keep("drawn_here.bpmn", text(0), ANN, deps)[0]


def content(draft_id: str, deps: Deps) -> bytes:
    return process_drafts.source(draft_id, ANN, deps)[1]


def turn_back(draft_id: str, deps: Deps, by: timedelta) -> None:
    """As if everything about this draft had happened so much earlier."""
    with transaction(deps.sessions) as tx:
        row = tx.session.get_one(ProcessDraft, draft_id)
        for name in ("saved_at", "locked_at", "lock_seen_at", "asked_at"):
            if getattr(row, name) is not None:
                setattr(row, name, getattr(row, name) - by)


def test_a_save_that_is_sent_twice_counts_once(deps: Deps, draft: ProcessDraft) -> None:
    for _ in range(2):
        saved, found = process_drafts.change(draft.id, text(1), ANN, deps, revision=1)
        assert saved.revision == 2 and all(row["severity"] != "error" for row in found)
    again, _ = process_drafts.change(draft.id, text(1), ANN, deps, revision=2)
    assert again.revision == 2, "the same text is no other revision"
    with pytest.raises(DraftChanged):
        process_drafts.change(draft.id, text(3), ANN, deps, revision=1)
    assert content(draft.id, deps) == text(1)


def test_one_writes_and_the_other_is_told_who_and_loses_nothing(deps: Deps, draft: ProcessDraft) -> None:
    process_drafts.change(draft.id, text(1), ANN, deps, revision=1)
    with pytest.raises(DraftLocked) as refused:
        draft_locks.lock(draft.id, BOB, deps)
    assert refused.value.facts["locked_by"] == "designer" and refused.value.facts["locked_at"]
    kept = []
    for _ in range(2):
        with pytest.raises(DraftLocked) as refused:
            process_drafts.change(draft.id, text(9), BOB, deps, revision=2, keep_mine=True)
        kept.append(refused.value.facts["draft_id"])
    assert kept[0] == kept[1] != draft.id, "the same text sent again is the same draft"
    assert content(kept[0], deps) == text(9) and content(draft.id, deps) == text(1)
    with pytest.raises(DraftLocked):
        process_drafts.remove(draft.id, BOB, deps)
    draft_locks.release(draft.id, BOB, deps)
    with pytest.raises(DraftLocked):
        draft_locks.lock(draft.id, BOB, deps)
    draft_locks.release(draft.id, ANN, deps)
    assert draft_locks.lock(draft.id, BOB, deps)[0].locked_by == "bob"


def test_a_lock_ends_when_nobody_is_heard_of(deps: Deps, draft: ProcessDraft) -> None:
    draft_locks.lock(draft.id, ANN, deps)
    turn_back(draft.id, deps, draft_locks.IDLE - timedelta(seconds=30))
    with pytest.raises(DraftLocked):
        draft_locks.lock(draft.id, BOB, deps)
    draft_locks.lock(draft.id, ANN, deps)
    turn_back(draft.id, deps, draft_locks.IDLE - timedelta(seconds=30))
    with pytest.raises(DraftLocked):
        draft_locks.lock(draft.id, BOB, deps)
    turn_back(draft.id, deps, timedelta(seconds=31))
    row, _ = draft_locks.lock(draft.id, BOB, deps)
    assert row.locked_by == "bob"
    with pytest.raises(DraftLocked):
        process_drafts.change(draft.id, text(1), ANN, deps, revision=1)


def test_taking_over_asks_first_or_says_so_and_keeps_what_was_saved(deps: Deps, draft: ProcessDraft) -> None:
    process_drafts.change(draft.id, text(1), ANN, deps, revision=1)
    with pytest.raises(DraftLocked):
        draft_locks.take(draft.id, BOB, deps)
    asked, _ = draft_locks.ask(draft.id, BOB, deps)
    assert asked.asked_by == "bob"
    with pytest.raises(Conflict):
        draft_locks.ask(draft.id, replace(ANN, login="carl"), deps)
    with pytest.raises(DraftLocked):
        draft_locks.take(draft.id, BOB, deps)
    assert draft_locks.lock(draft.id, ANN, deps)[0].asked_by == "bob", "whoever writes sees the question"
    with transaction(deps.sessions) as tx:
        row = tx.session.get_one(ProcessDraft, draft.id)
        assert row.asked_at is not None
        row.asked_at -= draft_locks.PATIENCE
    taken, _ = draft_locks.take(draft.id, BOB, deps)
    assert taken.locked_by == "bob" and taken.asked_by is None
    assert next(row.revision for row in process_drafts.earlier(draft.id, ANN, deps)[1]) == 2
    process_drafts.change(draft.id, text(2), BOB, deps, revision=2)
    back, _ = draft_locks.take(draft.id, ANN, deps, force=True)
    assert back.locked_by == "designer"
    assert process_drafts.earlier_text(draft.id, 2, ANN, deps)[1] == text(1)


def test_earlier_texts_are_kept_one_a_minute_and_can_be_gone_back_to(deps: Deps, draft: ProcessDraft) -> None:
    for number in range(1, 4):
        process_drafts.change(draft.id, text(number), ANN, deps, revision=number)
    assert [row.revision for row in process_drafts.earlier(draft.id, ANN, deps)[1]] == [1]
    turn_back(draft.id, deps, timedelta(minutes=-2))
    process_drafts.change(draft.id, text(4), ANN, deps, revision=4)
    assert [row.revision for row in process_drafts.earlier(draft.id, ANN, deps)[1]] == [4, 1]
    gone = process_drafts.go_back(draft.id, 1, ANN, deps)
    assert content(draft.id, deps) == text(0) and gone.revision == 6
    assert process_drafts.earlier_text(draft.id, 5, ANN, deps)[1] == text(4)
    with pytest.raises(NotFound):
        process_drafts.earlier_text(draft.id, 3, ANN, deps)
    process_drafts.remove(draft.id, ANN, deps)
    with read(deps.read_sessions) as session:
        assert session.scalars(select(DraftText).where(DraftText.draft_id == draft.id)).all() == []


def test_no_more_earlier_texts_are_kept_than_said(deps: Deps, draft: ProcessDraft) -> None:
    with transaction(deps.sessions) as tx:
        for number in range(2, TEXTS_KEPT + 5):
            tx.session.add(
                DraftText(draft_id=draft.id, revision=number, content=b"", saved_at=draft.saved_at, saved_by="bob")
            )
        tx.session.execute(update(ProcessDraft).where(ProcessDraft.id == draft.id).values(revision=100))
    process_drafts.change(draft.id, text(1), ANN, deps, revision=100)
    kept = [row.revision for row in process_drafts.earlier(draft.id, ANN, deps)[1]]
    assert len(kept) == TEXTS_KEPT and kept[0] == 100


def test_every_sample_becomes_a_draft_that_could_be_deployed(deps: Deps) -> None:
    assert len(samples()) >= 6
    for each in samples():
        key = f"my_{each.code}"
        made = draft_making.from_sample(each.code, key, ANN, deps, name="我的流程", name_en="My process")
        told = look_into(made.name, made.content)
        assert (told.key, told.name, told.name_en) == (key, "我的流程", "My process")
        assert made.errors == 0 and made.origin == f"sample:{each.code}" and made.folder == each.folder
        with read(deps.read_sessions) as session:
            shipped = {row.name for row in cases_of(session, "process", each.code)}
            assert {row.name for row in cases_of(session, "process", key, made.id)} == shipped != set()
            assert cases_of(session, "process", key) == [], "cases of a draft are not in force"
        process_drafts.remove(made.id, ANN, deps)


def test_a_version_of_each_kind_becomes_a_draft_that_knows_its_base(deps: Deps) -> None:
    for kind, key in (("bpmn", "home_install"), ("dmn", "work_plan"), ("form", "survey_site")):
        made = draft_making.from_version(kind, key, None, ANN, deps)
        assert (made.kind, made.key, made.base_version, made.errors) == (kind, key, 1, 0)
        other = draft_making.from_version(
            kind, key, 1, ANN, deps, new_key=f"other_{kind}", name="别的", name_en="Other"
        )
        assert (other.key, other.title_en, other.base_version, other.errors) == (f"other_{kind}", "Other", None, 0)
        copied = draft_making.copy_of(other.id, ANN, deps)
        if kind != "form":
            with read(deps.read_sessions) as session:
                asked = ("process" if kind == "bpmn" else "decision", f"other_{kind}")
                first, second = (cases_of(session, *asked, each.id) for each in (other, copied))
                assert [row.name for row in first] == [row.name for row in second] != []
        assert copied.content == other.content and copied.base_version is None
        for row in (made, other, copied):
            process_drafts.remove(row.id, ANN, deps)
    with pytest.raises(NotFound):
        draft_making.from_version("bpmn", "home_install", 99, ANN, deps)


def test_nothing_at_all_is_a_beginning_too(deps: Deps) -> None:
    for kind in KINDS:
        made = draft_making.blank(kind, f"fresh_{kind}", ANN, deps, name="新建", name_en="Fresh")
        assert (made.kind, made.key, made.errors) == (kind, f"fresh_{kind}", 0)
        process_drafts.remove(made.id, ANN, deps)


@pytest.mark.parametrize("key", ["", "home_install", "Has Space", "中文", "x" * 90, "a-b", "../x"])
def test_a_key_that_cannot_be_used_is_refused_at_its_field(deps: Deps, key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        draft_making.blank("bpmn", key, ANN, deps, name="新建", name_en="Fresh")
    assert [problem.path for problem in refused.value.details] == ["new_key"]


def test_folders_are_made_renamed_put_in_order_and_removed_when_empty(deps: Deps) -> None:
    made = process_folders.make("试验", "Trials", ANN, deps)
    with pytest.raises(InvalidInput):
        process_folders.make("试验", "Others", ANN, deps)
    process_folders.rename(made.code, "试点", "Pilots", ANN, deps)
    before = {row.code: count for row, count in process_folders.listed(ANN, deps)}
    assert list(before)[-1] == made.code and before[made.code] == 0
    process_folders.shift(made.code, -99, ANN, deps)
    assert process_folders.listed(ANN, deps)[0][0].name_en == "Pilots"
    with read(deps.read_sessions) as session:
        home = session.get_one(ProcessPlace, "home_install").folder
    process_folders.move("home_install", made.code, ANN, deps)
    with pytest.raises(Conflict):
        process_folders.remove(made.code, ANN, deps)
    process_folders.move("home_install", None, ANN, deps)
    process_folders.move("home_install", home, ANN, deps)
    process_folders.remove(made.code, ANN, deps)
    assert made.code not in {row.code for row, _ in process_folders.listed(ANN, deps)}
    with pytest.raises(InvalidInput):
        process_folders.move("home_install", made.code, ANN, deps)


def test_who_may_not_edit_changes_nothing(deps: Deps, draft: ProcessDraft) -> None:
    for forbidden in (
        lambda: process_drafts.change(draft.id, text(1), EVE, deps, revision=1),
        lambda: draft_locks.take(draft.id, EVE, deps, force=True),
        lambda: draft_making.blank("bpmn", "evil", EVE, deps, name="x", name_en="x"),
        lambda: process_folders.make("x", "x", EVE, deps),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    assert canonical(content(draft.id, deps)) == canonical(DRAWN)


@pytest.mark.torture
def test_whoever_is_killed_while_saving_loses_nothing_he_was_told_is_saved(office: Desk, draft: ProcessDraft) -> None:
    deps, chance, told = office.whole.deps, random.Random(11), (0, 1)
    for _ in range(8):
        number, revision = told
        command = [sys.executable, "-m", "tests.services.saving_program", str(deps.settings.database_url), draft.id]
        with subprocess.Popen([*command, str(revision), str(number + 1)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randint(1, 20)):
                number, revision = map(int, writer.stdout.readline().split())
            time.sleep(chance.random() / 50)
            writer.kill()
            for line in writer.stdout.read().splitlines():
                number, revision = map(int, line.split())
        # The text under way may have been saved or not; sent again it is saved once, whatever has become of it.
        assert content(draft.id, deps) in (text(number), text(number + 1))
        again, _ = process_drafts.change(draft.id, text(number + 1), ANN, deps, revision=revision)
        told = (number + 1, again.revision)
        assert again.revision == revision + 1 and content(draft.id, deps) == text(number + 1)
    texts = process_drafts.earlier(draft.id, ANN, deps)[1]
    assert texts and all(row.revision < told[1] for row in texts)
