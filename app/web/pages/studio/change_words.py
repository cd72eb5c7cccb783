"""What is said of an element in a file, in words: names of things for paths, and values as people know them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from app.domain.durations import parse_duration
from app.persistence.studio.forms import form_names
from app.web.pages.names import Names
from app.web.pages.promises.step_time_words import StepTimeWords
from app.web.pages.studio.processes import STEP_KINDS
from app.web.reader import Reader
from app.web.texts import Sentence
from processes import versions
from processes.drawing_facts import Thing

LABELS: Final[Mapping[str, Sentence]] = {
    "type": Sentence("Kind of element"),
    "parent": Sentence("Inside of"),
    "text": Sentence("Text"),
    "@name": Sentence("Chinese name"),
    "@yizhan:nameEn": Sentence("English name"),
    "@yizhan:operation": Sentence("Operation"),
    "@yizhan:undo": Sentence("Undo"),
    "@yizhan:undoneBy": Sentence("Undone by"),
    "@yizhan:change": Sentence("Changed in place by"),
    "@yizhan:changes": Sentence("Inputs changed in place"),
    "@yizhan:changeFree": Sentence("Inputs that may differ"),
    "@yizhan:retry": Sentence("Tries"),
    "@yizhan:team": Sentence("Team"),
    "@yizhan:skill": Sentence("Skill"),
    "@yizhan:form": Sentence("Form"),
    "@yizhan:sla": Sentence("SLA level"),
    "@yizhan:duration": Sentence("SLA"),
    "@yizhan:calendar": Sentence("SLA calendar"),
    "@yizhan:decision": Sentence("Decision table"),
    "@yizhan:decisionVersion": Sentence("Decision version"),
    "@yizhan:calledExpression": Sentence("Called process, computed"),
    "@calledElement": Sentence("Called process"),
    "@yizhan:businessKey": Sentence("Business key"),
    "@yizhan:messageKey": Sentence("Message key"),
    "@yizhan:chosen": Sentence("Chosen activities"),
    "@yizhan:byHand": Sentence("Begun by hand"),
    "@yizhan:workOrder": Sentence("Work order"),
    "@yizhan:pointOfNoReturn": Sentence("Point of no return"),
    "@yizhan:milestone": Sentence("Milestone"),
    "@yizhan:promiseEndsWith": Sentence("Promise ends with"),
    "@default": Sentence("Default flow"),
    "@sourceRef": Sentence("Comes from"),
    "@targetRef": Sentence("Leads to"),
    "@attachedToRef": Sentence("Sits on"),
    "@cancelActivity": Sentence("Interrupts"),
    "@isInterrupting": Sentence("Interrupts"),
    "@triggeredByEvent": Sentence("Begins by an event"),
    "@isForCompensation": Sentence("Compensation step"),
    "@instantiate": Sentence("Begins the process"),
    "@label": Sentence("Heading"),
    "conditionExpression": Sentence("Condition"),
    "documentation": Sentence("Documentation"),
    "completionCondition": Sentence("Completion condition"),
    "timerEventDefinition/timeDuration": Sentence("Waits for"),
    "timerEventDefinition/timeDate": Sentence("Waits until"),
    "timerEventDefinition/timeCycle": Sentence("Every"),
    "messageEventDefinition@messageRef": Sentence("Message"),
    "@messageRef": Sentence("Message"),
    "signalEventDefinition@signalRef": Sentence("Signal"),
    "errorEventDefinition@errorRef": Sentence("Error"),
    "escalationEventDefinition@escalationRef": Sentence("Escalation"),
    "conditionalEventDefinition/condition": Sentence("Condition"),
    "multiInstanceLoopCharacteristics": Sentence("Repeated for each"),
    "multiInstanceLoopCharacteristics@isSequential": Sentence("One after another"),
    "multiInstanceLoopCharacteristics/loopDataInputRef": Sentence("Repeated for each of"),
    "multiInstanceLoopCharacteristics/loopCardinality": Sentence("Times"),
    "multiInstanceLoopCharacteristics/completionCondition": Sentence("Completion condition"),
    "standardLoopCharacteristics": Sentence("Repeated while"),
    "standardLoopCharacteristics/loopCondition": Sentence("Repeated while"),
    "standardLoopCharacteristics@loopMaximum": Sentence("Times at most"),
    "decisionTable@hitPolicy": Sentence("Hit policy"),
    "inputExpression/text": Sentence("Asks for"),
    "inputExpression@typeRef": Sentence("Type"),
    "@typeRef": Sentence("Type"),
    "description": Sentence("Hint"),
    "descriptionEn": Sentence("English hint"),
    "label": Sentence("Chinese label"),
    "labelEn": Sentence("English label"),
    "name": Sentence("Chinese name"),
    "nameEn": Sentence("English name"),
    "values": Sentence("Choices"),
    "validate": Sentence("Rules for the answer"),
    "prefill": Sentence("Filled in with"),
    "showWhen": Sentence("Asked when"),
    "disabled": Sentence("Shown only"),
}
#: What begins like this is named by what stands in the brackets.
NAMED: Final = (
    (re.compile(r"input\[(.+)\](?:@value)?"), Sentence("Input {name}")),
    (re.compile(r"output\[(.+)\](?:@value)?"), Sentence("Output {name}")),
    (re.compile(r"(?:data|property)\[(.+)\].*"), Sentence("Start data {name}")),
    (re.compile(r"inputEntry(?:\[(\d+)\])?/text"), Sentence("Condition {name}")),
    (re.compile(r"outputEntry(?:\[(\d+)\])?/text"), Sentence("Result {name}")),
    (re.compile(r"annotationEntry(?:\[(\d+)\])?/text"), Sentence("Remark {name}")),
)
KINDS: Final[Mapping[str, Sentence]] = {
    **STEP_KINDS,
    "process": Sentence("process"),
    "sequenceFlow": Sentence("flow"),
    "sendTask": Sentence("automatic step"),
    "transaction": Sentence("sub-process"),
    "adHocSubProcess": Sentence("sub-process"),
    "exclusiveGateway": Sentence("one way of several"),
    "inclusiveGateway": Sentence("some ways of several"),
    "parallelGateway": Sentence("all ways at once"),
    "eventBasedGateway": Sentence("whatever happens first"),
    "textAnnotation": Sentence("remark in the drawing"),
    "association": Sentence("line to a remark"),
    "lane": Sentence("lane"),
    "participant": Sentence("pool"),
    "decision": Sentence("decision"),
    "rule": Sentence("row of the table"),
    "input": Sentence("column of conditions"),
    "output": Sentence("column of results"),
    "question": Sentence("question"),
    "form": Sentence("form"),
}
LONGEST: Final = 400


class ChangeWords:
    """Says paths and values in the reader's language."""

    def __init__(
        self, session: Session, reader: Reader, registry: OperationRegistry, things: Mapping[str, Thing]
    ) -> None:
        self._reader, self._registry, self._things = reader, registry, things
        self._names = Names(session, reader)
        self._times = StepTimeWords(session, reader)
        english = reader.language == "en"
        self._forms = {key: en if english else zh for key, zh, en in form_names(session)}
        current = versions.all_in_force(session)
        self._processes = {key: (row.name_en if english else row.name) or key for key, row in current.items()}

    def label(self, path: str) -> str:
        """What a path is called."""
        t = self._reader.t
        if path in LABELS:
            return t(LABELS[path])
        for pattern, sentence in NAMED:
            found = pattern.fullmatch(path)
            if found is not None:
                return t(sentence, name=found[1] or "1")
        return path

    def value(self, path: str, value: str | None, *, calendar: str = "") -> str:
        """A value as people know it; empty where nothing is said.

        :param calendar: of the element, by which its time is counted.
        """
        if value is None:
            return self._reader.t.about("version", "newest") if path == "@yizhan:decisionVersion" else ""
        if path == "@yizhan:duration":
            return self._times.own(value, calendar)[:LONGEST]
        return (self._known(path, value) or value)[:LONGEST]

    def kind(self, thing: Thing) -> str:
        """What kind of element it is."""
        sentence = KINDS.get(thing.type)
        return self._reader.t(sentence) if sentence else thing.type

    def name(self, thing: Thing) -> str:
        """What an element is called; flows by what they join."""
        if thing.type in ("sequenceFlow", "association", "messageFlow") and not thing.name:
            ends = [self.named(thing.facts.get(path, "")) for path in ("@sourceRef", "@targetRef")]
            return " → ".join(ends)
        english = self._reader.language == "en"
        return (thing.name_en if english else thing.name) or thing.name or thing.id

    def named(self, element_id: str) -> str:
        """The name of the element of that id."""
        thing = self._things.get(element_id)
        if thing is None or thing.type == "sequenceFlow":
            return element_id
        return self.name(thing) if thing.name or thing.name_en else self.kind(thing)

    def _known(self, path: str, value: str) -> str:
        t = self._reader.t
        if path in ("@yizhan:operation", "@yizhan:undo") and value in self._registry.codes():
            operation = self._registry.get(value)
            return operation.name_en if self._reader.language == "en" else operation.name_zh
        if path == "@yizhan:team":
            return self._names.team_role(value)
        if path == "@yizhan:form":
            return self._forms.get(value, value)
        if path in ("@calledElement", "@yizhan:undoneBy"):
            return self._processes.get(value, value)
        if path == "timerEventDefinition/timeDuration":
            return self._span(value)
        if path == "@yizhan:sla":
            return self._times.level(value)
        if path == "@yizhan:calendar":
            return self._times.calendar(value)
        if path in ("@sourceRef", "@targetRef", "@attachedToRef", "parent"):
            return self.named(value) or t("the process")
        if path == "type":
            sentence = KINDS.get(value)
            return t(sentence) if sentence else value
        if path == "@yizhan:pointOfNoReturn":
            return t("soft point of no return") if value == "soft" else t("point of no return")
        return {"true": t("yes"), "false": t("no")}.get(value, "")

    def _span(self, value: str) -> str:
        try:
            return self._reader.f.long_span(parse_duration(value))
        except ValueError:
            return value
