"""The shape of a catalogue file, section by section. Whether it fits together is judged afterwards, as a whole."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from marshmallow import Schema, fields, validate, validates_schema

from app.api.field_problems import TwoTongues
from app.api.schemas.fields import Anything, Code, In, Instant, Text, Truth, Whole
from app.domain.ordering.revenue_shares import PARTIES

TYPES: Final = ("integer", "boolean", "text", "choice", "phone_number", "email", "customer", "account")
ORDER_ACTIONS: Final = ("add", "modify", "delete")
PRODUCT_STATES: Final = ("active", "suspended", "pendingActive", "created", "terminated")
HOUR_MOST: Final = 24 * 366


class Amount(fields.String):
    """Money in CNY: text with two decimals. Whether it may be negative is a question of its own."""

    default_error_messages = {"invalid": "Not a valid string."}  # noqa: RUF012 - read by marshmallow

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^-?[0-9]{1,10}\.[0-9]{2}\Z", error=AMOUNT), **more)


AMOUNT: Final = "amount-form\x1f金额须为两位小数的文本，如 '99.00'\x1fan amount is a text with two decimals, as '99.00'"


class Percent(fields.String):
    """A share from 0 to 100 with at most two decimals, as text."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)\Z"), **more)


class Day(fields.String):
    """A day as ISO text; it stays a text, because the entry is kept as it was written."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **more))
        try:
            date.fromisoformat(text)
        except ValueError as problem:
            raise TwoTongues("not-a-date", "必须是日期（ISO 8601）", "Not a valid date.") from problem
        return text


class NamedIn(In):
    """An entry with its names."""

    code = Code(required=True)
    name_zh = Text(200, 1, required=True)
    name_en = Text(200, 1, required=True)


class CharacteristicIn(NamedIn):
    """One thing that can be said about a product or an order."""

    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    unit = Text(40)
    values = fields.List(Anything(), validate=validate.Length(1, 200))
    min = Whole(-(2**31))
    max = Whole(-(2**31))
    default = Anything(allow_none=True)
    required = Truth()
    amendable = Truth()
    assigned = Truth()
    products = fields.List(Code())


class OrderTypeIn(NamedIn):
    """What an order item does."""

    short_zh = Text(4, 1, required=True)
    tmf_action = fields.String(required=True, validate=validate.OneOf(ORDER_ACTIONS))
    product_status = fields.List(fields.String(validate=validate.OneOf(PRODUCT_STATES)), required=True)
    characteristics = fields.List(fields.Nested(CharacteristicIn))


class ComponentIn(In):
    """A part of a bundle."""

    product = Code(required=True)
    min = Whole(0, 100, required=True)
    max = Whole(1, 100, required=True)


class ShareIn(In):
    """The part of the revenue that one party gets."""

    party = fields.String(required=True, validate=validate.OneOf(PARTIES))
    percent = Percent(required=True)


class ProductSpecIn(NamedIn):
    """A product that can be built."""

    segments = fields.List(Code(), required=True, validate=validate.Length(1))
    places = Whole(-1, 2, required=True)
    internal = Truth()
    components = fields.List(fields.Nested(ComponentIn))
    shares = fields.List(fields.Nested(ShareIn))
    max_per_identity = Whole(0, 10_000)
    order_types = fields.List(Code(), required=True)
    characteristics = fields.List(fields.Nested(CharacteristicIn), required=True)


class OfferingIn(NamedIn):
    """A product on sale."""

    product = Code(required=True)
    segments = fields.List(Code(), required=True, validate=validate.Length(1))
    fixed_characteristics = fields.Dict(keys=fields.String(), values=Anything())
    sold_from = Day(required=True)
    sold_until = Day(allow_none=True)
    contract_months = Whole(0, 600)


class PriceIn(NamedIn):
    """A price of an offering."""

    offering = Code(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("recurring", "one_off", "usage")))
    amount_cny = Amount(required=True)
    unit = Text(40, 1, required=True)
    tax_percent = Percent(required=True)


class FeeIn(NamedIn):
    """A charge outside the offerings."""

    amount_cny = Amount(required=True)
    unit = Text(40, 1, required=True)
    order_types = fields.List(Code())
    products = fields.List(Code())
    when = Code()


class ResourceSpecIn(NamedIn):
    """A kind of resource."""

    kind = fields.String(required=True, validate=validate.OneOf(("physical", "logical")))
    states = fields.List(fields.String(), required=True, validate=validate.Length(1, 20))
    unit = Text(40, 1, required=True)
    reservation_expiry_hours = Whole(1, HOUR_MOST)
    quarantine_days = Whole(1, 3660)


class RfsSpecIn(NamedIn):
    """A service that faces resources."""

    resources = fields.List(Code())


class RetryPolicyIn(In):
    """How often and how soon a call without an answer is repeated."""

    code = Code(required=True)
    attempts = Whole(1, 100, required=True)
    first_wait_s = fields.Float(required=True, validate=validate.Range(0.1, 3600))
    factor = fields.Float(required=True, validate=validate.Range(1, 10))
    cap_s = fields.Float(required=True, validate=validate.Range(0.1, 86_400))
    then = fields.String(validate=validate.OneOf(("incident",)))


class OperationIn(In):
    """An operation of a neighbour."""

    name_zh = Text(200, 1, required=True)
    name_en = Text(200, 1, required=True)

    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z]+\.[a-z0-9_]{1,80}\Z"))
    adapter = Code(required=True)
    mode = fields.String(required=True, validate=validate.OneOf(("sync", "callback")))
    effect = fields.String(required=True, validate=validate.OneOf(("read", "write")))
    inputs = fields.List(Code(), required=True)
    optional_inputs = fields.List(Code())
    outputs = fields.List(Code(), required=True)
    failures = fields.List(Code())
    timeout_s = fields.Float(required=True, validate=validate.Range(0.1, 300))
    callback_deadline_min = Whole(1, 527_040)
    retry = Code(required=True)
    idempotency = fields.String(required=True, validate=validate.OneOf(("keyed", "queryable", "neither", "readonly")))
    undo = Code()
    undo_from = Code()
    undo_sources = fields.Dict(keys=fields.String(), values=Anything())
    irreversible = Truth()
    only_as_undo = Truth()
    median_s = fields.Float(validate=validate.Range(0, 86_400))
    p90_s = fields.Float(validate=validate.Range(0, 864_000))

    @validates_schema
    def _promises_its_answer(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("mode") == "callback" and not data.get("callback_deadline_min"):
            zh, en = "异步回执的操作必须有回执时限", "an operation that answers later needs a deadline for its answer"
            raise TwoTongues("required", zh, en, path="callback_deadline_min")


def section(schema: type[Schema]) -> Any:
    """A list of entries of one kind."""
    return fields.List(fields.Nested(schema), validate=validate.Length(0, 5000))


class EachOnce(In):
    """A file of sections, in each of which a code may stand once."""

    @validates_schema
    def _each_once(self, data: dict[str, Any], **_: Any) -> None:
        for name, rows in data.items():
            seen: set[str] = set()
            for row in rows:
                if row["code"] in seen:
                    zh, en = f"{row['code']} 出现两次", f"{row['code']} is there twice"
                    raise TwoTongues("twice", zh, en, path=name)
                seen.add(row["code"])


class CatalogueFileIn(EachOnce):
    """A catalogue file: any sections, any entries of them."""

    segments = section(NamedIn)
    channels = section(NamedIn)
    order_types = section(OrderTypeIn)
    product_specs = section(ProductSpecIn)
    offerings = section(OfferingIn)
    prices = section(PriceIn)
    fees = section(FeeIn)
    resource_specs = section(ResourceSpecIn)
    cfs_specs = section(NamedIn)
    rfs_specs = section(RfsSpecIn)
    retry_policies = section(RetryPolicyIn)
    operations = section(OperationIn)


class TeamRoleIn(NamedIn):
    """A kind of team, and the level of areas it exists at."""

    level = fields.String(required=True, validate=validate.OneOf(("group", "province", "local")))
    default_calendar = Code(required=True)


class TeamIn(NamedIn):
    """A team of one kind in one area. ``tiers``: of which customers, ``districts``: in which side of town; all if not
    said."""

    role = Code(required=True)
    area = Code(required=True)
    calendar = Code(required=True)
    capacity_per_day = Whole(1, 10_000, required=True)
    skills = fields.List(Code())
    tiers = fields.List(Code())
    districts = Code()


class TeamsFileIn(EachOnce):
    """A file of teams: any sections, any entries of them."""

    skills = section(NamedIn)
    team_roles = section(TeamRoleIn)
    teams = section(TeamIn)


class CatalogueImportIn(In):
    """A file as text, why it is brought in, and from when it counts (at once where nothing is said)."""

    content = Text(4_000_000, 1, required=True)
    note = Text(500, load_default="")
    valid_from = Instant(load_default=None, allow_none=True)
