"""What a designer can begin a new model with."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.services.studio.process_folders import folders
from app.services.studio.process_samples import samples
from app.web.charts.thumbnail import thumbnail
from app.web.reader import Reader
from app.web.views.new_model import NewModelPage, SampleCard
from app.web.views.parts import Choice


def new_model_page(
    session: Session, reader: Reader, given: Mapping[str, str], refused: InvalidInput | None = None
) -> NewModelPage:
    """The samples, the folders, and what was typed with what is wrong with it."""
    english = reader.language == "en"
    cards = tuple(
        SampleCard(
            code=each.code,
            name=each.name_en if english else each.name,
            shows=each.shows_en if english else each.shows,
            folder=each.folder,
            picture=thumbnail(each.content),
            chosen=given.get("code") == each.code,
        )
        for each in samples()
    )
    known = folders(session)
    wrong = {each.path: each.en if english else each.zh for each in refused.details} if refused else {}
    chosen = next((card for card in cards if card.chosen), None)
    source = given.get("from") or ("sample" if chosen else "")
    return NewModelPage(
        samples=cards,
        folders=tuple(Choice(row.code, row.name_en if english else row.name_zh) for row in known),
        source=source,
        chosen=chosen,
        kind=given.get("kind") or "bpmn",
        new_key=given.get("new_key", ""),
        name_zh=given.get("name_zh", ""),
        name_en=given.get("name_en", ""),
        folder=given.get("folder") or (chosen.folder if chosen else ""),
        wrong=wrong,
        message=refused.message(reader.language) if refused and not wrong else "",
    )
