"""Expressions: what they can do, and that they can do nothing else."""

from __future__ import annotations

import builtins
import contextlib
import os
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes.spiff.expressions import MAX_DEPTH, ExpressionError, evaluate, names_in, parse
from processes.spiff.functions import FUNCTIONS

DATA = {
    "order": {
        "id": 7,
        "items": [{"id": "1", "plan": "a", "n": 2}, {"id": "2", "plan": "b", "n": 3}],
        "note": None,
        "_secret": 1,
    },
    "city": "北京",
    "n": 3,
    "ok": True,
    "empty": [],
    "price": 1.5,
}

WORKS = [
    ("n + 1", 4),
    ("n - 1 + 2 * 3", 8),
    ("n / 2", 1.5),
    ("n // 2", 1),
    ("n % 2", 1),
    ("-n", -3),
    ("city == '北京' and n < 5 or False", True),
    ("not ok", False),
    ("1 < n <= 3", True),
    ("n != 3", False),
    ("n in [1, 3]", True),
    ("'a' not in ['b']", True),
    ("'京' in city", True),
    ("'id' in order", True),
    ("1 if ok else 2", 1),
    ("order.id", 7),
    ("order['id']", 7),
    ("order.items[0].plan", "a"),
    ("order.items[-1]['n']", 3),
    ("order.items[0:1]", [{"id": "1", "plan": "a", "n": 2}]),
    ("city[1:]", "京"),
    ("[n, city]", [3, "北京"]),
    ("{'a': n, 'b': [1]}", {"a": 3, "b": [1]}),
    ("(1, 2)", [1, 2]),
    ("null is None", True),
    ("true and not false", True),
    ("order.note is not None", False),
    ("get(order, 'x', 'd')", "d"),
    ("get(order, 'note', 'd')", None),
    ("get(order.items, 5, 'd')", "d"),
    ("get(null, 'x', 1)", 1),
    ("exists('order.id')", True),
    ("exists('order.note')", False),
    ("exists('nothing.at.all')", False),
    ("len(order.items)", 2),
    ("min(3, 1, 2)", 1),
    ("max([1, 5, 2])", 5),
    ("min(empty)", None),
    ("sum(pluck(order.items, 'n'))", 5),
    ("str(n)", "3"),
    ("str(null)", ""),
    ("str(true)", "true"),
    ("int('12')", 12),
    ("int('12.9')", 12),
    ("float('1.5')", 1.5),
    ("round(2.567, 2)", 2.57),
    ("round(2.5)", 2),
    ("abs(0 - 4)", 4),
    ("contains(city, '北')", True),
    ("contains(null, 1)", False),
    ("concat('order:', order.id, '/', price)", "order:7/1.5"),
    ("concat([1], [2], empty)", [1, 2]),
    ("first(order.items).id", "1"),
    ("first(empty, 'none')", "none"),
    ("any_of(order.items, 'plan', 'b')", True),
    ("all_of(order.items, 'plan', 'b')", False),
    ("any_of([0, 1])", True),
    ("all_of(empty)", True),
    ("pluck(order.items, 'plan')", ["a", "b"]),
    ("where(order.items, 'plan', 'b')[0].id", "2"),
    ("merge({'a': 1, 'b': 2}, {'b': 3})", {"a": 1, "b": 3}),
    ("add_days('2026-02-27', 2)", "2026-03-01"),
    ("add_days('2026-02-27T10:00:00+08:00', 1)", "2026-02-28T10:00:00+08:00"),
    ("split('a, b,,c')", ["a", "b", "c"]),
    ("join(['a', 1])", "a,1"),
    ("lower('AB') == 'ab' and upper('ab') == 'AB' and starts_with('abc', 'ab')", True),
    ("  n  ", 3),
]

