"""Personal data shows no more than it must."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import masking


@pytest.mark.parametrize(
    ("name", "shown"),
    [("李例舒", "李*"), ("李舒", "李*"), ("欧阳例舒", "欧阳*"), ("王", "王*"), ("", ""), ("Ann Li", "A*")],
)
def test_of_a_person_the_surname_is_left(name: str, shown: str) -> None:
    assert masking.mask_person(name) == shown


def test_a_company_keeps_its_name() -> None:
    assert (
        masking.mask_customer("演示同心医药集团（虚构）有限公司", is_person=False) == "演示同心医药集团（虚构）有限公司"
    )
    assert masking.mask_customer("王示嘉", is_person=True) == "王*"


@pytest.mark.parametrize(("phone", "shown"), [("15400001003", "154****1003"), ("10086", "10086"), ("", "")])
def test_phones(phone: str, shown: str) -> None:
    assert masking.mask_phone(phone) == shown


def test_documents_and_addresses() -> None:
    assert masking.mask_document("990001195801010013") == "990***********0013"
    assert masking.mask_address("浦东新区示例一路8号1幢101室") == "浦东新区示例一路***"


@given(st.text(alphabet="0123456789", min_size=12, max_size=20))
def test_of_a_long_number_only_the_ends_are_left(number: str) -> None:
    shown = masking.mask_phone(number)
    assert shown == f"{number[:3]}****{number[-4:]}"
    assert masking.mask_document(number)[3:-4] == "*" * (len(number) - 7)
