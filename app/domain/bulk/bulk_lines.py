"""One line of a bulk order's sheet becomes the command of one order, or a list of what is wrong, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from app.domain.bulk.bulk_columns import Headings
from app.domain.commands import Place, PlaceOrder, PlaceOrderItem
from app.domain.counter.intake_start import ZONE
from app.domain.products.catalogue import Catalogue, Characteristic, OrderType, ProductSpec
from app.domain.sheets import Line, cell_name
from app.errors import FieldProblem

YES: Final = frozenset({"是", "yes", "true", "1", "y"})
NO: Final = frozenset({"否", "no", "false", "0", "n"})
PRIORITIES: Final = ("0", "1", "2", "3", "4")
FIRST_ROLES: Final = {1: ("installation",), 2: ("a_end", "z_end")}
LONGEST: Final = {"external_id": 64, "description": 500}


@dataclass(frozen=True, kw_only=True)
class CellProblem:
    """What is wrong with a line. ``cell`` as in ``C7``; empty where the line as a whole is to blame."""

    line: int
    cell: str
    heading: str
    value: str
    code: str
    zh: str
    en: str

    def as_data(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Context:
    """What is the same for all lines."""

    headings: Headings
    catalogue: Catalogue
    channel: str
    #: By number of an installed product, what product it is; of those that the lines name and that are known.
    product_of: Mapping[str, str]


class LineReader:
    """Reads one line; collects what is wrong with it."""

    def __init__(self, line: Line, context: Context) -> None:
        self.line, self.context = line, context
        self.problems: list[CellProblem] = []

    def read(self) -> PlaceOrder | None:
        """The command, or None when the line says too little to be one."""
        customer = self.needed("customer_no")
        order_type = self._order_type()
        if customer is None or order_type is None:
            return None
        spec = self._spec()
        item = PlaceOrderItem(
            item_no="1",
            action=order_type.tmf_action,
            order_type=order_type.code,
            offering=self.text("offering") or None,
            product=self.text("product") or None,
            product_id=self.text("product_id") or None,
            characteristics=self._values(spec, order_type),
            places=self._places(spec),
        )
        priority = self.text("priority") or None
        if priority is not None and priority not in PRIORITIES:
            self.blame("priority", "not-allowed", "只能是 0 至 4", "must be 0 to 4")
        for code, most in LONGEST.items():
            if len(self.text(code)) > most:
                self.blame(code, "too-long", f"最多 {most} 个字", f"at most {most} characters")
        return PlaceOrder(
            external_id=self.text("external_id") or None,
            channel=self.context.channel,
            items=(item,),
            description=self.text("description"),
            category=order_type.code,
            priority=priority,
            requested_start_date=self._instant("requested_start_date"),
            requested_completion_date=self._instant("requested_completion_date"),
            customer_no=customer,
            account_no=self.text("account_no") or None,
        )

    def text(self, code: str) -> str:
        place = self.context.headings.named.get(code)
        return self.line.cells[place] if place is not None else ""

    def needed(self, code: str) -> str | None:
        found = self.text(code)
        if not found:
            self.blame(code, "required", "不能为空", "must not be empty")
        return found or None

    def blame(self, code: str, why: str, zh: str, en: str) -> None:
        self._blame_place(self.context.headings.named.get(code), why, zh, en)

    def blame_field(self, problem: FieldProblem) -> None:
        """Take over what the judgement of an order said, and point at the cell it is about."""
        place = self.context.headings.place_of(problem.path)
        self._blame_place(place, problem.code, problem.zh, problem.en)

    def _blame_place(self, place: int | None, why: str, zh: str, en: str) -> None:
        self.problems.append(
            CellProblem(
                line=self.line.number,
                cell="" if place is None else cell_name(place, self.line.number),
                heading="" if place is None else self.context.headings.texts[place],
                value="" if place is None else self.line.cells[place],
                code=why,
                zh=zh,
                en=en,
            )
        )

    def _order_type(self) -> OrderType | None:
        word = self.needed("order_type")
        if word is None:
            return None
        for known in self.context.catalogue.order_types.values():
            if word.casefold() in {known.code, known.name.zh, known.name.en.casefold(), known.short_zh}:
                return known
        self.blame("order_type", "unknown-action", f"没有业务类型 {word}", f"there is no order type {word}")
        return None

    def _spec(self) -> ProductSpec | None:
        offering = self.context.catalogue.offerings.get(self.text("offering"))
        code = self.text("product") or (offering.product if offering else "")
        code = code or self.context.product_of.get(self.text("product_id"), "")
        return self.context.catalogue.products.get(code)

    def _values(self, spec: ProductSpec | None, order_type: OrderType) -> dict[str, Any]:
        known = {part.code: part for part in order_type.characteristics}
        known |= spec.characteristics if spec is not None else {}
        values: dict[str, Any] = {}
        for place, codes in self.context.headings.characteristics.items():
            text = self.line.cells[place]
            if not text:
                continue
            meant = sorted(codes & known.keys())
            if not meant:
                if spec is not None:
                    self._blame_place(
                        place,
                        "unknown-characteristic",
                        f"{spec.name.zh}没有该特性",
                        f"{spec.name.en} has no such characteristic",
                    )
                continue
            values[meant[0]] = _value(known[meant[0]], text)
        return values

    def _places(self, spec: ProductSpec | None) -> tuple[Place, ...]:
        codes = [code for code in (self.text("address_code"), self.text("address_code_2")) if code]
        if spec is not None and spec.places < 0:
            return tuple(Place(role="site", address_code=code) for code in codes)
        return tuple(
            Place(role=role, address_code=code)
            for role, code in zip(FIRST_ROLES.get(len(codes), ()), codes, strict=False)
        )

    def _instant(self, code: str) -> datetime | None:
        """A day, or a day with a time, in China."""
        text = self.text(code).replace("/", "-")
        if not text:
            return None
        try:
            if len(text) <= 10:
                year, month, day = (int(part) for part in text.split("-"))
                return datetime.combine(date(year, month, day), time(), ZONE).astimezone(UTC)
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo is not None else at.replace(tzinfo=ZONE)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.blame(code, "not-a-date", "应为日期，如 2026-12-01", "must be a date such as 2026-12-01")
            return None


def _value(part: Characteristic, text: str) -> Any:
    """The text as the characteristic has it; what is not one stays text, so that the check can say so."""
    if part.type == "integer" and text.lstrip("-").isascii() and text.lstrip("-").isdigit():
        return int(text)
    if part.type == "boolean":
        return True if text.casefold() in YES else False if text.casefold() in NO else text
    return text


def twice(readers: Iterable[LineReader], codes: Sequence[str] = ("external_id", "product_id")) -> None:
    """Blame every line that says again what an earlier one has said."""
    seen: dict[tuple[str, str], int] = {}
    for reader in readers:
        for code in codes:
            value = reader.text(code)
            if not value:
                continue
            first = seen.setdefault((code, value), reader.line.number)
            if first != reader.line.number:
                reader.blame(code, "twice-in-file", f"与第 {first} 行重复", f"line {first} says the same")
