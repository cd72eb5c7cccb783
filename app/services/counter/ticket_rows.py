"""Makes trouble tickets and says what the ticket process must know of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.words import Words
from app.persistence.counter.customers import InstalledProduct
from app.persistence.numbers import next_number
from app.persistence.teamwork.tickets import TroubleTicket

#: Which test proves that a product works again; anything else is tested like an access.
TEST_TYPES: Final = {"fixed_voice": "voice", "iptv": "iptv"}
#: Products whose faults the enterprise crew repairs.
ENTERPRISE: Final = ("leased_line", "mpls_vpn", "sd_wan")


def new_ticket(
    session: Session,
    product: InstalledProduct,
    *,
    source: str,
    severity: str,
    description: str,
    who: str,
    now: datetime,
) -> TroubleTicket:
    """Write a ticket about an installed product; nobody works on it yet."""
    ticket = TroubleTicket(
        number=next_number(session, "T", now),
        product_id=product.product_id,
        product=product.product,
        customer_no=product.customer_no,
        address_code=product.address_code,
        area=product.area,
        severity=severity,
        description=description[:1000],
        opened_at=now,
        source=source,
        client=who,
    )
    session.add(ticket)
    session.flush()
    ticket.record("note", Words("故障受理", "fault accepted"), who, now, detail={"source": source})
    return ticket


def ticket_data(ticket: TroubleTicket, *, order_no: str) -> dict[str, Any]:
    """The ticket as the process `trouble_ticket` gets it; people are looked up by number when they are needed."""
    product = ticket.product or ""
    enterprise = product.startswith(ENTERPRISE)
    return {
        "id": ticket.id,
        "number": ticket.number,
        "product_id": ticket.product_id or "",
        "product": product,
        "order_no": order_no,
        "ticket_type": ticket.ticket_type,
        "severity": ticket.severity,
        "description": ticket.description,
        "source": ticket.source,
        "repair": "enterprise" if enterprise else "home",
        "test_type": "line" if product.startswith("leased_line") else TEST_TYPES.get(product, "access"),
        "area": ticket.area,
        "address_code": ticket.address_code or "",
        "contact_name": "",
        "contact_phone": "",
    }
