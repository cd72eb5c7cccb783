"""Which step is looked at on the page of repairs, and what the reader wants to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.persistence.ordering.orders import ProductOrder
from app.services.ordering.order_diagrams import Mark, Run
from processes.spiff.definition import ElementInfo

#: Where a token can be taken to.
STEPS: Final = frozenset(
    {"userTask", "serviceTask", "businessRuleTask", "callActivity", "receiveTask", "subProcess", "scriptTask"}
    | {"intermediateCatchEvent", "manualTask", "sendTask"}
)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What the reader looks at, as the address or the form says. ``values`` are the fields that were typed."""

    act: str = ""
    to: str = ""
    looked: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Spot:
    """The step that is looked at. ``incident``: see :func:`app.services.repairs.incident_view.incident_view`;
    or None."""

    order: ProductOrder
    run: Run
    element: ElementInfo | None
    elements: Mapping[str, ElementInfo]
    marks: Mapping[str, Mark]
    incident: Mapping[str, Any] | None
    data: Mapping[str, Any]
