"""What the counter looks things up in: catalogue, customers, addresses, installed products. Personal data is masked."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, pre_dump

from app.api.paging import PageQuery
from app.api.schemas.fields import Anything, Code, In, Out, Text
from app.domain.masking import mask_customer, mask_phone


class NamedOut(Out):
    """A code with its names."""

    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()


class OrderTypeOut(NamedOut):
    """What an order item does."""

    tmf_action = fields.String()


class PriceOut(NamedOut):
    """A price; the amount is text with two decimals, in CNY, tax included."""

    kind = fields.String()
    amount_cny = fields.String()
    unit = fields.String()


class ProductSpecOut(NamedOut):
    """A product we can build, with its characteristics."""

    body = Anything()


class OfferingOut(NamedOut):
    """A product on sale."""

    product = fields.String()
    segments = fields.List(fields.String())
    fixed_characteristics = Anything()
    sold_from = fields.Date()
    sold_until = fields.Date(allow_none=True)
    contract_months = fields.Integer()
    prices = fields.List(fields.Nested(PriceOut))


class CatalogueOut(Out):
    """Everything that can be ordered."""

    products = fields.List(fields.Nested(ProductSpecOut))
    offerings = fields.List(fields.Nested(OfferingOut))
    order_types = fields.List(fields.Nested(OrderTypeOut))
    channels = fields.List(fields.Nested(NamedOut))


class SearchQuery(PageQuery):
    """A text to look for."""

    q = Text(100, load_default="")


class CustomerOut(Out):
    """A customer; name and phone are masked."""

    customer_no = fields.String()
    name = fields.String()
    kind = fields.String()
    segment = fields.String()
    tier = fields.String()
    area = fields.String()
    phone = fields.String()
    accounts = fields.List(fields.String())

    @pre_dump
    def without_personal_data(self, row: Any, **_: object) -> dict[str, Any]:
        return {
            "customer_no": row.customer_no,
            "name": mask_customer(row.name, is_person=row.kind == "individual"),
            "kind": row.kind,
            "segment": row.segment,
            "tier": row.tier,
            "area": row.area,
            "phone": mask_phone(row.phone),
            "accounts": [account.account_no for account in row.accounts],
        }


class AddressOut(Out):
    """A standard address."""

    code = fields.String()
    area = fields.String()
    area_class = fields.String()
    kind = fields.String()
    text_zh = fields.String()
    text_en = fields.String()
    feasibility = fields.String()


class InstalledProductQuery(In):
    """Whose products."""

    customer_no = Code(required=True)


class ProductPlaceOut(Out):
    """Where a product is; ``site_code`` names the site of a product that has many, an order that moves it says it."""

    role = fields.String()
    address_code = fields.String()
    site_code = fields.String()


class InstalledProductOut(Out):
    """A product a customer has."""

    product_id = fields.String()
    customer_no = fields.String()
    account_no = fields.String(allow_none=True)
    product = fields.String()
    offering = fields.String(allow_none=True)
    status = fields.String()
    area = fields.String()
    address_code = fields.String(allow_none=True)
    places = fields.List(fields.Nested(ProductPlaceOut), attribute="named_places")
    characteristics = Anything()
    parent_product_id = fields.String(allow_none=True)
    subscription_no = fields.String(allow_none=True)


class InstalledProductList(Out):
    """What a customer has."""

    items = fields.List(fields.Nested(InstalledProductOut))


def page_of(item: type[Out], name: str) -> type[Schema]:
    """The body of a list of such objects."""
    return Out.from_dict(
        {
            "items": fields.List(fields.Nested(item)),
            "total": fields.Integer(),
            "offset": fields.Integer(),
            "limit": fields.Integer(),
        },
        name=name,
    )


CustomerPage = page_of(CustomerOut, "CustomerPage")
AddressPage = page_of(AddressOut, "AddressPage")
