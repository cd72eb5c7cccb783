"""Which team gets a to-do: skills, sides of town, tiers and load, as plain rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.domain.teamwork.dispatch import (
    WHY,
    Case,
    Crew,
    Hand,
    Load,
    Rule,
    Sent,
    Way,
    free_hand,
    least_loaded,
    said,
    suited,
)
from app.domain.words import Words


def case(**more: Any) -> Case:
    return Case(**{"step": "visit", "role": "home_field", "on": date(2026, 11, 23), **more})


def crew(code: str, *, area: str = "CN/SH/SH-SH", **more: Any) -> Crew:
    sets = {name: frozenset(value) for name, value in more.items()}
    return Crew(code=code, role="home_field", name=Words(code, code), area_path=area, **sets)


def codes(crews: list[Crew]) -> list[str]:
    return [one.code for one in crews]


EAST = crew("east", skills={"ftth"}, districts={"east"})
WEST = crew("west", skills={"ftth", "wifi"}, districts={"west"})
PROVINCE = crew("province", area="CN/SH", skills={"ftth", "wifi", "splice"})
GOLD = crew("gold", skills={"ftth"}, tiers={"gold"})


def test_the_side_of_town_decides_where_teams_have_sides() -> None:
    assert codes(suited([EAST, WEST], case(side="west"), {"ftth"})) == ["west"]
    assert codes(suited([EAST, WEST], case(side="north"), {"ftth"})) == ["east", "west"]
    assert codes(suited([EAST, WEST], case(), {"ftth"})) == ["east", "west"]


def test_the_nearest_level_where_somebody_has_the_skill() -> None:
    assert codes(suited([EAST, PROVINCE], case(), {"ftth"})) == ["east"]
    assert codes(suited([EAST, PROVINCE], case(), {"splice"})) == ["province"]
    assert suited([EAST, PROVINCE], case(), {"diving"}) == []


def test_a_team_for_some_tiers_gets_only_those() -> None:
    assert codes(suited([EAST, GOLD], case(tier="standard"), ())) == ["east"]
    assert codes(suited([EAST, GOLD], case(tier="gold"), ())) == ["east", "gold"]
    assert codes(suited([EAST, GOLD], case(tier="gold"), (), of_tier=True)) == ["gold"]
    assert suited([EAST, GOLD], case(tier="standard"), (), of_tier=True) == []


@pytest.mark.parametrize(
    ("loads", "wanted"),
    [
        ({"east": Load(6, 2), "west": Load(4, 1)}, "east"),  # three each against four
        ({"east": Load(6, 2), "west": Load(2, 1)}, "west"),
        ({"east": Load(3, 1), "west": Load(3, 1)}, "east"),  # of equal ones the first
        ({"east": Load(0, 0), "west": Load(90, 1)}, "west"),  # nobody works in the east
    ],
)
def test_the_team_with_the_least_to_do_per_person(loads: dict[str, Load], wanted: str) -> None:
    assert least_loaded([WEST, EAST], loads).code == wanted


def test_a_person_needs_the_skills_and_room_and_leaders_are_asked_only_as_leaders() -> None:
    able = Hand(login="able", team="east", skills=frozenset({"ftth"}), open_items=3)
    idle = Hand(login="idle", team="east", skills=frozenset(), open_items=0)
    full = Hand(login="full", team="east", skills=frozenset({"ftth"}), open_items=1, most=1)
    lead = Hand(login="lead", team="east", leads=True, open_items=99)
    hands = [able, idle, full, lead]
    assert free_hand(hands, {"ftth"}) is able
    assert free_hand(hands, ()) is idle
    assert free_hand(hands, {"ftth"}, declined={"able"}) is None
    assert free_hand(hands, {"ftth"}, leads=True) is lead


def test_a_row_of_the_table_is_a_rule_and_an_unknown_way_is_refused() -> None:
    row = {"rule": "gold", "choose": "of_tier", "skills": "gold_engineer, ftth", "mode": "push", "accept_min": 15}
    rule = Rule.from_row({**row, "name_zh": "金牌", "name_en": "gold", "role": None, "otherwise": None})
    assert (rule.way, rule.skills, rule.accept_min, rule.role) == (Way.OF_TIER, ("gold_engineer", "ftth"), 15, "")
    with pytest.raises(ValueError, match="by_lot"):
        Rule.from_row({**row, "choose": "by_lot"})


def test_the_reason_is_said_in_both_languages() -> None:
    rule = Rule(code="gold", name=Words("金牌", "gold"), way=Way.OF_TIER, mode="push", accept_min=30)
    passed = ({"rule": "same_hand", "zh": "同一人", "en": "same hand", "why": "nobody-before"},)
    sent = Sent(rule=rule, crew=GOLD, login="li", load=Load(4, 2), passed=passed)
    kept = sent.kept(case())
    words = said(kept, Words("金牌班", "gold crew"))
    assert words.en == (
        'by the rule "gold"; to gold crew; which has the least to do per person (2 people, 4 open); '
        'offered to li for 30 minutes; "same hand" did not do: nobody has been there before'
    )
    assert "推送给 li，30 分钟内领取" in words.zh
    assert kept["mode"] == "push"
    assert said({"by": "chief", "why": "storm"}).en == "given there by chief: storm"
    assert all(words.zh and words.en for words in WHY.values())
