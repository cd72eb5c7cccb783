"""Documents and phones: what can be right, by published rules and by every customer of the demonstration."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.counter.identity import check_document, is_email, is_minor, normal_document, normal_phone
from app.seed.files import read

TODAY = date(2026, 11, 23)


def code(id_type: str, number: str, **more: date) -> str | None:
    wrong = check_document(id_type, normal_document(id_type, number), today=TODAY, **more)
    if wrong is not None:
        assert wrong.words.zh and wrong.words.en
    return wrong.code if wrong else None


def test_every_customer_of_the_demonstration_has_a_document_that_can_be_right() -> None:
    for row in read("customers")["customers"]:
        assert code(row["id_type"], row["id_number"]) is None, row["code"]
        assert normal_phone(row["phone"]) == row["phone"] and is_email(row["email"])


@pytest.mark.parametrize(
    ("id_type", "number", "wanted"),
    [
        ("id_card", "11010519491231002X", None),  # the example of the standard
        ("id_card", " 11010519491231002x ", None),
        ("id_card", "110105194912310021", "wrong-check-digit"),
        ("id_card", "11010519491231020X", "wrong-check-digit"),  # two digits changed places
        ("id_card", "110105194913310027", "wrong-birth-date"),
        ("id_card", "110105209912310020", "wrong-birth-date"),
        ("id_card", "110105491231002", "wrong-form"),
        ("id_card", "1101051949123100２X", "wrong-form"),
        ("uscc", "91350100M000100Y43", None),  # the example of the standard
        ("uscc", "91350100-M000100Y4-3", None),
        ("uscc", "91350100M000100Y34", "wrong-check-digit"),
        ("uscc", "91350100I000100Y43", "wrong-form"),
        ("uscc", "91350100M000100Y4", "wrong-form"),
        ("passport", "E12345678", None),
        ("passport", "E1", "wrong-form"),
        ("hk_macao_permit", "H12345678", None),
        ("library_card", "1", "unknown-document"),
    ],
)
def test_documents_are_checked_by_their_own_rules(id_type: str, number: str, wanted: str | None) -> None:
    assert code(id_type, number) == wanted


def test_another_day_of_birth_is_noticed_and_so_is_a_minor() -> None:
    number = "11010519491231002X"
    assert code("id_card", number, birth_date=date(1949, 12, 31)) is None
    assert code("id_card", number, birth_date=date(1950, 1, 1)) == "other-birth-date"
    assert is_minor(date(2010, 11, 24), TODAY) and not is_minor(date(2010, 11, 23), TODAY)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("15400001001", "15400001001"),
        ("+86 154-0000-1001", None),
        ("+86 15400001001", "15400001001"),
        ("021 55501234", "021-55501234"),
        ("021-55501234-801", "021-55501234-801"),
        ("+49 30 1234567", "+49301234567"),
        ("12345", None),
        ("１５４０００01001", None),
        ("10400001001", None),
    ],
)
def test_phones_have_one_form(text: str, kept: str | None) -> None:
    assert normal_phone(text) == kept


def test_addresses_for_letters_can_be_written_to() -> None:
    assert is_email("demo001@example.com") and is_email("a.b+c@mail.example.cn")
    assert not any(
        map(is_email, ("a@b", "a@b.", "a b@c.cn", "a@@c.cn", "a@-c.cn", "a..b@c.cn", "@c.cn", "x" * 120 + "@c.cn"))
    )
