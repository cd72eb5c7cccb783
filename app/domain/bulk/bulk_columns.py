"""What the headings of a bulk order's sheet mean: columns of ours, and characteristics of products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.domain.products.catalogue import Catalogue, Characteristic
from app.domain.sheets import SheetRefused, cell_name
from app.domain.words import Words


@dataclass(frozen=True)
class Column:
    """A column that every sheet may have. ``path``: where its value goes in an order, as problems name it."""

    code: str
    name: Words
    path: str


COLUMNS: Final = (
    Column("customer_no", Words("客户编号", "Customer"), "relatedParty"),
    Column("order_type", Words("业务类型", "Order type"), "action"),
    Column("product", Words("产品", "Product"), "product.productSpecification.id"),
    Column("offering", Words("销售品", "Offering"), "productOffering.id"),
    Column("product_id", Words("产品实例", "Installed product"), "product.id"),
    Column("address_code", Words("地址编码", "Address"), "product.place"),
    Column("address_code_2", Words("对端地址编码", "Far end address"), "product.place"),
    Column("account_no", Words("账户", "Account"), "billingAccount"),
    Column("external_id", Words("外部单号", "External id"), "externalId"),
    Column("requested_start_date", Words("预约开工日期", "Wanted start"), "requestedStartDate"),
    Column("requested_completion_date", Words("期望完成日期", "Wanted completion"), "requestedCompletionDate"),
    Column("priority", Words("优先级", "Priority"), "priority"),
    Column("description", Words("备注", "Remark"), "description"),
)
#: Columns that our own lists of faulty lines begin with: such a list is corrected and sent again as it is.
NOTES: Final = ("行 Line", "单元格 Cell", "原因", "Reason")
NEEDED: Final = ("customer_no", "order_type")
BY_CODE: Final[Mapping[str, Column]] = {column.code: column for column in COLUMNS}


@dataclass(frozen=True)
class Headings:
    """Which column of the sheet holds what. ``named``: place by column of ours. ``characteristics``: by place, the
    codes a heading may mean; which of them it is, the product of the line decides."""

    texts: tuple[str, ...]
    named: Mapping[str, int]
    characteristics: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def place_of(self, path: str) -> int | None:
        """The column to blame for a problem at ``path`` of an order of one item."""
        inside = path.removeprefix("productOrderItem.0.")
        prefix = "product.productCharacteristic."
        if inside.startswith(prefix):
            code = inside.removeprefix(prefix)
            return next((place for place, codes in self.characteristics.items() if code in codes), None)
        found = (self.named.get(column.code) for column in COLUMNS if inside.startswith(column.path))
        return next((place for place in found if place is not None), None)

    def fits(self, place: int, code: str) -> bool:
        return code in self.characteristics.get(place, frozenset())


def read_headings(texts: Sequence[str], catalogue: Catalogue, line: int) -> Headings:
    """Find out what each heading means: a code, or a name in Chinese or English.

    :param line: the number of the headings' line, for what is said about them.
    :raises SheetRefused: a heading that means nothing, two that mean the same, or one that is needed is missing.
    """
    ours = {_plain(word): column.code for column in COLUMNS for word in (column.code, column.name.zh, column.name.en)}
    theirs = _characteristics(catalogue)
    named: dict[str, int] = {}
    characteristics: dict[int, frozenset[str]] = {}
    for place, text in enumerate(texts):
        word = _plain(text)
        if is_note(text):
            continue
        if (code := ours.get(word)) is not None:
            if code in named:
                raise SheetRefused(
                    "heading-twice", f"表头 {text} 重复", f"{text} comes twice", cell=cell_name(place, line)
                )
            named[code] = place
        elif word in theirs:
            characteristics[place] = frozenset(theirs[word])
        else:
            raise SheetRefused(
                "unknown-heading",
                f"不认识的表头 {text}",
                f"nobody knows the heading {text}",
                cell=cell_name(place, line),
            )
    for code in NEEDED:
        if code not in named:
            name = BY_CODE[code].name
            raise SheetRefused("heading-missing", f"缺少表头 {name.zh}", f"the heading {name.en} ({code}) is missing")
    return Headings(tuple(texts), named, characteristics)


def is_note(heading: str) -> bool:
    """Whether a column says something about a line instead of being part of it."""
    return heading.strip() in NOTES


def _characteristics(catalogue: Catalogue) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for part in _all(catalogue):
        for word in (part.code, part.name.zh, part.name.en):
            found.setdefault(_plain(word), set()).add(part.code)
    return found


def _all(catalogue: Catalogue) -> Iterable[Characteristic]:
    for spec in catalogue.products.values():
        yield from spec.characteristics.values()
    for order_type in catalogue.order_types.values():
        yield from order_type.characteristics


def _plain(text: str) -> str:
    """Without what people add to headings: stars for what must be filled in, blanks, units in brackets."""
    for opening in "（(":
        text = text.split(opening, 1)[0]
    return text.replace("*", "").replace(" ", "").replace("_", "").casefold()
