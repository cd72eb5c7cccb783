"""Check 20: a message with the same id counts once; of two instances with the same key the one that waited longer."""

from __future__ import annotations

from tests.engine.rig import Rig
from tests.veteran.test_check_19_message_before_its_wait import HEARS, say


def test_the_same_id_is_taken_once(rig: Rig) -> None:
    rig.deploy(HEARS)
    first, second = rig.start("hears", order="7"), rig.start("hears", order="7")
    for _ in range(3):
        say(rig, "m1", "7")
    assert [rig.instance(root).state for root in (first, second)] == ["completed", "running"]
    rig.check()


def test_of_two_with_the_same_key_the_one_that_has_waited_longer_gets_it(rig: Rig) -> None:
    rig.deploy(HEARS)
    roots = []
    for _ in range(3):
        roots.append(rig.start("hears", order="7"))
        rig.later(seconds=1)
    for number in range(3):
        say(rig, f"m{number}", "7")
        states = [rig.instance(root).state for root in roots]
        assert states == ["completed"] * (number + 1) + ["running"] * (2 - number)
    rig.check()
