"""The counter's page: customer, offering, details, checks; what is known decides what is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.commands import PlaceOrder
from app.domain.counter.intake import Judgement, judge
from app.domain.forms import validate_form
from app.domain.products.catalogue import Catalogue, Offering, OrderType, ProductSpec
from app.domain.promises.calendar import ZONE
from app.errors import FieldProblem, NotFound
from app.persistence.counter.customer_search import (
    get_customer,
    get_product,
)
from app.persistence.counter.customers import Customer, InstalledProduct
from app.persistence.counter.facts import load_facts
from app.persistence.products.catalogue_reader import load_catalogue
from app.web.addresses import Addresses
from app.web.counter.counter_checks import CheckAnswer
from app.web.counter.order_draft import PREFIX, OrderDraft, change_schema, characteristics_schema, place_roles, typed
from app.web.form_rendering import form_page
from app.web.pages.counter.order_beginning import find_customer
from app.web.pages.counter.order_checks import check_row, release_note
from app.web.pages.counter.order_owner import FIELD, owner_field, picked_keys
from app.web.pages.counter.place_fields import PlaceFields
from app.web.pages.counter.plans import Plans
from app.web.pages.counter.quotes import offering_card, pledge_of, price_list
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.new_order import (
    CheckRow,
    NewOrder,
    OfferingCard,
    OfferingGroup,
    PlaceField,
)
from app.web.views.parts import Choice, Fault, Pair

#: What a judgement says of a product that is worked on, and of a customer nobody may sell to.
BUSY: Final = "open-order"
BLOCKED: Final = "blacklisted"
#: What happens, said above the form.
KIND_NOTES: Final = {
    "move": Sentence("Choose the new address. Number and contract stay, the old line is taken down afterwards."),
    "change": Sentence("Below is how the product is now. What you change is changed, all else stays."),
    "disconnect": Sentence("The service is taken down and its resources released; the last bill follows."),
    "suspend": Sentence("The service stops, resources and number are kept for the customer."),
    "resume": Sentence("The service runs again as it was."),
    "owner_change": Sentence("The service goes on, from now on somebody else pays. Both must have agreed."),
}


class Counter:
    """Everything the counter's page needs, for one reader and one draft."""

    def __init__(self, session: Session, reader: Reader, addresses: Addresses, plans: Plans, draft: OrderDraft) -> None:
        self._session = session
        self._reader = reader
        self._addresses = addresses
        self._plans = plans
        self.draft = draft
        self._names = Names(session, reader)
        self.catalogue: Catalogue = load_catalogue(session)
        self._installed: InstalledProduct | None = None
        number = draft.customer_no
        if draft.product_id:
            self._installed = get_product(session, reader.actor, draft.product_id)
            number = self._installed.customer_no
        self.customer: Customer | None = get_customer(session, reader.actor, number) if number else None

    # ---- what is being ordered

    @property
    def offering(self) -> Offering | None:
        """The offering chosen. :raises NotFound: there is none of that code, or it is not for this customer."""
        if not self.draft.offering:
            return None
        if self.draft.offering not in {each.code for each in self._on_sale()}:
            raise NotFound(f"{self.draft.offering} is not on sale here", f"{self.draft.offering} 不在可售范围内")
        return self.catalogue.offerings[self.draft.offering]

    @property
    def spec(self) -> ProductSpec | None:
        """The product chosen, by offering or by what is installed."""
        if self._installed is not None:
            return self.catalogue.products[self._installed.product]
        return self.catalogue.products[self.offering.product] if self.offering else None

    @property
    def kind(self) -> OrderType:
        """What is done with the product. :raises NotFound: this is not done with it."""
        found = self.catalogue.order_types.get(self.draft.order_type)
        offered = self.spec.order_types if self.spec is not None else self.catalogue.order_types
        if found is None or found.code not in offered or (found.code == "install") != (self._installed is None):
            code = self.draft.order_type
            raise NotFound(f"there is no {code} of this product", f"该产品没有 {code} 业务")
        return found

    @property
    def _present(self) -> dict[str, Any]:
        """What the installed product is now; nothing for a new one."""
        return dict(self._installed.characteristics) if self._installed is not None else {}

    def schema(self) -> dict[str, Any]:
        """What is asked for: of a new product everything, of an installed one what an order of this kind may say."""
        spec = self.spec
        if spec is None:
            return {"components": []}
        if self._installed is not None:
            return change_schema(spec, self.kind, self._present)
        return characteristics_schema(spec, self.offering.fixed if self.offering else {})

    def command(self) -> tuple[PlaceOrder, list[FieldProblem]]:
        """The order as it stands, and what is wrong with the answers themselves."""
        spec = self.spec
        answers, problems = validate_form(self.schema(), self.draft.answers or {})
        channel = "account_manager" if self._reader.actor.role == "account_manager" else "counter"
        draft = self.draft if self.draft.customer_no or self.customer is None else self._with_customer()
        values = typed(spec, self.kind, answers, self._present) if spec else {}
        return draft.command(values, action=self.kind.tmf_action, channel=channel, zone=self._reader.zone), problems

    def _with_customer(self) -> OrderDraft:
        number = self.customer.customer_no if self.customer else ""
        return OrderDraft(**{**vars(self.draft), "customer_no": number})

    def judgement(self, command: PlaceOrder) -> Judgement:
        """What our own data says of the order."""
        facts = load_facts(self._session, command, self._reader.actor)
        today = self._reader.now.astimezone(ZONE).date()
        return judge(command, facts, self.catalogue, self._reader.actor, today=today)

    def faults(self, problems: Sequence[FieldProblem]) -> tuple[Fault, ...]:
        """Problems as sentences with the field they belong to."""
        english = self._reader.language == "en"
        found = {self._field_of(one.path): one.en if english else one.zh for one in problems if one.code != BUSY}
        if any(one.code == BLOCKED for one in problems) and self.customer is not None:
            found[""] += ("" if english else "。") + release_note(self._session, self._reader, self.customer.area)
        return tuple(Fault(field, text) for field, text in found.items())

    def _field_of(self, path: str) -> str:
        if path.startswith(PREFIX):
            return f"f-{path}"
        if ".productCharacteristic." in path:
            return f"f-{PREFIX}{path.rsplit('.', 1)[-1]}"
        if path.endswith("product.place") and self.spec is not None:
            roles = place_roles(self.spec, self.kind)
            missing = [role for role in roles if not self.draft.places.get(role)]
            return f"place-{(missing or list(roles) or [''])[0]}"
        return {"externalId": "external", "billingAccount": "account"}.get(path, "")

    # ---- the page

    def page(self, *, problems: Sequence[FieldProblem] = (), checks: Sequence[CheckAnswer] = ()) -> NewOrder:
        """The page as far as the draft goes."""
        if self.customer is None:
            return find_customer(self._session, self._reader, self._addresses, self.draft.customer_query)
        if self.spec is None:
            return self._choose_offering()
        return self._fill_in(problems, checks)

    def _choose_offering(self) -> NewOrder:
        groups: dict[str, list[OfferingCard]] = defaultdict(list)
        for offering in self._on_sale():
            href = self._addresses.new_order(customer=self.draft.customer_no, offering=offering.code)
            groups[offering.product].append(offering_card(self._reader, offering, href))
        return replace(
            self._head(),
            groups=tuple(
                OfferingGroup(
                    product=self._names.product(product),
                    note=" + ".join(
                        self._names.product(part.product) for part in self.catalogue.products[product].components
                    ),
                    cards=tuple(cards),
                )
                for product, cards in groups.items()
            ),
        )

    def _on_sale(self) -> list[Offering]:
        today = self._reader.now.astimezone(ZONE).date()
        segment = self.customer.segment if self.customer else None
        return [
            offering
            for offering in self.catalogue.on_sale(today, segment=segment)
            if self._plans.has(offering.product, "install")
        ]

    def _head(self) -> NewOrder:
        """The parts of the page that every step shows."""
        customer, t = self.customer, self._reader.t
        if customer is None:
            return NewOrder(action=self._action())
        arrears = [a.arrears_cny for a in customer.accounts if a.arrears_cny not in ("0.00", "0")]
        facts = [Pair(t("Customer number"), customer.customer_no), Pair(t("Tier"), self._names.tier(customer.tier))]
        if customer.credit_score:
            facts.append(Pair(t("Credit"), t("credit {score}", score=customer.credit_score)))
        facts.append(Pair(t("Credit"), t("arrears {amount}", amount=f"¥{arrears[0]}") if arrears else t("no arrears")))
        return NewOrder(
            customer_no=customer.customer_no,
            customer=self._names.customer(customer),
            customer_facts=tuple(facts),
            change_customer_href=self._addresses.new_order(),
            action=self._action(),
        )

    def _action(self) -> str:
        draft = self.draft
        if draft.product_id:
            return self._addresses.new_order(product=draft.product_id, type=draft.order_type, quote=draft.quote)
        return self._addresses.new_order(customer=draft.customer_no, offering=draft.offering, quote=draft.quote)

    def _fill_in(self, problems: Sequence[FieldProblem], checks: Sequence[CheckAnswer]) -> NewOrder:
        draft, spec, t = self.draft, self.spec, self._reader.t
        if spec is None or self.customer is None:
            raise TypeError("nothing is chosen yet")
        faults = self.faults(problems)
        command, _ = self.command()
        judgement = self.judgement(command)
        item = judgement.items[0] if judgement.items else None
        name = self._names.offering(draft.offering) or self._product_name()
        own = {f.field: f.text for f in faults}
        keyed = [
            FieldProblem(path=field.removeprefix("f-"), code="", zh=text, en=text)
            for field, text in own.items()
            if field.startswith("f-")
        ]
        is_change = self._installed is not None
        asked = self._typed_schema()
        return replace(
            self._head(),
            offering=draft.offering,
            offering_name=name,
            product_id=draft.product_id,
            order_type=draft.order_type,
            kind=f"{self._names.order_type(self.kind.code)} · {name}" if is_change else "",
            kind_note=t(KIND_NOTES[self.kind.code]) if self.kind.code in KIND_NOTES else "",
            form=form_page(asked, language=self._reader.language, answers=draft.answers, problems=keyed)
            if asked["components"]
            else None,
            owner=owner_field(
                self._session,
                self._reader,
                self.kind,
                query=draft.queries.get(FIELD, ""),
                answers=draft.answers or {},
                own=own,
            ),
            busy=self._busy(judgement),
            places=self._place_fields(own),
            accounts=tuple(Choice(a.account_no, a.account_no) for a in self.customer.accounts),
            account_no=draft.account_no,
            external_id=draft.external_id,
            start_date=draft.start_date,
            description=draft.description,
            quote=draft.quote,
            quote_href=self._addresses.quote(draft.quote) if draft.quote else "",
            checks=self.checked(judgement, checks),
            checks_href=self._addresses.checks(self._action()),
            asks_at_once=bool(judgement.items) and not judgement.problems,
            pledge=pledge_of(self._session, self._reader, self.customer, item),
            prices=price_list(self._reader, item),
            faults=faults,
            change_offering_href="" if is_change else self._addresses.new_order(customer=self.customer.customer_no),
        )

    def checked(self, judgement: Judgement, answers: Sequence[CheckAnswer]) -> tuple[CheckRow, ...]:
        """What the neighbours answered, in words."""
        roles = {code: role for role, code in self.draft.places.items()}
        return tuple(
            check_row(self._session, self._reader, one, area=judgement.area, role=roles.get(one.address_code, ""))
            for one in answers
        )

    def _place_fields(self, own: Mapping[str, str]) -> tuple[PlaceField, ...]:
        spec = self.spec
        roles = place_roles(spec, self.kind) if spec is not None else ()
        fields = PlaceFields(self._session, self._reader, self.draft, self.customer)
        return tuple(fields.field(role, own.get(f"place-{role}", "")) for role in roles)

    def _typed_schema(self) -> dict[str, Any]:
        """The questions that are answered by typing; the others are chosen from what is found."""
        picked = picked_keys(self.kind)
        parts: list[dict[str, Any]] = list(self.schema()["components"])
        return {"components": [part for part in parts if part["key"] not in picked]}

    def _busy(self, judgement: Judgement) -> tuple[Fault, ...]:
        """Open orders that work on the product: this one cannot be placed before they have ended."""
        t = self._reader.t
        return tuple(
            Fault("", t("Order {number} works on {product}.", number=number, product=product), href)
            for product, number in judgement.conflicts.items()
            for href in [self._addresses.order(number)]
        )

    def _product_name(self) -> str:
        if self._installed is None:
            return ""
        return self._names.offering(self._installed.offering) or self._names.product(self._installed.product)
