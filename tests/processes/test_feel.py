"""FEEL: what expressions yield. One row, one fact."""

from __future__ import annotations

import pytest

from processes.feel.errors import FeelError
from processes.feel.library.moments import DAYS
from tests.processes.feeling import feel

DATA = {
    "n": 3,
    "price": 0.1,
    "city": "北京",
    "nothing": None,
    "empty": [],
    "order": {"id": 7, "note": None, "customer": {"name": "O'Brien <script>"}},
    "items": [{"id": 1, "plan": "a", "n": 2}, {"id": 2, "plan": "b", "n": 5}],
    "Monthly Fee": 59,
}

VALUES = [
    # Numbers are decimal
    ("0.1 + 0.2", 0.3),
    ("price * 3", 0.3),
    ("10 - 2 * 3", 4),
    ("(10 - 2) * 3", 24),
    ("7 / 2", 3.5),
    ("6 / 2", 3),
    ("2 ** 10", 1024),
    ("-2 ** 2", 4),
    ("-n", -3),
    ("1.5e3", 1500),
    (".5 + .5", 1),
    ("10 / 4 * 4 = 10", True),
    # Null
    ("nothing + 1", None),
    ("nothing < 1", None),
    ("nothing = null", True),
    ("n != null", True),
    ("null = null", True),
    ("null and false", False),
    ("false and null", False),
    ("null and true", None),
    ("null or true", True),
    ("null or false", None),
    ("not(null)", None),
    ("order.note", None),
    ("order.no.such.thing", None),
    ("string length(null)", None),
    ("if nothing then 1 else 2", 2),
    ("nothing between 1 and 2", None),
    ("nothing in [1..2]", None),
    ("sum([1, null])", None),
    # Comparison
    ("n = 3.0", True),
    ('1 = "1"', None),
    ('1 != "1"', None),
    ('"a" < "b"', True),
    ("n between 1 and 3", True),
    ("n in [1..3)", False),
    ("n in ]3..5]", False),
    ("n in (1, 2, 3)", True),
    ("n in (> 5, < 4)", True),
    ("n in >= 3", True),
    ("n in [5, 3]", True),
    ('city in ("上海", "北京")', True),
    ("[1, 2] = [1, 2]", True),
    ("{a: 1} = {a: 1.0}", True),
    ("true = (1 = 1)", True),
    ("n == 3", True),
    # Texts
    ('"a" + "b"', "ab"),
    ('"O\'Brien 😀"', "O'Brien 😀"),
    ('"say \\"hi\\"\\n\\u5317\\U01F600"', 'say "hi"\n北😀'),
    ("order.customer.name", "O'Brien <script>"),
    ("'single'", "single"),
    # Lists and contexts
    ("items[1].id", 1),
    ("items[-1].plan", "b"),
    ("items[3]", None),
    ("empty[1]", None),
    ('items[plan = "b"].n', [5]),
    ("items[n > 1 and id < 2].plan", ["a"]),
    ("items.plan", ["a", "b"]),
    ("[1, 2, 3, 4][item > 2]", [3, 4]),
    ("[[1, 2], [3]][1][2]", 2),
    ("n[1]", 3),
    ("{a: 1, b: a + 1}.b", 2),
    ('{"a b": 1}.a b', 1),
    ("{}", {}),
    # Loops
    ("for x in items return x.n * 2", [4, 10]),
    ("for i in 1..3 return i", [1, 2, 3]),
    ("for i in 3..1 return i", [3, 2, 1]),
    ("for i in 1..2, j in [10, 20] return i * j", [10, 20, 20, 40]),
    ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", [1, 2, 6, 24]),
    ('for d in @"2026-02-27"..@"2026-03-01" return d.day', [27, 28, 1]),
    ("some x in items satisfies x.n > 4", True),
    ("every x in items satisfies x.n > 4", False),
    ("every x in [] satisfies x > 4", True),
    ("some x in [1, null] satisfies x > 4", None),
    # Functions of one's own
    ("{double: function(x) x * 2, y: double(4)}.y", 8),
    ("(function(a, b) a - b)(b: 1, a: 5)", 4),
    ("sort(items, function(x, y) x.n > y.n)[1].id", 2),
    # Names with spaces, comments
    ("Monthly Fee * 2", 118),
    ("Monthly  Fee + n // fee", 62),
    ("1 /* one */ + 1", 2),
    # Types
    ("n instance of number", True),
    ('"x" instance of number', False),
    ("null instance of string", False),
    ("[1] instance of list<number>", True),
    ('@"P1D" instance of days and time duration', True),
]

