"""Migrations as operations managers make them: planned, tried, mapped, piloted, carried out, turned back."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance
from processes.store.migrations import MigrationItem
from tests.web.moving import KEY, begin_on_old, moved, moving, step_on
from tests.web.site import Site, text_of

WHY = {"from": "1", "to": "2", "reason": "looked at from afar now"}


@pytest.fixture(scope="module")
def scene(site: Site) -> Site:
    """Four at the survey, five at the visit, three at the speed test."""
    moving(site, at_survey=4, at_visit=5, at_test=3)
    return site


def planned(site: Site, **more: str) -> str:
    answer = site.visitor("ops2").post(f"/processes/{KEY}/migrate", {**WHY, **more})
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"].split("?")[0]


def classes(page: str) -> dict[str, int]:
    """The numbers of the three classes as the page shows them, by the address of their list."""
    found = re.findall(r'show=(\w+)[^"#]*#each"[^>]*><span class="tag[^>]*>.*?</span><b class="big">(\d+)</b>', page)
    return {word: int(number) for word, number in found}


def rows_of(site: Site, path: str, **asked: str) -> list[list[str]]:
    text = site.visitor("ops2").client.get(path, query_string={**asked, "format": "csv"}).get_data(as_text=True)
    return list(csv.reader(io.StringIO(text)))[1:]


def marks(page: str) -> list[dict[str, Any]]:
    return [json.loads(html.unescape(one)) for one in re.findall(r'data-marks="([^"]*)"', page)]


def by_version(site: Site) -> dict[int, int]:
    query = (
        select(ProcessDefinition.version, func.count())
        .join(ProcessInstance, ProcessInstance.definition_id == ProcessDefinition.id)
        .where(ProcessDefinition.key == KEY, ProcessInstance.ended_at.is_(None))
        .group_by(ProcessDefinition.version)
    )
    with site.world.deps.sessions() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def test_the_three_classes_are_disjoint_and_add_up_to_what_runs(scene: Site) -> None:
    path = planned(scene)
    page = scene.visitor("ops2").get(path).get_data(as_text=True)
    assert classes(page) == {"safe": 5, "needs_mapping": 4, "blocked": 3}
    assert sum(classes(page).values()) == by_version(scene)[1] == 12
    lists = [rows_of(scene, path, show=word) for word in classes(page)]
    assert [len(rows) for rows in lists] == list(classes(page).values()), "each number is the length of its list"
    assert len(rows_of(scene, path)) == 12
    words = text_of(scene.visitor("ops2").get(path))
    assert "正停在「现场查勘」，新版本没有这个元素" in words and "survey" not in words
    assert "「测速」与「测速」的类型不同" in words
    english = text_of(scene.visitor("ops2").get(f"{path}?lang=en"))
    assert "It stands at “Survey”, which the new version does not have" in english
    scene.visitor("ops2").get("/processes?lang=zh")


def test_the_drawings_say_where_they_stand_and_where_they_will(scene: Site) -> None:
    path = planned(scene)
    old, new = marks(scene.visitor("ops2").get(path).get_data(as_text=True))
    assert {one: mark["badge"] for one, mark in old.items() if "badge" in mark} == {
        "survey": "4",
        "visit": "5",
        "test": "3",
    }
    assert {one: mark["badge"] for one, mark in new.items() if "badge" in mark} == {"visit": "5"}
    assert {one for one, mark in new.items() if "flag" in mark} >= {"look", "rate"}
    assert len(rows_of(scene, path, at="survey")) == 4
    assert len(rows_of(scene, path, code="element-gone", element="survey")) == 4
    assert rows_of(scene, path, no="O-0000-000000") == []


def test_a_counterpart_is_chosen_a_pilot_moved_the_rest_and_the_way_back(scene: Site) -> None:
    path, manager = planned(scene), scene.visitor("ops2")
    page = manager.get(path).get_data(as_text=True)
    choice = page.split('name="m:survey"', 1)[1].split("</select>", 1)[0]
    assert set(re.findall(r'value="(\w*)"', choice)) == {"", "look", "visit", "rate"}, "people's steps only"
    assert manager.post(f"{path}/mapping", {"m:survey": "nowhere"}).status_code == 422
    assert manager.post(f"{path}/mapping", {"m:survey": "look"}).status_code == 303
    page = manager.get(path).get_data(as_text=True)
    assert classes(page) == {"safe": 9, "needs_mapping": 0, "blocked": 3}
    assert marks(page)[1]["look"]["badge"] == "4"
    for bad in ("0", "-1", "x", ""):
        assert manager.post(f"{path}/run", {"do": "pilot", "pilot": bad}).status_code == 400
    for _ in range(2):  # a second click does nothing more
        assert manager.post(f"{path}/run", {"do": "pilot", "pilot": "2", "rate": "0"}).status_code == 303
    moved(scene)
    assert by_version(scene) == {1: 10, 2: 2}
    page = manager.get(path).get_data(as_text=True)
    assert "迁移其余 7 单" in text_of(manager.get(path)) and len(rows_of(scene, path, show="moved")) == 2
    old, new = marks(page)
    assert sum(int(mark.get("badge", 0)) for mark in old.values()) == 10
    assert sum(int(mark.get("badge", 0)) for mark in new.values()) == 9, "moved and to be moved"
    for _ in range(2):
        assert manager.post(f"{path}/continue", {}).status_code == 303
    moved(scene)
    assert by_version(scene) == {1: 3, 2: 9}
    over = text_of(manager.get(path))
    assert "已处理 9 / 9" in over and "还有 3 单在原版本上" in over
    assert manager.post(f"{path}/mapping", {"m:survey": "rate"}).status_code == 409
    rest = manager.post(f"{path}/again", {"reason": "the others"}).headers["Location"].split("?")[0]
    assert classes(manager.get(rest).get_data(as_text=True)) == {"safe": 0, "needs_mapping": 0, "blocked": 3}
    twice = {manager.post(f"{path}/back", {"reason": "too early"}).headers["Location"] for _ in range(2)}
    assert len(twice) == 1, "the way back is planned once"
    way = twice.pop().split("?")[0]
    page = manager.get(way).get_data(as_text=True)
    assert classes(page) == {"safe": 9, "needs_mapping": 0, "blocked": 0}
    manager.post(f"{way}/run", {"do": "all"})
    moved(scene)
    assert by_version(scene) == {1: 12}


def test_who_has_gone_on_since_is_refused_when_its_turn_comes_and_the_page_says_why(scene: Site) -> None:
    path, manager = planned(scene), scene.visitor("ops2")
    manager.post(f"{path}/mapping", {"m:survey": "look"})
    late = begin_on_old(scene)
    assert "其间有新开始或已结束的" in text_of(manager.get(path))
    manager.post(f"{path}/judge", {})
    manager.post(f"{path}/run", {"do": "all"})
    step_on(scene, late)  # survey -> visit
    step_on(scene, late)  # visit -> speed test, which blocks
    moved(scene)
    rows = rows_of(scene, path, show="refused")
    assert len(rows) == 1 and "「测速」与「测速」的类型不同" in rows[0][5]
    back = manager.post(f"{path}/back", {"reason": "tidy"}).headers["Location"].split("?")[0]
    manager.post(f"{back}/run", {"do": "all"})
    moved(scene)


def test_only_operations_managers_come_here_and_see_their_own_area(scene: Site) -> None:
    path = planned(scene)
    for login in ("designer", "ops", "front", "admin"):
        visitor = scene.visitor(login)
        assert visitor.get(path).status_code == 403
        assert visitor.get(f"/processes/{KEY}/migrate").status_code == 403
        assert visitor.post(f"{path}/run", {"do": "all"}).status_code == 403
        assert "/migrate" not in visitor.get(f"/processes/{KEY}").get_data(as_text=True)
    far = scene.visitor("js.manager")
    assert classes(far.get(path).get_data(as_text=True)) == {"safe": 0, "needs_mapping": 0, "blocked": 0}
    assert far.get("/processes/migrations/00000000-0000-7000-8000-000000000000").status_code == 404


def test_a_plan_needs_a_reason_and_two_versions(scene: Site) -> None:
    manager = scene.visitor("ops2")
    assert manager.post(f"/processes/{KEY}/migrate", {**WHY, "reason": " "}).status_code == 422
    same = manager.post(f"/processes/{KEY}/migrate", {**WHY, "to": "1"})
    assert same.status_code == 422 and 'aria-invalid="true"' in same.get_data(as_text=True)
    assert manager.post(f"/processes/{KEY}/migrate", {**WHY, "to": "9"}).status_code == 404
    assert manager.get("/processes/nothing/migrate").status_code == 404
    seen = re.search(r'name="seen" value="([^"]*)"', manager.get(f"/processes/{KEY}/migrate").get_data(as_text=True))
    assert seen is not None
    twice = {planned(scene, reason="a double click", seen=seen[1]) for _ in range(2)}
    assert len(twice) == 1


def test_picked_orders_alone_are_moved_and_the_choice_goes_along_with_search_and_list(scene: Site) -> None:
    path, manager = planned(scene, reason="only some"), scene.visitor("ops2")
    page = manager.get(path).get_data(as_text=True)
    offered = re.findall(r'name="pick" id="pick-([0-9a-f-]{36})"', page)
    before = classes(page)
    assert len(offered) == before["safe"] == 5, "only what can move can be picked"
    blocked = by_verdict(scene, path, "blocked")[0]
    noted = manager.post(f"{path}/choose", {"pick": [offered[0], offered[3], blocked], "do": "search", "no": "none"})
    assert noted.status_code == 303
    found = manager.get(noted.headers["Location"].split("#")[0]).get_data(as_text=True)
    assert "已选 2 单" in found and re.findall(r'type="hidden" name="pick" value="([^"]+)"', found) == [
        offered[0],
        offered[3],
    ], "what the search does not show stays picked, what cannot move is not"
    assert classes(found) == before
    assert manager.post(f"{path}/choose", {"pick": [f"{n:036d}" for n in range(51)]}).status_code == 400
    assert manager.post(f"{path}/run", {"do": "chosen"}).status_code == 400
    assert manager.post(f"{path}/run", {"do": "chosen", "pick": blocked}).status_code == 409
    was = by_version(scene)
    assert manager.post(f"{path}/run", {"do": "chosen", "pick": [offered[0], offered[3]]}).status_code == 303
    moved(scene)
    assert by_version(scene) == {1: was[1] - 2, 2: was.get(2, 0) + 2}
    over = manager.get(path).get_data(as_text=True)
    assert classes(over) == before and 'name="pick"' not in over
    assert len(rows_of(scene, path, show="moved")) == 2
    rest = manager.post(f"{path}/again", {"reason": "the others"}).headers["Location"].split("?")[0]
    assert classes(manager.get(rest).get_data(as_text=True)) == {**before, "safe": 3}


def by_verdict(site: Site, path: str, verdict: str) -> list[str]:
    """The instances of a class."""
    query = select(MigrationItem.instance_id).where(
        MigrationItem.migration_id == path.rsplit("/", 1)[1], MigrationItem.verdict == verdict
    )
    with site.world.deps.sessions() as session:
        return list(session.scalars(query))
