"""Names for codes, in the reader's language: read once per page, small tables as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.masking import mask_address, mask_customer, mask_person
from app.domain.words import Words
from app.persistence.areas import Area
from app.persistence.counter.customers import Address, Customer
from app.persistence.people import Team, TeamRole, User
from app.persistence.products.catalogue import Channel, Offering, OrderType, ProductSpec
from app.persistence.products.catalogue import Segment as SegmentRow
from app.persistence.promises.rule_books import tiers, work_order_types
from app.web.reader import Reader
from app.web.values import valued
from app.web.views.parts import Choice

SYSTEMS: Final[Mapping[str, Words]] = {
    "resource": Words("资源系统", "Resource system"),
    "provisioning": Words("联机指令", "Provisioning"),
    "billing": Words("计费系统", "Billing system"),
    "fault": Words("故障系统", "Fault system"),
    "area": Words("其他区域", "Another area"),
    "order": Words("一站", "Yizhan"),
    "ticket": Words("一站", "Yizhan"),
}
#: Which neighbour does the steps of a plan, by a word in the name of the step's kind; the first that fits.
STEP_SYSTEMS: Final = (
    ("reconcile", "order"),
    ("billing", "billing"),
    ("bill", "billing"),
    ("subscription", "billing"),
    ("charg", "billing"),
    ("resource", "resource"),
    ("trouble", "fault"),
)
#: Words in the kind of a step that people do; a step that calls another process does not say so before it runs.
PEOPLE_STEPS: Final = (
    "install",
    "remove_",
    "recover",
    "design",
    "acceptance",
    "review",
    "request",
    "appointment",
    "survey",
)
PERSONS: Final = frozenset({"individual", "person", "staff"})


class Names:
    """Looks up what codes are called; everything is read when first asked for."""

    def __init__(self, session: Session, reader: Reader) -> None:
        self._session = session
        self._reader = reader
        self._people: dict[str, str] = {
            "system": reader.words(Words("系统", "System")),
            "customer": reader.words(Words("客户", "Customer")),
        }

    def product(self, code: str | None) -> str:
        return self._products.get(code or "", code or "")

    def offering(self, code: str | None) -> str:
        return self._offerings.get(code or "", "")

    def order_type(self, code: str) -> str:
        return self._order_types.get(code, code)

    def channel(self, code: str) -> str:
        return self._channels.get(code, code)

    def segment(self, code: str) -> str:
        return self._segments.get(code, code)

    def tier(self, code: str) -> str:
        return self._tiers.get(code, code)

    def area(self, code: str) -> str:
        return self._areas.get(code, code)

    def team(self, code: str | None) -> str:
        return self._teams.get(code or "", "")

    def team_role(self, code: str | None) -> str:
        return self._team_roles.get(code or "", code or "")

    def work_order_type(self, code: str) -> Mapping[str, Any]:
        return self._work_order_types.get(code, {})

    def system(self, operation: str) -> str:
        """The neighbour that does an operation such as ``billing.start_charging``."""
        return self._reader.words(SYSTEMS.get(operation.split(".")[0], Words(operation, operation)))

    def is_for_people(self, kind: str) -> bool:
        """Whether people do the steps of this kind."""
        return any(word in kind for word in PEOPLE_STEPS)

    def step_system(self, kind: str) -> str:
        """The neighbour that does an automatic step of a plan; most of them are done in the network."""
        operation = str(self.work_order_type(kind).get("operation", ""))
        found = next((system for word, system in STEP_SYSTEMS if word in kind), "provisioning")
        return self.system(operation or found)

    def person(self, login: str | None) -> str:
        """A member of staff, masked; an unknown login as it is."""
        if not login:
            return ""
        if login not in self._people:
            self.know_people([login])
        return self._people[login]

    def know_people(self, logins: Iterable[str | None]) -> None:
        """Read several people at once."""
        missing = {login for login in logins if login and login not in self._people}
        if not missing:
            return
        rows = self._session.scalars(select(User).where(User.login.in_(missing)))
        english = self._reader.language == "en"
        found = {row.login: row.name_en if english else mask_person(row.name_zh) for row in rows}
        self._people |= {login: found.get(login, login) for login in missing}

    def customer(self, customer: Customer | None) -> str:
        """A customer as a list may show it: people masked, companies whole."""
        if customer is None:
            return "–"
        is_person = customer.kind in PERSONS
        english = self._reader.language == "en" and not is_person and customer.name_en
        return mask_customer(customer.name_en if english else customer.name, is_person=is_person)

    def customers(self, numbers: Iterable[str | None]) -> dict[str, Customer]:
        """Customers by number."""
        wanted = {number for number in numbers if number}
        rows = self._session.scalars(select(Customer).where(Customer.customer_no.in_(wanted))) if wanted else ()
        return {row.customer_no: row for row in rows}

    def address(self, code: str | None, *, whole: bool = False) -> str:
        """An address, masked unless the reader has to go there."""
        row = self._session.get(Address, code) if code else None
        if row is None:
            return code or ""
        text = self._reader.said(row, "text")
        return text if whole else mask_address(text)

    def value(self, product: str, code: str, value: Any) -> str:
        """A characteristic's value with its unit, as people read it."""
        part = next((c for c in self._characteristics(product) if c["code"] == code), {})
        return valued(value, str(part.get("unit", "")), self._reader.language)

    def characteristic(self, product: str, code: str) -> str:
        """What a characteristic is called."""
        part = next((c for c in self._characteristics(product) if c["code"] == code), None)
        return self._reader.said_in(part) if part else code

    def _characteristics(self, product: str) -> list[Mapping[str, Any]]:
        row = self._session.get(ProductSpec, product)
        return list(row.body.get("characteristics", ())) if row else []

    def _table(self, entity: Any, key: str = "code") -> dict[str, str]:
        rows = self._session.scalars(select(entity))
        return {getattr(row, key): self._reader.said(row) for row in rows}

    def all_products(self) -> tuple[Choice, ...]:
        """Every product, by name."""
        return tuple(Choice(code, name) for code, name in sorted(self._products.items(), key=lambda one: one[1]))

    def all_tiers(self) -> tuple[Choice, ...]:
        """Every tier of customers."""
        return tuple(Choice(code, name) for code, name in self._tiers.items())

    @cached_property
    def _products(self) -> dict[str, str]:
        return self._table(ProductSpec)

    @cached_property
    def _offerings(self) -> dict[str, str]:
        return self._table(Offering)

    @cached_property
    def _order_types(self) -> dict[str, str]:
        return self._table(OrderType)

    @cached_property
    def _channels(self) -> dict[str, str]:
        return self._table(Channel)

    @cached_property
    def _segments(self) -> dict[str, str]:
        return self._table(SegmentRow)

    @cached_property
    def _areas(self) -> dict[str, str]:
        return self._table(Area)

    @cached_property
    def _teams(self) -> dict[str, str]:
        return self._table(Team)

    @cached_property
    def _team_roles(self) -> dict[str, str]:
        return self._table(TeamRole)

    @cached_property
    def _tiers(self) -> dict[str, str]:
        return {code: self._reader.said_in(row) for code, row in tiers(self._session).items()}

    @cached_property
    def _work_order_types(self) -> dict[str, Mapping[str, Any]]:
        return work_order_types(self._session)
