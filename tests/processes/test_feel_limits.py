"""FEEL can do nothing but compute, and only so much of that."""

from __future__ import annotations

import builtins
import contextlib
import os
import re
import subprocess
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.feel.builtins import BUILTINS
from processes.feel.compiling import make
from processes.feel.errors import FeelError
from processes.feel.parsing import parse
from processes.feel.pattern import compile_pattern
from processes.feel.scope import MAX_WORK, Data, Run
from processes.feel.temporal import read_duration, text_of_duration
from processes.feel.values import from_json, to_json
from tests.processes.feeling import feel, fits

DATA = {
    "n": 3,
    "big": "x" * 50_000,
    "many": list(range(1000)),
    "o": {"a": [1, {"b": None}]},
    "text": "a" * 200,
}

#: A busy machine is no reason to fail; what work costs is counted in steps, not in time.
CALM = settings(deadline=None, max_examples=60)

#: None of this may have an effect, take long, or yield anything.
ATTACKS = [
    "__import__('os').system('id')",
    'open("/etc/passwd")',
    'eval("1")',
    "n.__class__",
    "[].__len__()",
    "get value.call",
    "string.parameters",
    "function(x) x",
    "{f: function(x) f(x), y: f(1)}.y",
    "{f: function(g) g(g), y: f(f)}.y",
    "for i in 1..1000000000 return i",
    "for i in 1..1000, j in 1..1000, k in 1..1000 return i",
    "for i in 1..100000 return partial",
    "some i in 1..1000, j in 1..1000 satisfies false",
    "many[count(many[item > -1]) > 1][count(many[item > -1][item > -1]) > 5000]",
    "9 ** 9 ** 9 ** 9",
    "9 ** 999999999",
    "0.1 ** -999999",
    "1e999 * 1e999 ** 99",
    "big + big + big",
    "string join([big, big, big])",
    'replace(big, "x", big)',
    'replace(text, "", text + text + text + text + text + text)',
    "for i in many return big + big + string(i)",
    "duplicate values(flatten(for i in 1..100 return many))",
    "distinct values(for i in 1..5000 return [i])",
    "sort(many, function(x, y) count(sort(many)) > 1)",
    'matches(big, "(x+)+$|(x*)*y|(x|xx)+z")',
    'matches(big, "x{200}x{200}x{200}x{200}y")',
    'matches("a", "((((((((((a{99}){99}){99}){99}){99}){99}){99}){99}){99}){99})")',
    'date(9999, 12, 31) + duration("P1D")',
    'duration("P9999D") * 9999999999',
    "floor(1, 1000000000)",
    "string(for i in many return string(many))",
    "[1" + ", 1" * 700 + "]",
    "(" * 100 + "1" + ")" * 100,
    "[" * 100 + "]" * 100,
    "not(" * 100 + "true" + ")" * 100,
    "-" * 300 + "1",
    "if true then " * 60 + "1" + " else 2" * 60,
    "1" * 50,
    "a" * 5000,
    '"\\uD800"',
    "\x00",
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: ascii(text[:40]))
def test_attacks_have_no_effect(text, monkeypatch):
    def alarm(*args: object, **kwargs: object) -> None:
        raise AssertionError("an expression has reached the outside")

    for module, name in ((os, "system"), (os, "popen"), (subprocess, "Popen"), (builtins, "open"), (builtins, "eval")):
        monkeypatch.setattr(module, name, alarm)
    with pytest.raises(FeelError):
        feel(text, DATA)


def test_what_python_hangs_on_its_objects_is_not_there():
    assert feel("o.__class__", DATA) is None
    assert feel("o.a[2].__class__", DATA) is None


def test_work_is_counted_and_not_by_the_clock():
    run = Run()
    make(parse("for i in 1..100, j in 1..100 return i * j"))(Data({}, run))
    assert 10_000 <= MAX_WORK - run.left < 21_000
    with pytest.raises(FeelError, match="too much computing"):
        make(parse("for i in 1..100, j in 1..100 return i * j"))(Data({}, Run(work=5000)))


