"""Where somebody is logged in, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from app.persistence.people import WebSession
from app.web.reader import Reader
from app.web.views.blocks import Block, Cell, Column, Form, Grid


def sessions_block(
    rows: Sequence[WebSession], reader: Reader, *, title: str, here: str = "", forms: tuple[Form, ...] = ()
) -> Block:
    """The sessions, the latest used first; ``here`` is the id of the one that reads this."""
    t, f = reader.t, reader.f
    return Block(
        id="sessions",
        title=title,
        aside=True,
        grid=Grid(
            caption=title,
            icon="key",
            columns=(Column(t("Since")), Column(t("Last used"))),
            rows=tuple(
                (
                    Cell(f.moment(one.created_at)),
                    Cell(t("this browser") if one.id == here else f.moment(one.last_seen_at)),
                )
                for one in rows
            ),
            empty=t("Nowhere"),
        ),
        forms=forms,
    )
