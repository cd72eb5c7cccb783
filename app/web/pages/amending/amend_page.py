"""The page on which an order in flight is amended: the item as it is, what it would become, who amended before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from app.domain.amending.amendments import AmendmentState
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, FINAL, OrderState
from app.domain.products.catalogue import Catalogue, serves
from app.domain.promises.calendar import ZONE
from app.errors import FieldProblem, NotFound
from app.persistence.amending.amendments import Amendment
from app.persistence.counter.customer_search import find_addresses
from app.persistence.counter.customers import Address, Customer
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.products.catalogue_reader import load_catalogue
from app.services.amending.amend_previews import Preview
from app.web.addresses import Addresses
from app.web.amending.amend_draft import MORE, AmendDraft, amend_schema
from app.web.form_rendering import form_page
from app.web.pages.amending.amend_preview import amend_preview
from app.web.pages.counter.places import place_label
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import order_head
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.order_acts import AmendedPlace, AmendPage, RequestRow
from app.web.views.parts import Choice, Fault, Pair, Tag, Tone

MOST_ADDRESSES: Final = 8
OPEN_ITEMS: Final = frozenset(state.value for state in OrderState if state not in FINAL)
_STATES: Final[Mapping[AmendmentState, tuple[Sentence, str, Tone]]] = {
    AmendmentState.AWAITING_APPROVAL: (Sentence("Waits for a second person"), "clock", "warn"),
    AmendmentState.IN_PROGRESS: (Sentence("Being carried out"), "play", "run"),
    AmendmentState.DONE: (Sentence("Carried out"), "done", "ok"),
    AmendmentState.REFUSED: (Sentence("Refused"), "slash", "bad"),
    AmendmentState.ENDED: (Sentence("Dropped, the order was cancelled"), "slash", ""),
}


class Amending:
    """One item of one order that a reader wants to be different.

    :raises NotFound: there is no such order in the reader's area, or no such item.
    """

    def __init__(self, session: Session, reader: Reader, number: str, item_no: str, addresses: Addresses) -> None:
        self._session = session
        self._reader = reader
        self._addresses = addresses
        self._names = Names(session, reader)
        self.order: ProductOrder = get_order(session, reader.actor, number)
        self.catalogue: Catalogue = load_catalogue(session)
        self._open = [item for item in self.order.items if item.state in OPEN_ITEMS] or list(self.order.items)
        found = next((item for item in self._open if item.item_no == item_no), None if item_no else self._open[0])
        if found is None:
            raise NotFound(f"the order has no open line {item_no}", f"订单没有未完成的第 {item_no} 项")
        self.item: ProductOrderItem = found

    def page(
        self,
        draft: AmendDraft,
        *,
        problems: Sequence[FieldProblem] = (),
        preview: Preview | None = None,
        registry: OperationRegistry,
    ) -> AmendPage:
        """The page as far as the draft goes."""
        reader, order = self._reader, self.order
        head = order_head(order, self._names, reader, self._addresses)
        rows = self._session.scalars(
            select(Amendment).where(Amendment.order_id == order.id).order_by(Amendment.seq.desc())
        ).all()
        requests = tuple(self._request(row) for row in rows)
        why_not = self._why_not()
        if why_not:
            return AmendPage(head=head, why_not=why_not, requests=requests)
        href = self._addresses.act("orders", order.number, "amend")
        schema = amend_schema(self.item, draft.offering, self.catalogue)
        faults = self._faults(problems, draft)
        keyed = [
            FieldProblem(path=fault.field.removeprefix("f-"), code="", zh=fault.text, en=fault.text)
            for fault in faults
            if fault.field.startswith("f-")
        ]
        return AmendPage(
            head=head,
            action=f"{href}?item={self.item.item_no}",
            items=tuple(self._item_choice(item, href) for item in self._open) if len(self._open) > 1 else (),
            item_no=self.item.item_no,
            item_name=self._name_of(self.item),
            offerings=self._offerings(),
            offering=draft.offering or self.item.offering or "",
            form=form_page(schema, language=reader.language, answers=draft.answers, problems=keyed)
            if schema["components"]
            else None,
            places=self._places(draft, faults),
            reason=draft.reason,
            faults=faults,
            preview=amend_preview(preview, self._names, reader, self._addresses, registry) if preview else None,
            requests=requests,
        )

    def _why_not(self) -> str:
        t, state = self._reader.t, OrderState(self.order.state)
        if self.order.is_final:
            return t("The order has ended. Order a change from the customer's products.")
        if state not in CANCEL_STARTS_FROM:
            return t("A cancel request is being dealt with.")
        if not self._reader.may("order.amend"):
            return t("Your role may not amend orders.")
        return ""

    def _item_choice(self, item: ProductOrderItem, href: str) -> Choice:
        return Choice(f"{href}?item={item.item_no}", self._name_of(item), item.item_no)

    def _name_of(self, item: ProductOrderItem) -> str:
        line = self._reader.t.about("item", "Line {n}", n=item.item_no)
        name = self._names.offering(item.offering) or self._names.product(item.product)
        return f"{line} {name} {self._names.order_type(item.order_type)}"

    def _offerings(self) -> tuple[Choice, ...]:
        """The other offerings of the same product that this customer can have now."""
        if self.item.offering is None:
            return ()
        customer = self._session.get(Customer, self.order.customer_no) if self.order.customer_no else None
        today = self._reader.now.astimezone(ZONE).date()
        found = [
            offering
            for offering in self.catalogue.offerings.values()
            if offering.product == self.item.product
            and (
                offering.code == self.item.offering
                or (offering.on_sale(today) and (customer is None or serves(offering.segments, customer.segment)))
            )
        ]
        return tuple(Choice(each.code, self._reader.words(each.name)) for each in found) if len(found) > 1 else ()

    # ---- places

    def _places(self, draft: AmendDraft, faults: Sequence[Fault]) -> tuple[AmendedPlace, ...]:
        own = {fault.field: fault.text for fault in faults}
        places = [dict(place) for place in self.item.places]
        found = [self._place(str(at), place, at, draft, own) for at, place in enumerate(places)]
        if places and self.catalogue.products[self.item.product].places < 0:
            new = self._place(MORE, {"role": places[-1]["role"]}, len(places), draft, own)
            found.append(new)
        return tuple(found)

    def _place(
        self, key: str, place: Mapping[str, Any], at: int, draft: AmendDraft, own: Mapping[str, str]
    ) -> AmendedPlace:
        reader = self._reader
        query, chosen = draft.queries.get(key, ""), draft.places.get(key, "")
        rows = list(find_addresses(self._session, reader.actor, query, limit=MOST_ADDRESSES)[0]) if query else []
        if chosen and chosen not in {row.code for row in rows}:
            rows += [row for row in [self._session.get(Address, chosen)] if row is not None]
        role = str(place["role"])
        many = role == "site"
        return AmendedPlace(
            key=key,
            label=place_label(role, reader, at + 1 if many else 0),
            now=self._names.address(place.get("address_code")) if "address_code" in place else "",
            query=query,
            chosen=chosen,
            hits=tuple(Choice(row.code, reader.said(row, "text"), row.code) for row in rows),
            problem=own.get(f"find-{key}", ""),
            can_drop=many and key != MORE and len(self.item.places) > 2,
            is_dropped=key in draft.dropped,
            is_new=key == MORE,
        )

    # ---- problems

    def _faults(self, problems: Sequence[FieldProblem], draft: AmendDraft) -> tuple[Fault, ...]:
        english = self._reader.language == "en"
        found = {self._field(one.path, draft): one.en if english else one.zh for one in problems}
        return tuple(Fault(field, text) for field, text in found.items())

    def _field(self, path: str, draft: AmendDraft) -> str:
        if path.startswith("c-"):
            return f"f-{path}"
        if ".productCharacteristic." in path:
            return f"f-c-{path.rsplit('.', 1)[-1]}"
        if "place" in path.lower():
            changed = [key for key, code in draft.places.items() if code] or ["0"]
            return f"find-{changed[0]}"
        return "offering" if "productOffering" in path or path.endswith("offering") else ""

    # ---- what there was before

    def _request(self, row: Amendment) -> RequestRow:
        reader, t = self._reader, self._reader.t
        text, icon, tone = _STATES[AmendmentState(row.state)]
        decide_href, why_not = "", ""
        if row.state == AmendmentState.AWAITING_APPROVAL:
            if not reader.may("order.approve"):
                why_not = t("An operations manager has to agree.")
            elif row.requested_by == reader.actor.login:
                why_not = t("You asked for it yourself; somebody else has to agree.")
            else:
                decide_href = f"{self._addresses.order(self.order.number)}/amendments/{row.id}/decision"
        return RequestRow(
            at=reader.f.moment(row.at),
            who=self._names.person(row.requested_by),
            reason=row.reason or "–",
            state=Tag(t(text), icon, tone),
            fee=reader.f.money(row.fee_cny) if float(row.fee_cny) else "–",
            decided_by=self._names.person(row.decided_by) if row.decided_by else "",
            message="",
            decide_href=decide_href,
            why_not=why_not,
            detail=tuple(self._changes(row)),
        )

    def _changes(self, row: Amendment) -> list[Pair]:
        """What was asked for."""
        found: list[Pair] = []
        by_no = {item.item_no: item for item in self.order.items}
        for change in row.changes:
            item = by_no.get(str(change["item_no"]))
            if item is None:
                continue
            if change.get("offering"):
                found.append(Pair(self._reader.t("Offering"), self._names.offering(change["offering"])))
            for code, value in (change.get("characteristics") or {}).items():
                shown = self._names.value(item.product, code, value)
                found.append(Pair(self._names.characteristic(item.product, code), shown))
            for place in change.get("places") or ():
                label = place_label(str(place["role"]), self._reader)
                found.append(Pair(label, self._names.address(place["address_code"])))
        return found
