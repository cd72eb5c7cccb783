"""One migration: what a dry run says, where everything stands before and after, what becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.persistence.repairs import migration_search
from app.persistence.repairs.migration_search import Asked
from app.persistence.scope import area_codes
from app.services.ordering.subject_names import names_of
from app.web.addresses import Addresses
from app.web.charts.small import Part, pieces
from app.web.pages.names import Names
from app.web.pages.studio.migration_drawings import new_drawing, old_drawing
from app.web.pages.studio.migration_mapping import mapping_rows
from app.web.pages.studio.migration_names import TwoVersions
from app.web.pages.studio.migration_parts import BAR_PX, VERDICTS, Desk, instance_rows, progress_of
from app.web.pages.studio.migrations import state_tag
from app.web.pages.studio.processes import said
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.migrations import (
    Choosing,
    ClassCard,
    Counterparts,
    Head,
    Listed,
    MigrationActs,
    MigrationPage,
    ReasonRow,
    Verdicts,
)
from app.web.views.parts import Choice, Pages, Pair, Tab, Tag
from processes.definitions import DefinitionCache
from processes.lifecycle import BulkState
from processes.migration_places import Standing, running_now, standing
from processes.migration_words import SAYINGS
from processes.store.definitions import ProcessDefinition
from processes.store.migrations import Migration, MigrationItem

PAGE_SIZE: Final = 50
PILOT: Final = 5
#: The lists that can be looked at alone.
SHOWN: Final = ("", *VERDICTS, "moved", "refused")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the address says: which instances, from where on, which are picked, and which element is to be mapped."""

    asked: Asked
    offset: int = 0
    mapping: str = ""
    picked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is read once and said in several parts of the page."""

    why: Counter[migration_search.Reason]
    places: Sequence[Standing]
    total: int
    running: int
    refused: int

    @property
    def before(self) -> Counter[str]:
        """How many stand at each element of the old version."""
        standing = Counter[str]()
        for place in self.places:
            if not place.moved:
                standing[place.element_id] += place.instances
        return standing


def migration_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    shown: Mapping[str, Any],
    definitions: DefinitionCache,
    look: Look,
) -> MigrationPage:
    """The page. ``shown`` is the migration as :func:`app.services.studio.migration_desk.one` tells it."""
    migration = session.get_one(Migration, str(shown["id"]))
    picked = migration_search.movable(session, reader.actor, migration, look.picked) if _may_run(shown) else ()
    two = TwoVersions(session, reader, migration, definitions)
    desk = Desk(session, reader, addresses, migration, shown, two, tuple(item.instance_id for item in picked))
    found = _found(desk)
    rows, same = mapping_rows(
        two, found.why, found.before, desk.href, look.mapping, frozen=migration.run_id is not None
    )
    return MigrationPage(
        head=_head(desk),
        verdicts=_verdicts(desk, found, look.asked),
        drawings=(old_drawing(desk, found.before), new_drawing(desk, found.places)),
        counterparts=Counterparts(rows=rows, same=same, href="" if migration.run_id else f"{desk.href}/mapping"),
        listed=_listed(desk, found, look, picked),
        acts=_acts(desk, found),
    )


def _may_run(shown: Mapping[str, Any]) -> bool:
    return shown["state"] == "judged" and bool(shown["counts"]["safe"])


def _found(desk: Desk) -> Found:
    session, migration, actor = desk.session, desk.migration, desk.reader.actor
    found_at = standing(session, migration.id, areas=area_codes(actor))
    return Found(
        why=migration_search.reasons(session, actor, migration.id),
        places=[place for place in found_at if desk.two.stands(place.element_id, moved=place.moved)],
        total=sum(desk.shown["counts"][word] for word in VERDICTS),
        running=running_now(session, migration, areas=area_codes(actor)),
        refused=migration_search.refused(session, actor, migration) if migration.run_id is not None else 0,
    )


def _head(desk: Desk) -> Head:
    reader, migration = desk.reader, desk.migration
    t = reader.t
    return Head(
        href=desk.href,
        name=said(desk.session.get_one(ProcessDefinition, migration.to_id), reader),
        process_href=desk.addresses.process(migration.process_key),
        old=migration.from_version,
        new=migration.to_version,
        tag=state_tag(desk.shown, reader),
        facts=(
            Pair(t("Reason"), migration.reason),
            Pair(t("Planned by"), Names(desk.session, reader).person(migration.created_by)),
            Pair(t("Planned"), reader.time(migration.created_at)),
            Pair(t("Tried"), reader.time(migration.judged_at)),
        ),
        back_of_href=f"/processes/migrations/{migration.back_of}" if migration.back_of else "",
    )


def _verdicts(desk: Desk, found: Found, asked: Asked) -> Verdicts:
    counts, state = desk.shown["counts"], desk.shown["state"]
    return Verdicts(
        total=found.total,
        running=found.running,
        is_stale=state == "judged" and found.running != found.total,
        is_judged=state in ("judged", "carried_out"),
        classes=_classes(desk, found.total, asked),
        pieces=pieces([Part(word, counts[word], VERDICTS[word][4]) for word in VERDICTS], BAR_PX),
        width=BAR_PX,
        reasons=_reasons(desk, found.why),
        judge_href="" if desk.migration.run_id else f"{desk.href}/judge",
    )


def _listed(desk: Desk, found: Found, look: Look, picked: Sequence[MigrationItem]) -> Listed:
    asked = look.asked
    rows, fitting = migration_search.instances(
        desk.session, desk.reader.actor, desk.migration, asked, offset=look.offset, limit=PAGE_SIZE
    )
    items = instance_rows(desk, rows)
    return Listed(
        tabs=_tabs(desk, asked, found.total, found.refused),
        filtered=_filtered(desk, asked, fitting),
        clear_href=desk.at(Asked(show=asked.show)) + "#each",
        number=asked.number,
        show=asked.show,
        items=items,
        pages=Pages.of(
            lambda at: desk.at(asked, offset=str(at or "")) + "#each",
            offset=look.offset,
            shown=len(rows),
            total=fitting,
            size=PAGE_SIZE,
        ),
        export_href=desk.at(asked, format="csv", pick=""),
        choosing=_choosing(desk, look, picked, {item.id for item in items}) if _may_run(desk.shown) else None,
    )


def _choosing(desk: Desk, look: Look, picked: Sequence[MigrationItem], in_list: Container[str]) -> Choosing:
    about = names_of(desk.session, {item.business_key for item in picked})
    asked = look.asked
    kept = {"show": asked.show, "code": asked.code, "element": asked.element_id, "at": asked.at}
    kept["offset"] = str(look.offset or "")
    return Choosing(
        href=f"{desk.href}/choose",
        chosen=tuple(Choice(item.instance_id, about[item.business_key]) for item in picked),
        hidden=tuple(item.instance_id for item in picked if item.instance_id not in in_list),
        kept=tuple((name, value) for name, value in kept.items() if value),
        clear_href=desk.at(asked, pick="") + "#each",
    )


def _acts(desk: Desk, found: Found) -> MigrationActs:
    counts, run_state = desk.shown["counts"], desk.shown["run_state"]
    progress = progress_of(desk, found.refused)
    is_over = desk.migration.run_id is not None and run_state in (BulkState.DONE, BulkState.STOPPED)
    return MigrationActs(
        progress=progress,
        safe=counts["safe"],
        pilot=min(PILOT, counts["safe"]),
        run_href=f"{desk.href}/run" if _may_run(desk.shown) else "",
        back_href=f"{desk.href}/back" if is_over and counts["moved"] else "",
        again_href=f"{desk.href}/again" if is_over and counts["moved"] < found.total and found.running else "",
        polls=progress is not None and run_state == BulkState.RUNNING,
    )


def _classes(desk: Desk, total: int, asked: Asked) -> tuple[ClassCard, ...]:
    t, counts = desk.reader.t, desk.shown["counts"]
    return tuple(
        ClassCard(
            verdict=word,
            tag=Tag(t(text), icon, tone),
            text=t(about),
            count=counts[word],
            share=f"{counts[word] / total:.0%}" if total else "",
            href=desk.at(Asked(show=word)) + "#each",
            current=asked.show == word,
        )
        for word, (text, about, icon, tone, _) in VERDICTS.items()
    )


def _tabs(desk: Desk, asked: Asked, total: int, refused: int) -> tuple[Tab, ...]:
    t, counts = desk.reader.t, desk.shown["counts"]
    numbers = {"": total, **{word: counts[word] for word in VERDICTS}, "moved": counts["moved"], "refused": refused}
    words = {
        "": Sentence("All", "tab"),
        **{word: text for word, (text, *_) in VERDICTS.items()},
        "moved": Sentence("moved", "migration"),
        "refused": Sentence("refused", "migration"),
    }
    shown = [word for word in SHOWN if desk.migration.run_id or word not in ("moved", "refused")]
    return tuple(
        Tab(t(words[word]), desk.at(Asked(show=word)) + "#each", word == asked.show, numbers[word], word == "refused")
        for word in shown
    )


def _filtered(desk: Desk, asked: Asked, fitting: int) -> str:
    """What the list is limited to besides its tab."""
    t = desk.reader.t
    if asked.code in SAYINGS:
        return t("Only for this reason: {name}", name=desk.two.said(asked.code, asked.element_id, "…"))
    if asked.at:
        return t("Only those at “{name}”: {n}", name=desk.two.name(asked.at), n=fitting)
    return t("Only order {number}", number=asked.number) if asked.number else ""


def _reasons(desk: Desk, why: Mapping[migration_search.Reason, int]) -> tuple[ReasonRow, ...]:
    rows = []
    for reason, count in sorted(why.items(), key=lambda pair: (-pair[1], pair[0].code, pair[0].element_id)):
        weight = SAYINGS[reason.code].weight
        text, _, icon, tone, _ = VERDICTS[weight]
        asked = Asked(code=reason.code, element_id=reason.element_id)
        rows.append(
            ReasonRow(
                text=desk.two.said(reason.code, reason.element_id, reason.detail),
                tag=Tag(desk.reader.t(text), icon, tone),
                count=count,
                href=desk.at(asked) + "#each",
            )
        )
    return tuple(rows)
