"""One order for several installed products: what fits goes along, what does not is told with the reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.domain.commands import Place, PlaceOrder, PlaceOrderItem
from app.domain.counter.intake import Judgement, judge
from app.domain.forms import validate_form
from app.domain.products.catalogue import OrderType, ProductSpec
from app.domain.promises.calendar import ZONE
from app.errors import FieldProblem, NotFound
from app.persistence.counter.customer_search import get_customer, installed_products
from app.persistence.counter.customers import InstalledProduct
from app.persistence.counter.facts import load_facts
from app.persistence.products.catalogue_reader import load_catalogue
from app.web.addresses import Addresses
from app.web.counter.order_draft import FIND, PLACE, PREFIX, OrderDraft, change_schema, own_parts, typed
from app.web.form_rendering import answers_from_form, form_page
from app.web.pages.counter.customers import BATCH, Rows, changes_of
from app.web.pages.counter.place_fields import PlaceFields
from app.web.pages.counter.quotes import pledge_of
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.values import NO, YES
from app.web.views.customer_batch import BatchPage, LeftOut
from app.web.views.parts import Fault, Pair

MOST: Final = 50
ROLE: Final = "installation"


class Batch:
    """One order for several products, as far as it is filled in."""

    def __init__(
        self,
        session: Session,
        reader: Reader,
        addresses: Addresses,
        number: str,
        arguments: MultiDict[str, str],
        form: MultiDict[str, str] | None,
    ) -> None:
        self._session, self._reader, self._addresses = session, reader, addresses
        self._names = Names(session, reader)
        self._catalogue = load_catalogue(session)
        self._customer = get_customer(session, reader.actor, number)
        self._kind = self._kind_of(arguments.get("type", ""))
        wanted = list(dict.fromkeys(arguments.getlist("product")))[:MOST]
        have = {row.product_id: row for row in installed_products(session, reader.actor, number)}
        self._rows = Rows(session, reader, addresses, self._names, list(have.values()))
        self._chosen = [have[product] for product in wanted if product in have]
        self._left = {row.product_id: why for row in self._chosen if (why := self._why_not(row))}
        self._items = [row for row in self._chosen if row.product_id not in self._left]
        given: MultiDict[str, str] = form if form is not None else MultiDict()
        self._form = given
        self._answers = answers_from_form(self._schema(), given) if form is not None else None
        self._draft = OrderDraft(
            places={ROLE: given.get(f"{PLACE}{ROLE}", "")[:32]},
            queries={ROLE: given.get(f"{FIND}{ROLE}", "").strip()[:100]},
        )

    def _kind_of(self, code: str) -> OrderType:
        kind = self._catalogue.order_types.get(code)
        if kind is None or code not in BATCH:
            raise NotFound(f"nothing is ordered as {code} for several products", f"不能批量办理 {code}")
        return kind

    # ---- what goes along

    def _why_not(self, row: InstalledProduct) -> str:
        """Why a product cannot come along; empty where it can."""
        t, spec = self._reader.t, self._catalogue.products.get(row.product)
        locked = self._rows.locked_by(row)
        if locked:
            return t("Order {number} works on {product}.", number=locked, product=row.product_id)
        if row.parent_product_id:
            return t("It changes with its bundle {product}.", product=row.parent_product_id)
        if spec is None or self._kind.code not in spec.order_types:
            return t("There is no such order for this product.")
        if self._kind.code not in changes_of(row, self._catalogue):
            return t("This is not done with it as it is now.")
        if self._kind.code == "move" and spec.places != 1:
            return t("It has several ends or none: move it by itself.")
        if self._kind.code == "change" and row.product != self._first_product:
            return t("Only products of one kind are changed together.")
        return ""

    @property
    def _first_product(self) -> str:
        return self._chosen[0].product if self._chosen else ""

    def _spec(self, row: InstalledProduct) -> ProductSpec:
        return self._catalogue.products[row.product]

    def _schema(self) -> dict[str, Any]:
        """What is asked once for all: of a change nothing that has to be answered, for empty means as it is."""
        if self._kind.code == "change":
            if not self._items:
                return {"components": []}
            parts = change_schema(self._spec(self._items[0]), self._kind, {})["components"]
            return {"components": [_open(part) for part in parts]}
        found: dict[str, dict[str, Any]] = {}
        for row in self._items:
            for part in change_schema(self._spec(row), self._kind, {})["components"]:
                found.setdefault(part["key"], part)
        return {"components": list(found.values())}

    def command(self) -> tuple[PlaceOrder, list[FieldProblem]]:
        """The order as it stands, and what is wrong with it before anybody else looks."""
        answers, problems = validate_form(self._schema(), self._answers or {})
        answers = {key: {"true": True, "false": False}.get(str(value), value) for key, value in answers.items()}
        where = self._draft.places.get(ROLE, "")
        places = (Place(role=ROLE, address_code=where),) if self._kind.code == "move" and where else ()
        if self._kind.code == "move" and not where:
            problems.append(
                FieldProblem(path=f"{PLACE}{ROLE}", code="required", zh="请选择地址。", en="Choose an address.")
            )
        if not self._items:
            zh, en = "没有可以一起办理的产品", "none of the products can come along"
            problems.append(FieldProblem(path="", code="required", zh=zh, en=en))
        items = tuple(
            PlaceOrderItem(
                item_no=str(place),
                action=self._kind.tmf_action,
                order_type=self._kind.code,
                offering=None,
                product_id=row.product_id,
                characteristics=self._values(row, answers),
                places=places,
            )
            for place, row in enumerate(self._items, start=1)
        )
        if self._kind.code == "change" and items and not any(item.characteristics for item in items):
            zh, en = "没有任何改动", "nothing is changed"
            problems.append(FieldProblem(path="", code="nothing-changed", zh=zh, en=en))
        channel = "account_manager" if self._reader.actor.role == "account_manager" else "counter"
        command = PlaceOrder(
            external_id=None,
            channel=channel,
            category=self._kind.code,
            customer_no=self._customer.customer_no,
            description=self._form.get("description", "").strip()[:500],
            items=items,
        )
        return command, problems

    def _values(self, row: InstalledProduct, answers: Mapping[str, Any]) -> dict[str, Any]:
        spec = self._spec(row)
        known = {part.code for part in own_parts(spec, self._kind)}
        if self._kind.code == "change":
            known |= set(spec.characteristics)
        said = {key: value for key, value in answers.items() if value not in ("", None)}
        mine = {key: value for key, value in said.items() if key.removeprefix(PREFIX) in known}
        return typed(spec, self._kind, mine, dict(row.characteristics))

    def body_hash(self) -> str:
        """Tells two different orders apart."""
        kept = sorted((name, value) for name, value in self._form.items(multi=True) if name != "csrf_token")
        return hashlib.sha256(json.dumps([kept, [row.product_id for row in self._items]]).encode()).hexdigest()

    # ---- the page

    def page(self, problems: Sequence[FieldProblem] = ()) -> BatchPage:
        """The page, with what is wrong at the product or field it is about."""
        t, href = self._reader.t, self._addresses.customer(self._customer.customer_no)
        command, _ = self.command()
        judgement = self._judgement(command)
        said = {problem.path: problem.en if self._reader.language == "en" else problem.zh for problem in problems}
        keyed = [FieldProblem(path=path, code="", zh=text, en=text) for path, text in said.items()]
        schema = self._schema()
        fields = PlaceFields(self._session, self._reader, self._draft, self._customer)
        place_problem = said.get(f"{PLACE}{ROLE}", "")
        chosen = "&".join(f"product={row.product_id}" for row in self._chosen)
        return BatchPage(
            number=self._customer.customer_no,
            customer=self._names.customer(self._customer),
            customer_href=href,
            kind=self._names.order_type(self._kind.code),
            rows=tuple(self._rows.row(row) for row in self._items),
            left_out=tuple(
                LeftOut(name=self._product_name(row), product_id=row.product_id, why=self._left[row.product_id])
                for row in self._chosen
                if row.product_id in self._left
            ),
            place=fields.field(ROLE, place_problem) if self._kind.code == "move" and self._items else None,
            form=form_page(schema, language=self._reader.language, answers=self._answers, problems=keyed)
            if schema["components"]
            else None,
            form_note=t("What is left empty stays as it is.") if self._kind.code == "change" else "",
            description=self._form.get("description", ""),
            totals=self._totals(judgement),
            faults=tuple(Fault(self._field_of(path), self._text_of(path, text)) for path, text in said.items()),
            action=f"{href}/batch?type={self._kind.code}&{chosen}",
        )

    def _judgement(self, command: PlaceOrder) -> Judgement:
        facts = load_facts(self._session, command, self._reader.actor)
        today = self._reader.now.astimezone(ZONE).date()
        return judge(command, facts, self._catalogue, self._reader.actor, today=today)

    def _totals(self, judgement: Judgement) -> tuple[Pair, ...]:
        t, f = self._reader.t, self._reader.f
        if not judgement.items:
            return ()
        once = sum((item.total_cny("one_off") for item in judgement.items), Decimal(0))
        pledges = [pledge_of(self._session, self._reader, self._customer, item) for item in judgement.items]
        latest = max((one for one in pledges if one is not None), key=lambda one: one.iso, default=None)
        found = [Pair(t("Products"), str(len(judgement.items))), Pair(t("Charged once"), f.money(once))]
        if latest is not None:
            found.append(Pair(t("All done by"), latest.when))
        return tuple(found)

    def _product_name(self, row: InstalledProduct) -> str:
        return self._names.offering(row.offering) or self._names.product(row.product)

    def _field_of(self, path: str) -> str:
        if path.startswith(PREFIX):
            return f"f-{path}"
        if path.endswith("product.place") or path == f"{PLACE}{ROLE}":
            return f"{PLACE}{ROLE}"
        return f"f-{PREFIX}{path.rsplit('.', 1)[-1]}" if ".productCharacteristic." in path else ""

    def _text_of(self, path: str, text: str) -> str:
        """The sentence with the product it is about."""
        parts = path.split(".")
        place = int(parts[1]) if len(parts) > 1 and parts[0] == "productOrderItem" and parts[1].isdigit() else -1
        return f"{self._items[place].product_id}: {text}" if 0 <= place < len(self._items) else text


def _open(part: Mapping[str, Any]) -> dict[str, Any]:
    """A question that may stay unanswered; yes or no becomes a choice, for an empty box would mean no."""
    free = {**part, "defaultValue": None, "validate": {**part["validate"], "required": False}}
    if part["type"] != "checkbox":
        return free
    values = [
        {"value": "true", "label": YES.zh, "labelEn": YES.en},
        {"value": "false", "label": NO.zh, "labelEn": NO.en},
    ]
    return {**free, "type": "select", "values": values}
