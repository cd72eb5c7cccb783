"""Extension elements of Camunda 7 and its relatives: mappings, listeners, forms, retries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from processes.spiff.dialects_camunda import is_own_key
from processes.spiff.dialects_element import Element, from_result, short
from processes.spiff.expressions import ExpressionError, parse
from processes.spiff.timers import TimerError, parse_cycle
from processes.spiff.xmlsource import local_name

Handler = Callable[[Element, etree._Element, str], None]  # element, its extension, how that is written


def row(element: Element, extension: etree._Element, foreign: str) -> bool:
    """Take one extension element over or explain it; False if nobody knows it."""
    handler = ROWS.get(local_name(extension))
    if handler is None:
        return False
    handler(element, extension, foreign)
    return True


def text_of(element: etree._Element) -> str:
    """All text inside."""
    return "".join(str(part) for part in element.itertext()).strip()


def value_of(element: Element, given: etree._Element) -> str | None:
    """A parameter's value in our language: a text, an expression, a list or a map; None if that cannot be had."""
    inner = [child for child in given if isinstance(child.tag, str)]
    if not inner:
        return element.value(text_of(given))
    kind = local_name(inner[0])
    if kind == "list":
        parts = [value_of(element, item) for item in inner[0] if isinstance(item.tag, str)]
        known = [part for part in parts if part is not None]
        return f"[{', '.join(known)}]" if len(known) == len(parts) else None
    if kind == "map":
        rows = {str(item.get("key", "")): value_of(element, item) for item in inner[0] if isinstance(item.tag, str)}
        known_rows = [f"{key!r}: {value}" for key, value in rows.items() if value is not None]
        return f"{{{', '.join(known_rows)}}}" if len(known_rows) == len(rows) else None
    if kind == "script":
        element.say("script", f"{local_name(given)} {given.get('name', '')}".strip())
        return None
    return element.value(text_of(given))


def answer(element: Element, name: str, text: str, foreign: str) -> None:
    """An output whose expression reads the names of the step's own answer."""
    try:
        parse(text)
        ours = from_result(text, element.names("input"))
        parse(ours)
    except (ExpressionError, SyntaxError, ValueError) as problem:
        element.say("foreign-expression", f"{foreign} {name}: {problem}")
        return
    element.output(name, ours, foreign)


def _input_output(element: Element, extension: etree._Element, foreign: str) -> None:
    for child in extension:
        name = str(child.get("name", "")) if isinstance(child.tag, str) else ""
        if local_name(child) not in ("inputParameter", "outputParameter") or not name:
            continue
        value = value_of(element, child)
        if value is None:
            continue
        if local_name(child) == "inputParameter":
            element.input(name, value, f"{foreign} {name}")
        else:
            answer(element, name, value, f"{foreign} {name}")


def _in(element: Element, extension: etree._Element, foreign: str) -> None:
    if element.kind != "callActivity":
        element.say("foreign-extension", foreign)
        return
    key, target = extension.get("businessKey"), str(extension.get("target", ""))
    if key is not None:
        text = None if is_own_key(str(key)) else element.value(str(key))
        if text is not None:
            element.set("businessKey", text, f'{foreign} businessKey="{short(str(key))}"')
        return
    value = _source(element, extension, foreign)
    if value is not None and target:
        element.input(target, value, f"{foreign} {target}")


def _out(element: Element, extension: etree._Element, foreign: str) -> None:
    value, target = _source(element, extension, foreign), str(extension.get("target", ""))
    if value is not None and target:
        answer(element, target, value, f"{foreign} {target}")


def _source(element: Element, extension: etree._Element, foreign: str) -> str | None:
    if extension.get("variables") == "all":
        element.say("all-data", f'{foreign} variables="all"')
        return None
    given = extension.get("source")
    if given is not None:
        return str(given).strip() or None
    computed = extension.get("sourceExpression")
    return element.expression(str(computed)) if computed is not None else None


