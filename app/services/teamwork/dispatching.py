"""Smart dispatch: asks the decision table which rules fit a to-do, and the teams who can take it.

Everything here works in the transaction of the caller. Teams, people and their load are read as they are at that
instant; of a queue no more than the beginning of an index.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.teamwork.dispatch import (
    PERSONAL,
    PLAIN,
    PUSH,
    Case,
    Crew,
    Hand,
    Load,
    Rule,
    Sent,
    Way,
    free_hand,
    least_loaded,
    suited,
)
from app.persistence.teamwork.team_search import crews_over, hands_of, last_there, loads_of
from app.persistence.teamwork.work_items import WorkItem
from app.services.stored_decisions import taken
from processes.errors import UnknownDecision
from processes.spiff.decisions import DecisionError

DISPATCH: Final = "dispatch"
PRIORITY: Final = "work_priority"
MOST_URGENT: Final = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class About:
    """What a to-do is about, for the rules that look at what was done before."""

    area: str
    order_id: str | None = None
    product_id: str | None = None


def send(
    session: Session,
    case: Case,
    about: About,
    now: datetime,
    *,
    declined: Collection[str] = (),
    rule: Rule | None = None,
) -> Sent:
    """Find the team, and the person where one is to be asked, for a to-do.

    :param declined: logins that are not asked again.
    :param rule: only this one, instead of those of the decision table.
    """
    return _Search(session, case, about, now, declined).through([rule] if rule else rules_for(session, case))


def put(item: WorkItem, sent: Sent, case: Case, now: datetime) -> None:
    """Lay a to-do into the queue it was sent to."""
    item.team_role = sent.crew.role if sent.crew else case.role
    item.team_code = sent.crew.code if sent.crew else None
    item.offered_to = sent.login
    item.offered_until = now + timedelta(minutes=sent.rule.accept_min) if sent.login else None
    item.dispatch = sent.kept(case)


def rules_for(session: Session, case: Case) -> list[Rule]:
    """The rules that fit, in order; none where no table is deployed or it cannot be used."""
    try:
        rows: Sequence[Mapping[str, Any]] = taken(session, DISPATCH, case.inputs()) or []
        return [Rule.from_row(row) for row in rows]
    except UnknownDecision:
        return []
    except (DecisionError, ValueError, TypeError, AttributeError) as problem:
        # A step waits for a person: it gets a team whatever the table says.
        log.warning("the decision %s cannot be used for step %s: %s", DISPATCH, case.step, problem)
        return []


def priority_of(session: Session, case: Case, urgency: int, asked_by: str) -> int:
    """How urgent a to-do is (higher is sooner, 0 is usual): the sum of the table, of the order alone without one.

    :param urgency: of the order, 0 to 4. :param asked_by: ``customer`` or ``billing``.
    """
    names = ("tier", "grade", "order_type")
    inputs = {name: getattr(case, name) for name in names} | {"urgency": urgency, "asked_by": asked_by}
    try:
        found = taken(session, PRIORITY, {**inputs, "on": case.on.isoformat()})
        return max(0, min(MOST_URGENT, int((found or {}).get("points") or 0)))
    except UnknownDecision:
        return urgency
    except (DecisionError, ValueError, TypeError, AttributeError) as problem:
        log.warning("the decision %s cannot be used for step %s: %s", PRIORITY, case.step, problem)
        return urgency


class _Search:
    """One question: rule after rule, until somebody is found."""

    def __init__(self, session: Session, case: Case, about: About, now: datetime, declined: Collection[str]) -> None:
        self.session, self.case, self.about, self.now = session, case, about, now
        self.declined = frozenset(declined)
        self.crews: dict[str, list[Crew]] = {}
        self.passed: list[Mapping[str, str]] = []

    def through(self, rules: Sequence[Rule]) -> Sent:
        """The first rule that finds a team, else the team of the role nearest to the place."""
        for rule in (*rules, PLAIN):
            found = self._personal(rule) if rule.way in PERSONAL else self._by_team(rule)
            if isinstance(found, Sent):
                return found
            self.passed.append({"rule": rule.code, "zh": rule.name.zh, "en": rule.name.en, "why": found})
        return Sent(passed=tuple(self.passed[:-1]))

    def _by_team(self, rule: Rule) -> Sent | str:
        """A team, and somebody of it who has room where the rule says so; else everybody of the team."""
        skills = self._skills(rule)
        lacks: tuple[str, ...] = ()
        crews = self._crews(rule)
        found = suited(crews, self.case, skills, of_tier=rule.way is Way.OF_TIER)
        if not found and rule.way is not Way.OF_TIER:
            found, lacks = suited(crews, self.case, ()), tuple(sorted(skills))
        if not found:
            return "no-team"
        if rule.way is Way.ACCOUNT_MANAGER:
            return self._managers(rule, found)
        load: Load | None = None
        crew = found[0]
        if len(found) > 1:
            loads = loads_of(self.session, [one.code for one in found], self.case.on)
            crew = least_loaded(found, loads)
            load = loads[crew.code]
        hand: Hand | None = None
        if rule.mode == PUSH and not lacks:
            hand = free_hand(hands_of(self.session, [crew.code], self.case.on), skills, declined=self.declined)
        return self._sent(rule, crew, hand, load=load, lacks=lacks)

    def _personal(self, rule: Rule) -> Sent | str:
        """Somebody who is named by what was done before, by rank, or by what he or she can do."""
        skills = self._skills(rule)
        crews = {crew.code: crew for crew in suited(self._crews(rule), self.case, skills)}
        if not crews:
            return "no-team"
        before = None if rule.way is Way.LEADER else self._before(rule)
        if rule.way is Way.SAME_PERSON and before is None:
            return "nobody-before"
        hands = hands_of(self.session, list(crews), self.case.on)
        if rule.way is Way.LEADER:
            hand = free_hand(hands, (), declined=self.declined, leads=True)
        else:
            again = [one for one in hands if one.login == before]
            hand = free_hand(again, skills, declined=self.declined)
            if rule.way is Way.SAME_PERSON and hand is None:
                return "not-there"
            hand = hand or free_hand(hands, skills, declined=self.declined)
        return self._sent(rule, crews[hand.team], hand) if hand else "nobody-free"

    def _managers(self, rule: Rule, crews: Sequence[Crew]) -> Sent | str:
        """The team of the customer's account manager, who is asked first if he or she is there."""
        wanted = self.case.account_manager
        if not wanted:
            return "no-manager"
        theirs = [
            hand for hand in hands_of(self.session, [crew.code for crew in crews], self.case.on) if hand.login == wanted
        ]
        hand = free_hand(theirs, (), declined=self.declined)
        team = next((crew for crew in crews if theirs and crew.code == theirs[0].team), None)
        return self._sent(rule, team, hand) if team else "not-there"

    def _before(self, rule: Rule) -> str | None:
        found, about = self.case, self.about
        return last_there(
            self.session,
            order_id=about.order_id,
            product_id=about.product_id,
            role=rule.role or found.role,
            now=self.now,
            within_days=rule.within_days,
        )

    def _skills(self, rule: Rule) -> set[str]:
        """What is needed; the skill of the step counts for the kind of team the step names."""
        own = {self.case.skill} if self.case.skill and rule.role in ("", self.case.role) else set()
        return own | set(rule.skills)

    def _crews(self, rule: Rule) -> list[Crew]:
        role = rule.role or self.case.role
        if role not in self.crews:
            self.crews[role] = crews_over(self.session, role, self.about.area)
        return self.crews[role]

    def _sent(
        self, rule: Rule, crew: Crew, hand: Hand | None, *, load: Load | None = None, lacks: tuple[str, ...] = ()
    ) -> Sent:
        login = hand.login if hand is not None else None
        return Sent(rule=rule, crew=crew, login=login, load=load, lacks=lacks, passed=tuple(self.passed))
