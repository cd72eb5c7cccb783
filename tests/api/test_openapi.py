"""The published description says what the code does: every JSON route, its rights and its errors."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.api import all_routes
from app.api.door import NOBODY
from tests.api.world import World

JSON_PREFIXES = ("/api/", "/tmf-api/", "/healthz", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def document(world: World) -> dict[str, Any]:
    answer = world.app.test_client().get("/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_json_route_is_described_and_nothing_else(world: World, document: dict[str, Any]) -> None:
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith(JSON_PREFIXES)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert operations(document).keys() == served


def test_it_is_openapi_3_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.0.")
    references = set(re.findall(r"'\$ref': '#/components/(\w+)/(\w+)'", str(document)))
    assert references
    for kind, name in references:
        assert name in document["components"][kind], name
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(names) == len(set(names))


def test_rights_and_refusals_are_said(document: dict[str, Any]) -> None:
    described = operations(document)
    for route in all_routes():
        operation = described[route.method, re.sub(r"<(\w+)>", r"{\1}", route.path)]
        if route.right == NOBODY:
            assert operation["security"] == []
            continue
        assert {"bearer": []} in operation["security"]
        assert "401" in operation["responses"]
        if route.body is not None:
            assert {"400", "413", "415"} <= operation["responses"].keys()
            assert operation["requestBody"]["required"] is True


def test_inputs_are_closed(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    order = schemas["ProductOrderIn"]
    assert order["additionalProperties"] is False
    assert order["required"] == ["productOrderItem"]
    assert order["properties"]["requestedStartDate"] == {"type": "string", "format": "date-time"}
    assert schemas["ItemIn"]["properties"]["action"]["enum"] == ["add", "modify", "delete", "noChange"]
