"""Smart dispatch: its table in words, and a box that says who would get a to-do and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.teamwork.dispatch import Way, said
from app.domain.words import Words
from app.errors import AppError
from app.persistence.areas import Area
from app.persistence.people import Skill, Team
from app.persistence.products.catalogue import OrderType, ProductSpec
from app.persistence.promises.rule_books import current_book, tiers, work_order_types
from app.services.teamwork.dispatch_trial import Tried, kept_of
from app.services.teamwork.dispatching import DISPATCH
from app.web.block_forms import faults_of, filled, with_errors
from app.web.pages.administration.admin_teams import team_href, team_kinds
from app.web.pages.names import Names
from app.web.pages.promises.rule_words import AREA_CLASSES
from app.web.pages.studio.decision_table import sentences_of, stored_table
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Field, Form, PageLink
from app.web.views.parts import Choice, Pair, Tag

BOX: Final = "/dispatch"
WAYS: Final[Mapping[Way, Sentence]] = {
    Way.OF_AREA: Sentence("the nearest team of the area"),
    Way.SAME_PERSON: Sentence("who was there before"),
    Way.OF_TIER: Sentence("the team for this tier"),
    Way.LEADER: Sentence("the team leader"),
    Way.ONE_PERSON: Sentence("one person with the skills"),
    Way.ACCOUNT_MANAGER: Sentence("the customer's account manager"),
}
MODES: Final[Mapping[str, Sentence]] = {"pool": Sentence("into the pool"), "push": Sentence("offered to one person")}
CROSSES: Final[Mapping[str, Sentence]] = {
    "areas": Sentence("several local networks"),
    "provinces": Sentence("several provinces"),
}
#: Columns that say nothing to people: names stand beside the rows, codes do not.
LEFT_OUT: Final = ("rule",)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked, and what came of it."""

    form: Mapping[str, Sequence[str]]
    number: str = ""
    tried: Tried | None = None
    error: AppError | None = None


def dispatch_page(session: Session, reader: Reader, asked: Asked) -> BlockPage:
    """The box, its answer, and the table."""
    t = reader.t
    form = _form(session, reader)
    if asked.form:
        form = with_errors(filled(form, asked.form), asked.error, reader)
    table = stored_table(session, DISPATCH)
    marked = asked.tried.sent.rule.code if asked.tried else ""
    return BlockPage(
        title=t("Dispatch"),
        faults=faults_of(asked.error, form, reader),
        faults_title=t("Dispatch cannot be asked about this"),
        links=(PageLink(t("The drawing of the table"), "/processes", "flow"),),
        blocks=(
            Block(
                id="case",
                title=t("Who would get it?"),
                note=t("Asked as things are now. Nothing is stored."),
                forms=(form,),
            ),
            *((_answer(asked.tried, session, reader),) if asked.tried else ()),
            _why(session, reader, asked.number),
            Block(
                id="table",
                title=t("The table of dispatch"),
                note=t(
                    "Version {n}; every rule that fits is tried from top to bottom until one finds somebody.",
                    n=table.version,
                ),
                grid=sentences_of(
                    table,
                    reader,
                    _names(session, reader),
                    caption=t("The table of dispatch"),
                    named=("name_zh", "name_en"),
                    left_out=LEFT_OUT,
                    marked=marked,
                ),
            ),
        ),
    )


