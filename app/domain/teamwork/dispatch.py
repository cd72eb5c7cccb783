"""Who gets a to-do: which team, and whether it is offered to one person of it. Plain rules over plain facts.

The decision table ``dispatch`` answers rules in order (:class:`Rule`); the first that finds somebody counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from app.domain.words import Words


class Way(StrEnum):
    """How a rule finds a team, and a person of it."""

    OF_AREA = "of_area"
    SAME_PERSON = "same_person"
    OF_TIER = "of_tier"
    LEADER = "leader"
    ONE_PERSON = "one_person"
    ACCOUNT_MANAGER = "account_manager"


#: These name a person or do not fit; the others are content with a team.
PERSONAL: Final = frozenset({Way.SAME_PERSON, Way.LEADER, Way.ONE_PERSON})
PUSH: Final = "push"
POOL: Final = "pool"
MODES: Final = (POOL, PUSH)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known of a to-do. ``crosses``: ``areas`` or ``provinces`` where its places do; ``side`` of town of the
    address; ``on`` is the day in the area."""

    step: str
    role: str
    skill: str = ""
    product: str = ""
    order_type: str = ""
    tier: str = "standard"
    grade: str = "normal"
    area_class: str = "urban"
    crosses: str = ""
    side: str = ""
    account_manager: str = ""
    on: date

    def inputs(self) -> dict[str, str]:
        """What the decision table is asked with."""
        names = ("step", "skill", "product", "order_type", "tier", "grade", "area_class", "crosses")
        return {name: getattr(self, name) for name in names} | {"team_role": self.role, "on": self.on.isoformat()}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row that fits. ``role``: of which the team is, where it is not the one of the step; ``skills`` are needed
    beside that of the step; ``otherwise``: the role it goes to when nobody accepts in ``accept_min`` minutes."""

    code: str
    name: Words
    way: Way
    role: str = ""
    skills: tuple[str, ...] = ()
    mode: str = POOL
    accept_min: int = 30
    otherwise: str = ""
    within_days: int = 7

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Rule:
        """Read a row of the decision. :raises ValueError: it finds a team in a way that is not known."""
        code = str(row.get("rule") or "")
        return cls(
            code=code,
            name=Words(str(row.get("name_zh") or code), str(row.get("name_en") or code)),
            way=Way(str(row.get("choose") or "")),
            role=str(row.get("role") or ""),
            skills=listed(row.get("skills")),
            mode=PUSH if row.get("mode") == PUSH else POOL,
            accept_min=int(row.get("accept_min") or 30),
            otherwise=str(row.get("otherwise") or ""),
            within_days=int(row.get("within_days") or 7),
        )


#: Where no rule fits, or no table is deployed: the team of the role nearest to the place.
PLAIN: Final = Rule(code="", name=Words("无规则", "no rule"), way=Way.OF_AREA)


@dataclass(frozen=True, kw_only=True)
class Crew:
    """A team. ``area_path`` names its area from the top; no ``tiers`` and no ``districts`` mean all of them."""

    code: str
    role: str
    name: Words
    area_path: str
    skills: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Load:
    """How much a team has open, and how many people work in it."""

    open_items: int = 0
    people: int = 0

    @property
    def each(self) -> float:
        """Open to-dos per person; a team without people is the last that gets more."""
        return self.open_items / self.people if self.people else float("inf")


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Somebody of a team, and how much he or she has: claimed or offered."""

    login: str
    team: str
    skills: frozenset[str] = frozenset()
    open_items: int = 0
    most: int = 8
    leads: bool = False

    @property
    def is_free(self) -> bool:
        """Whether one more may be offered."""
        return self.open_items < self.most


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Where a to-do goes and why. ``passed``: the rules before it that fitted and found nobody: code, name, reason."""

    rule: Rule = PLAIN
    crew: Crew | None = None
    login: str | None = None
    load: Load | None = None
    lacks: tuple[str, ...] = ()
    passed: tuple[Mapping[str, str], ...] = field(default=())

    def kept(self, asked: Case) -> dict[str, Any]:
        """What is kept with the to-do."""
        found: dict[str, Any] = {"rule": self.rule.code, "zh": self.rule.name.zh, "en": self.rule.name.en}
        found |= {"way": self.rule.way.value, "mode": PUSH if self.login else POOL, "role": asked.role}
        if self.login:
            found |= {"login": self.login, "accept_min": self.rule.accept_min, "skills": list(self.rule.skills)}
            found |= {"otherwise": self.rule.otherwise} if self.rule.otherwise else {}
        if self.load is not None:
            found |= {"open": self.load.open_items, "people": self.load.people}
        if self.lacks:
            found["lacks"] = list(self.lacks)
        if self.passed:
            found["passed"] = [dict(one) for one in self.passed]
        return found


#: Why a rule that fits found nobody.
WHY: Final[Mapping[str, Words]] = {
    "no-team": Words("没有合适的班组", "no team fits"),
    "nobody-before": Words("此前无人上门", "nobody has been there before"),
    "not-there": Words("该员工不在班组或已满", "that person is not of the team, or has enough"),
    "nobody-free": Words("没有具备技能且有余量的人", "nobody with the skills has room"),
    "no-manager": Words("客户没有客户经理", "the customer has no account manager"),
    "unreadable": Words("规则无法读取", "the rule cannot be read"),
}


def said(kept: Mapping[str, Any], team: Words | None = None) -> Words:
    """The reason as a sentence. ``team``: the names of the team it lies with now."""
    if not kept:
        return Words("", "")
    if kept.get("by"):
        return Words(f"{kept['by']} 改派：{kept['why']}", f"given there by {kept['by']}: {kept['why']}")
    zh, en = [f"按规则“{kept['zh']}”"], [f'by the rule "{kept["en"]}"']
    if team is not None:
        zh.append(f"派给{team.zh}")
        en.append(f"to {team.en}")
    if "open" in kept:
        zh.append(f"该班组人均待办最少（{kept['people']} 人，待办 {kept['open']}）")
        en.append(f"which has the least to do per person ({kept['people']} people, {kept['open']} open)")
    if kept.get("login"):
        zh.append(f"推送给 {kept['login']}，{kept['accept_min']} 分钟内领取")
        en.append(f"offered to {kept['login']} for {kept['accept_min']} minutes")
    for login in kept.get("declined", ()):
        zh.append(f"{login} 未领取")
        en.append(f"{login} did not take it")
    if kept.get("lacks"):
        zh.append(f"没有班组具备技能 {'、'.join(kept['lacks'])}")
        en.append(f"no team has the skill {', '.join(kept['lacks'])}")
    for one in kept.get("passed", ()):
        why = WHY[one["why"]]
        zh.append(f"“{one['zh']}”不适用：{why.zh}")
        en.append(f'"{one["en"]}" did not do: {why.en}')
    return Words("；".join(zh), "; ".join(en))


def suited(crews: Iterable[Crew], case: Case, skills: Collection[str], *, of_tier: bool = False) -> list[Crew]:
    """The teams that may get it, all of one level of areas: the nearest where somebody has the skills.

    A team that is there for some tiers gets only those; of teams that have parts of the town, the one of the side of
    the address.

    :param of_tier: only teams that are there for the tier of this customer.
    """
    fitting = [
        crew
        for crew in crews
        if (case.tier in crew.tiers if of_tier or crew.tiers else True) and set(skills) <= crew.skills
    ]
    if not fitting:
        return []
    nearest = max(crew.area_path.count("/") for crew in fitting)
    near = [crew for crew in fitting if crew.area_path.count("/") == nearest]
    here = [crew for crew in near if case.side and case.side in crew.districts]
    return here or near


def least_loaded(crews: Sequence[Crew], loads: Mapping[str, Load]) -> Crew:
    """The team with the least to do per person; of equal ones the first by code."""
    return min(crews, key=lambda crew: (loads.get(crew.code, Load()).each, crew.code))


def free_hand(
    hands: Iterable[Hand], skills: Collection[str], *, declined: Collection[str] = (), leads: bool = False
) -> Hand | None:
    """Who has the skills and room, with the least to do; leaders only where one is wanted, and then without skills."""
    free = [hand for hand in hands if hand.leads is leads and hand.login not in declined]
    if not leads:
        free = [hand for hand in free if hand.is_free and set(skills) <= hand.skills]
    return min(free, key=lambda hand: (hand.open_items, hand.login), default=None)


def listed(value: Any) -> tuple[str, ...]:
    """Names parted by commas, or a list of them."""
    parts = value.split(",") if isinstance(value, str) else value or ()
    return tuple(str(part).strip() for part in parts if str(part).strip())
