"""What a customer's data must be like, and how likely it is that two customers are the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from app.domain.counter.identity import (
    OF_ORGANISATIONS,
    OF_PEOPLE,
    birth_date_of,
    check_document,
    is_email,
    is_minor,
    normal_document,
    normal_phone,
)
from app.domain.products.characteristics import problem
from app.domain.words import Words
from app.errors import FieldProblem

INDIVIDUAL: Final = "individual"
ORGANIZATION: Final = "organization"
KINDS: Final = (INDIVIDUAL, ORGANIZATION)
#: Another part of the company, from whose installation sub-orders come.
INTERNAL: Final = "internal"
SEGMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    INDIVIDUAL: ("public",),
    ORGANIZATION: ("business", "large", "group", INTERNAL),
}
TIERS: Final = ("standard", "silver", "gold", "platinum")
CONTACT_ROLES: Final = ("decision", "technical", "billing", "site", "other")
#: At least so alike, and somebody should look before there are two of them.
ALIKE: Final = 50


@dataclass(frozen=True, kw_only=True)
class ContactData:
    """Somebody to speak to at a customer."""

    name: str
    role: str = "other"
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomerData:
    """Who a customer is. Document and phone are in their normal form after :func:`checked`."""

    name: str
    kind: str
    segment: str
    area: str
    id_type: str
    id_number: str
    phone: str
    name_en: str = ""
    email: str = ""
    tier: str = "standard"
    language: str = "zh"
    account_manager: str | None = None
    birth_date: date | None = None
    contacts: tuple[ContactData, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """How alike two customers are (0 to 100), and in what."""

    score: int
    reasons: tuple[Words, ...] = field(default=())


def problems_of(data: CustomerData, today: date) -> list[FieldProblem]:
    """Everything that is wrong with a customer's data."""
    found = list(_document_problems(data, today))
    if not data.name.strip():
        found.append(problem("name", "required", "缺少姓名或名称", "the name is missing"))
    if data.segment not in SEGMENTS.get(data.kind, ()):
        allowed = "/".join(SEGMENTS.get(data.kind, ()))
        found.append(
            problem("segment", "not-allowed", f"该类客户的客户群只能是 {allowed}", f"the segment must be {allowed}")
        )
    found += _reach("", data.phone, data.email, phone_needed=True)
    for place, contact in enumerate(data.contacts):
        if not contact.name.strip():
            found.append(problem(f"contacts.{place}.name", "required", "缺少联系人姓名", "the name is missing"))
        found += _reach(f"contacts.{place}.", contact.phone, contact.email, phone_needed=not contact.email)
    return found


def _document_problems(data: CustomerData, today: date) -> Sequence[FieldProblem]:
    fitting = OF_PEOPLE if data.kind == INDIVIDUAL else OF_ORGANISATIONS
    if data.id_type not in fitting:
        return [problem("id_type", "not-allowed", "证件类型与客户类型不符", "not a document of such a customer")]
    wrong = check_document(data.id_type, data.id_number, today=today, birth_date=data.birth_date)
    if wrong is not None:
        return [problem("id_number", wrong.code, wrong.words.zh, wrong.words.en)]
    born = birth_date_of(data.id_type, data.id_number) or data.birth_date
    if data.kind == INDIVIDUAL and born is not None and is_minor(born, today):
        return [
            problem(
                "id_number", "minor", "未满 16 周岁，须由监护人办理", "too young: a guardian has to be the customer"
            )
        ]
    return []


def _reach(path: str, phone: str, email: str, *, phone_needed: bool) -> list[FieldProblem]:
    found = []
    if phone or phone_needed:
        if not phone:
            found.append(problem(f"{path}phone", "required", "缺少电话", "the phone is missing"))
        elif normal_phone(phone) is None:
            found.append(problem(f"{path}phone", "not-a-phone", "不是有效的电话号码", "this is no phone number"))
    if email and not is_email(email):
        found.append(problem(f"{path}email", "not-an-email", "不是有效的邮箱", "this is no e-mail address"))
    return found


def contact_row(contact: ContactData) -> dict[str, Any]:
    """A contact as it is kept."""
    phone = normal_phone(contact.phone) or ""
    return {"name": contact.name.strip(), "role": contact.role, "phone": phone, "email": contact.email}


def normal_name(name: str) -> str:
    """A name for comparing: no blanks, no brackets of either width, letters alike."""
    plain = "".join(name.split()).casefold()
    return plain.translate(str.maketrans("（）【】，。．", "()[],..")).replace("(", "").replace(")", "")


def likeness(one: CustomerData, other: CustomerData) -> Likeness:
    """How likely two customers are one. The same document is certainty, another one of its kind the opposite."""
    document = (one.id_type, normal_document(one.id_type, one.id_number))
    if document == (other.id_type, normal_document(other.id_type, other.id_number)):
        return Likeness(100, (Words("证件相同", "the same document"),))
    if one.kind != other.kind or one.id_type == other.id_type:
        # Two people may share a phone and a name; they do not have two identity cards.
        certain = one.kind != other.kind or one.id_type in (*OF_ORGANISATIONS, "id_card")
        if certain and normal_name(one.name) != normal_name(other.name):
            return Likeness(0)
    points = (
        (normal_name(one.name) == normal_name(other.name), 40, Words("姓名相同", "the same name")),
        (
            bool(one.phone) and normal_phone(one.phone) == normal_phone(other.phone),
            30,
            Words("电话相同", "the same phone"),
        ),
        (bool(one.email) and one.email.casefold() == other.email.casefold(), 20, Words("邮箱相同", "the same e-mail")),
        (
            one.birth_date is not None and one.birth_date == other.birth_date,
            10,
            Words("出生日期相同", "the same day of birth"),
        ),
    )
    return Likeness(
        sum(weight for true, weight, _ in points if true), tuple(words for true, _, words in points if true)
    )


def against_merge(keep: CustomerData, gone: CustomerData, *, open_orders: Sequence[str]) -> list[FieldProblem]:
    """Why two customers must not become one."""
    found = []
    if keep.kind != gone.kind:
        found.append(problem("gone", "other-kind", "个人与单位不能合并", "a person and a company cannot be one"))
    same_document = normal_document(keep.id_type, keep.id_number) == normal_document(gone.id_type, gone.id_number)
    if keep.id_type == gone.id_type and not same_document:
        found.append(
            problem("gone", "other-document", "同类证件号码不同，不是同一客户", "they have two documents of one kind")
        )
    if open_orders:
        numbers = "、".join(open_orders[:5])
        found.append(
            problem(
                "gone", "open-orders", f"有在途订单 {numbers}", f"orders are under way: {', '.join(open_orders[:5])}"
            )
        )
    return found
