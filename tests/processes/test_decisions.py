"""Decision tables: cells, hit policies, errors that name table, rule and cell."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest

from processes.spiff.compile import compile_files
from processes.spiff.decisions import DecisionError, load_decision

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    inputs: list[str],
    outputs: list[str],
    rows: list[tuple[list[str], list[str]]],
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: str = "",
    default: str = "",
    key: str = "sla",
) -> bytes:
    parts = [f"<input><inputExpression><text>{escape(text)}</text></inputExpression></input>" for text in inputs]
    for number, name in enumerate(outputs):
        order = f"<outputValues><text>{escape(values)}</text></outputValues>" if values and number == 0 else ""
        fallback = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
        parts.append(f"<output name={quoteattr(name)}>{order}{fallback}</output>")
    for tests, answers in rows:
        cells = "".join(f"<inputEntry><text>{escape(text)}</text></inputEntry>" for text in tests)
        cells += "".join(f"<outputEntry><text>{escape(text)}</text></outputEntry>" for text in answers)
        parts.append(f"<rule>{cells}</rule>")
    collect = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<definitions xmlns="{DMN}" id="d" name="d" namespace="urn:x"><decision id="{key}" name="时限">'
        f'<decisionTable hitPolicy="{policy}"{collect}>{"".join(parts)}</decisionTable></decision></definitions>'
    ).encode()


def test_a_table_with_chinese_cells():
    decision = load_decision(
        table(
            ["tier", "order.city", "amount"],
            ["days", "desk"],
            [
                (['"金牌"', '"上海","北京"', "-"], ["1", '"大客户"']),
                (['"金牌"', 'not("上海","北京")', "-"], ["2", '"大客户"']),
                (['not("金牌")', "-", "[0..1000)"], ["5", '"普通"']),
                (['not("金牌")', "-", ">= 1000"], ["amount / 1000", 'concat("普通", tier)']),
            ],
        )
    )
    assert decision.evaluate({"tier": "金牌", "order": {"city": "上海"}, "amount": 1}) == {"days": 1, "desk": "大客户"}
    assert decision.evaluate({"tier": "金牌", "order": {"city": "广州"}, "amount": 1}) == {"days": 2, "desk": "大客户"}
    assert decision.evaluate({"tier": "银牌", "order": {"city": "广州"}, "amount": 999}) == {"days": 5, "desk": "普通"}
    assert decision.evaluate({"tier": "银牌", "order": {"city": "广州"}, "amount": 2000}) == {
        "days": 2,
        "desk": "普通银牌",
    }
    assert decision.input_names == {"tier", "order", "amount"}


ROWS = [(["> 0"], ['"low"', "1"]), (["> 10"], ['"high"', "2"]), (["> 20"], ['"high"', "2"])]


def decide(policy: str, n: int, **more: str):
    return load_decision(table(["n"], ["level", "w"], ROWS, policy, values='"high","low"', **more)).evaluate({"n": n})


def test_hit_policies():
    low, high = {"level": "low", "w": 1}, {"level": "high", "w": 2}
    assert decide("UNIQUE", 5) == low
    assert decide("UNIQUE", 0) is None
    assert decide("FIRST", 30) == low
    assert decide("PRIORITY", 30) == high
    assert decide("RULE ORDER", 30) == [low, high, high]
    assert decide("OUTPUT ORDER", 15) == [high, low]
    assert decide("COLLECT", 15) == [low, high]
    assert decide("COLLECT", 0) == []
    assert decide("ANY", 5) == low
    with pytest.raises(DecisionError, match=r"^sla: .*rules 1 and 2 both match"):
        decide("UNIQUE", 15)
    with pytest.raises(DecisionError, match=r"rules 1, 2 differ"):
        decide("ANY", 15)


@pytest.mark.parametrize(
    ("how", "n", "value"), [("SUM", 30, 5), ("MIN", 30, 1), ("MAX", 30, 2), ("COUNT", 30, 3), ("COUNT", 0, 0)]
)
def test_aggregators(how, n, value):
    rows = [(tests, answers[1:]) for tests, answers in ROWS]
    assert load_decision(table(["n"], ["w"], rows, "COLLECT", how)).evaluate({"n": n}) == {"w": value}


def test_nothing_to_aggregate():
    rows = [(["> 5"], ["1"])]
    assert load_decision(table(["n"], ["w"], rows, "COLLECT", "SUM")).evaluate({"n": 1}) is None
    with pytest.raises(DecisionError, match="needs numbers"):
        load_decision(table(["n"], ["w"], [(["-"], ['"x"'])], "COLLECT", "SUM")).evaluate({"n": 1})


def test_default_outputs_and_empty_cells():
    data = table(["n"], ["w"], [(["> 5"], [""])], default='"none"')
    assert load_decision(data).evaluate({"n": 1}) == {"w": "none"}
    assert load_decision(data).evaluate({"n": 6}) == {"w": None}


def test_no_inputs_at_all():
    assert load_decision(table([], ["w"], [([], ["7"])])).evaluate({}) == {"w": 7}


def test_errors_name_table_rule_and_cell():
    decision = load_decision(table(["n"], ["w"], [(["> 5"], ["1"]), (['> "x"'], ["a.b"])], "COLLECT"))
    with pytest.raises(
        DecisionError, match=r"^sla: 规则 2，输入 1：数字和文本不能比较 · rule 2, input 1: number and text cannot be"
    ):
        decision.evaluate({"n": 6})
    with pytest.raises(DecisionError, match=r"^sla: .*input 1: nothing is called 'n'"):
        decision.evaluate({})
    with pytest.raises(DecisionError, match=r"^sla: .*rule 1, output w: nothing is called 'a'"):
        load_decision(table(["n"], ["w"], [(["-"], ["a.b"])])).evaluate({"n": 1})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (table(["n +"], ["w"], []), "input 1"),
        (table(["n"], ["w"], [(["> "], ["1"])]), "rule 1, input 1"),
        (table(["n"], ["w"], [(["-"], ["1 +"])]), "rule 1, output w"),
        (table(["n"], ["w"], [([], ["1"])]), "rule 1: has 0 + 1 cells, not 1 + 1"),
        (table(["n"], ["w"], [], "SOMETIMES"), "hit policy SOMETIMES"),
        (table(["n"], ["w"], [], "COLLECT", "AVG"), "hit policy COLLECT AVG"),
        (table(["n"], ["w", "w"], []), "every output needs a name"),
        (table(["n"], [], []), "every output needs a name"),
        (table(["n"], ["w", "v"], [], "COLLECT", "SUM"), "exactly one output"),
        (table(["n"], ["w"], [(["-"], ["__import__('os').system('id')"])]), "rule 1, output w"),
        (
            table(["n"], ["w"], []).replace(
                b"<decisionTable",
                b"<informationRequirement><requiredDecision href='#x'/></informationRequirement><decisionTable",
            ),
            "it needs 'x', which is not in the file",
        ),
        (table(["n"], ["w"], []).replace(b"decisionTable", b"other"), "no decision table"),
        (f'<definitions xmlns="{DMN}"/>'.encode(), "no decision in the file"),
    ],
)
def test_tables_that_are_refused(data, words):
    _, decisions, found = compile_files({"sla.dmn": data})
    assert decisions == []
    assert any(row.rule == "decision-invalid" and words in row.message_en for row in found), found
    assert all(row.severity == "error" for row in found)


def test_several_decisions_in_one_file_are_told_apart():
    one, two = table(["n"], ["w"], [(["-"], ["1"])], key="one"), table(["n"], ["w"], [(["-"], ["2"])], key="two")
    middle = two[two.index(b"<decision ") : two.index(b"</definitions>")]
    both = one.replace(b"</definitions>", middle + b"</definitions>")
    _, decisions, found = compile_files({"d.dmn": both})
    assert found == []
    assert [(item.key, load_decision(item.xml).evaluate({"n": 0})) for item in decisions] == [
        ("one", {"w": 1}),
        ("two", {"w": 2}),
    ]
    assert load_decision(both, "two").evaluate({"n": 0}) == {"w": 2}
    assert decisions[0].content_hash != decisions[1].content_hash
    assert [row.rule for row in compile_files({"a.dmn": one, "b.dmn": one})[2]] == ["duplicate-decision"]


@pytest.mark.parametrize("data", [b"", b"x", b"<a/>", b"<!DOCTYPE a><a/>"])
def test_what_is_no_dmn_file(data):
    with pytest.raises(DecisionError):
        load_decision(data)


def test_a_literal_expression_is_a_decision_too():
    inner = "<literalExpression><text>n * 2</text></literalExpression>"
    data = f'<definitions xmlns="{DMN}"><decision id="k">{inner}</decision></definitions>'
    assert load_decision(data.encode()).evaluate({"n": 4}) == 8
