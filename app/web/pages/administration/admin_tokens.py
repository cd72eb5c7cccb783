"""The tokens of machines."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.token_desk import MOST_DAYS
from app.errors import AppError
from app.persistence.administration.staff_search import tokens_of
from app.persistence.people import ApiToken, User
from app.persistence.scope import scoped
from app.web.block_forms import faults_of, filled, with_errors
from app.web.pages.administration.admin_user import Entered
from app.web.pages.administration.admin_user_form import role_name, user_href
from app.web.pages.administration.admin_users import people_tabs
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Field, Form, Grid
from app.web.views.parts import Choice, Pages, Tag

TOKENS: Final = "/admin/tokens"
PAGE_SIZE: Final = 25


def tokens_page(
    session: Session, reader: Reader, offset: int, *, entered: Entered | None = None, token: str = ""
) -> BlockPage:
    """Who has a token. ``token``: one that was just issued, shown this once."""
    t = reader.t
    rows, total = tokens_of(session, reader.actor, offset=offset, limit=PAGE_SIZE)
    form = _form(session, reader)
    error: AppError | None = entered.error if entered else None
    if entered:
        form = with_errors(filled(form, entered.form), error, reader)
    return BlockPage(
        title=t("Tokens"),
        tabs=people_tabs(reader, "tokens"),
        tabs_label=t("Who may what"),
        said=t("The token: {token}. It is shown this once: put it where it is needed now.", token=token)
        if token
        else "",
        said_tone="ok",
        faults=faults_of(error, form, reader),
        blocks=(
            Block(
                id="tokens",
                title=t("Tokens"),
                note=t("A machine with a token may what its user may. Only a fingerprint of it is kept."),
                grid=Grid(
                    caption=t("Tokens"),
                    icon="key",
                    columns=(
                        Column(t("Label")),
                        Column(t("User")),
                        Column(t("Role")),
                        Column(t("Good until")),
                        Column(t("State")),
                        Column(t("Actions"), hidden=True),
                    ),
                    rows=tuple(_row(one, user, reader) for one, user in rows),
                    empty=t("No token was issued."),
                    pages=Pages.of(
                        lambda at: f"{TOKENS}?offset={at}", offset=offset, shown=len(rows), total=total, size=PAGE_SIZE
                    ),
                ),
            ),
            Block(id="issue", title=t("Issue a token"), forms=(form,), aside=True),
        ),
    )


def _row(one: ApiToken, user: User, reader: Reader) -> tuple[Cell, ...]:
    t = reader.t
    is_over = one.expires_at is not None and one.expires_at <= reader.now
    if one.revoked_at is not None:
        tag = Tag(t("revoked"), "slash", "")
    elif is_over:
        tag = Tag(t("ran out"), "clock", "")
    elif not user.active:
        tag = Tag(t("User locked"), "lock", "warn")
    else:
        tag = Tag(t("good"), "done", "ok")
    why = Field(name="reason", label=t("Reason"), required=True, width=12, longest=300)
    act = Form(
        id=f"r{one.id[-6:]}", action=f"{TOKENS}/{one.id}/revoke", submit=t("Revoke"), tone="danger", fields=(why,)
    )
    return (
        Cell(one.label or "–", wrap=True),
        Cell(user.login, href=user_href(user.login), code=True),
        Cell(role_name(user.role, reader)),
        Cell(reader.f.full(one.expires_at) if one.expires_at else t("without end")),
        Cell("", tag=tag),
        Cell("", forms=(act,) if one.revoked_at is None and not is_over else ()),
    )


def _form(session: Session, reader: Reader) -> Form:
    t = reader.t
    people = session.scalars(scoped(select(User), User, reader.actor).where(User.active).order_by(User.login))
    return Form(
        id="token",
        action=TOKENS,
        submit=t("Issue a token"),
        tone="primary",
        icon="key",
        fields=(
            Field(
                name="login",
                label=t("User"),
                kind="select",
                required=True,
                empty=t("Choose"),
                width=12,
                choices=tuple(Choice(user.login, f"{user.login} · {role_name(user.role, reader)}") for user in people),
            ),
            Field(name="label", label=t("What is it for?"), required=True, longest=100, width=12),
            Field(
                name="days",
                label=t("Days it is good"),
                kind="number",
                value="90",
                least=1,
                most=MOST_DAYS,
                required=True,
                width=12,
            ),
        ),
    )