MOMENTS = [
    ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
    ('date("2026-03-31") - duration("P1M")', "2026-02-28"),
    ('date("2028-02-29") + @"P1Y"', "2029-02-28"),
    ('date("2026-11-22") - date("2026-11-01")', "P21D"),
    ('(date("2026-11-22") - date("2026-11-01")).days', 21),
    ('date("2026-11-22") + duration("PT36H")', "2026-11-23"),
    ('@"2026-11-22" > @"2026-01-01"', True),
    ('date(2026, 11, 22) = @"2026-11-22"', True),
    ('@"2026-11-22".year', 2026),
    ('@"2026-11-22".weekday', 7),
    ('day of week(@"2026-11-22")', "Sunday"),
    ('day of year(@"2026-02-01")', 32),
    ('week of year(@"2026-01-01")', 1),
    ('month of year(@"2026-02-01")', "February"),
    ('last day of month(@"2028-02-10")', "2028-02-29"),
    ('date and time("2026-11-22T08:30:00@Asia/Shanghai")', "2026-11-22T08:30:00+08:00"),
    ('@"2026-11-22T00:30:00Z" = @"2026-11-22T08:30:00+08:00"', True),
    ('@"2026-11-22T08:30:00+08:00" + @"PT30M"', "2026-11-22T09:00:00+08:00"),
    ('@"2026-11-22T08:00:00" - @"2026-11-22T07:30:00"', "PT30M"),
    ('@"2026-11-22T08:30:00+08:00".time offset', "PT8H"),
    ('date(@"2026-11-22T08:30:00")', "2026-11-22"),
    ('date and time(@"2026-11-22", @"08:30:00")', "2026-11-22T08:30:00"),
    ('time("23:30:00") + @"PT45M"', "00:15:00"),
    ("time(8, 30, 0).minute", 30),
    ('@"08:30:00" < @"09:00:00"', True),
    ('@"P1DT2H" * 2', "P2DT4H"),
    ('@"P1D" / 2', "PT12H"),
    ('@"P1D" / @"PT8H"', 3),
    ('-@"PT90M"', "-PT1H30M"),
    ('duration("-P1Y2M").months', -2),
    ('@"P1Y" + @"P6M"', "P1Y6M"),
    ('@"P13M" > @"P1Y"', True),
    ('years and months duration(@"2025-01-15", @"2026-11-14")', "P1Y9M"),
    ('abs(@"-PT5S")', "PT5S"),
    ("now()", "2026-11-22T07:30:00+08:00"),
    ("today()", "2026-11-22"),  # in UTC it is still the 21st
    ('today() in [@"2026-11-01"..@"2026-11-30"]', True),
]

FUNCTIONS = [
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring(string: "foobar", start position: 3, length: 2)', "ob"),
    ('string length("北京😀")', 3),
    ('upper case("aB") + lower case("Cd")', "ABcd"),
    ('substring before("a-b", "-") + substring after("a-b", "-")', "ab"),
    ('contains("上海市", "海")', True),
    ('starts with("abc", "ab") and ends with("abc", "bc")', True),
    ('matches("13812345678", "^1[3-9]\\\\d{9}$")', True),
    ('matches("ABC", "b", "i")', True),
    ('replace("abcd", "(b)(c)", "[$2$1]")', "a[cb]d"),
    ('replace("aaa", "a+?", "b")', "bbb"),
    ('split("a, b;c", "[,;]\\\\s*")', ["a", "b", "c"]),
    ('string join(["a", null, "b"], "-")', "a-b"),
    ("string(1.50)", "1.5"),
    ('string([1, "a", null])', '[1, "a", null]'),
    ('number("1 234,5", " ", ",")', 1234.5),
    ("decimal(2.345, 2)", 2.34),
    ("round half up(2.5)", 3),
    ("round up(-1.2) + round down(-1.8)", -3),
    ("floor(-1.5) + ceiling(-1.5)", -3),
    ("floor(1.56, 1)", 1.5),
    ("modulo(-5, 3)", 1),
    ("sqrt(16) + abs(-3)", 7),
    ("odd(3) and even(-2)", True),
    ("count(items)", 2),
    ("min(3, 1, 2) + max([1, 5])", 6),
    ("sum(items.n)", 7),
    ("sum([])", None),
    ('sum([@"PT1H", @"PT30M"])', "PT1H30M"),
    ("product([2, 3])", 6),
    ("mean([1, 2, 3, 4])", 2.5),
    ("median([3, 1, 2])", 2),
    ("round half up(stddev([2, 4, 7, 5]), 4)", 2.0817),
    ("mode([1, 2, 2, 3, 3])", [2, 3]),
    ("sort([3, 1, 2])", [1, 2, 3]),
    ("reverse([1, 2])", [2, 1]),
    ("list contains([1, null], null)", True),
    ("index of([1, 2, 1], 1)", [1, 3]),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("concatenate([1], [2, 3])", [1, 2, 3]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("distinct values([1, 2, 1.0])", [1, 2]),
    ("duplicate values([1, 2, 1])", [1]),
    ("flatten([1, [2, [3]]])", [1, 2, 3]),
    ("sublist([1, 2, 3], 2, 1)", [2]),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2], 1)", [2]),
    ("list replace([1, 2], 2, 9)", [1, 9]),
    ("all([true, null, false])", False),
    ("any([false, null])", None),
    ('get value(order, "id")', 7),
    ("get entries({a: 1})", [{"key": "a", "value": 1}]),
    ('context([{key: "a", value: 1}])', {"a": 1}),
    ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
    ("context merge([{a: 1}, {a: 2}])", {"a": 2}),
    ("before(1, [2..3])", True),
    ("after([5..6], [1..5))", True),
    ("meets([1..5], [5..9])", True),
    ("overlaps([1..5], [3..8])", True),
    ("overlaps before([1..5], [3..8])", True),
    ("finishes(5, [1..5])", True),
    ("includes([1..5], 5) and during(3, [1..5])", True),
    ("starts([1..3], [1..5]) and started by([1..5], [1..3])", True),
    ("coincides([1..5], [1..5])", True),
]


