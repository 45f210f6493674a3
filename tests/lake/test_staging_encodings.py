"""Encodings are told apart on short files, Chinese ones too, and text reaches UTF-8 unharmed."""

from __future__ import annotations

import os
import random

import pytest

from harken.lake.staging.encodings import Encoding, detect, survey_bytes, transcode, transcode_declared
from harken.vocabulary.errors import DataError

SIMPLIFIED = (
    "客户编号,满意度,评论\n1,5,很好\n",
    "姓名,评分\n张三,9\n",
    "编号,原因\nA1,价格太高\n",
    "城市\n上海\n",
    "客户,是否流失\n李雷,否\n",
)
TRADITIONAL = ("客戶編號,滿意度,評論\n1,5,很好\n", "姓名,評分\n張三,9\n", "編號,原因\nA1,價格太高\n", "臺北市\n")
JAPANESE = ("お客様番号,満足度\n1,とても良い\n", "名前,メモ\n東京,はい\n")
WESTERN = (
    "nom,prénom\nDupont,Zoé\n",
    "Größe,Straße\n5,Müller\n",
    "cidade\nSão Paulo, não\n",
    "comment\nIt’s great – really\n",
)
CASES = (
    *((text, name) for text in SIMPLIFIED for name in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16")),
    *((text, name) for text in SIMPLIFIED[:3] for name in ("utf-16-le", "utf-16-be")),
    *((text, name) for text in TRADITIONAL for name in ("utf-8", "big5", "gb18030")),
    *((text, "shift_jis") for text in JAPANESE),
    *((text, "cp1252") for text in WESTERN),
)


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_the_text_is_read_as_it_was_written(tmp_path, text, encoding):
    path, target = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_bytes(text.encode(encoding))
    found = detect(survey_bytes(path))
    assert found is not None
    transcode(path, target, found, "a.csv")
    assert target.read_text(encoding="utf-8").removeprefix("\ufeff") == text


def test_random_lines_of_chinese_keep_their_encoding(tmp_path):
    """300 files of one to three short lines from usual words: none may be misread."""
    text = "客户 满意 服务 价格 物流 很慢 退款 产品 质量 不错 推荐 朋友 电话 客服 态度 一般 订单 包装 破损 北京"
    words = [text[i : i + 2] for i in range(0, len(text), 3)]
    rng = random.Random(5)
    path = tmp_path / "a.csv"
    wrong = 0
    for _ in range(300):
        lines = [",".join(rng.choices(words, k=rng.randint(1, 4))) for _ in range(rng.randint(1, 3))]
        text = "\n".join(lines) + "\n"
        path.write_bytes(text.encode("gb18030"))
        found = detect(survey_bytes(path))
        wrong += found is None or path.read_bytes().decode(found.name) != text
    assert wrong == 0


def test_binary_junk_is_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(os.urandom(4000))
    assert detect(survey_bytes(path)) is None


def test_a_damaged_byte_in_utf8_costs_one_character_and_is_said(tmp_path):
    path, target = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_bytes("编号,评论\n".encode() * 200 + b"1,\xe5\xbe\n" + "2,很好的服务\n".encode() * 200)
    found = detect(survey_bytes(path))
    assert found == Encoding("utf-8", sure=False, lenient=True)
    transcode(path, target, found, "a.csv")
    assert target.read_text(encoding="utf-8").count("\ufffd") == 1


def test_the_declared_encoding_wins_and_is_refused_where_it_does_not_fit(tmp_path):
    path, target = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_bytes("é".encode("cp1252"))
    transcode_declared(path, target, "cp1251", "a.csv")
    assert target.read_text(encoding="utf-8") == "й"
    with pytest.raises(DataError, match="not written in utf-8"):
        transcode_declared(path, target, "utf-8", "a.csv")
