"""One migration: what a dry run says, where everything stands before and after, what becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.persistence.repairs import migration_search
from app.persistence.repairs.migration_search import Asked
from app.persistence.scope import area_codes
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
from app.web.views.migrations import ClassCard, MigrationPage, ReasonRow
from app.web.views.parts import Pages, Pair, Tab, Tag
from processes.definitions import DefinitionCache
from processes.lifecycle import BulkState
from processes.migration_places import running_now, standing
from processes.migration_words import SAYINGS
from processes.store.definitions import ProcessDefinition
from processes.store.migrations import Migration

PAGE_SIZE: Final = 50
PILOT: Final = 5
#: The lists that can be looked at alone.
SHOWN: Final = ("", *VERDICTS, "moved", "refused")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the address says: which instances, from where on, and which element is to be mapped."""

    asked: Asked
    offset: int = 0
    mapping: str = ""


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
    two = TwoVersions(session, reader, migration, definitions)
    desk = Desk(session, reader, addresses, migration, shown, two)
    t, counts = reader.t, shown["counts"]
    total = sum(counts[word] for word in VERDICTS)
    running = running_now(session, migration, areas=area_codes(reader.actor))
    found_at = standing(session, migration.id, areas=area_codes(reader.actor))
    places = [place for place in found_at if two.stands(place.element_id, moved=place.moved)]
    why = migration_search.reasons(session, reader.actor, migration.id)
    before = Counter[str]()
    for place in places:
        if not place.moved:
            before[place.element_id] += place.instances
    begun = migration.run_id is not None
    judged = shown["state"] in ("judged", "carried_out")
    open_rows, same_rows = mapping_rows(two, why, before, desk.href, look.mapping, frozen=begun)
    found, fitting = migration_search.instances(
        session, reader.actor, migration, look.asked, offset=look.offset, limit=PAGE_SIZE
    )
    refused = migration_search.refused(session, reader.actor, migration) if begun else 0
    progress = progress_of(desk, refused)
    run_on = progress is not None and shown["run_state"] == BulkState.RUNNING
    is_over = begun and shown["run_state"] in (BulkState.DONE, BulkState.STOPPED)
    newest = session.get_one(ProcessDefinition, migration.to_id)
    return MigrationPage(
        href=desk.href,
        key=migration.process_key,
        name=said(newest, reader),
        process_href=addresses.process(migration.process_key),
        plan_href=f"{addresses.process(migration.process_key)}/migrate",
        old=migration.from_version,
        new=migration.to_version,
        tag=state_tag(shown, reader),
        facts=(
            Pair(t("Reason"), migration.reason),
            Pair(t("Planned by"), Names(session, reader).person(migration.created_by)),
            Pair(t("Planned"), reader.time(migration.created_at)),
            Pair(t("Tried"), reader.time(migration.judged_at)),
        ),
        total=total,
        running=running,
        is_stale=shown["state"] == "judged" and running != total,
        is_judged=judged,
        is_over=is_over,
        classes=_classes(desk, total, look.asked),
        pieces=pieces([Part(word, counts[word], VERDICTS[word][4]) for word in VERDICTS], BAR_PX),
        width=BAR_PX,
        drawings=(old_drawing(desk, before), new_drawing(desk, places)),
        mapping=open_rows,
        same=same_rows,
        reasons=_reasons(desk, why),
        tabs=_tabs(desk, look.asked, total, refused),
        filtered=_filtered(desk, look.asked, fitting),
        clear_href=desk.at(Asked(show=look.asked.show)) + "#each",
        number=look.asked.number,
        show=look.asked.show,
        items=instance_rows(desk, found),
        pages=Pages.of(
            lambda at: desk.at(look.asked, offset=str(at or "")) + "#each",
            offset=look.offset,
            shown=len(found),
            total=fitting,
            size=PAGE_SIZE,
        ),
        export_href=desk.at(look.asked, format="csv"),
        progress=progress,
        safe=counts["safe"],
        pilot=min(PILOT, counts["safe"]),
        judge_href="" if begun else f"{desk.href}/judge",
        mapping_href="" if begun else f"{desk.href}/mapping",
        run_href=f"{desk.href}/run" if shown["state"] == "judged" and counts["safe"] else "",
        back_href=f"{desk.href}/back" if is_over and counts["moved"] else "",
        back_of_href=f"/processes/migrations/{migration.back_of}" if migration.back_of else "",
        again_href=f"{desk.href}/again" if is_over and counts["moved"] < total and running else "",
        polls=run_on,
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
