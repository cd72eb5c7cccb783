"""Stops of clocks that wait for somebody, and broken promises that want a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from app.domain.words import Words
from app.persistence.promises.rule_versions import rules_at
from app.services.promises.breaches import Breach
from app.services.promises.sla_stops import Stop
from app.web.addresses import Addresses, with_arguments
from app.web.pages.names import Names
from app.web.pages.promises.sla_policies import sla_tabs
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Cell, Column, Field, Form, Grid
from app.web.views.parts import Choice, Pages, Tag, Tone

STOPS: Final = "/sla/stops"
BREACHES: Final = "/sla/breaches"
PAGE_SIZE: Final = 50
STOP_STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "asked": (Sentence("waits to be agreed to"), "clock", "warn"),
    "in_force": (Sentence("counts"), "done", "ok"),
    "refused": (Sentence("stop refused"), "slash", ""),
    "revoked": (Sentence("taken back", "stop"), "undo", ""),
}
BREACH_STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "open": (Sentence("wants a cause"), "alert", "bad"),
    "closed": (Sentence("cause named"), "done", ""),
    "fallen": (Sentence("kept after all"), "undo", ""),
}
KINDS: Final[Mapping[str, Sentence]] = {
    "promise": Sentence("Promise to the customer"),
    "regulator": Sentence("Limit of the regulator"),
}


def subject_href(number: str, addresses: Addresses) -> str:
    """The page of an order or a ticket."""
    return addresses.ticket(number) if number.startswith("T-") else addresses.order(number) if number else ""


def stops_page(
    session: Session, reader: Reader, addresses: Addresses, rows: Sequence[Stop], state: str, offset: int
) -> BlockPage:
    """Stops of clocks; those that wait can be agreed to here."""
    t, names = reader.t, Names(session, reader)
    shown = rows[offset : offset + PAGE_SIZE]
    names.know_people(row.spell.who for row in shown)
    return BlockPage(
        title=t("Stops"),
        tabs=sla_tabs(reader, "stops"),
        tabs_label=t("Promises"),
        search=state_search(reader, STOPS, state, {code: said[0] for code, said in STOP_STATES.items()}),
        blocks=(
            Block(
                id="stops",
                title=t("Stops of promise clocks"),
                note=t("What is agreed to counts from the moment it was asked for."),
                grid=Grid(
                    caption=t("Stops of promise clocks"),
                    icon="pause",
                    columns=(
                        Column(t("Order")),
                        Column(t("Reason")),
                        Column(t("Stands")),
                        Column(t("Who")),
                        Column(t("State")),
                        Column(t("Actions"), hidden=True),
                    ),
                    rows=tuple(_stop(row, reader, addresses, names) for row in shown),
                    empty=t("No clock stands still for such a reason."),
                    pages=pages_of(STOPS, {"state": state}, offset, len(shown), len(rows)),
                ),
            ),
        ),
    )


def _stop(row: Stop, reader: Reader, addresses: Addresses, names: Names) -> tuple[Cell, ...]:
    t, f, spell = reader.t, reader.f, row.spell
    here = f"{STOPS}/{spell.stop_id}"
    acts: list[Form] = []
    if spell.state == "asked" and reader.may("sla.decide") and spell.who != reader.actor.login:
        acts.append(
            Form(
                id=f"a{spell.id[-6:]}",
                action=f"{here}/agree",
                submit=t("Agree"),
                fields=note_fields(reader, required=False),
            )
        )
        acts.append(
            Form(
                id=f"n{spell.id[-6:]}",
                action=f"{here}/refuse",
                submit=t("Refuse"),
                tone="danger",
                fields=note_fields(reader, required=True),
            )
        )
    elif spell.state == "in_force" and reader.may("sla.revoke"):
        acts.append(
            Form(
                id=f"r{spell.id[-6:]}",
                action=f"{here}/revoke",
                submit=t("It was false"),
                tone="danger",
                fields=note_fields(reader, required=True),
            )
        )
    until = f.moment(spell.to_at) if spell.to_at else t("until now")
    return (
        Cell(row.number, href=subject_href(row.number, addresses), sub=t("{n} clocks", n=row.clocks)),
        Cell(reader.words(row.reason), sub=spell.evidence or "", wrap=True),
        Cell(f"{f.moment(spell.from_at)} – {until}"),
        Cell(names.person(spell.who)),
        Cell("", tag=_tag(STOP_STATES, spell.state, reader)),
        Cell("", forms=tuple(acts)),
    )


def breaches_page(
    session: Session, reader: Reader, addresses: Addresses, rows: Sequence[Breach], state: str, offset: int
) -> BlockPage:
    """Broken promises; somebody has to name the cause of each."""
    t, f, names = reader.t, reader.f, Names(session, reader)
    shown = rows[offset : offset + PAGE_SIZE]
    names.know_people(row.row.closed_by for row in shown)
    causes = rules_at(session, reader.now).book.breach_causes
    return BlockPage(
        title=t("Broken promises"),
        tabs=sla_tabs(reader, "breaches"),
        tabs_label=t("Promises"),
        search=state_search(reader, BREACHES, state, {code: said[0] for code, said in BREACH_STATES.items()}),
        blocks=(
            Block(
                id="breaches",
                title=t("Broken promises"),
                note=t("A breach is closed by naming its cause; figures are made of the causes."),
                grid=Grid(
                    caption=t("Broken promises"),
                    icon="alert",
                    columns=(
                        Column(t("Order")),
                        Column(t("What was broken")),
                        Column(t("Was due")),
                        Column(t("State")),
                        Column(t("Cause")),
                        Column(t("Actions"), hidden=True),
                    ),
                    rows=tuple(
                        (
                            Cell(row.number, href=subject_href(row.number, addresses)),
                            Cell(t(KINDS[row.row.kind]) if row.row.kind in KINDS else row.row.kind),
                            Cell(f.moment(row.row.due_at)),
                            Cell("", tag=_tag(BREACH_STATES, row.row.state, reader)),
                            Cell(
                                reader.words(row.cause) if row.cause else "–",
                                sub=_closed(row, reader, names),
                                wrap=True,
                            ),
                            Cell(
                                "",
                                forms=(_cause_form(row.row.id, causes, reader),)
                                if row.row.state == "open" and reader.may("sla.cause")
                                else (),
                            ),
                        )
                        for row in shown
                    ),
                    empty=t("No promise was broken."),
                    pages=pages_of(BREACHES, {"state": state}, offset, len(shown), len(rows)),
                ),
            ),
        ),
    )


def _cause_form(breach_id: str, causes: Mapping[str, Words], reader: Reader) -> Form:
    t = reader.t
    return Form(
        id=f"c{breach_id[-6:]}",
        action=f"{BREACHES}/{breach_id}/close",
        submit=t("Name the cause"),
        fields=(
            Field(
                name="cause",
                label=t("Cause"),
                kind="select",
                required=True,
                empty=t("Choose"),
                width=12,
                choices=tuple(Choice(code, reader.words(words)) for code, words in causes.items()),
            ),
            Field(name="note", label=t("Remark"), width=12, longest=300),
        ),
    )


def _closed(row: Breach, reader: Reader, names: Names) -> str:
    if not row.row.closed_by:
        return ""
    return " · ".join(part for part in (names.person(row.row.closed_by), row.row.note) if part)


def note_fields(reader: Reader, *, required: bool) -> tuple[Field, ...]:
    """A reason, or a remark that may be left out."""
    label = reader.t("Reason") if required else reader.t("Remark")
    return (Field(name="note", label=label, required=required, width=12, longest=300),)


def _tag(states: Mapping[str, tuple[Sentence, str, Tone]], state: str, reader: Reader) -> Tag:
    if state not in states:
        return Tag(state, "info", "")
    said, icon, tone = states[state]
    return Tag(reader.t(said), icon, tone)


def state_search(reader: Reader, action: str, state: str, states: Mapping[str, Sentence | Words]) -> Form:
    """Which state is shown."""
    t = reader.t
    choices = tuple(
        Choice(code, reader.words(said) if isinstance(said, Words) else t(said)) for code, said in states.items()
    )
    return Form(
        action=action,
        submit=t("Filter"),
        method="get",
        fields=(
            Field(name="state", label=t("State"), kind="select", value=state, empty=t("All states"), choices=choices),
        ),
    )


def pages_of(address: str, here: Mapping[str, str], offset: int, shown: int, total: int) -> Pages:
    """The ways to the rows before and after."""

    def at(where: int) -> str:
        return with_arguments(address, {**here, "offset": str(where)})

    return Pages.of(at, offset=offset, shown=shown, total=total, size=PAGE_SIZE)
