"""What is owed for broken promises, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from app.domain.promises.compensation import CompensationRule
from app.domain.promises.compensation_lifecycle import NAMES, CompensationState
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.rule_versions import rules_at
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.promises.sla_desk import PAGE_SIZE, note_fields, pages_of, state_search, subject_href
from app.web.pages.promises.sla_policies import sla_tabs
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Form, Grid
from app.web.views.parts import Tag

COMPENSATION: Final = "/sla/compensation"
WAITING: Final = frozenset({CompensationState.PROPOSED, CompensationState.SECOND_WANTED, CompensationState.TAKE_BACK})


def compensation_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    rows: Sequence[tuple[Compensation, str]],
    state: str,
    offset: int,
) -> BlockPage:
    """What is owed for broken promises, and what waits for a decision; ``rows`` may hold one more than is shown."""
    t, f, names = reader.t, reader.f, Names(session, reader)
    shown = rows[:PAGE_SIZE]
    names.know_people(row.decided_by for row, _ in shown)
    book = rules_at(session, reader.now).book
    return BlockPage(
        title=t("Compensation"),
        tabs=sla_tabs(reader, "compensation"),
        tabs_label=t("Promises"),
        search=state_search(reader, COMPENSATION, state, {one.value: NAMES[one] for one in CompensationState}),
        blocks=(
            Block(
                id="owed",
                title=t("Owed for broken promises"),
                note=t(
                    "Up to {small} is approved by itself; above {large} a second person agrees.",
                    small=f.money(book.automatic_up_to),
                    large=f.money(book.second_person_above),
                ),
                grid=Grid(
                    caption=t("Owed for broken promises"),
                    icon="file",
                    columns=(
                        Column(t("Order")),
                        Column(t("Rule")),
                        Column(t("Amount"), num=True),
                        Column(t("To be paid by")),
                        Column(t("State")),
                        Column(t("Actions"), hidden=True),
                    ),
                    rows=tuple(
                        _owed(row, number, reader, addresses, names, book.compensation) for row, number in shown
                    ),
                    empty=t("Nothing is owed to anybody."),
                    pages=pages_of(COMPENSATION, {"state": state}, offset, len(shown), offset + len(rows)),
                ),
            ),
        ),
    )


def _owed(
    row: Compensation,
    number: str,
    reader: Reader,
    addresses: Addresses,
    names: Names,
    rules: Mapping[str, CompensationRule],
) -> tuple[Cell, ...]:
    t, f, state = reader.t, reader.f, CompensationState(row.state)
    here = f"{COMPENSATION}/{row.id}"
    acts: tuple[Form, ...] = ()
    second = state is CompensationState.SECOND_WANTED
    if state in WAITING and reader.may("compensation.decide") and not (second and row.decided_by == reader.actor.login):
        back = state is CompensationState.TAKE_BACK
        acts = (
            Form(
                id=f"a{row.id[-6:]}",
                action=f"{here}/approve",
                submit=t("Take it back") if back else t("Approve"),
                fields=note_fields(reader, required=False),
            ),
            Form(
                id=f"n{row.id[-6:]}",
                action=f"{here}/refuse",
                submit=t("It stays") if back else t("Refuse"),
                tone="danger",
                fields=note_fields(reader, required=True),
            ),
        )
    rule = rules.get(row.rule)
    who = " · ".join(part for part in (names.person(row.decided_by), row.decision_note) if part)
    is_order = number.startswith(("O-", "T-"))
    return (
        Cell(number, href=subject_href(number, addresses) if is_order else ""),
        Cell(reader.words(rule.name) if rule else row.rule, wrap=True),
        Cell(f.money(row.amount_cny), num=True),
        Cell(f.moment(row.payout_due_at)),
        Cell(
            "",
            tag=Tag(
                reader.words(NAMES[state]), "clock" if state in WAITING else "done", "warn" if state in WAITING else ""
            ),
            sub=who,
            wrap=True,
        ),
        Cell("", forms=acts),
    )
