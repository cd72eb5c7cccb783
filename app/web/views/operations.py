"""The small page of operations: what is stuck, what does not agree."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.order_page import DifferenceRow, IncidentRow
from app.web.views.parts import Pair


@dataclass(frozen=True, kw_only=True)
class OperationsPage:
    """Open incidents and open differences of the reader's area."""

    incidents: tuple[IncidentRow, ...]
    differences: tuple[DifferenceRow, ...]
    may_retry: bool
    may_reconcile: bool
    last_run: tuple[Pair, ...]
    late: int
    open_orders: int
