"""Any well-nested process ends, whatever the order of the answers and however often it is saved in between."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.processes.drawing import boundary, bpmn, end, event, flows, io, many, node, service, start, sub, timer
from tests.processes.driving import MODES, Drive, loaded

Block = tuple[Any, ...]
BLOCKS = st.recursive(
    st.sampled_from([("task",), ("timed",), ("guarded",)]),
    lambda inner: st.one_of(
        st.tuples(st.just("row"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("inclusive"), st.lists(inner, min_size=2, max_size=3), st.integers(0, 7)),
        st.tuples(st.just("exclusive"), st.lists(inner, min_size=2, max_size=3), st.integers(0, 2)),
        st.tuples(st.just("inside"), inner),
        st.tuples(st.just("repeated"), inner, st.integers(0, 3), st.booleans()),
    ),
    max_leaves=8,
)


@dataclass
class Drawing:
    """Draws blocks; counts how often each task will be done."""

    body: list[str] = field(default_factory=list)
    number: int = 0
    expected: dict[str, int] = field(default_factory=dict)

    def id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def draw(self, block: Block, times: int) -> tuple[str, str]:
        """Returns the first and the last element of the block."""
        return getattr(self, f"draw_{block[0]}")(times, *block[1:])

    def draw_task(self, times: int) -> tuple[str, str]:
        name = self.id("t")
        self.expected[name] = times
        self.body.append(service(name, io(outputs={f"done_{name}": "get(result, 'n', 0)"})))
        return name, name

    def draw_timed(self, times: int) -> tuple[str, str]:
        name, _ = self.draw_task(times)
        late, stop = self.id("late"), self.id("e")
        self.body.append(
            boundary(late, name, timer("R2/PT1M", "timeCycle"), False) + end(stop) + flows(f"{late}>{stop}")
        )
        return name, name

    def draw_guarded(self, times: int) -> tuple[str, str]:
        name, _ = self.draw_task(times)
        caught, merge = self.id("caught"), self.id("m")
        self.body += [
            boundary(caught, name, event("error", "bad")),
            node("exclusiveGateway", merge),
            flows(f"{name}>{merge} {caught}>{merge}"),
        ]
        return name, merge

    def draw_row(self, times: int, blocks: list[Block]) -> tuple[str, str]:
        ends = [self.draw(block, times) for block in blocks]
        self.body += [flows(f"{one[1]}>{two[0]}") for one, two in itertools.pairwise(ends)]
        return ends[0][0], ends[-1][1]

    def gateways(self, kind: str, blocks: list[Block], taken: list[bool], times: int) -> tuple[str, str]:
        split, join = self.id("x"), self.id("x")
        ways = [self.draw(block, times if take else 0) for block, take in zip(blocks, taken, strict=True)]
        conditions = {}
        if kind != "parallel":
            conditions = {f"{split}_{first}": str(take) for (first, _), take in zip(ways, taken, strict=True)}
        self.body += [node(f"{kind}Gateway", split), node(f"{kind}Gateway", join)]
        self.body.append(flows(" ".join(f"{split}>{first} {last}>{join}" for first, last in ways), **conditions))
        return split, join

    def draw_parallel(self, times: int, blocks: list[Block]) -> tuple[str, str]:
        return self.gateways("parallel", blocks, [True] * len(blocks), times)

    def draw_inclusive(self, times: int, blocks: list[Block], mask: int) -> tuple[str, str]:
        taken = [bool(mask >> place & 1) for place in range(len(blocks))]
        return self.gateways("inclusive", blocks, taken if any(taken) else [True] * len(blocks), times)

    def draw_exclusive(self, times: int, blocks: list[Block], choice: int) -> tuple[str, str]:
        return self.gateways(
            "exclusive", blocks, [place == choice % len(blocks) for place in range(len(blocks))], times
        )

    def inside(self, block: Block, times: int, marks: str = "") -> tuple[str, str]:
        name, first, stop = self.id("u"), self.id("s"), self.id("e")
        kept, self.body = self.body, []
        entry, last = self.draw(block, times)
        inner, self.body = "".join(self.body), kept
        self.body.append(sub(name, marks + start(first) + inner + end(stop) + flows(f"{first}>{entry} {last}>{stop}")))
        return name, name

    def draw_inside(self, times: int, block: Block) -> tuple[str, str]:
        return self.inside(block, times)

    def draw_repeated(self, times: int, block: Block, count: int, sequential: bool) -> tuple[str, str]:
        return self.inside(block, times * count, many(cardinality=str(count), sequential=sequential))


def draw(block: Block) -> tuple[bytes, dict[str, int]]:
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    return bpmn(start(), "".join(drawing.body), end(), flows(f"s>{first} {last}>e")), drawing.expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.integers(), st.sampled_from(MODES))
def test_every_process_ends_and_does_each_task_as_often_as_drawn(block, seed, mode):
    data, expected = draw(block)
    chance, run, done = (
        random.Random(seed),
        Drive.begin(mode, loaded(data), {}, budget=2000),
        dict.fromkeys(expected, 0),
    )
    for _ in range(2000):
        if run.done:
            break
        assert not run.failures
        waits = run.waiting()
        assert waits, "stuck"
        wait = chance.choice(waits)
        if wait.kind == "timer":
            run.fire(wait.element_id)
            continue
        done[wait.element_id] += 1
        if chance.random() < 0.3 and run.execution.throw_error(wait.task_id, "bad", ""):
            run.settle()
            continue
        run.execution.complete(wait.task_id, {"n": 1})
        run.settle()
    assert run.done
    assert run.execution.size == 0
    assert done == expected
    opened, closed = [wait.task_id for wait in run.opened], [task_id for task_id, _ in run.closed]
    assert sorted(opened) == sorted(closed)
    assert len(set(opened)) == len(opened)
