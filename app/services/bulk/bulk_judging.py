"""The lines of a sheet are judged as the orders they would be; what the database knows is asked for all at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.bulk.bulk_columns import read_headings
from app.domain.bulk.bulk_lines import Context, LineReader, twice
from app.domain.command_data import command_data
from app.domain.commands import PlaceOrder
from app.domain.sheets import SheetRefused, Table
from app.errors import FieldProblem, InvalidInput
from app.persistence.counter.customers import InstalledProduct
from app.persistence.products.catalogue_in_force import apply_due
from app.persistence.products.catalogue_reader import load_catalogue
from app.services.counter.order_judging import judge_all


def judged_lines(
    session: Session, table: Table, channel: str, actor: Actor, deps: Deps, now: datetime
) -> tuple[list[LineReader], list[PlaceOrder | None]]:
    """Every line of a sheet read and judged, in the order of the sheet.

    :raises InvalidInput: the sheet as a whole cannot be taken.
    """
    apply_due(session, now)
    catalogue = load_catalogue(session)
    if channel not in catalogue.channels:
        raise InvalidInput(f"there is no channel {channel}", f"没有渠道 {channel}")
    with as_refusal():
        headings = read_headings(table.headings, catalogue, line=table.heading_line)
    place = headings.named.get("product_id")
    numbers = {line.cells[place] for line in table.lines} - {""} if place is not None else set()
    context = Context(headings, catalogue, channel, _products(session, numbers))
    readers = [LineReader(line, context) for line in table.lines]
    commands = [reader.read() for reader in readers]
    twice(readers)
    known = [command for command in commands if command is not None]
    judged = iter(judge_all(session, known, actor, deps, now, catalogue=catalogue))
    for reader, command in zip(readers, commands, strict=True):
        if command is None:
            continue
        verdict = next(judged)
        conflicts = [replace(one, path="productOrderItem.0.product.id") for one in verdict.conflicts()]
        for problem in [*verdict.problems, *conflicts]:
            reader.blame_field(problem)
    return readers, commands


def outcome_of(reader: LineReader, command: PlaceOrder | None) -> dict[str, Any]:
    """What is kept of a line: its cells, the order it asks for if it is good, and what is wrong with it."""
    good = command is not None and not reader.problems
    return {
        "cells": list(reader.line.cells),
        "command": command_data(command) if good and command is not None else None,
        "problems": [problem.as_data() for problem in reader.problems],
    }


@contextmanager
def as_refusal() -> Iterator[None]:
    """What a sheet is refused for, as the error that callers see."""
    try:
        yield
    except SheetRefused as error:
        path = error.cell or "file"
        detail = FieldProblem(path=path, code=error.code, zh=error.zh, en=error.en)
        raise InvalidInput(f"{path}: {error.en}", f"{path}：{error.zh}", details=[detail]) from error


def _products(session: Session, numbers: set[str]) -> dict[str, str]:
    query = select(InstalledProduct.product_id, InstalledProduct.product)
    rows = session.execute(query.where(InstalledProduct.product_id.in_(numbers))).all() if numbers else []
    return {row.product_id: row.product for row in rows}