def _form(session: Session, reader: Reader) -> Form:
    t = reader.t
    products = session.scalars(select(ProductSpec).order_by(ProductSpec.position))
    types = session.scalars(select(OrderType).order_by(OrderType.position))
    places = session.scalars(select(Area).order_by(Area.path))
    grades = current_book(session, "sla").get("service_grades", ())
    skills = session.scalars(select(Skill).order_by(Skill.code))

    def chosen(name: str, label: str, choices: Sequence[Choice], *, empty: str | None = None, value: str = "") -> Field:
        return Field(name=name, label=label, kind="select", width=3, value=value, choices=tuple(choices), empty=empty)

    return Form(
        id="case",
        action=BOX,
        method="get",
        submit=t("Ask dispatch"),
        tone="primary",
        icon="nav",
        fields=(
            chosen("role", t("Kind of team"), team_kinds(session, reader), value="home_field"),
            chosen(
                "area",
                t("Area"),
                [Choice(row.code, "　" * row.path.count("/") + reader.said(row)) for row in places],
                value=reader.actor.area,
            ),
            chosen("product", t("Product"), [Choice(row.code, reader.said(row)) for row in products], empty=t("any")),
            chosen("type", t("Order type"), [Choice(row.code, reader.said(row)) for row in types], empty=t("any")),
            chosen("skill", t("Skill"), [Choice(row.code, reader.said(row)) for row in skills], empty=t("none")),
            chosen(
                "tier", t("Customer tier"), [Choice(code, reader.said_in(row)) for code, row in tiers(session).items()]
            ),
            chosen("grade", t("Service grade"), [Choice(row["code"], reader.said_in(row)) for row in grades]),
            chosen(
                "class",
                t("Urban or rural"),
                [Choice(code, reader.words(words)) for code, words in AREA_CLASSES.items()],
            ),
            chosen(
                "crosses",
                t("Its places lie in"),
                [Choice(code, t(text)) for code, text in CROSSES.items()],
                empty=t("one area"),
            ),
            chosen(
                "side", t("Side of town"), [Choice("east", t("East")), Choice("west", t("West"))], empty=t("not known")
            ),
            Field(name="manager", label=t("Account manager (login)"), width=3, longest=64),
            Field(name="step", label=t("Step"), width=3, longest=64, hint=t("Only where a rule asks for it.")),
        ),
    )


def _answer(tried: Tried, session: Session, reader: Reader) -> Block:
    t, sent = reader.t, tried.sent
    names = Names(session, reader)
    words = said(
        {"zh": sent.rule.name.zh, "en": sent.rule.name.en, **_told(tried)}, sent.crew.name if sent.crew else None
    )
    team = reader.words(sent.crew.name) if sent.crew else t("nobody: it stays without a team")
    href = team_href(sent.crew.code) if sent.crew and reader.may("admin.view") else ""
    return Block(
        id="answer",
        title=team,
        tag=Tag(names.person(sent.login), "user", "run") if sent.login else Tag(t("into the pool"), "team", ""),
        pairs=(
            Pair(t("Why"), reader.words(words)),
            Pair(t("Rule"), reader.words(sent.rule.name)),
            Pair(t("How it finds somebody"), t(WAYS[sent.rule.way])),
            Pair(t("Team"), team, href=href),
            Pair(t("Urgency"), str(tried.priority)),
        ),
    )


def _told(tried: Tried) -> dict[str, object]:
    sent = tried.sent
    found: dict[str, object] = {"passed": [dict(one) for one in sent.passed]}
    if sent.login:
        found |= {"login": sent.login, "accept_min": sent.rule.accept_min}
    if sent.load is not None:
        found |= {"open": sent.load.open_items, "people": sent.load.people}
    return found | ({"lacks": list(sent.lacks)} if sent.lacks else {})


def _why(session: Session, reader: Reader, number: str) -> Block:
    """Why a work item that is there went where it lies."""
    t = reader.t
    form = Form(
        id="why",
        action=BOX,
        method="get",
        submit=t("Why did it go there?"),
        fields=(Field(name="number", label=t("Number of a work item"), value=number, width=4, longest=32),),
    )
    lines: tuple[str, ...] = ()
    if number:
        found = kept_of(session, number, reader.actor) if reader.may("item.view") else None
        if found is None:
            lines = (t("There is no such work item in your area."),)
        else:
            item, kept = found
            team = session.get(Team, item.team_code) if item.team_code else None
            words = said(kept, Words(team.name_zh, team.name_en) if team else None)
            lines = (reader.words(words) or t("Nothing is kept of it: no rule was asked."),)
    return Block(id="why", title=t("Why did a work item go there?"), lines=lines, forms=(form,))


def _names(session: Session, reader: Reader) -> dict[str, str]:
    t = reader.t
    found = {row.code: reader.said(row) for row in session.scalars(select(ProductSpec))}
    found |= {row.code: reader.said(row) for row in session.scalars(select(OrderType))}
    found |= {row.code: reader.said(row) for row in session.scalars(select(Skill))}
    found |= {code: reader.said_in(row) for code, row in work_order_types(session).items()}
    found |= {choice.value: choice.text for choice in team_kinds(session, reader)}
    found |= {code: reader.said_in(row) for code, row in tiers(session).items()}
    found |= {code: reader.words(words) for code, words in AREA_CLASSES.items()}
    found |= {code: t(text) for code, text in {**CROSSES, **MODES}.items()}
    return found | {way.value: t(text) for way, text in WAYS.items()}
