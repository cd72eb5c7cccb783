"""Members of staff as data: what may be said of one, and what a password has to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.domain.actors import Role
from app.errors import FieldProblem

LOGIN: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LANGUAGES: Final = ("zh", "en")
#: What people can be; the system is nobody.
STAFF_ROLES: Final = tuple(role for role in Role if role is not Role.SYSTEM)
MOST_OPEN_ITEMS: Final = 200
LONGEST_NAME: Final = 100
#: Length is what makes a password hard to guess; rules about signs only make it hard to remember.
SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
FEWEST_SIGNS: Final = 5


@dataclass(frozen=True, kw_only=True)
class StaffData:
    """What an administrator says of a member of staff; ``teams`` and ``skills`` are codes."""

    name_zh: str
    name_en: str
    role: str
    area: str
    language: str
    max_open_items: int
    skills: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


def login_problems(login: str) -> Iterator[FieldProblem]:
    """What is wrong with a new login."""
    if not LOGIN.fullmatch(login):
        zh = "2 至 32 位，以小写字母开头，只含小写字母、数字、点、横线和下划线"
        en = "2 to 32 characters: small letters, digits, dots, dashes and underscores, a letter first"
        yield FieldProblem(path="login", code="form", zh=zh, en=en)


def staff_problems(data: StaffData) -> Iterator[FieldProblem]:
    """What is wrong with what was said, as far as nothing else has to be asked."""
    for path, name in (("name_zh", data.name_zh), ("name_en", data.name_en)):
        if not name.strip() or len(name) > LONGEST_NAME:
            zh, en = f"须填写，至多 {LONGEST_NAME} 个字符", f"wanted, at most {LONGEST_NAME} characters"
            yield FieldProblem(path=path, code="required", zh=zh, en=en)
    if data.role not in STAFF_ROLES:
        yield FieldProblem(path="role", code="unknown", zh="没有这个角色", en="there is no such role")
    if data.language not in LANGUAGES:
        yield FieldProblem(path="language", code="unknown", zh="请选择中文或英文", en="Chinese or English")
    if not 1 <= data.max_open_items <= MOST_OPEN_ITEMS:
        zh, en = f"须为 1 至 {MOST_OPEN_ITEMS} 的整数", f"a whole number from 1 to {MOST_OPEN_ITEMS}"
        yield FieldProblem(path="max_open_items", code="range", zh=zh, en=en)


def password_problem(password: str, *, login: str) -> FieldProblem | None:
    """Why a new password will not do; None: it will."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        zh, en = f"至少 {SHORTEST_PASSWORD} 个字符", f"at least {SHORTEST_PASSWORD} characters"
        return FieldProblem(path="new", code="length", zh=zh, en=en)
    if len(set(password)) < FEWEST_SIGNS:
        zh, en = "重复的字符太多", "too many repeated characters"
        return FieldProblem(path="new", code="repeated", zh=zh, en=en)
    if login in password.lower():
        zh, en = "不能包含用户名", "it must not contain the login"
        return FieldProblem(path="new", code="login", zh=zh, en=en)
    return None
