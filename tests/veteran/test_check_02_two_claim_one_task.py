"""Check 2: two people claim one task at once: one has it, the other is told who; it is never taken away silently."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import transaction
from tests.api.world import Person, World, prepare, settings_for

ROUNDS = 12
TEAM = "home_field.sh-sh.east"


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_one_has_it_and_the_other_is_told_who(kind: str, make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database(kind, migrated=True)
    prepare(url, tmp_path)
    world = World(settings_for(url, tmp_path))
    people = [world.person("field"), world.person("sh.lead")]
    with transaction(world.deps.sessions) as tx:
        now = world.deps.clock(tx.session)
        items = [
            WorkItem(
                number=f"W-9999-{number:06d}",
                kind="task",
                title_zh="安装",
                title_en="Install",
                team_role="home_field",
                team_code=TEAM,
                state="open",
                context={},
                area="SH-SH",
                created_at=now,
            )
            for number in range(ROUNDS)
        ]
        tx.session.add_all(items)
        ids = [item.id for item in items]
    with ThreadPoolExecutor(2) as pool:
        for item_id in ids:
            both = Barrier(2)

            def claim(person: Person, path: str = f"/api/v1/work-items/{item_id}/claim", both: Barrier = both):  # type: ignore[no-untyped-def]
                both.wait()
                return person.post(path)

            answers = list(pool.map(claim, people))
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            won = next(answer.get_json() for answer in answers if answer.status_code == 200)
            lost = next(answer.get_json() for answer in answers if answer.status_code == 409)
            assert won["claimed_by"] in lost["detail"]
            assert people[0].get(f"/api/v1/work-items/{item_id}").get_json()["claimed_by"] == won["claimed_by"]
    world.close()
