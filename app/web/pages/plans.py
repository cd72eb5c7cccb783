"""Which kinds of orders have a plan: asked of the decision table that the order's own process will ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from app.deps import Deps
from processes.definitions import latest_decision
from processes.errors import UnknownDecision

DECISION: Final = "work_plan"


@dataclass
class Plans:
    """Answers for one page; every answer is asked for once."""

    session: Session
    deps: Deps
    known: dict[tuple[str, str], bool] = field(default_factory=dict)

    def has(self, product: str, order_type: str) -> bool:
        """Whether an order of this kind can be carried out."""
        asked = (product, order_type)
        if asked not in self.known:
            self.known[asked] = self._ask(product, order_type)
        return self.known[asked]

    def _ask(self, product: str, order_type: str) -> bool:
        try:
            row = latest_decision(self.session, DECISION)
        except UnknownDecision:
            return False
        table = self.deps.engine.parts.definitions.decision(self.session, row.id)
        found = table.evaluate({"product": product, "order_type": order_type})
        return bool(found and found.get("plan"))
