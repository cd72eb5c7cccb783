"""One element of a foreign drawing, while its extensions are taken over into ours."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from lxml import etree

from processes.spiff import dialects_feel, dialects_juel
from processes.spiff.dialects_grammar import UntranslatableError
from processes.spiff.expressions import CONSTANTS, ExpressionError, parse
from processes.spiff.report import Report
from processes.spiff.xmlsource import BPMN, YIZHAN, bpmn, local_name, namespace

HOLDER: Final = "extensionElements"
OWNERS: Final = frozenset(
    {"process", "sequenceFlow", "message", "error", "signal", "escalation", "lane", "participant"}
)


def space_of(tag: object) -> str:
    """The namespace of a tag or of the full name of an attribute."""
    return str(etree.QName(str(tag)).namespace or "")


def is_foreign_text(text: str) -> bool:
    """Whether a text is an expression of another engine: ``${...}``, ``#{...}`` or ``= ...``."""
    text = text.strip()
    return "${" in text or "#{" in text or (text.startswith("=") and not text.startswith("=="))


class Element:
    """A BPMN element with a report; what is set here appears as ``yizhan:`` attributes and elements."""

    def __init__(self, element: etree._Element, report: Report) -> None:
        self.xml, self.report = element, report
        owner, above = element, element.getparent()
        while above is not None and not _is_owner(owner):
            owner, above = above, above.getparent()
        self.owner = owner
        self.kind = local_name(owner)
        self.id, self.name = str(owner.get("id", "")), str(owner.get("name", ""))
        self.needs_data = False
        self.wants_value = False
        self._rows: dict[str, dict[str, etree._Element]] = {}

    # -- what is said of it --

    def say(self, rule: str, detail: str = "", detail_zh: str | None = None) -> None:
        """Note a finding at this element."""
        self.report.add(rule, self.id, self.name, detail, detail_zh)

    def taken(self, foreign: str, ours: str) -> None:
        """Note what has been taken over as what."""
        self.say("taken-over", f"{foreign} → {ours}")

    # -- expressions --

    def expression(self, text: str, *, feel: bool = False) -> str | None:
        """A foreign expression in our language; None if that cannot be had, which is noted."""
        text = text.strip()
        if not self.report.may_read(len(text)):
            self.say("foreign-expression", f"{short(text)}: too many of them", f"{short(text)}：这样的表达式太多")
            return None
        try:
            if feel or (text.startswith("=") and not text.startswith("==")):
                ours = dialects_feel.translated(text.removeprefix("="))
            else:
                ours = dialects_juel.translated(text)
            parse(ours)
        except UntranslatableError as problem:
            self.say("foreign-expression", f"{short(text)}: {problem.en}", f"{short(text)}：{problem.zh}")
            return None
        except ExpressionError as problem:
            self.say("foreign-expression", f"{short(text)}: {problem}")
            return None
        return ours

    def value(self, text: str) -> str | None:
        """An expression as it is, or a plain text as a literal of our language."""
        return self.expression(text) if is_foreign_text(text) else repr(text.strip())

    # -- what it gets --

    def set(self, name: str, value: str, foreign: str) -> None:
        """Give the element a ``yizhan:`` attribute unless it has it already."""
        if self.owner.get(f"{{{YIZHAN}}}{name}") is None:
            self.owner.set(f"{{{YIZHAN}}}{name}", value)
            self.taken(foreign, f'yizhan:{name}="{short(value)}"')

    def input(self, name: str, value: str, foreign: str) -> None:
        """Hand a value to the step."""
        self._row("input", name, value, foreign)

    def output(self, name: str, value: str | None, foreign: str) -> None:
        """Keep a part of the step's answer, or all of it."""
        self._row("output", name, value, foreign)

    def whole_result_is(self, value: str) -> None:
        """Outputs that take the whole result take this part of it."""
        for name, row in self._rows_of("output").items():
            if row.get("value") is None:
                row.set("value", value)
                self.taken(f"{name} = result", f"{name} = {value}")

    def names(self, kind: str) -> dict[str, str]:
        """The inputs or outputs it has so far, by name."""
        return {name: str(row.get("value", "")) for name, row in self._rows_of(kind).items()}

    def _rows_of(self, kind: str) -> dict[str, etree._Element]:
        # Kept: a step somebody made to take long has thirty thousand of them.
        if kind not in self._rows:
            holder = self.owner.find(bpmn(HOLDER))
            rows = holder.findall(f"{{{YIZHAN}}}{kind}") if holder is not None else []
            self._rows[kind] = {str(row.get("name", "")): row for row in rows}
        return self._rows[kind]

    def becomes(self, kind: str, why: str) -> None:
        """Make another kind of task of it."""
        if self.kind != kind:
            self.taken(f"{self.kind} ({why})", kind)
            self.owner.tag, self.kind = bpmn(kind), kind

    def drop(self, attribute: str) -> None:
        """Take a plain BPMN attribute away."""
        self.owner.attrib.pop(attribute, None)

    def _row(self, kind: str, name: str, value: str | None, foreign: str) -> None:
        rows = self._rows_of(kind)
        if name in rows:
            return
        row = rows[name] = etree.SubElement(holder_of(self.owner), f"{{{YIZHAN}}}{kind}")
        row.set("name", name)
        if value is not None:
            row.set("value", value)
        self.taken(foreign, f"yizhan:{kind} {name}" + ("" if value is None else f" = {short(value)}"))

    # -- beside it --

    def beside(self, tag: str, *, after: tuple[str, ...] = ()) -> etree._Element:
        """The child of that name of the XML element itself, made if it is not there."""
        found = self.xml.find(bpmn(tag))
        if found is None:
            found = etree.Element(bpmn(tag))
            place = sum(1 for child in self.xml if local_name(child) in ("documentation", HOLDER, *after))
            self.xml.insert(place, found)
        return found


def _is_owner(element: etree._Element) -> bool:
    kind = local_name(element)
    if namespace(element) != BPMN:
        return False
    fits = kind.endswith(("Task", "Event", "Gateway", "Process", "Activity")) or kind in ("task", "transaction")
    return fits or kind in OWNERS


def holder_of(element: etree._Element) -> etree._Element:
    """The place for extensions, made if it is not there."""
    found = element.find(bpmn(HOLDER))
    if found is None:
        found = etree.Element(bpmn(HOLDER))
        element.insert(sum(1 for child in element if local_name(child) == "documentation"), found)
    return found


def short(text: str) -> str:
    """A text cut to what fits into a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:77]}..."


class _FromResult(ast.NodeTransformer):
    """Names become fields of ``result``; inputs of the step become what they were computed from."""

    def __init__(self, inputs: Mapping[str, str]) -> None:
        self._inputs = inputs

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "exists":
            texts = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
            node.args = [ast.Constant(f"result.{text}") for text in texts]
            return node
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in CONSTANTS or node.id in ("now", "result", "error", "loopCounter"):
            return node
        if node.id in self._inputs:
            return parse(self._inputs[node.id]).body
        return ast.Attribute(ast.Name("result", ast.Load()), node.id, ast.Load())


def from_result(text: str, inputs: Mapping[str, str]) -> str:
    """An output of another engine, which reads the step's own names, as one over ``result``."""
    tree = ast.parse(text, mode="eval")
    return ast.unparse(_FromResult(inputs).visit(tree))