def test_a_pattern_costs_no_more_than_text_times_pattern():
    """The classic traps of backtracking: they take steps in proportion, whatever stands in the text."""
    spent = []
    for length in (100, 200, 400):
        steps = [0]

        def spend(work: int, steps: list[int] = steps) -> None:
            steps[0] += work

        assert list(compile_pattern("(a+)+$|(a|aa)+b").finditer("a" * length + "!", spend)) == []
        spent.append(steps[0])
    assert spent[2] < spent[0] * 5


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a|b|", "xab"),
        ("(a)(b)?", "ab a"),
        ("(?:ab)+", "ababx"),
        ("^a.c$", "abc"),
        ("[^a-c\\d]+", "ab12xyz"),
        ("\\w+@\\w+\\.com", "mail me@here.com now"),
        ("a{2,3}?", "aaaaa"),
        ("(a*?)(a*)", "aaa"),
        ("[\\]\\-x]+", "a]-x"),
        ("\\s*,\\s*", "a , b"),
        ("北.", "到北京去"),
        ("(x|(y))+", "xyx"),
        ("", "ab"),
    ],
)
def test_patterns_find_what_python_finds(pattern, text):
    """Where both understand a pattern, places and groups are the same; a group keeps its last turn."""
    found = list(compile_pattern(pattern).finditer(text, lambda work: None))
    wanted = [[match.span(n) for n in range(len(match.groups()) + 1)] for match in re.finditer(pattern, text)]
    places = [groups[0] for groups in found]
    assert places == [match[0] for match in wanted]
    if "+" not in pattern:
        assert [list(groups) for groups in found] == wanted


def test_every_function_says_what_it_takes():
    for name, builtin in BUILTINS.items():
        assert builtin.name == name and all(parameter.name and parameter.kinds for parameter in builtin.parameters)
        with pytest.raises(FeelError):
            builtin.placed([None] * 40, ()) if not any(p.repeated for p in builtin.parameters) else feel("1/0")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e15, 1e15, allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@CALM
@given(JSON)
def test_json_goes_in_and_comes_out_unchanged(value):
    assert to_json(from_json(value)) == value


@CALM
@given(st.timedeltas())
def test_durations_are_read_as_they_are_written(span):
    with contextlib.suppress(FeelError):  # more days than eight digits
        assert read_duration(text_of_duration(span)) == span


@CALM
@given(st.decimals(-(10**9), 10**9, places=4), st.decimals(-(10**9), 10**9, places=4))
def test_reckoning_with_money_is_exact(left, right):
    scope = Data({"a": left, "b": right}, Run())
    assert make(parse("a + b - b"))(scope) == left
    assert make(parse("(a + b) * 2 = a * 2 + b * 2"))(scope) is True
    assert isinstance(make(parse("a - b"))(scope), Decimal)


@CALM
@given(st.text(max_size=60), JSON)
def test_reading_never_fails_in_another_way(text, value):
    with contextlib.suppress(FeelError):
        feel(text, {"n": value})
    with contextlib.suppress(FeelError):
        fits(text, value, {"n": 1})


WORDS = [
    "n",
    "o.a",
    "many",
    "null",
    "true",
    "1",
    '"a"',
    '@"2026-01-01"',
    '@"P1D"',
    "[1..3]",
    "{a: 1}",
    "[1, null]",
    "?",
]


@CALM
@given(
    st.recursive(
        st.sampled_from(WORDS),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "<", "=", "!=", "and", "or", "in"]), inner).map(
                " ".join
            ),
            st.tuples(st.sampled_from(sorted(BUILTINS)), st.lists(inner, max_size=3)).map(
                lambda pair: f"{pair[0]}({', '.join(pair[1])})"
            ),
            inner.map(lambda text: f"({text}).a"),
            inner.map(lambda text: f"({text})[item = 1]"),
            st.tuples(inner, inner).map(lambda pair: f"for x in {pair[0]} return {pair[1]}"),
            st.tuples(inner, inner, inner).map(lambda three: "if {} then {} else {}".format(*three)),
            st.tuples(inner, inner, inner).map(lambda three: "({} between {} and {})".format(*three)),
        ),
        max_leaves=6,
    )
)
def test_computing_never_fails_in_another_way(text):
    with contextlib.suppress(FeelError):
        fits(text, 1, {**DATA, "many": [3, 1, 2]})
    with contextlib.suppress(FeelError):
        feel(text, {**DATA, "many": [3, 1, 2]})
