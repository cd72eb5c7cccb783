"""``python -m scripts.draw outline.yaml file.bpmn`` draws anew; ``python -m scripts.draw file.bpmn`` lays out again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from scripts.draw.graph import read_graph
from scripts.draw.outline import bpmn_of
from scripts.draw.placement import place
from scripts.draw.routes import route_all
from scripts.draw.shapes import write_shapes

HEADER = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def laid_out(
    definitions: etree._Element, rows: Mapping[str, float] | None = None, columns: Mapping[str, int] | None = None
) -> bytes:
    """The file with a drawing of its process, the old one thrown away. Rows and columns are wishes by node id."""
    graph = read_graph(definitions)
    place(graph, rows, columns)
    write_shapes(definitions, graph, route_all(graph))
    etree.indent(definitions, space="  ")
    return HEADER + etree.tostring(definitions, encoding="utf-8") + b"\n"


def draw_outline(outline: Mapping[str, Any]) -> bytes:
    """The BPMN file an outline describes, laid out; ``row`` and ``col`` of its nodes are kept."""
    nodes: Mapping[str, Mapping[str, Any]] = outline["nodes"]
    rows = {node_id: float(node["row"]) for node_id, node in nodes.items() if "row" in node}
    columns = {node_id: int(node["col"]) for node_id, node in nodes.items() if "col" in node}
    return laid_out(bpmn_of(outline), rows, columns)


def main(arguments: list[str]) -> int:
    """Return the exit status: 2 for wrong arguments."""
    paths = [Path(argument) for argument in arguments]
    if len(paths) == 2:
        paths[1].write_bytes(draw_outline(yaml.safe_load(paths[0].read_text(encoding="utf-8"))))
        return 0
    if len(paths) == 1:
        reader = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
        paths[0].write_bytes(laid_out(etree.fromstring(paths[0].read_bytes(), reader)))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
