"""Personal data shows no more than it must."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import masking


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李例舒", "李*"),
        ("李舒", "李*"),
        ("欧阳例舒", "欧*"),
        ("王", "王*"),
        ("演示同心医药集团（虚构）有限公司", None),
        ("", ""),
    ],
)
def test_names(name: str, shown: str | None) -> None:
    assert masking.mask_name(name) == (name if shown is None else shown)


@pytest.mark.parametrize(("phone", "shown"), [("15400001003", "154****1003"), ("12345", "***45"), ("", "")])
def test_phones(phone: str, shown: str) -> None:
    assert masking.mask_phone(phone) == shown


def test_id_numbers_and_addresses() -> None:
    assert masking.mask_id_number("990001195801010013") == "99**************13"
    assert masking.mask_email("demo001@example.com") == "d***@example.com"
    assert masking.mask_address("浦东新区") == "浦东新区***"


@given(st.text(alphabet="0123456789", min_size=7, max_size=20))
def test_a_masked_phone_keeps_its_length_and_hides_its_middle(phone: str) -> None:
    shown = masking.mask_phone(phone)
    assert len(shown) == len(phone)
    assert shown.count("*") == len(phone) - 7
