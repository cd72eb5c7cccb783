"""Customers as they come in and as they are shown; whatever is about a person is masked on the way out."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields, post_load, pre_dump, validate

from app.api.schemas.fields import Anything, Code, In, Instant, Out, Text, Truth, Whole
from app.api.schemas.lookups import InstalledProductOut
from app.domain.counter.customer_rules import CONTACT_ROLES, INDIVIDUAL, KINDS, TIERS, ContactData
from app.domain.masking import mask_customer, mask_document, mask_person, mask_phone

LANGUAGES: Final = ("zh", "en")


class CustomerContactIn(In):
    """Somebody to speak to."""

    name = Text(100, least=1, required=True)
    role = fields.String(validate=validate.OneOf(CONTACT_ROLES), load_default="other")
    phone = Text(32, load_default="")
    email = Text(120, load_default="")

    @post_load
    def as_data(self, data: dict[str, Any], **_: object) -> ContactData:
        return ContactData(**data)


class CustomerIn(In):
    """A new customer. ``confirmed``: one that looks like a customer we have is meant to be another one."""

    name = Text(200, least=1, required=True)
    name_en = Text(200, load_default="")
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    segment = Code(required=True)
    tier = fields.String(validate=validate.OneOf(TIERS), load_default="standard")
    area = Code(required=True)
    id_type = Code(required=True)
    id_number = Text(40, least=1, required=True)
    birth_date = fields.Date(load_default=None, allow_none=True)
    phone = Text(32, least=1, required=True)
    email = Text(120, load_default="")
    language = fields.String(validate=validate.OneOf(LANGUAGES), load_default="zh")
    contacts = fields.List(fields.Nested(CustomerContactIn), validate=validate.Length(max=50), load_default=list)
    confirmed = Truth(load_default=False)


class CustomerPatch(In):
    """What is to be corrected, and why."""

    why = Text(500, least=1, required=True)
    name = Text(200, least=1)
    name_en = Text(200)
    segment = Code()
    tier = fields.String(validate=validate.OneOf(TIERS))
    id_type = Code()
    id_number = Text(40, least=1)
    birth_date = fields.Date(allow_none=True)
    phone = Text(32, least=1)
    email = Text(120)
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    contacts = fields.List(fields.Nested(CustomerContactIn), validate=validate.Length(max=50))


class MergeIn(In):
    """Which customer goes into this one, and why. Without ``confirmed`` it is only told what would happen."""

    gone = Code(required=True)
    why = Text(500, least=1, required=True)
    confirmed = Truth(load_default=False)


class AccountIn(In):
    """A new account."""

    kind = fields.String(required=True, validate=validate.OneOf(("prepaid", "postpaid")))
    parent_account_no = Code(load_default=None, allow_none=True)
    bill_day = Whole(1, 28, load_default=1)
    payment = fields.String(validate=validate.OneOf(("online", "bank_debit", "counter")), load_default="online")
    bill_format = fields.String(validate=validate.OneOf(("electronic", "paper")), load_default="electronic")


class ContractIn(In):
    """A framework agreement."""

    name_zh = Text(200, least=1, required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    auto_renew = Truth(load_default=False)
    penalty_percent_of_rest = fields.String(validate=validate.Regexp(r"^[0-9]{1,2}\.[0-9]\Z"), load_default="30.0")


class SiteIn(In):
    """A place with a name of its own."""

    name = Text(200, least=1, required=True)
    address_code = Code(required=True)
    contact = fields.Nested(CustomerContactIn, load_default=None, allow_none=True)


class CustomerContactOut(Out):
    """A contact, masked."""

    name = fields.String()
    role = fields.String()
    phone = fields.String()

    @pre_dump
    def masked(self, row: dict[str, Any], **_: object) -> dict[str, Any]:
        name, phone = str(row.get("name") or ""), str(row.get("phone") or "")
        return {"name": mask_person(name), "role": row.get("role", ""), "phone": mask_phone(phone)}


class AccountOut(Out):
    """An account."""

    account_no = fields.String()
    parent_account_no = fields.String(allow_none=True)
    kind = fields.String()
    arrears_cny = fields.String()


class ContractOut(Out):
    """A framework agreement."""

    contract_no = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()
    body = Anything()


class SiteOut(Out):
    """A place of a customer."""

    id = fields.String()
    name = fields.String()
    address_code = fields.String()
    area = fields.String()
    contact = fields.Nested(CustomerContactOut)


class KnownCustomerOut(Out):
    """A customer; what is about a person is masked, of a company its name is not."""

    customer_no = fields.String()
    name = fields.String()
    name_en = fields.String()
    kind = fields.String()
    segment = fields.String()
    tier = fields.String()
    area = fields.String()
    id_type = fields.String()
    id_number = fields.String()
    phone = fields.String()
    language = fields.String()
    account_manager = fields.String(allow_none=True)
    blacklisted = fields.Boolean()
    tags = fields.List(fields.String())
    merged_into = fields.String(allow_none=True)
    contacts = fields.List(fields.Nested(CustomerContactOut))
    accounts = fields.List(fields.Nested(AccountOut))

    @pre_dump
    def masked(self, row: Any, **_: object) -> dict[str, Any]:
        plain = ("customer_no", "kind", "segment", "tier", "area", "id_type", "language", "account_manager")
        shown = {name: getattr(row, name) for name in (*plain, "blacklisted", "tags", "merged_into", "accounts")}
        is_person = row.kind == INDIVIDUAL
        return shown | {
            "name": mask_customer(row.name, is_person=is_person),
            "name_en": "" if is_person else row.name_en,
            "id_number": mask_document(row.id_number),
            "phone": mask_phone(row.phone),
            "contacts": row.contact,
        }


class OpenThingOut(Out):
    """An order or a ticket that is under way."""

    number = fields.String()
    state = fields.String()


class BelongingsOut(Out):
    """What a customer has and what is under way."""

    contracts = fields.List(fields.Nested(ContractOut))
    sites = fields.List(fields.Nested(SiteOut))
    products = fields.List(fields.Nested(InstalledProductOut))
    open_orders = fields.List(fields.Nested(OpenThingOut))
    open_tickets = fields.List(fields.Nested(OpenThingOut))


class WholeCustomerOut(KnownCustomerOut, BelongingsOut):
    """Everything about a customer in one view."""


class TwinOut(Out):
    """A customer who may be the same; ``score`` from 0 to 100."""

    customer = fields.Nested(KnownCustomerOut)
    score = fields.Integer()
    reasons = fields.List(fields.String())


class TwinList(Out):
    """Customers who may be the same, the likeliest first."""

    items = fields.List(fields.Nested(TwinOut))


class MergeOut(Out):
    """What a merge does (``done`` false) or has done; it cannot be undone, and ``warning`` says so."""

    keep = fields.String()
    gone = fields.String()
    done = fields.Boolean()
    moved = fields.Dict(keys=fields.String(), values=fields.Integer())
    warning = fields.String()


class CustomerEventOut(Out):
    """One line of what was done to a customer's data."""

    at = Instant()
    who = fields.String()
    kind = fields.String()
    why = fields.String()
    detail = Anything()


class CustomerHistory(Out):
    """What was done, the last first."""

    items = fields.List(fields.Nested(CustomerEventOut))
