"""The forms about customers. Personal data that is known is masked here too: an empty field leaves it as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.counter.customer_rules import CONTACT_ROLES, INTERNAL, KINDS, SEGMENTS, TIERS, ContactData
from app.domain.counter.identity import HK_MACAO, ID_CARD, OFFICER, PASSPORT, RESIDENCE, TAIWAN, USCC
from app.domain.masking import mask_document, mask_email, mask_person, mask_phone
from app.errors import FieldProblem
from app.persistence.areas import Area
from app.persistence.counter.customers import Customer
from app.persistence.scope import within
from app.services.counter.customer_merge import Merge
from app.services.counter.customers import Twin, last_change
from app.web.addresses import Addresses
from app.web.pages.counter.customer_lists import CONTACT_ROLES as ROLE_WORDS
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.customer_form import CustomerForm, Input, MergePage, Person
from app.web.views.parts import Choice, Fault, Pair

KIND_WORDS: Final = {"individual": Sentence("a person"), "organization": Sentence("a company")}
DOCUMENTS: Final = {
    ID_CARD: Sentence("Identity card"),
    PASSPORT: Sentence("Passport"),
    OFFICER: Sentence("Officer's card"),
    HK_MACAO: Sentence("Permit for Hong Kong and Macao residents"),
    TAIWAN: Sentence("Permit for Taiwan residents"),
    RESIDENCE: Sentence("Permanent residence permit"),
    USCC: Sentence("Unified social credit code"),
}
LANGUAGES: Final = (Choice("zh", "中文"), Choice("en", "English"))
#: What belongs to a customer and goes along when two become one.
BELONGINGS: Final = {
    "accounts": Sentence("Accounts"),
    "contracts": Sentence("Contracts"),
    "products": Sentence("Installed products"),
    "orders": Sentence("Orders"),
    "tickets": Sentence("Trouble tickets"),
    "sites": Sentence("Sites"),
    "instructions": Sentence("Instructions of billing"),
}
#: Fields of a new contact.
CONTACT: Final = ("name", "role", "phone", "email")
NAMED: Final = (
    "kind", "segment", "name", "name_en", "id_type", "id_number", "phone", "email", "tier", "area", "language",
)  # fmt: skip


def customer_form(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    customer: Customer | None,
    *,
    given: Mapping[str, str] | None = None,
    problems: Sequence[FieldProblem] = (),
    twins: Sequence[Twin] = (),
    other: str = "",
) -> CustomerForm:
    """The form of a customer, or of a new one.

    :param given: what was typed, where the form comes back. :param other: what is wrong with the whole.
    """
    t, names = reader.t, Names(session, reader)
    english = reader.language == "en"
    said = {one.path: one.en if english else one.zh for one in problems}
    draw = _Fields(reader, customer, given, said)
    last = last_change(session, customer.customer_no) if customer is not None else None
    faults = [Fault(_field_of(path), text) for path, text in said.items()]
    if other:
        faults.insert(0, Fault("", other))
    inputs = (
        draw.choice("kind", t("Kind"), [Choice(code, t(KIND_WORDS[code])) for code in KINDS]),
        draw.choice("segment", t("Segment"), [Choice(code, names.segment(code)) for code in _segments(reader)]),
        draw.text("name", t("Name"), kept=names.customer(customer) if customer is not None else ""),
        draw.text("name_en", t("Name in English"), optional=True),
        draw.choice("id_type", t("Kind of document"), [Choice(code, t(text)) for code, text in DOCUMENTS.items()]),
        draw.text("id_number", t("Number of the document"), kept=_masked(customer, "id_number")),
        draw.text("phone", t("Phone"), kept=_masked(customer, "phone"), kind="tel"),
        draw.text("email", t("E-mail"), kept=_masked(customer, "email"), optional=True, kind="email"),
        draw.choice("tier", t("Tier"), [Choice(code, names.tier(code)) for code in TIERS]),
        draw.choice("area", t("Area"), _areas(session, reader)),
        draw.choice("language", t("Language of letters"), LANGUAGES),
    )
    number = customer.customer_no if customer is not None else ""
    back = addresses.customer(number) if customer is not None else addresses.customers()
    return CustomerForm(
        title=t("Correct the data") if customer is not None else t("New customer"),
        number=number,
        name=names.customer(customer) if customer is not None else "",
        inputs=inputs,
        people=tuple(_person(reader, place, one) for place, one in enumerate(customer.contact)) if customer else (),
        new_person=(
            draw.text("contact_name", t("Name"), optional=True, path="contacts.name"),
            draw.choice("contact_role", t("For what"), [Choice(code, t(ROLE_WORDS[code])) for code in CONTACT_ROLES]),
            draw.text("contact_phone", t("Phone"), optional=True, kind="tel", path="contacts.phone"),
            draw.text("contact_email", t("E-mail"), optional=True, kind="email", path="contacts.email"),
        ),
        faults=tuple(faults),
        twins=tuple(
            Choice(
                addresses.customer(twin.customer.customer_no),
                f"{twin.customer.customer_no} {names.customer(twin.customer)}",
                ("、" if not english else ", ").join(reader.words(words) for words in twin.likeness.reasons),
            )
            for twin in twins
        ),
        seen=last.seq if last is not None else 0,
        action=f"{back}/edit" if customer is not None else f"{addresses.customers()}/new",
        back_href=back,
        is_new=customer is None,
    )


def merge_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    keep: Customer,
    *,
    query: str,
    found: Sequence[tuple[Customer, str]],
    preview: Merge | None,
    gone: str,
    reason: str,
    problems: Sequence[FieldProblem],
) -> MergePage:
    """Choose who goes, see what would move, and confirm it."""
    t, names = reader.t, Names(session, reader)
    english = reader.language == "en"
    href = addresses.customer(keep.customer_no)
    return MergePage(
        number=keep.customer_no,
        name=names.customer(keep),
        query=query,
        hits=tuple(Choice(row.customer_no, f"{row.customer_no} {names.customer(row)}", note) for row, note in found),
        searched=bool(query),
        gone=gone,
        keep_facts=_who(reader, names, keep),
        gone_facts=_who(reader, names, preview.gone) if preview is not None else (),
        moved=tuple(
            Pair(t(BELONGINGS[name]), str(count)) for name, count in preview.moved.items() if name in BELONGINGS
        )
        if preview is not None
        else (),
        reason=reason,
        faults=tuple(
            Fault("merge-why" if one.path == "why" else "", one.en if english else one.zh) for one in problems
        ),
        action=f"{href}/merge",
        back_href=href,
    )


def _moved(reader: Reader, preview: Merge) -> tuple[Pair, ...]:
    counts = [(BELONGINGS[name], count) for name, count in preview.moved.items() if name in BELONGINGS]
    return tuple(Pair(reader.t(text), str(count)) for text, count in counts)


class _Fields:
    """Fields with what was typed, what is known, and what is wrong."""

    def __init__(
        self, reader: Reader, customer: Customer | None, given: Mapping[str, str] | None, said: Mapping[str, str]
    ) -> None:
        self._reader, self._customer, self._given, self._said = reader, customer, given, said

    def text(
        self,
        name: str,
        label: str,
        *,
        kept: str = "",
        optional: bool = False,
        kind: str = "text",
        path: str = "",
    ) -> Input:
        known = getattr(self._customer, name, "") if self._customer is not None and not kept else ""
        return Input(
            name=name,
            label=label,
            value=self._given.get(name, "") if self._given is not None else str(known or ""),
            kept=kept,
            problem=self._said.get(path or name, ""),
            optional=optional or bool(kept),
            type=kind,
        )

    def choice(self, name: str, label: str, options: Sequence[Choice]) -> Input:
        known = getattr(self._customer, name, "") if self._customer is not None else ""
        value = self._given.get(name, "") if self._given is not None else str(known or "")
        return Input(name=name, label=label, value=value, problem=self._said.get(name, ""), options=tuple(options))


def _masked(customer: Customer | None, name: str) -> str:
    masks: Mapping[str, Any] = {"id_number": mask_document, "phone": mask_phone, "email": mask_email}
    value = str(getattr(customer, name) or "") if customer is not None else ""
    return str(masks[name](value)) if value else ""


def _segments(reader: Reader) -> list[str]:
    all_of_them = [code for codes in SEGMENTS.values() for code in codes]
    return [code for code in all_of_them if code != INTERNAL or reader.may("customer.internal")]


def _areas(session: Session, reader: Reader) -> list[Choice]:
    """The local networks of the reader's area; customers live in those."""
    rows = session.scalars(select(Area).where(within(Area.code, reader.actor)).order_by(Area.path)).all()
    inner = {row.path.rsplit("/", 1)[0] for row in rows}
    return [Choice(row.code, reader.said(row)) for row in rows if row.path not in inner]


def _person(reader: Reader, place: int, one: Mapping[str, Any]) -> Person:
    contact = ContactData(**{name: str(one.get(name) or "") for name in CONTACT})
    reach = " · ".join(part for part in (mask_phone(contact.phone), mask_email(contact.email)) if part)
    role = ROLE_WORDS.get(contact.role, ROLE_WORDS["other"])
    return Person(place=place, name=mask_person(contact.name), role=reader.t(role), reach=reach)


def _field_of(path: str) -> str:
    parts = path.split(".")
    if parts[0] == "contacts":
        return f"cf-contact_{parts[-1]}"
    return f"cf-{path}" if path in NAMED else ""


def _who(reader: Reader, names: Names, row: Customer) -> tuple[Pair, ...]:
    t = reader.t
    return (
        Pair(t("Customer number"), row.customer_no),
        Pair(t("Name"), names.customer(row)),
        Pair(t("Document"), mask_document(row.id_number)),
        Pair(t("Phone"), mask_phone(row.phone)),
        Pair(t("Area"), names.area(row.area)),
        Pair(t("Tier"), names.tier(row.tier)),
    )
