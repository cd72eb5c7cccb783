"""Check 3: branches completed in the same instant, two and fifty of them: the join fires once and loses nothing."""

from __future__ import annotations

import threading

import pytest

from tests.engine.diagrams import end, node, process, start, user
from tests.engine.rig import NOW, Rig

AT_ONCE = 10


def branches(count: int) -> bytes:
    names = [f"b{number}" for number in range(count)]
    chains = "; ".join(f"fork > {name} > join" for name in names)
    steps = "".join(user(name, {f"from_{name}": "result.value"}) for name in names)
    return process(
        "wide",
        start(),
        node("parallelGateway", "fork"),
        steps,
        node("parallelGateway", "join"),
        user("after"),
        end(),
        flows=f"begin > fork; {chains}; join > after > done",
    )


@pytest.mark.parametrize("count", [2, 50])
def test_the_join_fires_once_and_every_branch_is_heard(rig: Rig, count: int) -> None:
    rig.deploy(branches(count))
    root = rig.start("wide")
    tasks = {task.id: task.element_id for task in rig.user_tasks(root)}
    assert len(tasks) == count
    failures: list[Exception] = []
    gate = threading.Barrier(min(count, AT_ONCE))

    def hand_in(mine: list[str]) -> None:
        gate.wait()
        for task_id in mine:
            try:
                with rig.work() as session:
                    value = {"value": tasks[task_id]}
                    rig.engine.complete_user_task(session, task_id, value, actor="field", now=NOW)
            except Exception as failure:  # noqa: BLE001 - shown to the test
                failures.append(failure)

    ids = sorted(tasks)
    threads = [threading.Thread(target=hand_in, args=(ids[place :: gate.parties],)) for place in range(gate.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    rig.drain()
    [after] = rig.user_tasks(root)
    assert after.element_id == "after"
    joined = [event for event in rig.events if event.kind == "element_completed" and _is(event, "join")]
    assert len(joined) == 1
    rig.complete(root, "after")
    data = rig.data(root)
    assert {name: data[f"from_{name}"] for name in tasks.values()} == {name: name for name in tasks.values()}
    rig.check()


def _is(event: object, element_id: str) -> bool:
    element = getattr(event, "element", None)
    return element is not None and element.id == element_id
