"""Which kinds of orders have a plan: asked of the decision table that the order's own process will ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.deps import Deps
from app.services.ordering.plans import has_plan


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
            self.known[asked] = has_plan(
                self.session, self.deps.engine, product, order_type, ordered_at=self.deps.clock(self.session)
            )
        return self.known[asked]
