"""Files somebody made to break the check: it answers, and quickly."""

from __future__ import annotations

import itertools
import random
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from processes.ids import CountingIds
from processes.spiff.bridge import Execution, StepContext, load_spec
from processes.spiff.compile import compile_files
from processes.spiff.xmlsource import SourceRefused, read
from tests.processes.drawing import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    event,
    flows,
    io,
    link,
    many,
    node,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.processes.driving import NOW, no_decision
from tests.processes.test_decisions import table

GOOD = bpmn(
    start(),
    node("exclusiveGateway", "x", default="x_b"),
    user("a", io({"q": "n"}, {"n": "result.n"}) + many("items", "it")),
    service("b"),
    boundary("late", "b", timer("PT1H")),
    sub("u", start("s2") + call("c", "p2") + end("bad", event("error", "e1")) + flows("s2>c c>bad")),
    boundary("be", "u", event("error", "e1")),
    throw("t", link("L")),
    catch("l", link("L")),
    catch("m", event("message", "go"), yz_messageKey="n"),
    end(),
    flows("s>x x>a x>b a>u b>u u>t l>m m>e late>e be>e", x_a="n > 1"),
)
GOOD_TABLE = table(["n"], ["w"], [(["> 5"], ["1"]), (['"上海","北京"'], ["2"])])
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(data: bytes) -> None:
    """The check answers; what it lets through can also be begun and run until it waits."""
    began = time.perf_counter()
    processes, decisions, found = compile_files(
        {"a.bpmn": data, "p2.bpmn": bpmn(start(), user("z"), flows("s>z"), key="p2")}
    )
    assert time.perf_counter() - began < 5
    assert len(processes) + len(decisions) + len(found) > 0
    for process in processes:
        context = StepContext(now=NOW, ids=CountingIds(), decide=no_decision)
        execution = Execution.new(load_spec(process.spec_json), {"n": 2, "items": [1, 2]}, context=context)
        execution.start()
        execution.advance(100)
        Execution.load(execution.spec, execution.dump(), context=context)


@pytest.mark.parametrize("part", ['<name:b/><c xmlns="x"/>', '<b name:c="1"/><c xmlns="x"/>'])
def test_a_prefix_that_nothing_declares_is_refused_even_where_the_parser_forgets_it(part):
    """A later warning (the namespace x is no absolute address) makes it forget the error."""
    with pytest.raises(SourceRefused, match="Namespace prefix of name:"):
        read(f"<r>{part}</r>".encode())


@FEW
@given(st.binary(max_size=300))
def test_random_bytes(data):
    survives(data)


@FEW
@given(st.sampled_from([GOOD, GOOD_TABLE]), st.integers(0, 10_000))
def test_cut_short(data, length):
    survives(data[: length % len(data)])


@FEW
@given(st.sampled_from([GOOD, GOOD_TABLE]), st.integers(), st.integers(1, 6))
def test_bytes_changed(data, seed, changes):
    chance, mutated = random.Random(seed), bytearray(data)
    for _ in range(changes):
        mutated[chance.randrange(len(mutated))] = chance.randrange(256)
    survives(bytes(mutated))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([GOOD, GOOD_TABLE]), st.integers(), st.integers(1, 5))
def test_words_changed(data, seed, changes):
    """Words of the file swapped for others of its words: still XML, mostly nonsense."""
    chance = random.Random(seed)
    pieces = re.split(rb"([A-Za-z0-9_.\-]+)", data)
    words = [number for number in range(1, len(pieces), 2) if len(pieces[number]) < 30]
    for _ in range(changes):
        pieces[chance.choice(words)] = chance.choice(
            [*[pieces[n] for n in words], b"", b"0", b"-1", b"true", b"x" * 300]
        )
    survives(b"".join(pieces))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(), st.integers(1, 6))
def test_elements_removed_doubled_and_moved(seed, changes):
    chance, root = random.Random(seed), etree.fromstring(GOOD)
    for _ in range(changes):
        elements = [item for item in root.iter() if item.getparent() is not None]
        if not elements:
            break
        chosen, other = chance.choice(elements), chance.choice(elements)
        act = chance.randrange(4)
        if act == 0:
            chosen.getparent().remove(chosen)
        elif act == 1:
            other.append(etree.fromstring(etree.tostring(chosen)))
        elif act == 2 and chosen.attrib:
            del chosen.attrib[chance.choice(list(chosen.attrib))]
        elif act == 3:
            chosen.set(
                chance.choice(["id", "default", "sourceRef", "targetRef", "attachedToRef", "name"]),
                chance.choice(["", "a", "x", "u", "s", "-"]),
            )
    survives(etree.tostring(root))


def test_a_very_long_chain_and_a_very_wide_fork_are_quick():
    names = [f"t{n}" for n in range(990)]
    chain = bpmn(
        start(),
        *[throw(n) for n in names],
        flows("s>t0 " + " ".join(f"{a}>{b}" for a, b in itertools.pairwise(names))),
    )
    wide = bpmn(
        start(),
        node("parallelGateway", "f"),
        *[user(n) for n in names],
        flows("s>f " + " ".join(f"f>{n}" for n in names)),
    )
    for data in (chain, wide):
        survives(data)
