"""What the elements of two versions are called, and what a dry run says, in the words of the drawing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy.orm import Session

from app.web.pages.ordering.diagrams import said_element
from app.web.pages.repairs.heat import NOBODY_STANDS_AT
from app.web.pages.studio.processes import STEP_KINDS
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.values import without_ids
from processes.definitions import DefinitionCache, elements_of
from processes.migration_words import SAYINGS
from processes.network import Drawing
from processes.spiff.definition import ElementInfo
from processes.store.definitions import ProcessDefinition
from processes.store.migrations import Migration

#: What readers call the elements that are no steps.
KINDS: Final[Mapping[str, Sentence]] = {
    **STEP_KINDS,
    "exclusiveGateway": Sentence("branch"),
    "inclusiveGateway": Sentence("branch"),
    "complexGateway": Sentence("branch"),
    "parallelGateway": Sentence("parallel branches"),
    "eventBasedGateway": Sentence("waits for the first of several"),
    "adHocSubProcess": Sentence("steps in any order"),
    "transaction": Sentence("sub-process"),
}


@dataclass(frozen=True)
class TwoVersions:
    """The drawings a migration lies between."""

    session: Session
    reader: Reader
    migration: Migration
    definitions: DefinitionCache

    @cached_property
    def old(self) -> Mapping[str, ElementInfo]:
        """Elements of the version that is left."""
        return elements_of(self.session.get_one(ProcessDefinition, self.migration.from_id))

    @cached_property
    def new(self) -> Mapping[str, ElementInfo]:
        """Elements of the version that is gone to."""
        return elements_of(self.session.get_one(ProcessDefinition, self.migration.to_id))

    @cached_property
    def old_drawing(self) -> Drawing:
        return self.definitions.drawing(self.session, self.migration.from_id)

    @cached_property
    def new_drawing(self) -> Drawing:
        return self.definitions.drawing(self.session, self.migration.to_id)

    def stands(self, element_id: str, *, moved: bool) -> bool:
        """Whether somebody stands there: an event at the edge of a step waits beside whoever stands at the step."""
        element = (self.new if moved else self.old).get(element_id)
        return element is None or element.type not in NOBODY_STANDS_AT

    def name(self, some_id: str) -> str:
        """What an element or flow of either version is called."""
        for elements in (self.old, self.new):
            if some_id in elements:
                return said_element(elements[some_id], self.reader)
        return self.flow(some_id) or some_id

    def flow(self, flow_id: str) -> str:
        """A flow by its ends; nothing for what is none."""
        for drawing, elements in ((self.old_drawing, self.old), (self.new_drawing, self.new)):
            found = next((one for one in drawing.flows if one.id == flow_id), None)
            if found is not None:
                ends = [self.name(end) if end in elements else end for end in (found.source, found.target)]
                return " → ".join(ends)
        return ""

    def kind(self, element: ElementInfo) -> str:
        """What sort of thing an element is."""
        return self.reader.t(KINDS[element.type]) if element.type in KINDS else element.type

    def said(self, code: str, element_id: str, detail: str) -> str:
        """One reason or note in the reader's language, with names instead of ids."""
        saying = SAYINGS[code]
        english = self.reader.language == "en"
        before, after = ("“", "”") if english else ("「", "」")
        known = {*self.old, *self.new}
        element = f"{before}{self.name(element_id)}{after}" if element_id else ""
        named = self.flow(detail) or (self.name(detail) if detail in known else "")
        words = f"{before}{named}{after}" if named else without_ids(detail)
        text = (saying.en if english else saying.zh).format(element=element, detail=words)
        if not english:
            text = text.replace(f" {before}", before).replace(f"{after} ", after)
        return text[:1].upper() + text[1:]

    def said_again(self, code: str, message: str) -> str:
        """A refusal of the run, kept as an English sentence, told like the verdicts."""
        saying = SAYINGS.get(code)
        if saying is None:
            return without_ids(message)
        shape = re.escape(saying.en).replace(r"\{element\}", "(?P<element>.+?)", 1)
        shape = shape.replace(r"\{detail\}", "(?P<detail>.+?)", 1)
        found = re.match(f"{shape}(?:; |$)", message)
        if found is None:
            return without_ids(message)
        parts = found.groupdict()
        return self.said(code, parts.get("element") or "", parts.get("detail") or "")
