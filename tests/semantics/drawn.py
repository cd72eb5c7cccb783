"""Processes drawn by chance out of well-nested blocks, and played by chance."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

from tests.processes.drawing import bpmn, catch, end, event, flows, many, node, start, sub, throw, timer
from tests.semantics.memory import MemoryPlayer
from tests.semantics.scene import Scene, path_of, play
from tests.semantics.scenes.undoing import comp, undo
from tests.semantics.sketch import begin, edge, gives, handler, hear, inside, job

Block = tuple[Any, ...]
LEAVES: Final = ("task", "reminded", "hurried", "guarded", "raced", "undone", "overheard", "either", "both")
BLOCKS: Final = st.recursive(
    st.sampled_from([(name,) for name in LEAVES]),
    lambda inner: st.one_of(
        st.tuples(st.just("row"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("inclusive"), st.lists(inner, min_size=2, max_size=3), st.integers(0, 7)),
        st.tuples(st.just("exclusive"), st.lists(inner, min_size=2, max_size=3), st.integers(0, 2)),
        st.tuples(st.just("inner"), inner),
        st.tuples(st.just("repeated"), inner, st.integers(0, 3), st.booleans()),
        st.tuples(st.just("enough"), st.integers(2, 3)),
    ),
    max_leaves=6,
)


@dataclass
class Drawing:
    """Draws blocks; ``entered``: how often each activity has to be entered; ``pairs``: undone before, undone after."""

    body: list[str] = field(default_factory=list)
    number: int = 0
    entered: Counter[str] = field(default_factory=Counter)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def draw(self, block: Block, times: int) -> tuple[str, str]:
        """Returns the first and the last element of the block."""
        found: tuple[str, str] = getattr(self, f"draw_{block[0]}")(times, *block[1:])
        return found

    def draw_task(self, times: int) -> tuple[str, str]:
        name = self.id("t")
        self.entered[name] = times
        self.body.append(gives(name))
        return name, name

    def draw_reminded(self, times: int) -> tuple[str, str]:
        name, _ = self.draw_task(times)
        late, stop = self.id("w"), self.id("e")
        reminder = edge(late, name, timer("R2/PT1M", "timeCycle"), False)
        self.body += [reminder, end(stop), flows(f"{late}>{stop}")]
        return name, name

    def merged(self, name: str, other: str) -> tuple[str, str]:
        merge = self.id("x")
        self.body += [node("exclusiveGateway", merge), flows(f"{name}>{merge} {other}>{merge}")]
        return name, merge

    def draw_hurried(self, times: int) -> tuple[str, str]:
        """An interrupting timer at a sub-process of two tasks."""
        first, unit, late = self.id("t"), self.id("u"), self.id("w")
        self.entered[first] = times
        one, two = self.id("s"), self.id("e")
        self.body += [sub(unit, inside(f"{one} > {first} > {two}")), edge(late, unit, timer("PT2M"))]
        return self.merged(unit, late)

    def draw_guarded(self, times: int) -> tuple[str, str]:
        name, caught = self.id("j"), self.id("b")
        self.entered[name] = times
        self.body += [job(name), edge(caught, name, event("error", "bad"))]
        return self.merged(name, caught)

    def draw_raced(self, times: int) -> tuple[str, str]:
        race, told, late, merge = self.id("r"), self.id("m"), self.id("w"), self.id("x")
        self.body += [node("eventBasedGateway", race), hear(told, told), catch(late, timer("PT1M"))]
        self.body.append(node("exclusiveGateway", merge))
        self.body.append(flows(f"{race}>{told} {race}>{late} {told}>{merge} {late}>{merge}"))
        return race, merge

    def draw_undone(self, times: int) -> tuple[str, str]:
        """Two tasks that are compensated at once."""
        one, two, unit, back = self.id("t"), self.id("t"), self.id("u"), self.id("y")
        for name in (one, two, f"u{one}", f"u{two}"):
            self.entered[name] = times
        self.pairs.append((f"u{two}", f"u{one}"))
        first, last = self.id("s"), self.id("e")
        steps = f"{first} > {one} > {two} > {back} > {last}"
        self.body.append(sub(unit, inside(steps, throw(back, comp()), undo(one), undo(two))))
        return unit, unit

    def draw_overheard(self, times: int) -> tuple[str, str]:
        """A sub-process that takes messages while it runs."""
        task, told, unit, care, name = self.id("t"), self.id("m"), self.id("u"), self.id("h"), self.id("t")
        self.entered[task] = times
        self.entered[name] = -1  # as often as the message came
        first, last, stop = self.id("s"), self.id("e"), self.id("e")
        message = begin(told, event("message", told), False, yz_messageKey="'k'")
        listening = handler(care, inside(f"{told} > {name} > {stop}", message))
        self.body.append(sub(unit, inside(f"{first} > {task} > {last}", listening)))
        return unit, unit

    def draw_either(self, times: int) -> tuple[str, str]:
        """One event that waits for a message or a time."""
        return self.several()

    def draw_both(self, times: int) -> tuple[str, str]:
        """One event that waits for a message and a time."""
        return self.several(parallelMultiple="true")

    def several(self, **more: str) -> tuple[str, str]:
        name = self.id("q")
        self.body.append(catch(name, event("message", name) + timer("PT1M"), yz_messageKey="'k'", **more))
        return name, name

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
        taken = [place == choice % len(blocks) for place in range(len(blocks))]
        return self.gateways("exclusive", blocks, taken, times)

    def boxed(self, block: Block, times: int, marks: str = "") -> tuple[str, str]:
        name, first, stop = self.id("u"), self.id("s"), self.id("e")
        kept, self.body = self.body, []
        entry, last = self.draw(block, times)
        inner, self.body = "".join(self.body), kept
        self.body.append(sub(name, marks + start(first) + inner + end(stop) + flows(f"{first}>{entry} {last}>{stop}")))
        return name, name

    def draw_inner(self, times: int, block: Block) -> tuple[str, str]:
        return self.boxed(block, times)

    def draw_repeated(self, times: int, block: Block, count: int, sequential: bool) -> tuple[str, str]:
        return self.boxed(block, times * count, many(cardinality=str(count), sequential=sequential))

    def draw_enough(self, times: int, count: int) -> tuple[str, str]:
        """One after the other until one less than all have been done."""
        name = self.id("t")
        until = f"numberOfCompletedInstances >= {count - 1}"
        # The frame is entered as well as each instance.
        self.entered[name] = times * count
        self.body.append(gives(name, inner=many(cardinality=str(count), sequential=True, until=until)))
        return name, name


def played(block: Block, seed: int) -> Scene:
    """Draw the block and play it by chance, in memory; the scene says what was done and which path was taken.

    Fails if the process does not end, or does not do what is drawn.
    """
    drawing = Drawing()
    first, last = drawing.draw(block, 1)
    body = bpmn(start(), "".join(drawing.body), end(), flows(f"s>{first} {last}>e"))
    player = MemoryPlayer(Scene("by chance", (body,), "", ""), "plain")
    chance, words = random.Random(seed), []
    for _ in range(400):
        waits = player.waiting()
        if player.parts[0].drive.done or not waits:
            break
        words.append(word_for(chance.choice(waits), chance, waits))
        play(words[-1], player)
    seen = player.seen()
    assert seen.outcome == "completed", seen
    rows = player.parts[0].drive.log
    entered = Counter(element for element, what in rows if what == "entered")
    assert {name: entered[name] for name, times in drawing.entered.items() if times >= 0} == {
        name: times for name, times in drawing.entered.items() if times >= 0
    }
    assert player.parts[0].drive.execution.size == 0
    undone = [element for element, what in rows if what == "entered"]
    for before, after in drawing.pairs:
        if before in undone:
            assert undone.index(before) < undone.index(after), f"{after} was undone before {before}"
    opened, closed = ([wait.task_id for wait in player.parts[0].drive.opened], player.parts[0].drive.closed)
    assert sorted(opened) == sorted(task_id for task_id, _ in closed)
    return Scene("by chance", (body,), " ".join(words), path_of(rows), data={})


def word_for(name: str, chance: random.Random, waits: list[str]) -> str:
    """What happens to something that is waited for."""
    if name[0] == "m":
        busy = len(waits) > 12  # enough messages
        return f"~{name}:k" if not busy else f"{next((one for one in waits if one[0] in 'tu'), name)}"
    if name[0] == "q" and chance.random() < 0.5:
        return f"~{name}:k"
    if name[0] in "wq":
        return f"+PT{chance.choice([1, 2])}M"
    return f"{name}!bad" if name[0] == "j" and chance.random() < 0.4 else name
