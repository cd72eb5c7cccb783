"""The cells of decision tables: which inputs fit which tests."""

from __future__ import annotations

import pytest

from processes.feel.cells import parse_tests
from processes.feel.errors import FeelError
from processes.feel.parsing import parse
from processes.feel.tree import uses
from tests.processes.feeling import fits

NAMES = {"limit": 10, "cities": ["广州", "深圳"], "vip": True}

CELLS = [
    ("-", 5, True),
    ("", None, True),
    ('"上海"', "上海", True),
    ('"上海"', "北京", False),
    ('"上海","北京"', "北京", True),
    ('"a,b"', "a,b", True),
    ('not("上海","北京")', "广州", True),
    ('not("上海")', "上海", False),
    ("5", 5, True),
    ("5", 5.0, True),
    ("5", "5", False),
    ("0.1", 0.1, True),
    ("1", True, False),
    ("true", True, True),
    ("true", None, False),
    ("false", None, False),
    ("null", None, True),
    ("null", 0, False),
    ("not(null)", 1, True),
    ("not(null)", None, False),
    ("not(5)", None, True),
    ("< 5", 4, True),
    ("<= 5", 5, True),
    ("> 5", 5, False),
    (">=5", 5, True),
    ("= 5", 5, True),
    ("!= 5", 4, True),
    ("< 5", None, False),
    ("not(< 5)", None, True),
    ('> "a"', "b", True),
    ("[1..5]", 5, True),
    ("[1..5)", 5, False),
    ("[1..5[", 5, False),
    ("(1..5]", 1, False),
    ("]1..5[", 1, False),
    ("]1..5[", 3, True),
    ("]1..5[, 9", 9, True),
    ("[1..limit]", 9, True),
    ("[1..none]", None, False),
    ("[1..3],[7..9]", 8, True),
    ("not([1..3], 7)", 8, True),
    ("< 3, > 7", 8, True),
    ("-5", -5, True),
    ("[-5..-1]", -3, True),
    ('["a","b"]', "b", True),
    ('["a","b"]', ["a", "b"], True),
    ("cities", "广州", True),
    ("limit", 10, True),
    ("limit - 1", 9, True),
    ("? > limit", 11, True),
    ("? > limit", None, False),
    ("? > limit, ? < 0", -1, True),
    ('contains(?, "x?")', "ax?b", True),
    ('? in cities and ? != "深圳"', "广州", True),
    ("list contains(?, 3)", [1, 3], True),
    ("some x in ? satisfies x > 2", [1, 3], True),
    ("count(?) > 1", [1, 3], True),
    ('["2026-01-01".."2026-12-31"]', "2026-05-01", True),
    ('"(a..b)"', "(a..b)", True),
    ("not(vip) = false", 7, True),
    ("vip = true", 7, True),
    ("limit > 99", 7, False),
    ("vip", True, True),
    ("not(vip)", False, True),
    ("(< 5)", 4, True),
]


@pytest.mark.parametrize(("cell", "value", "holds"), CELLS)
def test_cells(cell, value, holds):
    assert fits(cell, value, {**NAMES, "none": None}) is holds


@pytest.mark.parametrize(
    "cell", ['"open', "1,,2", "[1..", "< ", "1 +", "not(", "?.x()", "a" * 9000, "[1..2..3]", "1 2", "< 5 and > 3", "@x"]
)
def test_cells_that_are_none(cell):
    with pytest.raises(FeelError):
        parse_tests(cell)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a + b.c", {("a", False), ("b", False)}),
        ("count(xs)", {("xs", False), ("count", True)}),
        ("for x in xs return x + y", {("xs", False), ("y", False)}),
        ("some x in xs, y in x satisfies y", {("xs", False)}),
        ("xs[item.n > n and f(m)]", {("xs", False), ("f", True)}),
        ("{a: b, c: a}", {("b", False)}),
        ("function(x) x + y", {("y", False)}),
        ("{f: function(x) x, y: f(1)}.y", set()),
        ("date", {("date", False)}),
    ],
)
def test_names_an_expression_reads(text, names):
    assert uses(parse(text)) == names


def test_a_cell_reads_names_too_but_not_its_input():
    assert uses(parse_tests("? > limit, [a..b]")) == {("limit", False), ("a", False), ("b", False)}
