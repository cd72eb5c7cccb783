"""What the editor of decision tables is told: mistakes at their cell, gaps, overlaps, and what test rows decide."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from processes.dmn.examining import ExaminedDecision, examine, tried
from processes.spiff.xmlsource import read

BPMN = Path(__file__).parents[2] / "bpmn"
HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="n">'


def table(policy: str, inputs: list[tuple[str, str, str]], *rules: tuple[str, ...]) -> ExaminedDecision:
    """``inputs``: expression, type, allowed values; a rule's last cell is its output."""
    columns = "".join(
        f'<input id="i{n}"><inputExpression id="e{n}" typeRef="{kind}"><text>{name}</text></inputExpression>'
        + (f"<inputValues><text>{allowed}</text></inputValues>" if allowed else "")
        + "</input>"
        for n, (name, kind, allowed) in enumerate(inputs)
    )
    rows = "".join(
        f'<rule id="r{n}">'
        + "".join(
            f'<inputEntry id="r{n}c{c}"><text><![CDATA[{cell}]]></text></inputEntry>'
            for c, cell in enumerate(rule[:-1])
        )
        + f'<outputEntry id="r{n}o"><text><![CDATA[{rule[-1]}]]></text></outputEntry></rule>'
        for n, rule in enumerate(rules, 1)
    )
    body = f'<decisionTable hitPolicy="{policy}">{columns}<output id="o" name="out"/>{rows}</decisionTable>'
    return examine(read(f'{HEAD}<decision id="d" name="d">{body}</decision></definitions>'.encode()))[0]


@pytest.mark.parametrize(
    ("column", "rules", "gaps"),
    [
        (("x", "number", ""), [("< 5", "1"), (">= 5", "2")], []),
        (("x", "number", ""), [("< 5", "1"), ("> 5", "2")], [("5",)]),
        (("x", "number", ""), [("[1..5]", "1"), ("(7..9)", "2")], [("< 1, (5..7], >= 9",)]),
        (("x", "string", ""), [('"a", "b"', "1")], [('not("a", "b")',)]),
        (("x", "string", ""), [('"a"', "1"), ('not("a")', "2")], []),
        (("x", "string", '"a", "b", "c"'), [('"a", "b"', "1")], [('"c"',)]),
        (("x", "boolean", ""), [("true", "1")], [("false",)]),
        (("x", "date", ""), [('< @"2026-01-01"', "1"), ('> @"2026-01-01"', "2")], [('@"2026-01-01"',)]),
        (("x", "number", ""), [("-", "1")], []),
    ],
)
def test_what_no_rule_covers_is_said(
    column: tuple[str, str, str], rules: list[tuple[str, ...]], gaps: list[tuple[str, ...]]
) -> None:
    found = table("UNIQUE", [column], *rules)
    assert found.problems == ()
    assert list(found.coverage.gaps) == gaps
    assert found.coverage.is_whole


def test_a_gap_names_the_combination() -> None:
    columns = [("tier", "string", '"gold", "silver"'), ("amount", "number", "")]
    found = table("UNIQUE", columns, ('"gold"', "-", "1"), ('"silver"', "< 100", "2"))
    assert found.coverage.gaps == (('"silver"', ">= 100"),)


def test_a_rule_that_earlier_ones_cover_is_never_reached() -> None:
    columns = [("x", "number", "")]
    assert table("FIRST", columns, ("< 10", "1"), ("[2..4]", "2"), ("-", "3")).coverage.unreached == (2,)
    assert table("COLLECT", columns, ("< 10", "1"), ("[2..4]", "2"), ("-", "3")).coverage.unreached == ()


def test_rules_that_both_fit_are_named_only_where_that_is_wrong() -> None:
    rules = [("[1..5]", "1"), ("[5..9]", "2")]
    assert table("UNIQUE", [("x", "number", "")], *rules).overlaps == ((1, 2),)
    assert table("COLLECT", [("x", "number", "")], *rules).overlaps == ()


def test_what_is_more_than_values_is_not_judged() -> None:
    found = table("UNIQUE", [("x", "number", "")], ("< limit", "1"), (">= 5", "2"))
    assert found.coverage.unjudged == (1,)
    assert found.coverage.gaps == ()


@pytest.mark.parametrize(
    ("rule", "element"),
    [(("< <", "1"), "r1c0"), (('"text"', "1"), "r1c0"), (("5", "1 +"), "r1o"), (("5", "no such function(1)"), "r1o")],
)
def test_a_mistake_is_said_at_its_cell(rule: tuple[str, str], element: str) -> None:
    problems = table("UNIQUE", [("x", "number", "")], rule).problems
    assert [one.element for one in problems] == [element]
    assert problems[0].zh
    assert problems[0].en


def test_a_table_made_to_take_long_ends_soon() -> None:
    columns = [(f"x{n}", "number", "") for n in range(30)]
    rules = [
        (*(f"[{(n * 7 + c) % 90}..{(n * 7 + c) % 90 + 9}]" for c in range(30)), "1")
        for n in range(200)
    ]  # fmt: skip
    found = table("UNIQUE", columns, *rules)
    assert len(found.rule_ids) == 200
    assert len(found.coverage.gaps) <= 5


def test_test_rows_say_what_came_out_and_which_rules_fitted() -> None:
    found = table("UNIQUE", [("x", "number", "")], ("[1..5]", '"a"'), ("[5..9]", '"b"'))
    now = datetime(2026, 11, 22, tzinfo=UTC)

    def one(inputs: dict[str, object]) -> tuple[object, tuple[int, ...], bool]:
        answer = tried(found.decision, inputs, lambda: now, 400_000)
        return answer.result, answer.hits, answer.error is not None

    assert one({"x": 2}) == ({"out": "a"}, (1,), False)
    assert one({"x": 5}) == (None, (1, 2), True)
    assert one({"x": 70}) == (None, (), False)
    assert one({"x": "text"}) == (None, (), True)
    assert one({}) == (None, (), True)


def test_the_shipped_tables_have_no_mistakes_and_no_overlaps() -> None:
    for path in sorted(BPMN.glob("*.dmn")):
        for one in examine(read(path.read_bytes())):
            assert [problem for problem in one.problems if problem.serious] == [], path.name
            assert one.overlaps == (), path.name
            assert one.coverage.unreached == (), path.name
            assert one.inputs, path.name
