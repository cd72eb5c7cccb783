"""Check 15: a token back two steps and forward one, out of a parallel branch, into a sub-process; nothing is left."""

from __future__ import annotations

from tests.engine import test_moving as scene
from tests.engine.rig import Rig


def test_back_two_steps_and_forward_one(rig: Rig) -> None:
    scene.test_back_two_steps_undoes_what_is_done_again_and_begins_afresh(rig)


def test_out_of_a_parallel_branch(rig: Rig) -> None:
    scene.test_out_of_one_parallel_branch_leaves_the_other_alone(rig)


def test_into_a_sub_process_and_out_of_it(rig: Rig) -> None:
    scene.test_into_a_sub_process_arms_what_is_at_its_edge_and_out_of_it_closes_that(rig)


def test_the_timer_of_what_was_left_is_gone(rig: Rig) -> None:
    scene.test_the_timer_of_what_was_left_does_not_fire(rig)
