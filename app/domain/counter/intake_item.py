"""Reads one item of an order into our own terms and collects everything that is wrong with it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from app.domain.commands import PlaceOrder, PlaceOrderItem
from app.domain.counter.intake_facts import Facts, KnownProduct, NormalItem
from app.domain.counter.intake_places import read_places
from app.domain.counter.intake_sites import site_problems
from app.domain.products.catalogue import Catalogue, Offering, OrderType, Price, ProductSpec, serves
from app.domain.products.characteristics import check_characteristics, problem
from app.errors import FieldProblem

#: Orders that may wait behind another open order of the same product: those that billing asks for.
MAY_WAIT: Final = frozenset({"suspend", "resume", "disconnect"})


class ItemReader:
    """Reads one item; collects what is wrong with it."""

    def __init__(
        self,
        command: PlaceOrder,
        given: PlaceOrderItem,
        position: int,
        facts: Facts,
        catalogue: Catalogue,
        today: date,
    ) -> None:
        self.command, self.given, self.position = command, given, position
        self.facts, self.catalogue, self.today = facts, catalogue, today
        self.problems: list[FieldProblem] = []
        self.conflicts: dict[str, str] = {}
        self.behind: dict[str, str] = {}

    def complain(self, field_name: str, code: str, zh: str, en: str) -> None:
        self.problems.append(problem(f"productOrderItem.{self.position}.{field_name}", code, zh, en))

    def read(self) -> NormalItem | None:
        """The item in our terms, or None when it cannot be understood far enough."""
        order_type = self._order_type()
        installed = self._installed(order_type)
        offering = self._offering()
        spec = self._spec(offering, installed)
        if order_type is None or spec is None:
            return None
        self._check_fit(spec, order_type, offering, installed)
        where = f"productOrderItem.{self.position}.product.productCharacteristic."
        checked = check_characteristics(
            spec,
            order_type,
            self.given.characteristics,
            offering=offering,
            present=installed.characteristics if installed is not None else None,
            path=where,
        )
        self.problems += [*checked.problems, *site_problems(installed, self.given.characteristics, where)]
        self._complete_new_owner(checked.values)
        if self.given.quantity != 1:
            self.complain(
                "quantity", "one-per-item", "每个订单项只能订一个，请分项", "order one per item; use more items"
            )
        places = read_places(self, spec, order_type, installed)
        self._check_relationships()
        first = self.facts.addresses.get(places[0].address_code) if places else None
        home = first or installed or self.facts.customer
        if home is None:
            return None
        return NormalItem(
            item_no=self.given.item_no,
            position=self.position,
            action=self.given.action,
            order_type=order_type.code,
            product=spec.code,
            offering=offering.code if offering is not None else (installed.offering if installed is not None else None),
            product_id=self.given.product_id,
            quantity=self.given.quantity,
            characteristics=checked.values,
            places=places,
            address_code=places[0].address_code if places else None,
            area=home.area,
            area_class=first.area_class if first is not None else "urban",
            prices=self._prices(spec, order_type, offering),
            relationships=tuple({"type": tie.type, "item_no": tie.item_no} for tie in self.given.relationships),
            shares=spec.shares,
            installed=installed,
        )

    def _order_type(self) -> OrderType | None:
        given = self.given
        if given.action == "noChange":
            self.complain(
                "action", "no-work", "noChange 项没有工作，请删除该项", "a noChange item has no work; leave it out"
            )
            return None
        code = given.order_type or self._guess_order_type()
        known = self.catalogue.order_types.get(code or "")
        if known is None:
            self.complain(
                "action",
                "unknown-action",
                f"没有业务类型 {code or given.action}",
                f"there is no order type {code or given.action}",
            )
            return None
        if known.tmf_action != given.action:
            self.complain(
                "action",
                "action-mismatch",
                f"{known.name.zh}的动作应为 {known.tmf_action}",
                f"the action of {known.name.en} is {known.tmf_action}",
            )
            return None
        return known

    def _guess_order_type(self) -> str | None:
        """What TMF622 does not say: which kind of modification it is."""
        if self.given.action == "add":
            return "install"
        if self.given.action == "delete":
            return "disconnect"
        if self.given.action != "modify":
            return None
        named = self.catalogue.order_types.get(self.command.category or "")
        if named is not None and named.tmf_action == "modify":
            return named.code
        installed = self.facts.products.get(self.given.product_id or "")
        moves = installed is not None and any(
            place.address_code != installed.address_code for place in self.given.places
        )
        return "move" if moves else "change"

    def _installed(self, order_type: OrderType | None) -> KnownProduct | None:
        product_id = self.given.product_id
        installs = order_type is not None and order_type.code == "install"
        if product_id is None:
            if order_type is not None and not installs:
                self.complain("product.id", "required", "缺少产品号", "the number of the product is missing")
            return None
        if installs:
            self.complain("product.id", "not-yet", "新装没有产品号", "a product that is installed has no number yet")
            return None
        known = self.facts.products.get(product_id)
        if known is None:
            self.complain(
                "product.id", "unknown-product", f"没有找到产品 {product_id}", f"there is no product {product_id}"
            )
            return None
        if self.facts.customer is not None and known.customer_no != self.facts.customer.customer_no:
            self.complain(
                "product.id",
                "other-customer",
                f"产品 {product_id} 属于其他客户",
                f"product {product_id} is of another customer",
            )
        if order_type is not None and not self._fits_status(order_type, known):
            wanted = "/".join(order_type.product_status)
            self.complain(
                "product.id",
                "wrong-product-status",
                f"产品状态为 {known.status}，{order_type.name.zh}要求 {wanted}",
                f"the product is {known.status}; {order_type.name.en} needs {wanted}",
            )
        if known.open_order is not None:
            stands = self.behind if self._may_wait(order_type) else self.conflicts
            stands[product_id] = known.open_order
        return known

    def _fits_status(self, order_type: OrderType, known: KnownProduct) -> bool:
        """Billing may resume what is still being stopped (it waits behind that), and stop what is half stopped."""
        if known.status in order_type.product_status:
            return True
        if not self._may_wait(order_type):
            return False
        if order_type.code == "resume":
            return known.open_order_type == "suspend"
        half = known.status == "suspended" and known.stopped == "one_way"
        return order_type.code == "suspend" and half and self.given.characteristics.get("mode") == "two_way"

    def _may_wait(self, order_type: OrderType | None) -> bool:
        asked_by = self.given.characteristics.get("asked_by")
        from_billing = self.command.channel == "billing" or asked_by == "billing"
        return from_billing and order_type is not None and order_type.code in MAY_WAIT

    def _offering(self) -> Offering | None:
        code = self.given.offering
        if code is None:
            return None
        known = self.catalogue.offerings.get(code)
        if known is None:
            self.complain(
                "productOffering.id", "unknown-offering", f"没有销售品 {code}", f"there is no offering {code}"
            )
            return None
        if not known.on_sale(self.today):
            self.complain(
                "productOffering.id", "not-on-sale", f"{known.name.zh}不在销售期", f"{known.name.en} is not on sale"
            )
        customer = self.facts.customer
        if customer is not None and not serves(known.segments, customer.segment):
            self.complain(
                "productOffering.id",
                "segment-not-allowed",
                f"{known.name.zh}不面向该客户群",
                f"{known.name.en} is not for customers of this kind",
            )
        return known

    def _spec(self, offering: Offering | None, installed: KnownProduct | None) -> ProductSpec | None:
        named = self.given.product
        code = named or (offering.product if offering else None) or (installed.product if installed else None)
        spec = self.catalogue.products.get(code or "")
        if spec is None or not self._may_order(spec):
            if named is not None:
                self.complain(
                    "product.productSpecification.id",
                    "unknown-product",
                    f"没有产品 {named}",
                    f"there is no product {named}",
                )
            elif not self.problems:
                self.complain("productOffering.id", "required", "缺少销售品", "the offering is missing")
            return None
        for other, field_name in ((offering, "productOffering.id"), (installed, "product.id")):
            if other is not None and other.product != spec.code:
                self.complain(
                    field_name,
                    "product-mismatch",
                    f"与产品 {spec.name.zh} 不符",
                    f"does not belong to the product {spec.name.en}",
                )
        return spec

    def _may_order(self, spec: ProductSpec) -> bool:
        """What is ours inside, such as a segment of a line, exists for customers that are parts of the company only."""
        customer = self.facts.customer
        return not spec.internal or (customer is not None and serves(spec.segments, customer.segment))

    def _check_fit(
        self, spec: ProductSpec, order_type: OrderType, offering: Offering | None, installed: KnownProduct | None
    ) -> None:
        if order_type.code not in spec.order_types:
            self.complain(
                "action",
                "order-type-not-offered",
                f"{spec.name.zh}不办理{order_type.name.zh}",
                f"{spec.name.en} has no {order_type.name.en}",
            )
        is_sold = order_type.code == "install" and not spec.internal
        if is_sold and offering is None and self.given.offering is None:
            self.complain("productOffering.id", "required", "新装须选择销售品", "an install needs an offering")
        customer = self.facts.customer
        if installed is None and customer is not None and not serves(spec.segments, customer.segment):
            self.complain(
                "product.productSpecification.id",
                "segment-not-allowed",
                f"{spec.name.zh}不面向该客户群",
                f"{spec.name.en} is not for customers of this kind",
            )

    def _complete_new_owner(self, values: dict[str, Any]) -> None:
        """The new owner is known, and the account that pays from then on is theirs: the first one unless said."""
        number = values.get("to_customer")
        if not isinstance(number, str):
            return
        owner = self.facts.new_owners.get(number)
        where = "product.productCharacteristic."
        if owner is None:
            zh, en = f"没有找到客户 {number}", f"there is no customer {number}"
            self.complain(f"{where}to_customer", "unknown-customer", zh, en)
            return
        account = values.setdefault("to_account", next(iter(owner.accounts), ""))
        if account not in owner.accounts:
            zh, en = f"客户 {number} 没有帐户 {account}", f"customer {number} has no account {account}"
            self.complain(f"{where}to_account", "unknown-account", zh, en)

    def _check_relationships(self) -> None:
        others = {item.item_no for item in self.command.items} - {self.given.item_no}
        for tie in self.given.relationships:
            if tie.item_no not in others:
                self.complain(
                    "productOrderItemRelationship",
                    "unknown-item",
                    f"没有其他项 {tie.item_no}",
                    f"there is no other item {tie.item_no}",
                )

    def _prices(self, spec: ProductSpec, order_type: OrderType, offering: Offering | None) -> tuple[Price, ...]:
        priced: list[Price] = []
        if offering is not None and order_type.code in ("install", "change"):
            installs = order_type.code == "install"
            priced = [price for price in offering.prices if installs or price.kind != "one_off"]
        return (*priced, *self.catalogue.fees_for(spec.code, order_type.code, self.given.characteristics))