@pytest.mark.parametrize(("text", "value"), [*VALUES, *MOMENTS, *FUNCTIONS])
def test_yields(text, value):
    found = feel(text, DATA)
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


MISTAKES = [
    ("1 / 0", "division by zero", "除数为零"),
    ('1 + "a"', "number + text means nothing", "数字 + 文本 没有意义"),
    ('1 < "a"', "number and text cannot be compared", "数字和文本不能比较"),
    ('@"2026-01-01" < "2026-01-02"', "turn the text into one with date()", "请用 date()"),
    ('@"2026-01-01" < @"2026-01-02T00:00:00"', "date() takes the time away", "可去掉时间部分"),
    ('@"2026-01-01T00:00:00" < @"2026-01-02T00:00:00Z"', "one of the times has a zone", "一个带时区"),
    ('@"P1M" < @"P30D"', "cannot be compared", "不能比较"),
    ("unheard", "nothing is called 'unheard' here", "这里没有名为 'unheard' 的数据"),
    ("n.x", "number has no field 'x'", "数字没有字段 'x'"),
    ("items[0]", "positions are counted from 1", "位置从 1 开始数"),
    ("fly(1)", "there is no function 'fly'", "没有函数 'fly'"),
    ('substring("a")', "substring() takes (string, start position, length?)", "参数是"),
    ("substring(1, 2)", "string must be text, not number", "string 须是文本，不能是数字"),
    ('substring(text: "a", start position: 1)', "substring() takes", "参数是"),
    ("n and true", "needs true or false, not number", "不能是数字"),
    ("if n then 1 else 2", "the condition of if needs true or false", "if 的条件"),
    ('date("2026-02-30")', "is no date", "不是日期"),
    ('duration("P1M1D")', "mixes years or months with days", "没有固定换算"),
    ('number("abc")', "'abc' is no number", "不是数字"),
    ("max([1, true])", "cannot be compared", "不能比较"),
    ('"a".upper()', "there are no methods; write upper(...)", "没有方法调用"),
    ("1 < n < 5", "comparisons cannot be chained", "比较不能连写"),
    ("n % 2", "'%' means nothing here", "没有意义"),
    ("n +", "the expression ends too early", "没有写完"),
    ("(1, 2", "cannot be read", "读不懂"),
    ('"open', "a quote is not closed", "引号没有闭合"),
    ("", "the expression is empty", "表达式为空"),
    ("{a: 1, a: 2}", "'a' is there twice", "出现两次"),
    ("x for in", "cannot be read", "读不懂"),
    ("function(x) x", "a function cannot be a result", "函数不能作为结果"),
    ("[1..2]", "a range cannot be a result", "区间不能作为结果"),
    ("99999999999999999999", "make it a text with string()", "请用 string()"),
    ('n instance of "wheel"', "there is no type", "没有类型"),
    ('matches("a", "(a")', "cannot be read at character", "读不懂"),
]


@pytest.mark.parametrize(("text", "en", "zh"), MISTAKES)
def test_mistakes_are_told_in_both_languages(text, en, zh):
    with pytest.raises(FeelError) as caught:
        feel(text, DATA)
    assert en in caught.value.en and zh in caught.value.zh
    assert en in str(caught.value) and zh in str(caught.value)


def test_names_with_unusual_signs_are_read_if_they_are_known():
    known = frozenset({"Mike's age", "loan-amount", "Loan in default"})
    names = {"Mike's age": 30, "loan-amount": 5, "Loan in default": True, "loan": 1, "amount": 2}
    assert feel("if Loan in default then Mike's age + loan-amount else 0", names, known=known) == 35
    assert feel("loan-amount", names) == -1


def test_the_week_begins_on_monday():
    assert DAYS[0] == "Monday"