def _fields(element: Element, extension: etree._Element, foreign: str) -> None:
    """Fields drawn into a task: their answers are kept under their ids, which the other engine does by itself."""
    rows = [child for child in extension if local_name(child) in ("formField", "formProperty")]
    names = [str(child.get("id", "")) for child in rows]
    if element.kind == "startEvent":
        element.say("start-form", f"{foreign} {', '.join(names)}")
        return
    element.say("form-fields", ", ".join(names))
    for name in names:
        if name.isidentifier():
            element.output(name, f"get(result, {name!r})", f"{foreign} {name}")


def _property(element: Element, extension: etree._Element, foreign: str) -> None:
    wrapper = etree.Element("formData")
    wrapper.append(etree.Element("formProperty", {"id": str(extension.get("id", ""))}))
    _fields(element, wrapper, foreign)


def _listener(element: Element, extension: etree._Element, foreign: str) -> None:
    what = next(
        (
            str(extension.get(name))
            for name in ("class", "delegateExpression", "expression", "type")
            if extension.get(name)
        ),
        "script" if len(extension) else "",
    )
    element.say("listener", f"{foreign} {extension.get('event', extension.get('eventType', ''))} {short(what)}".strip())


def retry(element: Element, value: str, foreign: str) -> None:
    """``R3/PT10M`` is the same here: so many tries, so far apart."""
    if element.kind not in ("serviceTask", "sendTask"):
        element.say("not-needed", f"{foreign} {short(value)}")
        return
    try:
        fits = parse_cycle(value).times > 0
    except TimerError:
        fits = False
    if not fits:
        element.say("binding", f"{foreign} {short(value)}")
        return
    element.set("retry", value.strip(), f"{foreign} {short(value)}")


def _retry(element: Element, extension: etree._Element, foreign: str) -> None:
    retry(element, text_of(extension), foreign)


def _note(element: Element, extension: etree._Element, foreign: str) -> None:
    names = [f"{child.get('name', '')}={child.get('value', '')}" for child in extension if isinstance(child.tag, str)]
    element.say("tool-note", f"{foreign} {short(', '.join(names))}".strip())


def _field(element: Element, extension: etree._Element, foreign: str) -> None:
    """A constant handed to Java; Flowable also says the decision of a task of type dmn so."""
    name = str(extension.get("name", ""))
    value = str(extension.get("stringValue") or text_of(extension) or extension.get("expression") or "")
    if name in ("decisionTableReferenceKey", "decisionServiceReferenceKey"):
        element.set("decision", value, f"{foreign} {name}")
    elif element.kind == "businessRuleTask" and name in ("fallbackToDefaultTenant", "decisionTaskThrowErrorOnNoHits"):
        element.say("not-needed", f"{foreign} {name}")
    else:
        text = element.value(value)
        if text is not None and name:
            element.input(name, text, f"{foreign} {name}")


def _connector(element: Element, extension: etree._Element, foreign: str) -> None:
    found = next((text_of(child) for child in extension if local_name(child) == "connectorId"), "")
    element.say("foreign-task-type", f"{foreign} {short(found)}")


def _starter(element: Element, extension: etree._Element, foreign: str) -> None:
    element.say("starters", f"{foreign} {short(text_of(extension))}")


def _external_in(element: Element, extension: etree._Element, foreign: str) -> None:
    value, target = _source(element, extension, foreign), str(extension.get("target", ""))
    if value is not None and target:
        element.input(target, value, f"{foreign} {target}")


ROWS: Final[Mapping[str, Handler]] = {
    "inputOutput": _input_output,
    "in": _in,
    "out": _out,
    "properties": _note,
    "formData": _fields,
    "formProperty": _property,
    "executionListener": _listener,
    "taskListener": _listener,
    "eventListener": _listener,
    "failedJobRetryTimeCycle": _retry,
    "field": _field,
    "connector": _connector,
    "potentialStarter": _starter,
    "externalWorkerInParameter": _external_in,
    "externalWorkerOutParameter": _out,
}
