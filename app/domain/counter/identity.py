"""Documents, phones and addresses of people and companies: whether they can be right at all.

Check digits find slips of the pen; whether a person is who they say, only the office that issued the paper knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.words import Words

ID_CARD: Final = "id_card"
USCC: Final = "uscc"
PASSPORT: Final = "passport"
OFFICER: Final = "officer_card"
HK_MACAO: Final = "hk_macao_permit"
TAIWAN: Final = "taiwan_permit"
RESIDENCE: Final = "residence_permit"
#: Kinds of documents of people, and of organisations.
OF_PEOPLE: Final = frozenset({ID_CARD, PASSPORT, OFFICER, HK_MACAO, TAIWAN, RESIDENCE})
OF_ORGANISATIONS: Final = frozenset({USCC})

ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK: Final = "10X98765432"
#: Digits and letters without I, O, S, V, Z (GB 32100).
USCC_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
ORG_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOBILE: Final = re.compile(r"(?:\+?86[ -]?)?(1[3-9]\d{9})", re.ASCII)
FIXED: Final = re.compile(r"(?:\+?86[ -]?)?(0\d{2,3})[ -]?(\d{7,8})(?:[ -](\d{1,6}))?", re.ASCII)
FOREIGN: Final = re.compile(r"\+(?!86)[1-9]\d{6,14}", re.ASCII)
EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
OTHER_FORMS: Final = {
    PASSPORT: re.compile(r"[A-Z0-9]{5,17}"),
    OFFICER: re.compile(r"[\u4e00-\u9fff]{0,4}字?第?[0-9]{4,8}号?"),
    HK_MACAO: re.compile(r"[HMC][0-9]{8,10}"),
    TAIWAN: re.compile(r"[0-9]{8}|[0-9]{10}"),
    RESIDENCE: re.compile(r"[A-Z]{3}[0-9]{12}|[0-9]{17}[0-9X]"),
}
OLDEST: Final = 130
ADULT: Final = 16


@dataclass(frozen=True)
class Wrong:
    """What is wrong: a stable code, and the words for it."""

    code: str
    words: Words


def normal_document(id_type: str, number: str) -> str:
    """The number as it is kept: without blanks, letters large; of an organisation without dashes."""
    text = "".join(number.split()).upper()
    return text.replace("-", "") if id_type == USCC else text


def check_document(id_type: str, number: str, *, today: date, birth_date: date | None = None) -> Wrong | None:
    """What is wrong with a document's number (already in its normal form); None when it can be right.

    :param birth_date: what else is known of the person, to be compared with what the number says.
    """
    if id_type == ID_CARD:
        return _check_id_card(number, today, birth_date)
    if id_type == USCC:
        return _check_uscc(number)
    form = OTHER_FORMS.get(id_type)
    if form is None:
        return Wrong("unknown-document", Words(f"没有证件类型 {id_type}", f"there is no kind of document {id_type}"))
    if not form.fullmatch(number):
        return Wrong("wrong-form", Words("证件号码格式不正确", "the number does not have the form of this document"))
    return None


def birth_date_of(id_type: str, number: str) -> date | None:
    """The day of birth that the number of an identity card says."""
    if id_type != ID_CARD or not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def id_card_check_digit(first_17: str) -> str:
    """The last sign of an identity card (GB 11643, ISO 7064 MOD 11-2)."""
    return ID_CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, ID_WEIGHTS, strict=True)) % 11]


def uscc_check_sign(first_17: str) -> str:
    """The last sign of a unified social credit code (GB 32100, MOD 31-3)."""
    total = sum(USCC_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(first_17))
    return USCC_SIGNS[(31 - total % 31) % 31]


def organisation_check_sign(first_8: str) -> str:
    """The check sign of an organisation's code (GB 11714), which is a part of the credit code."""
    rest = 11 - sum(ORG_SIGNS.index(sign) * weight for sign, weight in zip(first_8, ORG_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def _check_id_card(number: str, today: date, birth_date: date | None) -> Wrong | None:
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return Wrong("wrong-form", Words("身份证号应为 18 位", "an identity card has 17 digits and a check digit"))
    born = birth_date_of(ID_CARD, number)
    if born is None or born > today or today.year - born.year > OLDEST:
        return Wrong("wrong-birth-date", Words("身份证号中的出生日期无效", "the day of birth in it cannot be"))
    if id_card_check_digit(number[:17]) != number[17]:
        return Wrong("wrong-check-digit", Words("身份证号校验位不正确", "the check digit is wrong"))
    if birth_date is not None and birth_date != born:
        return Wrong("other-birth-date", Words("与所填出生日期不一致", "it says another day of birth"))
    return None


def _check_uscc(number: str) -> Wrong | None:
    if not re.fullmatch(f"[{USCC_SIGNS}]{{2}}[0-9]{{6}}[{USCC_SIGNS}]{{10}}", number):
        return Wrong(
            "wrong-form", Words("统一社会信用代码应为 18 位", "a unified social credit code has 18 digits and letters")
        )
    if organisation_check_sign(number[8:16]) != number[16] or uscc_check_sign(number[:17]) != number[17]:
        return Wrong("wrong-check-digit", Words("统一社会信用代码校验位不正确", "the check sign is wrong"))
    return None


def is_minor(born: date, today: date) -> bool:
    """Whether somebody is too young to make a contract alone."""
    birthday_this_year = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (0 if birthday_this_year else 1) < ADULT


def normal_phone(text: str) -> str | None:
    """A phone number as it is kept: 15400001001, 021-55501234, +4930123456; None when it cannot be one."""
    text = text.strip()
    if match := MOBILE.fullmatch(text):
        return match[1]
    if match := FIXED.fullmatch(text):
        return "-".join(part for part in match.groups() if part)
    plain = text.replace(" ", "").replace("-", "")
    return plain if FOREIGN.fullmatch(plain) else None


def is_email(text: str) -> bool:
    """Whether a text has the form of an e-mail address that can be written to from anywhere."""
    return len(text) <= 120 and ".." not in text and EMAIL.fullmatch(text) is not None
