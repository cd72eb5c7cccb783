"""How things are written: masks, times, spans, money, sentences."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.domain.masking import mask_address, mask_document, mask_person, mask_phone
from app.web.formats import Formats
from app.web.texts import Sentence, Texts, chinese
from scripts import texts
from tests.web.samples import NOW

WEB = Path(__file__).parents[2] / "app" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MODULES = sorted(WEB.rglob("*.py"))
CJK = re.compile(r"[\u4e00-\u9fff]")
# The name of the product and of its languages, and the colon between two things, are not translated.
SPOKEN = ("一站", "中文", "zh-CN")


@pytest.mark.parametrize(
    ("name", "shown"), [("李例舒", "李*"), ("欧阳明", "欧阳*"), ("王", "王*"), ("Ann Lee", "A*"), ("", "")]
)
def test_names(name: str, shown: str) -> None:
    assert mask_person(name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("上海市浦东新区示例一路8号1幢101室", "上海市浦东新区示例一路***"),
        ("103, Building 1, 152 Moxing Lane, Pudong, Shanghai", "*** Moxing Lane, Pudong, Shanghai"),
        ("", ""),
    ],
)
def test_addresses(text: str, shown: str) -> None:
    assert mask_address(text) == shown


def test_numbers_of_people() -> None:
    assert mask_phone("15400001003") == "154****1003"
    assert mask_phone("110") == "110"
    assert mask_document("990003197211230755") == "990***********0755"


def test_times_are_local_and_spoken_in_two_languages() -> None:
    zh, en = (Formats(language, ZoneInfo("Asia/Shanghai")) for language in ("zh", "en"))
    assert (zh.moment(NOW), en.moment(NOW)) == ("11-24 14:32", "24 Nov 14:32")
    assert (zh.promise(NOW), en.promise(NOW)) == ("11-24 周二 14:32", "Tue 24 Nov, 14:32")
    assert (zh.full(NOW), en.full(NOW)) == ("2026-11-24 14:32", "24 Nov 2026, 14:32")


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(seconds=0.2), "不到 1 秒", "under 1 s"),
        (timedelta(seconds=12), "12 秒", "12 s"),
        (timedelta(minutes=68), "1:08", "1:08"),
        (timedelta(days=1, hours=3), "1天3时", "1 d 3 h"),
        (-timedelta(minutes=25), "0:25", "0:25"),
    ],
)
def test_spans(length: timedelta, zh: str, en: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert (Formats("zh", zone).span(length), Formats("en", zone).span(length)) == (zh, en)


def test_money() -> None:
    assert Formats("zh", ZoneInfo("Asia/Shanghai")).money("-1280") == "−¥1,280.00"


def test_every_sentence_has_its_chinese_and_no_other_is_kept() -> None:
    wanted, missing = texts.up_to_date()
    assert missing == []
    assert wanted == texts.CATALOGUE.read_bytes(), "run python -m scripts.texts"


def test_a_sentence_that_is_new_or_gone_is_noticed() -> None:
    said = {str(message.id) for message in texts.said()}
    assert {"Claim next", "The item is yours.", "Left"} <= said, "templates, tables and macros are read"
    assert "Nobody says this." not in said


def test_no_sentence_hides_where_it_is_not_found() -> None:
    # What stands between the braces of an f-string is not read by the extraction on Python 3.11.
    hidden = re.compile(r"""f"[^"\n]*\{[^}"\n]*\bt(?:\.about)?\(""")
    assert [path.name for path in MODULES if hidden.search(path.read_text(encoding="utf-8"))] == []


def test_both_languages_fill_in_the_same_values() -> None:
    for sentence, words in chinese().items():
        assert set(re.findall(r"{(\w+)}", sentence.text)) == set(re.findall(r"{(\w+)}", words)), sentence


def test_templates_hold_no_words_of_their_own() -> None:
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        for spoken in SPOKEN:
            text = text.replace(spoken, "")
        assert not CJK.search(text), path.name


def test_a_sentence_without_translation_is_still_shown() -> None:
    assert Texts("zh")("Nobody has translated this.") == "Nobody has translated this."
    assert Texts("en").about("ticket", "Accepted") == "Accepted"
    assert Texts("zh").about("ticket", "Accepted") != Texts("zh")("Accepted")
    assert Texts("zh")(Sentence("Accepted", "ticket")) == Texts("zh").about("ticket", "Accepted")
