"""Decisions that need others: which names they see, functions, boxed logic, types, and what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from processes.findings import Finding
from processes.spiff.compile import compile_files
from processes.spiff.decisions import DecisionError, load_decision
from tests.processes.test_decisions import DMN

NOW = datetime.fromisoformat("2026-11-22T07:30:00+08:00")


def file(*parts: str, language: str = "") -> bytes:
    more = f' expressionLanguage="{language}"' if language else ""
    return f'<definitions xmlns="{DMN}" id="f" name="f" namespace="urn:x"{more}>{"".join(parts)}</definitions>'.encode()


def needs(*ids: str, what: str = "Decision") -> str:
    kind = "knowledgeRequirement" if what == "Knowledge" else "informationRequirement"
    return "".join(f'<{kind}><required{what} href="#{key}"/></{kind}>' for key in ids)


def literal(text: str, more: str = "") -> str:
    return f"<literalExpression {more}><text>{text}</text></literalExpression>"


def decision(key: str, name: str, logic: str, *requirements: str, typed: str = "") -> str:
    variable = f'<variable name="{name}" typeRef="{typed}"/>' if typed else ""
    return f'<decision id="{key}" name="{name}">{variable}{"".join(requirements)}{logic}</decision>'


def tabled(inputs: list[str], outputs: list[str], *rows: str, policy: str = "UNIQUE", typed: str = "") -> str:
    kind = f' typeRef="{typed}"' if typed else ""
    parts = [f"<input><inputExpression{kind}><text>{text}</text></inputExpression></input>" for text in inputs]
    parts += [f'<output name="{name}"/>' for name in outputs]
    for row in rows:
        left, right = ([cell.strip() for cell in side.split("|")] for side in row.split("=>"))
        cells = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in left)
        parts.append(
            f"<rule>{cells}{''.join(f'<outputEntry><text>{cell}</text></outputEntry>' for cell in right)}</rule>"
        )
    return f'<decisionTable hitPolicy="{policy}">{"".join(parts)}</decisionTable>'


def found(data: bytes) -> list[Finding]:
    return compile_files({"f.dmn": data})[2]


DISCOUNT = file(
    '<inputData id="i_fee" name="Monthly fee"><variable name="Monthly fee" typeRef="number"/></inputData>',
    decision("tier", "客户等级", tabled(["years"], ["level"], '&gt;= 5 => "金"', '&lt; 5 => "银"')),
    decision(
        "discount",
        "Discount rate",
        tabled(
            ["客户等级", "Monthly fee"],
            ["rate"],
            '"金" | &gt; 100 => 0.3',
            '"金" | &lt;= 100 => 0.2',
            '"银" | - => 0.1',
        ),
        needs("tier"),
        needs("i_fee", what="Input"),
    ),
    '<businessKnowledgeModel id="bkm" name="apply discount"><encapsulatedLogic><formalParameter name="fee"/>'
    f'<formalParameter name="rate"/>{literal("decimal(fee * (1 - rate), 2)")}</encapsulatedLogic>'
    "</businessKnowledgeModel>",
    decision(
        "price",
        "Price",
        literal("apply discount(Monthly fee, Discount rate)"),
        needs("discount"),
        needs("bkm", what="Knowledge"),
    ),
)


def test_a_decision_sees_the_decisions_and_functions_it_needs():
    price = load_decision(DISCOUNT, "price")
    assert price.evaluate({"years": 7, "Monthly fee": 199}) == 139.3
    assert price.evaluate({"years": 1, "Monthly fee": 199}) == 179.1
    assert price.input_names == {"years", "Monthly fee"}


def test_what_another_decides_is_the_bare_value_of_its_only_output_but_an_object_for_a_process():
    assert load_decision(DISCOUNT, "discount").evaluate({"years": 7, "Monthly fee": 99}) == {"rate": 0.2}


def test_every_decision_of_a_file_is_deployed_with_what_it_needs_and_nothing_else():
    _, decisions, findings = compile_files({"f.dmn": DISCOUNT})
    assert findings == []
    by_key = {item.key: item for item in decisions}
    assert list(by_key) == ["tier", "discount", "price"]
    assert load_decision(by_key["price"].xml).evaluate({"years": 7, "Monthly fee": 100}) == 80
    assert b"Discount rate" in by_key["price"].xml and b"Discount rate" not in by_key["tier"].xml
    assert load_decision(by_key["tier"].xml).key == "tier"


def test_a_change_in_a_needed_decision_makes_a_new_version_of_those_that_need_it():
    hashes = {item.key: item.content_hash for item in compile_files({"f.dmn": DISCOUNT})[1]}
    other = DISCOUNT.replace(b"0.3", b"0.35")
    assert {item.key for item in compile_files({"f.dmn": other})[1] if item.content_hash != hashes[item.key]} == {
        "discount",
        "price",
    }


def test_an_error_names_the_decision_in_which_it_happened():
    with pytest.raises(DecisionError) as caught:
        load_decision(DISCOUNT, "price").evaluate({"years": "many", "Monthly fee": 1})
    assert caught.value.key == "tier"
    assert caught.value.en == "rule 1, input 1: text and number cannot be compared"
    assert caught.value.zh == "规则 1，输入 1：文本和数字不能比较"
    assert str(caught.value).startswith("tier: 规则 1")


def test_an_input_is_of_the_type_it_was_declared_with():
    with pytest.raises(DecisionError, match="Monthly fee: a number is needed, not text"):
        load_decision(DISCOUNT, "price").evaluate({"years": 7, "Monthly fee": "cheap"})


def test_each_needed_decision_is_taken_once_and_only_when_it_is_asked_for():
    data = file(
        decision("costly", "costly", literal("for i in 1..50000 return i")),
        decision("broken", "broken", literal("1 / 0")),
        decision(
            "top",
            "top",
            literal("if n > 0 then count(costly) + count(costly) + count(costly) else broken"),
            needs("costly", "broken"),
        ),
    )
    assert load_decision(data, "top").evaluate({"n": 1}) == 150_000
    with pytest.raises(DecisionError, match=r"^broken: .*division by zero"):
        load_decision(data, "top").evaluate({"n": 0})


def test_columns_of_a_needed_table_are_known_by_their_names_where_nothing_else_is():
    data = file(
        decision(
            "season", "Season of the year", tabled(["month"], ["season", "cold"], "12 => &quot;winter&quot; | true")
        ),
        decision("dish", "Dish", tabled(["season", "cold"], ["dish"], '"winter" | true => "roast"'), needs("season")),
    )
    dish = load_decision(data, "dish")
    assert dish.evaluate({"month": 12}) == {"dish": "roast"}
    assert dish.input_names == {"month"}
    assert dish.evaluate({"month": 12, "cold": False}) is None


BOXES = file(
    decision(
        "boxed",
        "boxed",
        "<context>"
        f'<contextEntry><variable name="base"/>{literal("n * 2")}</contextEntry>'
        '<contextEntry><variable name="add"/><functionDefinition><formalParameter name="x"/>'
        f"{literal('x + base')}</functionDefinition></contextEntry>"
        f'<contextEntry><variable name="called"/><invocation>{literal("add")}'
        f'<binding><parameter name="x"/>{literal("1")}</binding></invocation></contextEntry>'
        f'<contextEntry><variable name="listed"/><list>{literal("base")}{literal("called")}</list></contextEntry>'
        '<contextEntry><variable name="rows"/><relation><column name="a"/><column name="b"/>'
        f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('n')}</row></relation></contextEntry>"
        f"<contextEntry>{literal('{sum: called + sum(listed) + sum(rows.b), rows: rows}')}</contextEntry>"
        "</context>",
    )
)


def test_boxed_logic():
    boxed = load_decision(BOXES)
    assert boxed.evaluate({"n": 4}) == {"sum": 9 + 17 + 6, "rows": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}
    assert boxed.input_names == {"n"}


TYPES = (
    '<itemDefinition name="tCity"><typeRef>string</typeRef><allowedValues><text>"北京","上海"</text></allowedValues>'
    '</itemDefinition><itemDefinition name="tOrder"><itemComponent name="due"><typeRef>date</typeRef></itemComponent>'
    '<itemComponent name="city"><typeRef>tCity</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tOrders" isCollection="true"><typeRef>tOrder</typeRef></itemDefinition>'
    '<inputData id="i" name="orders"><variable name="orders" typeRef="tOrders"/></inputData>'
)


def test_declared_types_turn_text_into_dates_deep_inside_and_keep_to_allowed_values():
    late = load_decision(
        file(
            TYPES,
            decision("late", "late", literal("orders[due &lt; today()].city"), needs("i", what="Input")),
        )
    )
    orders = [{"due": "2026-11-21", "city": "北京"}, {"due": "2026-11-22", "city": "上海"}, {"due": None, "city": None}]
    assert late.evaluate({"orders": orders}, now=lambda: NOW) == ["北京"]
    with pytest.raises(DecisionError, match="orders: 'Paris' is none of"):
        late.evaluate({"orders": [{"due": None, "city": "Paris"}]}, now=lambda: NOW)
    with pytest.raises(DecisionError, match="what time it is is not known"):
        late.evaluate({"orders": orders})


@pytest.mark.parametrize(
    ("typed", "cell", "value", "wanted"),
    [
        ("date", '&gt; @"2026-11-01"', "2026-11-22", {"w": 1}),
        ("dateTime", '&gt; @"2026-11-01T00:00:00Z"', "2026-11-22T00:00:00+08:00", {"w": 1}),
        ("feel:time", '&lt; @"09:00:00"', "08:30:00", {"w": 1}),
        ("dayTimeDuration", '&gt; @"PT1H"', "P1D", {"w": 1}),
        ("yearMonthDuration", '&gt; @"P6M"', "P1Y", {"w": 1}),
        ("integer", "5", 5, {"w": 1}),
        ("boolean", "true", True, {"w": 1}),
        ("string", "5", 5, {"w": 1}),
        ("number", "5", None, None),
    ],
)
def test_types_of_columns(typed, cell, value, wanted):
    data = file(decision("k", "k", tabled(["v"], ["w"], f"{cell} => 1", typed=typed)))
    assert load_decision(data).evaluate({"v": value}) == wanted


@pytest.mark.parametrize(("typed", "value"), [("number", "5"), ("boolean", 1), ("date", "soon"), ("date", 5)])
def test_a_value_of_another_type_is_an_error_of_its_column(typed, value):
    data = file(decision("k", "k", tabled(["v"], ["w"], "- => 1", typed=typed)))
    with pytest.raises(DecisionError, match=r"input 1: "):
        load_decision(data).evaluate({"v": value})


REFUSED = [
    (file(decision("a", "a", literal("b"), needs("b")), decision("b", "b", literal("a"), needs("a"))), "circle: a, b"),
    (file(decision("a", "a", literal("1"), needs("gone"))), "needs 'gone', which is not in the file"),
    (
        file(decision("a", "a", literal("1"), needs("x").replace("#x", "urn:other#x"))),
        "'urn:other#x' of another file; draw both in one file",
    ),
    (file('<decisionService id="s"/>', decision("a", "a", literal("1"), needs("s"))), "needs a decisionService"),
    (file(decision("a", "a", literal("fly(1)"))), "there is no function 'fly'"),
    (file(decision("a", "a", literal("n.x()"))), "there are no methods"),
    (file(decision("a", "a", "<conditional/>")), "conditional is not supported here"),
    (file(decision("a", "a", "")), "there is no decision table and no expression"),
    (file(decision("a", "a", literal("a", 'expressionLanguage="groovy"'))), "expressions in groovy are not supported"),
    (file(decision("a", "a", literal("a")), language="http://www.omg.org/spec/JUEL"), "expressions in http"),
    (
        file(decision("a", "a", '<functionDefinition kind="Java"/>')),
        "functions in Java are not supported",
    ),
    (file(decision("a", "a", tabled(["v"], ["w"], '"5" => 1', typed="number"))), "'5' does not fit the column"),
    (file(decision("a", "a", tabled(["v"], ["w"], '"2026-11-22" => 1', typed="date"))), 'write @"2026-11-22"'),
    (
        file(decision("a", "a", tabled(["v"], ["w"], "5 => 1", policy="PRIORITY"))),
        "PRIORITY needs output values",
    ),
    (
        file(
            decision("a", "a", tabled(["v"], ["w"], "5 => 1"), "").replace(
                "<decisionTable", '<decisionTable aggregation="SUM"'
            )
        ),
        "SUM goes with COLLECT only",
    ),
]


@pytest.mark.parametrize(("data", "words"), REFUSED)
def test_what_cannot_be_decided_is_refused_when_it_is_deployed(data, words):
    errors = [row for row in found(data) if row.severity == "error"]
    assert any(row.rule == "decision-invalid" and words in row.message_en for row in errors), errors
    assert all(row.message_zh != row.message_en and row.element_id for row in errors)
    with pytest.raises(DecisionError):
        load_decision(data)


DOUBTFUL = [
    (tabled(["v"], ["w"], "[1..5] => 1", "5 => 2"), "rules 1 and 2 can both match"),
    (tabled(["v", "x"], ["w"], '- | "a" => 1', '&gt; 3 | "a","b" => 2'), "rules 1 and 2 can both match"),
    (tabled(["v"], ["w"], "1 => 1", typed="tWheel"), "nobody declares the type 'tWheel'"),
]


@pytest.mark.parametrize(("table", "words"), DOUBTFUL)
def test_what_is_probably_a_mistake_is_pointed_out(table, words):
    rows = found(file(decision("a", "a", table)))
    assert [row.severity for row in rows] == ["warning"] and words in rows[0].message_en
    assert rows[0].rule == "decision-doubtful"


@pytest.mark.parametrize(
    "table",
    [
        tabled(["v"], ["w"], "[1..5) => 1", "5 => 2", "&gt; 5 => 3", "&lt; 1 => 4"),
        tabled(["v", "x"], ["w"], '1 | "a" => 1', '1 | "b" => 2', "2 | - => 3"),
        tabled(["v"], ["w"], "not(1) => 1", "2 => 2", "? &gt; 1 => 3", "limit => 4"),
        tabled(["v"], ["w"], "1 => 1", "1 => 2", policy="FIRST"),
        tabled(["v"], ["w"], '"a" => 1', "1 => 2"),
    ],
)
def test_rules_that_do_not_meet_for_certain_are_left_alone(table):
    assert found(file(decision("a", "a", table))) == []


def test_allowed_values_of_a_column():
    table = tabled(["v"], ["w"], '"x" => 1', '"z" => 2').replace(
        "</input>", '<inputValues><text>"x","y"</text></inputValues></input>'
    )
    rows = found(file(decision("a", "a", table)))
    assert ["'z' is none of the values of the column" in row.message_en for row in rows] == [True]
    with pytest.raises(DecisionError, match=r"input 1: 'q' is none of"):
        load_decision(file(decision("a", "a", table))).evaluate({"v": "q"})
    assert load_decision(file(decision("a", "a", table))).evaluate({"v": "y"}) is None


HOSTILE = {
    "a type that holds itself many times": file(
        '<itemDefinition name="T">'
        + "".join(f'<itemComponent name="c{n}"><typeRef>T</typeRef></itemComponent>' for n in range(20))
        + "</itemDefinition>",
        '<inputData id="i" name="t"><variable name="t" typeRef="T"/></inputData>',
        decision("a", "a", literal("t.c1"), needs("i", what="Input")),
    ),
    "a ladder of decisions": file(
        *[
            decision(f"d{n}", f"d{n}", literal(f"d{n + 1} + d{n + 2}"), needs(f"d{n + 1}", f"d{n + 2}"))
            for n in range(90)
        ],
        decision("d90", "d90", literal("1")),
        decision("d91", "d91", literal("1")),
    ),
    "more decisions than a file may have": file(*[decision(f"d{n}", "", literal("1")) for n in range(5000)]),
    "a long chain of signs": file(decision("a", "a", literal("1" + " + 1" * 490))),
    "boxes in boxes": file(decision("a", "a", "<list>" * 60 + literal("1") + "</list>" * 60)),
    "cells full of literals": file(
        decision(
            "a", "a", tabled(["v"], ["w"], *[",".join(f"{n}.{m}" for m in range(300)) + " => 1" for n in range(60)])
        )
    ),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_no_file_makes_reading_fail_or_run_away(name):
    _, decisions, findings = compile_files({"f.dmn": HOSTILE[name]})
    assert decisions or findings
    for item in decisions[:1]:
        load_decision(item.xml)
