"""Hiding personal data where the whole of it is not needed."""

from __future__ import annotations

from typing import Final

#: Chinese personal names have two to four characters; what is longer is a company.
LONGEST_PERSON: Final = 4


def mask_name(name: str) -> str:
    """``李例舒`` -> ``李*``; a company is not a person and keeps its name."""
    text = name.strip()
    if len(text) > LONGEST_PERSON:
        return text
    return f"{text[:1]}*" if text else ""


def mask_phone(phone: str) -> str:
    """``15400001003`` -> ``154****1003``; short numbers lose all but their last two digits."""
    text = phone.strip()
    if len(text) < 7:
        return "*" * max(0, len(text) - 2) + text[-2:]
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"


def mask_id_number(number: str) -> str:
    """Keeps the first and the last two characters of an identity number."""
    text = number.strip()
    return "*" * len(text) if len(text) < 6 else f"{text[:2]}{'*' * (len(text) - 4)}{text[-2:]}"


def mask_email(address: str) -> str:
    """``demo001@example.com`` -> ``d***@example.com``."""
    local, at, host = address.partition("@")
    return f"{local[:1]}***{at}{host}" if at else "***"


def mask_address(district: str) -> str:
    """An address as far as its district; street and door stay hidden."""
    return f"{district}***"
