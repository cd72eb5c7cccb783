"""What may be shown of a person where the whole of it is not needed: masked on the server, for pages and interfaces."""

from __future__ import annotations

import re
from typing import Final

# The surnames of two characters that occur in practice; all others have one.
_DOUBLE_SURNAMES: Final = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "东方",
        "独孤",
        "南宫",
        "宇文",
        "长孙",
        "端木",
        "轩辕",
        "百里",
    ]
)
_ENGLISH_ROAD = re.compile(r"\b(Road|Rd|Street|St|Lane|Ln|Avenue|Ave|Alley|Boulevard|Highway)\b")
_ROAD = re.compile(r"^(.*?(?:路|街|道|巷|弄|村|镇))")


def mask_person(name: str) -> str:
    """Keep the surname: 李例舒 -> 李*, 欧阳明 -> 欧阳*; of other scripts the first letter."""
    text = name.strip()
    if not text:
        return ""
    keep = 2 if text[:2] in _DOUBLE_SURNAMES and len(text) > 2 else 1
    return f"{text[:keep]}*"


def mask_phone(number: str) -> str:
    """Keep three digits in front and four behind: 138****5678; short service numbers stay whole."""
    digits = number.strip()
    if len(digits) < 8:
        return digits
    return f"{digits[:3]}****{digits[-4:]}"


def mask_address(text: str) -> str:
    """Keep the road, hide number, building and room: 浦东新区示例一路***."""
    match = _ROAD.match(text)
    if match:
        return f"{match.group(1)}***"
    # English order, room and number first: keep the road without its number, and what follows it.
    parts = [part.strip() for part in text.split(",")]
    road = next((n for n, part in enumerate(parts) if _ENGLISH_ROAD.search(part)), max(len(parts) - 2, 0))
    kept = [re.sub(r"^[\dA-Za-z]?[\d-]*\s+", "", parts[road], count=1), *parts[road + 1 :]] if text else []
    return f"*** {', '.join(kept)}" if len(parts) > 1 else f"{text[:6]}***" if text else ""


def mask_email(text: str) -> str:
    """Keep the first letter and the domain: z***@qq.com."""
    name, at, domain = text.partition("@")
    return f"{name[:1]}***@{domain}" if at else "***" if text else ""


def mask_document(number: str) -> str:
    """Keep the first three and the last four characters of an id number, so that no birthday shows."""
    if len(number) < 8:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def mask_customer(name: str, *, is_person: bool) -> str:
    """People are masked, company names are not."""
    return mask_person(name) if is_person else name