# Nothing of this may have an effect, take long, or yield anything but JSON.
ATTACKS = [
    "__import__('os').system('touch /tmp/yizhan-escaped')",
    "open('/tmp/yizhan-escaped', 'w')",
    "eval('1')",
    "exec('x=1')",
    "compile('1', '', 'eval')",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "type(n)",
    "getattr(order, 'items')",
    "setattr(order, 'x', 1)",
    "delattr(order, 'x')",
    "breakpoint()",
    "input()",
    "print(1)",
    "help()",
    "range(10 ** 9)",
    "().__class__",
    "''.__class__.__mro__",
    "().__class__.__bases__[0].__subclasses__()",
    "order.__class__",
    "order['__class__'].x",
    "order._secret",
    "city.format(1)",
    "'{0.__class__}'.format(n)",
    "city.join(['a'])",
    "order.items()",
    "order.keys",
    "order.get('id')",
    "order.pop('id')",
    "order.clear()",
    "order.update({'id': 9})",
    "empty.append(1)",
    "empty.extend",
    "city.__len__",
    "city.encode()",
    "len.__self__",
    "len.__globals__",
    "get.__globals__",
    "get.__code__",
    "len",
    "get",
    "[len][0]",
    "{'f': len}",
    "(lambda: 1)()",
    "(lambda x: x)(1)",
    "[x for x in [1]]",
    "{x for x in [1]}",
    "{x: x for x in [1]}",
    "(x for x in [1])",
    "{1, 2}",
    "x := 1",
    "(y := 2)",
    "n = 4",
    "n += 1",
    "import os",
    "from os import system",
    "del n",
    "assert False",
    "raise ValueError",
    "while True: pass",
    "for x in [1]: pass",
    "def f(): pass",
    "class A: pass",
    "1; 2",
    "1\n2",
    "await n",
    "yield n",
    "f'{n}'",
    "f'{open}'",
    "9 ** 9 ** 9",
    "2 ** 1000000",
    "1 << 100000",
    "1 >> 1",
    "5 & 3",
    "5 | 3",
    "5 ^ 3",
    "~5",
    "n @ n",
    "'a' * 1000000000",
    "[0] * 1000000000",
    "1000000000 * 'a'",
    "'%0999999999d' % 1",
    "'%s' % n",
    "b'bytes'",
    "1j",
    "...",
    "*[1]",
    "len(*[order])",
    "get(**{'container': 1})",
    "round(number=1)",
    "round(1.5, 10 ** 9)",
    "round(1, 999999999)",
    "order[0:1:0]",
    "city[::-1]",
    "int('9' * 100)",
    "99999999999999999999999999999999999999999",
    "(" * 500 + ")" * 500,
    "(" * 900 + "n" + ")" * 90,
    "-" * 900 + "1",
    "not " * 200 + "n",
    "[" * 300 + "]" * 300,
    "n" + "+n" * 400,
    "n." + "a." * 300 + "b",
    "x" * 1001,
    "'" + "a" * 2000 + "'",
    "\x00",
    "n\x00",
    "\ud800",
    "1 if",
    "()()",
    "n(1)",
    "order.id(1)",
    "'os'.system",
    "sum([order])",
    "split('abc', '')",
    "add_days('2026-01-01', 10 ** 12)",
    "add_days('9999-12-31', 1)",
    "pluck(order, 'id')",
    "int('nan')",
    "int(float('inf'))",
    "max(['a', 1])",
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_works(text, value):
    assert evaluate(text, DATA) == value


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: ascii(text[:40]))
def test_attacks_have_no_effect(text, monkeypatch):
    def alarm(*args: object, **kwargs: object) -> None:
        raise AssertionError("an expression has reached the outside")

    for module, name in ((os, "system"), (os, "popen"), (subprocess, "Popen"), (builtins, "open"), (builtins, "exec")):
        monkeypatch.setattr(module, name, alarm)
    before = repr(DATA)
    began = time.perf_counter()
    with pytest.raises(ExpressionError):
        evaluate(text, DATA)
    assert time.perf_counter() - began < 0.5
    assert repr(DATA) == before


def test_there_are_many_attacks():
    assert len(ATTACKS) >= 60
    assert len(set(ATTACKS)) == len(ATTACKS)


@pytest.mark.parametrize(
    "text",
    [
        "concat(" + ", ".join(["big"] * 90) + ")",
        "big + big + big + big + big + big + big + big + big + big + big",
        "huge * huge * huge * huge",
    ],
)
def test_results_are_bounded(text):
    with pytest.raises(ExpressionError, match="too"):
        evaluate(text, {"big": "x" * 10_000, "huge": 10**100})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("orderr.id", "nothing is called 'orderr' here"),
        ("order.nme", "order has no field 'nme'"),
        ("city.x", "city is text, it has no field 'x'"),
        ("order.items[9]", "order.items has nothing at 9"),
        ("n / 0", "division by zero"),
        ("n < city", "not supported between instances"),
        ("frobnicate(n)", "there is no function 'frobnicate'"),
        ("n +", "is not an expression"),
        ("", "is empty"),
        ("n.real", "n is number"),
        ("1 in 2", "'in' needs"),
    ],
)
def test_errors_say_what_is_wrong(text, words):
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, DATA)
    assert words in caught.value.en and words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("orderr.id", "orderr.id：这里没有名为 'orderr' 的数据"),
        ("order.nme", "order 没有字段 'nme'"),
        ("city.x", "city 是文本，没有字段 'x'"),
        ("n / 0", "除数为零"),
        ("n + city", "需要数字，不能是文本"),
        ("n < city", "不能这样计算"),
        ("frobnicate(n)", "没有函数 'frobnicate'"),
        ("n +", "不是表达式"),
        ("sum(n)", "n"),
        ("merge(n, order)", "merge() 的参数须是两个对象"),
    ],
)
def test_errors_are_told_in_chinese_too(text, words):
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, DATA)
    assert words in caught.value.zh and caught.value.zh != caught.value.en


def test_nesting_is_measured():
    assert evaluate("+" * (MAX_DEPTH - 2) + "1", {}) == 1
    with pytest.raises(ExpressionError, match="too big"):
        parse("+" * (MAX_DEPTH + 5) + "1")


def test_names_an_expression_reads():
    assert names_in("get(order, 'x') + items[n].len if true else null") == {"order", "items", "n"}


def test_every_function_is_a_plain_function_of_json():
    for name, function in FUNCTIONS.items():
        assert callable(function) and not name.startswith("_")


@given(st.text(max_size=60))
def test_reading_never_fails_in_another_way(text):
    with contextlib.suppress(ExpressionError):
        evaluate(text, DATA)


@given(
    st.recursive(
        st.sampled_from(["n", "city", "order", "1", "'a'", "empty", "null", "price"]),
        lambda inner: st.one_of(
            st.tuples(
                inner, st.sampled_from(["+", "-", "*", "/", "%", "//", "<", "==", "in", "and", "or", "is"]), inner
            ).map(" ".join),
            st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
            st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner, inner).map(
                lambda three: f"{three[0]}({three[1]}, {three[2]})"
            ),
            inner.map(lambda text: f"[{text}]"),
            inner.map(lambda text: f"({text})[0]"),
            inner.map(lambda text: f"({text}).id"),
        ),
        max_leaves=8,
    )
)
def test_computing_never_fails_in_another_way(text):
    with contextlib.suppress(ExpressionError):
        evaluate(text, DATA)
