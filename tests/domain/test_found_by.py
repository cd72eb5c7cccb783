"""What names are found by: one form of letters, and initials in Pinyin."""

from __future__ import annotations

import pytest

from app.domain.counter.found_by import MOST_SPELLINGS, found_by, initials, plain


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("李娜", "ln"),
        ("欧阳淼鑫", "oymx"),
        ("曾国", "zg"),
        ("曾国", "cg"),
        ("重庆长虹", "cqch"),
        ("示例科技有限公司", "slkjyxgs"),
        ("王Bob２世", "wbob2s"),
    ],
)
def test_initials(name: str, spelling: str) -> None:
    assert spelling in initials(name)


def test_a_name_without_chinese_has_no_initials() -> None:
    assert initials("Sample Co., Ltd.") == ()
    assert found_by("", "Sample  Co.") == " sample co."


def test_a_name_read_in_many_ways_has_not_too_many_spellings() -> None:
    assert len(initials("重长单仇解查区盖" * 9)) == MOST_SPELLINGS


def test_letters_have_one_form() -> None:
    assert plain(" ＡＢＣ\u3000公司 ") == "abc 公司"
    assert found_by("ＡＢＣ公司").startswith(" abc公司 abcgs")
