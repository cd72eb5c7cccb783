"""Promises: the policies that hold, and one of them with everything that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ROUND_THE_CLOCK
from app.domain.promises.sla_book import SlaBook
from app.domain.promises.step_target import step_level
from app.errors import NotFound
from app.persistence.products.catalogue import OrderType, ProductSpec
from app.persistence.promises.rule_books import current_book, tiers
from app.persistence.promises.rule_versions import RuleVersion, in_force, rules_at
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.scope import scoped
from app.services.promises.sla_choice import ORDERS, REPAIRS
from app.web.pages.names import Names
from app.web.pages.promises.rule_words import compensation_said, condition_names, level_said, target_said
from app.web.pages.studio.decision_table import StoredTable, grid_of, one_language, stored_table
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Grid, PageLink
from app.web.views.parts import Pair, Tab

POLICIES: Final = "/sla"


def sla_tabs(reader: Reader, here: str) -> tuple[Tab, ...]:
    """The pages about promises."""
    t = reader.t
    places = (
        ("policies", t("Policies"), POLICIES, "rules.view"),
        ("test", t("Test box"), "/sla/test", "rules.view"),
        ("calendars", t("Calendars"), "/sla/calendars", "rules.view"),
        ("stops", t("Stops"), "/sla/stops", "order.view"),
        ("breaches", t("Broken promises"), "/sla/breaches", "order.view"),
        ("compensation", t("Compensation"), "/sla/compensation", "order.view"),
    )
    return tuple(Tab(text, href, name == here) for name, text, href, right in places if reader.may(right))


def policies_page(session: Session, reader: Reader) -> BlockPage:
    """What is promised: every policy with how long, and when it applies."""
    t = reader.t
    open_clocks = _open_clocks(session, reader)
    return BlockPage(
        title=t("Promises"),
        tabs=sla_tabs(reader, "policies"),
        tabs_label=t("Promises"),
        links=(
            *((PageLink(t("Bring in rules"), "/sla/rules", "up"),) if reader.may("sla.rules") else ()),
            PageLink(t("Rules as a file"), "/api/v1/rules/sla/export", "dl", download=True),
        ),
        blocks=(
            _order_policies(session, reader, open_clocks),
            _repair_policies(session, reader, open_clocks),
            _step_levels(session, reader),
        ),
    )


def _step_levels(session: Session, reader: Reader) -> Block:
    t, book, calendars = reader.t, current_book(session, "sla"), _calendars(session, reader)
    teams = t("that of the team")
    return Block(
        id="steps",
        title=t("Single steps"),
        note=t("Levels that drawings give to their steps, instead of a time of their own or the usual one."),
        grid=Grid(
            caption=t("Single steps"),
            icon="clock",
            columns=(Column(t("SLA level")), Column(t("Time")), Column(t("Calendar"))),
            rows=tuple(
                (
                    Cell(policy_name(row, reader), sub=row["code"], wrap=True),
                    Cell(target_said(row["target"], reader)),
                    Cell(_calendar_of(row, reader, calendars) or teams),
                )
                for row in book.get("step_levels", ())
            ),
            empty=t("There is no level."),
        ),
    )


def _calendar_of(row: Mapping[str, Any], reader: Reader, calendars: Mapping[str, str]) -> str:
    code = step_level(row).calendar
    return reader.t("round the clock") if code == ROUND_THE_CLOCK else calendars.get(code, code)


def policy_page(session: Session, reader: Reader, code: str) -> BlockPage:
    """One policy: for which orders, what is alarmed, what an overrun costs, and how it was before.

    :raises NotFound: there is none of this code.
    """
    t = reader.t
    row = next((one for one in current_book(session, "sla")["order_policies"] if one["code"] == code), None)
    if row is None:
        raise NotFound
    rules = rules_at(session, reader.now)
    table = stored_table(session, ORDERS)
    fits = [rule.rule_id for rule in table.rules if f'"{code}"' in rule.cells[table.inputs :]]
    versions = session.scalars(select(RuleVersion).where(RuleVersion.code == "sla").order_by(RuleVersion.version)).all()
    holds = in_force(session, "sla", reader.now)
    names = Names(session, reader)
    names.know_people(version.made_by for version in versions)
    return BlockPage(
        title=policy_name(row, reader),
        about=code,
        crumbs=(Crumb(t("Promises"), POLICIES), Crumb(policy_name(row, reader))),
        facts=(
            Pair(t("Promise"), _promise(row, reader)),
            Pair(t("Regulator"), target_said(row.get("regulator"), reader)),
            Pair(t("Calendar"), _calendars(session, reader).get(row["calendar"], row["calendar"])),
            Pair(t("Version in force"), str(holds.version) if holds else "–"),
            Pair(t("Open clocks"), str(_open_clocks(session, reader).get(code, 0))),
        ),
        blocks=(
            Block(
                id="rules",
                title=t("For which orders"),
                note=t("Rows of the table of promises, version {n}", n=table.version),
                grid=grid_of(
                    table,
                    reader,
                    code_names(session, reader),
                    caption=t("For which orders"),
                    only=fits,
                    left_out=("policy",),
                ),
            ),
            _ladder(reader, rules.book, row["jeopardy_ladder"]),
            _costs(session, reader, row.get("compensation", ())),
            Block(
                id="history",
                title=t("How it was before"),
                grid=Grid(
                    caption=t("How it was before"),
                    columns=(
                        Column(t("Version")),
                        Column(t("Holds from")),
                        Column(t("Promise")),
                        Column(t("Regulator")),
                        Column(t("Who")),
                        Column(t("Reason")),
                    ),
                    rows=tuple(_history(versions, code, reader, names)),
                    empty=t("It has always been like this."),
                ),
            ),
        ),
    )


def policy_name(row: Mapping[str, Any], reader: Reader) -> str:
    """What a policy is called; its code where whoever brought it in gave it no name."""
    return reader.said_in(row) or str(row["code"])


def code_names(session: Session, reader: Reader) -> dict[str, str]:
    """Names for the codes in the cells of the tables of promises."""
    found = {row.code: reader.said(row) for row in session.scalars(select(ProductSpec))}
    found |= {row.code: reader.said(row) for row in session.scalars(select(OrderType))}
    found |= {code: reader.said_in(row) for code, row in tiers(session).items()}
    return found | condition_names(reader)


def _promise(row: Mapping[str, Any], reader: Reader) -> str:
    said = target_said(row["promise"], reader)
    if row.get("acceptance_rule"):
        return reader.t("{target}, or by the hour of acceptance", target=said)
    return reader.t("as the order asks, else {target}", target=said) if row.get("as_asked") else said


def _order_policies(session: Session, reader: Reader, open_clocks: Mapping[str, int]) -> Block:
    t = reader.t
    notes = _notes(stored_table(session, ORDERS), reader)
    calendars = _calendars(session, reader)
    return Block(
        id="policies",
        title=t("Orders"),
        note=t("Which one applies is decided by the table of promises, from top to bottom."),
        grid=Grid(
            caption=t("Orders"),
            icon="clock",
            columns=(
                Column(t("Policy")),
                Column(t("Promise")),
                Column(t("Regulator")),
                Column(t("Calendar")),
                Column(t("When it applies")),
                Column(t("Open clocks"), num=True),
            ),
            rows=tuple(
                (
                    Cell(
                        policy_name(row, reader),
                        href=f"{POLICIES}/policies/{quote(row['code'])}",
                        sub=row["code"],
                        wrap=True,
                    ),
                    Cell(_promise(row, reader)),
                    Cell(target_said(row.get("regulator"), reader)),
                    Cell(calendars.get(row["calendar"], row["calendar"])),
                    Cell(notes.get(row["code"], ""), wrap=True),
                    Cell(str(open_clocks.get(row["code"], 0)), num=True),
                )
                for row in current_book(session, "sla")["order_policies"]
            ),
        ),
    )


def _repair_policies(session: Session, reader: Reader, open_clocks: Mapping[str, int]) -> Block:
    t = reader.t
    repairs = _notes(stored_table(session, REPAIRS), reader)
    return Block(
        id="repairs",
        title=t("Repairs"),
        grid=Grid(
            caption=t("Repairs"),
            icon="clock",
            columns=(
                Column(t("Policy")),
                Column(t("Respond within")),
                Column(t("Repaired within")),
                Column(t("Regulator")),
                Column(t("When it applies")),
                Column(t("Open clocks"), num=True),
            ),
            rows=tuple(
                (
                    Cell(policy_name(row, reader), sub=row["code"], wrap=True),
                    Cell(t("{n} minutes", n=row["respond_min"])),
                    Cell(t("{n} hours", n=row["repair_hours"])),
                    Cell(t("{n} hours", n=row["regulator_hours"]) if row.get("regulator_hours") else "–"),
                    Cell(repairs.get(row["code"], ""), wrap=True),
                    Cell(str(open_clocks.get(row["code"], 0)), num=True),
                )
                for row in current_book(session, "sla")["ticket_policies"]
            ),
        ),
    )


def _ladder(reader: Reader, book: SlaBook, code: str) -> Block:
    t = reader.t
    return Block(
        id="ladder",
        title=t("Who hears of it when"),
        grid=Grid(
            caption=t("Who hears of it when"),
            icon="bell",
            columns=(Column(t("Level")), Column(t("Time used"), num=True), Column(t("Who hears of it"))),
            rows=tuple(
                (
                    Cell(reader.words(level.name)),
                    Cell(f"{level.percent} %", num=True),
                    Cell(level_said(level, reader), wrap=True),
                )
                for level in book.ladders[code]
            ),
        ),
    )


def _costs(session: Session, reader: Reader, codes: Sequence[str]) -> Block:
    t = reader.t
    rules = {row["code"]: row for row in current_book(session, "sla")["compensation_rules"]}
    return Block(
        id="costs",
        title=t("What an overrun costs"),
        grid=Grid(
            caption=t("What an overrun costs"),
            columns=(Column(t("Rule")), Column(t("Amount")), Column(t("Credited within"))),
            rows=tuple(
                (
                    Cell(reader.said_in(rules[code]), sub=code, wrap=True),
                    Cell(compensation_said(rules[code], reader), wrap=True),
                    Cell(t("{n} days", n=rules[code]["payout_days"])),
                )
                for code in codes
                if code in rules
            ),
            empty=t("Nothing is owed to the customer."),
        ),
    )


def _history(versions: Sequence[RuleVersion], code: str, reader: Reader, names: Names) -> list[tuple[Cell, ...]]:
    """The versions in which this policy was another one, the newest first."""
    found: list[tuple[Cell, ...]] = []
    before: Any = None
    for version in versions:
        row = next((one for one in version.body["order_policies"] if one["code"] == code), None)
        if row is not None and row != before:
            since = reader.t("from the beginning") if version.version == 1 else reader.f.full(version.effective_from)
            found.append(
                (
                    Cell(str(version.version)),
                    Cell(since),
                    Cell(_promise(row, reader)),
                    Cell(target_said(row.get("regulator"), reader)),
                    Cell(names.person(version.made_by)),
                    Cell(reader.t("Came with the product") if version.made_by == "system" else version.note, wrap=True),
                )
            )
        before = row
    return found[::-1]


def _notes(table: StoredTable, reader: Reader) -> dict[str, str]:
    """What is noted beside the rules that lead to a policy."""
    found: dict[str, list[str]] = {}
    for rule in table.rules:
        for cell in rule.cells[table.inputs :]:
            said = one_language(rule.note, reader)
            known = found.setdefault(cell.strip('"'), [])
            if said and said not in known:
                known.append(said)
    return {code: "；".join(said) if reader.language != "en" else "; ".join(said) for code, said in found.items()}


def _calendars(session: Session, reader: Reader) -> dict[str, str]:
    rows = current_book(session, "calendars")["calendars"]
    return {row["code"]: reader.said_in(row) for row in rows} | {"area_default": reader.t("that of the area")}


def _open_clocks(session: Session, reader: Reader) -> dict[str, int]:
    query = scoped(select(SlaClock.policy, func.count()), SlaClock, reader.actor)
    query = query.where(SlaClock.stopped_at.is_(None), SlaClock.kind == "promise").group_by(SlaClock.policy)
    return {row.policy: row[1] for row in session.execute(query)}
