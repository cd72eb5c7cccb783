"""The drawing tool: outlines become readable BPMN, and any file can be laid out again."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from processes.spiff.compile import compile_files
from scripts.draw.__main__ import draw_outline, laid_out, main
from scripts.draw.graph import read_graph
from scripts.draw.names import q
from scripts.draw.outline import OutlineRefused, bpmn_of
from scripts.draw.placement import place
from scripts.draw.routes import route_all

OUTLINE = """
process: repeat_until_good
zh: 测到合格
en: Until it is good
data: [item]
nodes:
  wanted: {start: "", zh: 待测, en: Wanted}
  again: {gateway: exclusive}
  run_test: {service: provisioning.run_test, zh: 测试, en: Test,
             in: {product_id: item.product_id, test_type: "'access'"}, out: {measured: result.measured}}
  failed: {error: test-failed, at: run_test, zh: 不合格, en: Failed}
  repair: {user: home_field, form: repair_visit, duration: PT4H, zh: 修, en: Repair}
  wait: {timer: PT1H, zh: 等一小时, en: Wait an hour}
  good: {gateway: exclusive, zh: 好？, en: "Good?"}
  done: {end: "", zh: 完, en: Done}
flows:
  - wanted -> again
  - again -> run_test
  - run_test -> good
  - failed -> repair
  - repair -> wait
  - wait -> again
  - good -> done: {if: exists('measured'), zh: 是, en: "yes"}
  - good -> repair: {if: else, zh: 否, en: "no"}
"""


@pytest.fixture
def outline() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(OUTLINE)
    return loaded


def test_an_outline_becomes_a_process_that_compiles(outline: dict[str, Any]) -> None:
    processes, _, findings = compile_files({"repeat_until_good.bpmn": draw_outline(outline)})
    assert [one.key for one in processes] == ["repeat_until_good"]
    assert [one.message_en for one in findings if one.severity == "error"] == []
    task = processes[0].elements["run_test"]
    assert (task.name, task.name_en) == ("测试", "Test")
    assert dict(task.inputs) == {"product_id": "item.product_id", "test_type": "'access'"}


def test_boxes_keep_apart_and_arrows_stay_out_of_boxes(outline: dict[str, Any]) -> None:
    graph = read_graph(bpmn_of(outline))
    place(graph)
    routes = route_all(graph)
    free = [node for node in graph.nodes.values() if not node.attached_to]
    for index, one in enumerate(free):
        for other in free[index + 1 :]:
            assert one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y
    for flow in graph.flows:
        for (x1, y1), (x2, y2) in pairwise(routes[flow.id]):
            assert x1 == x2 or y1 == y2
            for node in free:
                inside_x = max(x1, x2) > node.x and min(x1, x2) < node.right
                inside_y = max(y1, y2) > node.y and min(y1, y2) < node.bottom
                assert not (inside_x and inside_y), (flow.id, node.id)


def test_it_reads_from_left_to_right(outline: dict[str, Any]) -> None:
    graph = read_graph(bpmn_of(outline))
    place(graph)
    along = [graph.nodes[name].x for name in ("wanted", "again", "run_test", "good", "done")]
    assert along == sorted(along)
    failed, host = graph.nodes["failed"], graph.nodes["run_test"]
    assert failed.y < host.bottom < failed.bottom


def test_laying_out_again_changes_the_drawing_only(outline: dict[str, Any]) -> None:
    first = draw_outline(outline)
    parser = etree.XMLParser(remove_blank_text=True)
    moved = etree.fromstring(first, parser)
    for box in moved.iter(q("dc:Bounds")):
        box.set("x", "0")
    assert laid_out(moved) == first


def test_the_command_writes_files(tmp_path: Path) -> None:
    source, target = tmp_path / "one.yaml", tmp_path / "one.bpmn"
    source.write_text(OUTLINE, encoding="utf-8")
    assert main([str(source), str(target)]) == 0
    drawn = target.read_bytes()
    assert main([str(target)]) == 0
    assert target.read_bytes() == drawn
    assert main([]) == 2


def test_a_flow_to_nowhere_is_refused(outline: dict[str, Any]) -> None:
    outline["flows"].append("good -> nowhere")
    with pytest.raises(OutlineRefused, match="nowhere"):
        bpmn_of(outline)
