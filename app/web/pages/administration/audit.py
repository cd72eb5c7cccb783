"""The audit as rows: four books with the same columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from app.persistence.administration.admin_changes import list_changes
from app.persistence.administration.refused_calls import refused_calls
from app.persistence.counter.reveals import list_reveals
from app.services.counter.reveals import FIELDS
from app.services.repairs.repair_audit import repairs
from app.web.addresses import Addresses, with_arguments
from app.web.pages.administration.admin_names import act_of, difference_of
from app.web.pages.administration.admin_teams import team_href
from app.web.pages.administration.admin_user_form import user_href
from app.web.pages.names import Names
from app.web.pages.repairs.bulk_runs import KINDS
from app.web.pages.repairs.exceptions import order_href
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.audit import AuditLine, AuditPage
from app.web.views.parts import Choice, Pages, Tab

PAGE_SIZE = 50
BOOKS: Mapping[str, Sentence] = {
    "reveals": Sentence("Personal data looked at"),
    "repairs": Sentence("Repairs"),
    "refusals": Sentence("Refused"),
    "admin": Sentence("Administration"),
}


def audit_page(
    session: Session, reader: Reader, addresses: Addresses, *, book: str, login: str, offset: int
) -> AuditPage:
    """One book, of one person if a login is given."""
    lines, total, logins = audit_lines(
        session, reader, addresses, book=book, login=login, offset=offset, limit=PAGE_SIZE
    )
    names = Names(session, reader)
    names.know_people(logins)
    here = {"book": book, "login": login}
    return AuditPage(
        tabs=tuple(
            Tab(reader.t(text), _address({"book": name, "login": login}), name == book) for name, text in BOOKS.items()
        ),
        book=book,
        login=login,
        people=tuple(
            Choice(one, f"{names.person(one)} {one}") for one in sorted({*logins, *([login] if login else [])})
        ),
        lines=lines,
        pages=Pages.of(
            lambda at: _address({**here, "offset": str(at)}),
            offset=offset,
            shown=len(lines),
            total=total,
            size=PAGE_SIZE,
        ),
        export_href=_address({**here, "format": "csv"}),
    )


def audit_lines(
    session: Session, reader: Reader, addresses: Addresses, *, book: str, login: str, offset: int, limit: int
) -> tuple[tuple[AuditLine, ...], int, Sequence[str]]:
    """Lines of a book, how many there are, and whose they are."""
    read = {"reveals": _reveals, "repairs": _repairs, "refusals": _refusals, "admin": _administration}[book]
    return read(session, reader, addresses, login or None, offset, limit)


Found = tuple[tuple[AuditLine, ...], int, Sequence[str]]


def _reveals(
    session: Session, reader: Reader, addresses: Addresses, login: str | None, offset: int, limit: int
) -> Found:
    rows, total = list_reveals(session, reader.actor, login=login, customer_no=None, offset=offset, limit=limit)
    names = Names(session, reader)
    names.know_people(row.login for row in rows)
    lines = tuple(
        AuditLine(
            at=reader.f.full(row.at),
            who=names.person(row.login),
            what=reader.words(FIELDS[row.field]) if row.field in FIELDS else row.field,
            about=row.customer_no,
            href=addresses.customer(row.customer_no),
            why=row.reason,
        )
        for row in rows
    )
    return lines, total, [row.login for row in rows]


def _repairs(
    session: Session, reader: Reader, addresses: Addresses, login: str | None, offset: int, limit: int
) -> Found:
    rows, total = repairs(session, reader.actor, {"actor": login}, offset=offset, limit=limit)
    names = Names(session, reader)
    names.know_people(row["actor"] for row in rows)
    lines = tuple(
        AuditLine(
            at=reader.f.full(row["at"]),
            who=names.person(row["actor"]),
            what=act_name(str(row["action"]), reader),
            about=str(row["about"] or row["subject"]),
            href=order_href(str(row["about"] or ""), addresses),
            why=str(row["reason"]),
        )
        for row in rows
    )
    return lines, total, [row["actor"] for row in rows]


#: What second persons do, and whoever asks them.
_REQUESTS: Final = {
    "ask": Sentence("Asked a second person", "repair"),
    "agree": Sentence("Agreed", "repair"),
    "refuse": Sentence("Refused", "repair"),
}


def act_name(action: str, reader: Reader) -> str:
    """What a line of the audit of repairs says was done."""
    known = KINDS.get(action) or _REQUESTS.get(action)
    return reader.t(known) if known else action


def _refusals(
    session: Session, reader: Reader, _addresses: Addresses, login: str | None, offset: int, limit: int
) -> Found:
    rows, total = refused_calls(session, reader.actor, {"login": login}, offset=offset, limit=limit)
    names = Names(session, reader)
    names.know_people(row.login for row in rows)
    t = reader.t
    lines = tuple(
        AuditLine(
            at=reader.f.full(row.last_at),
            who=names.person(row.login),
            what=t("has no right") if row.status == 403 else t("asked for what is not theirs"),
            about=f"{row.method} {row.path}",
            href="",
            why=t("{n} times", n=row.times),
        )
        for row in rows
    )
    return lines, total, [row.login for row in rows]


def _administration(
    session: Session, reader: Reader, _addresses: Addresses, login: str | None, offset: int, limit: int
) -> Found:
    rows, total = list_changes(session, reader.actor, who=login, offset=offset, limit=limit)
    names = Names(session, reader)
    names.know_people(row.who for row in rows)
    pages = {"user": user_href, "team": team_href} if reader.may("admin.view") else {}
    lines = tuple(
        AuditLine(
            at=reader.f.full(row.at),
            who=names.person(row.who),
            what=act_of(row, reader),
            about=row.subject,
            href=pages[row.kind](row.subject) if row.kind in pages else "",
            why=" · ".join(part for part in (row.reason, difference_of(row, reader, names)) if part),
        )
        for row in rows
    )
    return lines, total, [row.who for row in rows]


def _address(arguments: Mapping[str, str]) -> str:
    return with_arguments("/audit", arguments)
