"""Whether a table for dispatch can be worked with: it names only teams, skills, tiers and products that exist here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.teamwork.dispatch import MODES, Way, listed
from app.domain.words import Words
from app.persistence.people import Team, TeamRole, User
from app.persistence.products.catalogue import OrderType, ProductSpec
from app.persistence.promises.rule_books import tiers
from app.services.teamwork.dispatching import DISPATCH, PRIORITY
from processes.dmn.cell_texts import cell_texts, columns_of, hit_policy
from processes.findings import Finding
from processes.spiff.xmlsource import SourceRefused
from processes.spiff.xmlsource import read as read_xml


@dataclass(frozen=True)
class Shape:
    """What a table for dispatch has to look like, and why its hit policy is the one it is."""

    policy: str
    why: Words
    inputs: frozenset[str]
    outputs: frozenset[str]
    needed: tuple[str, ...]


SHAPES: Final[Mapping[str, Shape]] = {
    DISPATCH: Shape(
        "RULE ORDER",
        Words("不合适的规则由下一条接替", "where a rule finds nobody, the next one is tried"),
        frozenset(
            {"step", "team_role", "skill", "product", "order_type", "tier", "grade", "area_class", "crosses", "on"}
        ),
        frozenset(
            {"rule", "name_zh", "name_en", "choose", "role", "skills", "mode", "accept_min", "otherwise", "within_days"}
        ),
        ("rule", "choose"),
    ),
    PRIORITY: Shape(
        "COLLECT",
        Words("各条规则的分数相加", "the points of all rules that fit are added up"),
        frozenset({"urgency", "tier", "grade", "order_type", "asked_by", "on"}),
        frozenset({"points"}),
        ("points",),
    ),
}
NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "team_role": ("班组类型", "kind of team"),
    "role": ("班组类型", "kind of team"),
    "otherwise": ("班组类型", "kind of team"),
    "skill": ("技能", "skill"),
    "skills": ("技能", "skill"),
    "product": ("产品", "product"),
    "order_type": ("业务类型", "order type"),
    "tier": ("客户等级", "tier"),
    "area_class": ("城乡", "class of area"),
    "crosses": ("跨区域方式", "way to cross areas"),
    "choose": ("选择方式", "way to choose"),
    "mode": ("派单方式", "mode"),
}


def dispatch_findings(session: Session, files: Mapping[str, bytes]) -> list[Finding]:
    """What is wrong with a table for dispatch among these files, each an error; nothing where there is none."""
    found: list[Finding] = []
    for name, body in files.items():
        if not name.endswith(".dmn"):
            continue
        try:
            root = read_xml(body)
        except SourceRefused:
            continue  # said where the file is read
        for key, shape in SHAPES.items():
            if hit_policy(root, key) is not None:
                found += list(_problems(name, root, key, shape, known_words(session)))
    return found


def known_words(session: Session) -> dict[str, Collection[str]]:
    """What the cells of each column may name here."""
    roles = frozenset(session.scalars(select(TeamRole.code)))
    skilled = [*session.scalars(select(Team.skills)), *session.scalars(select(User.skills))]
    skills = frozenset(skill for skills in skilled for skill in skills or ())
    return {
        "team_role": roles,
        "role": roles,
        "otherwise": roles,
        "skill": skills,
        "skills": skills,
        "product": frozenset(session.scalars(select(ProductSpec.code))),
        "order_type": frozenset(session.scalars(select(OrderType.code))),
        "tier": frozenset(tiers(session)),
        "area_class": ("urban", "rural"),
        "crosses": ("areas", "provinces", ""),
        "choose": tuple(Way),
        "mode": MODES,
    }


def _problems(
    file: str, root: etree._Element, key: str, shape: Shape, known: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    policy = hit_policy(root, key)
    if policy != shape.policy:
        yield _finding(
            file,
            "",
            f"命中策略须为 {shape.policy}，不是 {policy}：{shape.why.zh}",
            f"the hit policy has to be {shape.policy}, not {policy}: {shape.why.en}",
        )
    inputs, outputs = columns_of(root, key)
    for name in inputs:
        if name not in shape.inputs:
            yield _finding(file, "", f"派单时没有输入 {name}", f"there is no input {name} when work is dispatched")
    for name in outputs:
        if name not in shape.outputs:
            yield _finding(file, "", f"派单不使用输出 {name}", f"dispatch does not use an output {name}")
    for name in shape.needed:
        if name not in outputs:
            yield _finding(file, "", f"缺少输出 {name}", f"the output {name} is missing")
    for cell in cell_texts(root, key):
        if cell.column not in known or (cell.is_output and not cell.text):
            continue
        for word in listed(cell.text) or ("",):
            if word not in known[cell.column]:
                zh, en = NOUNS[cell.column]
                yield _finding(
                    file,
                    cell.rule_id,
                    f"规则 {cell.rule}：没有{zh} {word}",
                    f"rule {cell.rule}: there is no {en} {word}",
                )


def _finding(file: str, element_id: str, zh: str, en: str) -> Finding:
    return Finding(
        rule="dispatch-invalid",
        severity="error",
        file=file,
        element_id=element_id,
        element_name="",
        message_zh=f"智能派单：{zh}",
        message_en=f"smart dispatch: {en}",
        fix_zh="改用已登记的名称，或先导入班组资料",
        fix_en="name one that exists, or bring in the data of teams first",
        path=DISPATCH,
    )
