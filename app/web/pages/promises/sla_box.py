"""The test box: what would be promised for an order accepted then, day by day, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.errors import AppError
from app.persistence.areas import Area
from app.persistence.products.catalogue import OrderType, ProductSpec
from app.persistence.promises.rule_books import tiers
from app.services.counter.promise_trial import Trial, Tried
from app.web.block_forms import faults_of, filled, with_errors
from app.web.pages.promises.rule_words import AREA_CLASSES, CONDITIONS
from app.web.pages.promises.sla_policies import POLICIES, sla_tabs
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Cell, Column, Field, Form, Grid
from app.web.views.parts import Choice, Pair, Tag

TEST: Final = "/sla/test"
KINDS: Final[Mapping[str, Sentence]] = {
    "promise": Sentence("Promise to the customer"),
    "regulator": Sentence("Limit of the regulator"),
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked, and what came of it."""

    form: Mapping[str, Sequence[str]]
    trial: Trial | None = None
    error: AppError | None = None


def box_page(session: Session, reader: Reader, asked: Asked) -> BlockPage:
    """The form, and below it what would be promised."""
    t = reader.t
    form = _form(session, reader)
    if asked.form:
        form = with_errors(filled(form, asked.form), asked.error, reader)
    results: tuple[Block, ...] = ()
    if asked.trial is not None:
        results = tuple(_result(one, asked.trial, reader, number) for number, one in enumerate(asked.trial.promises))
    return BlockPage(
        title=t("Test box"),
        tabs=sla_tabs(reader, "test"),
        tabs_label=t("Promises"),
        faults=faults_of(asked.error, form, reader),
        faults_title=t("Nothing can be promised for this"),
        blocks=(
            Block(id="case", title=t("What would be promised?"), note=t("Nothing is stored."), forms=(form,)),
            *results,
        ),
    )


def _form(session: Session, reader: Reader) -> Form:
    t = reader.t
    products = session.scalars(select(ProductSpec).order_by(ProductSpec.position))
    types = session.scalars(select(OrderType).order_by(OrderType.position))
    places = session.scalars(select(Area).order_by(Area.path))
    return Form(
        id="case",
        action=TEST,
        method="get",
        submit=t("Work it out"),
        tone="primary",
        icon="clock",
        fields=(
            Field(
                name="product",
                label=t("Product"),
                kind="select",
                width=4,
                choices=tuple(Choice(row.code, reader.said(row)) for row in products if not row.internal),
            ),
            Field(
                name="type",
                label=t("Order type"),
                kind="select",
                width=4,
                choices=tuple(Choice(row.code, reader.said(row)) for row in types),
            ),
            Field(
                name="tier",
                label=t("Customer tier"),
                kind="select",
                width=4,
                choices=tuple(Choice(code, reader.said_in(row)) for code, row in tiers(session).items()),
            ),
            Field(
                name="area",
                label=t("Area"),
                kind="select",
                width=4,
                value=reader.actor.area,
                choices=tuple(Choice(row.code, "　" * row.path.count("/") + reader.said(row)) for row in places),
            ),
            Field(
                name="class",
                label=t("Urban or rural"),
                kind="select",
                width=4,
                choices=tuple(Choice(code, reader.words(words)) for code, words in AREA_CLASSES.items()),
            ),
            Field(
                name="at",
                label=t("Accepted at"),
                kind="moment",
                width=4,
                value=f"{reader.now.astimezone(ZONE):%Y-%m-%dT%H:%M}",
                required=True,
            ),
            Field(
                name="conditions",
                label=t("Special conditions"),
                kind="checks",
                width=12,
                choices=tuple(Choice(code, reader.words(words)) for code, words in CONDITIONS.items()),
            ),
        ),
    )


def _result(tried: Tried, trial: Trial, reader: Reader, number: int) -> Block:
    t, f, promise = reader.t, reader.f, tried.promise
    return Block(
        id=f"result-{number}",
        title=t(KINDS[promise.kind]),
        tag=Tag(f.promise(promise.due_at), "clock", "run"),
        note=t("provisional: the holidays of that year are not published") if promise.provisional else "",
        pairs=(
            Pair(
                t("Policy"), trial.policy_name.in_language(reader.language), href=f"{POLICIES}/policies/{trial.policy}"
            ),
            Pair(t("Begins"), f.promise(promise.started_at)),
            Pair(
                t("Why"),
                "；".join(reader.words(one) for one in promise.reasons)
                if reader.language != "en"
                else "; ".join(reader.words(one) for one in promise.reasons),
            ),
            Pair(t("Calendar"), reader.words(tried.calendar.name)),
            Pair(t("Working time until then"), f.working(sum((day.worked for day in tried.days), timedelta()))),
            Pair(
                t("Rules"),
                t(
                    "promises version {sla}, calendars version {calendars}",
                    sla=trial.rules.sla_version,
                    calendars=trial.rules.calendar_version,
                ),
            ),
        ),
        grid=Grid(
            caption=t("Day by day"),
            icon="cal",
            columns=(
                Column(t("Day")),
                Column(t("Hours of the calendar")),
                Column(t("Counts"), num=True),
                Column(t("Note")),
            ),
            rows=tuple(
                (
                    Cell(f.dated(datetime.combine(day.day, datetime.min.time(), ZONE))),
                    Cell(" ".join(f"{opens}–{closes}" for opens, closes in day.spans) or t("day off"), wrap=True),
                    Cell(f.working(day.worked) if day.worked else "–", num=True),
                    Cell(reader.words(day.note)),
                )
                for day in tried.days
            ),
        ),
    )
