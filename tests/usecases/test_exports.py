"""Tables written to files: nothing is lost, nothing is computed by a spreadsheet, Chinese stays Chinese."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harken.usecases.charts.drawings import Drawing, Spot
from harken.usecases.charts.pictures import picture
from harken.usecases.exports.excel import MOST_LETTERS, MOST_ROWS
from harken.usecases.exports.sheets import About, Field, Sheet
from harken.usecases.exports.writing import write_sheet
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.messages import Message

FIELDS = (
    Field("label", Message("Segment")),
    Field("id", "id", "id"),
    Field("n", "n", "count"),
    Field("share", Message("Share"), "share"),
    Field("money", Message("At stake"), "money"),
    Field("day", "day", "date"),
    Field("moment", "moment", "moment"),
    Field("lever", "lever", "truth"),
)
MOMENT = datetime(2026, 6, 30, 12, 5, tzinfo=UTC)
ROWS = [
    ('華東 "x",\n2', 2**60 + 1, 12, 0.1234567, -5.25, date(2026, 6, 30), MOMENT, True),
    ("=1+1", -1, None, float("nan"), None, None, None, False),
]
ABOUT = About(
    title="Retention", finding="退货最重要", run_id="ab12", as_of=date(2026, 7, 1), address="https://x/?run=1"
)


def written(sheet: Sheet, path: Path, kind: str, **options: Any) -> Path:
    target = path / f"table.{kind}"
    assert write_sheet(sheet, target, kind, ABOUT, **options) == sheet.count
    return target


def test_csv_is_read_by_excel_and_computes_nothing(tmp_path: Path) -> None:
    risky = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", "", "-"]
    sheet = Sheet((*FIELDS[:1], Field("n", "=n", "number")), [(text, -1.5) for text in risky])
    data = written(sheet, tmp_path, "csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Segment", "'=n"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", "", "'-"]
    assert {row[1] for row in rows[1:]} == {"-1.5"}, "numbers stay numbers"


def test_csv_holds_every_value(tmp_path: Path) -> None:
    text = written(Sheet(FIELDS, ROWS), tmp_path, "csv", currency="CNY", language="zh-hant").read_text("utf-8-sig")
    head, first, second = csv.reader(io.StringIO(text, newline=""))
    assert head[0] == "區隔" or head[0] != "Segment"
    assert head[4].endswith("(CNY)")
    assert first[0] == ROWS[0][0]
    assert first[1] == str(2**60 + 1)
    assert float(first[3]) == 0.1234567
    assert second[2:7] == ["", "", "", "", ""]


def test_excel_has_numbers_and_says_what_it_is(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(Sheet(FIELDS, ROWS, of=40), tmp_path, "xlsx", currency="CNY"))
    page, about = book.worksheets
    assert [cell.value for cell in page[1]][:5] == ["Segment", "id", "n", "Share", "At stake (CNY)"]
    first, second = ([cell.value for cell in row] for row in page.iter_rows(min_row=2))
    assert first == [ROWS[0][0], str(2**60 + 1), 12, 0.1234567, -5.25, datetime(2026, 6, 30),
                     datetime(2026, 6, 30, 12, 5), True]  # fmt: skip
    assert second[:4] == ["=1+1", -1, None, None]
    assert page["A3"].data_type == "s", "a text, no formula"
    told = {row[0].value: row[1].value for row in about.iter_rows()}
    assert told == {
        "Table": "Retention", "Finding": "退货最重要", "Rows": "2 of 40 rows", "Analysis": "ab12",
        "As of": "2026-07-01", "Address": "https://x/?run=1",
    }  # fmt: skip


def test_excel_says_what_it_cannot_hold(tmp_path: Path) -> None:
    long = Sheet((Field("text", "text"),), [("x" * (MOST_LETTERS + 5),), ("short",)])
    book = openpyxl.load_workbook(written(long, tmp_path, "xlsx"))
    assert len(book.worksheets[0]["A2"].value) == MOST_LETTERS
    assert [row[1].value for row in book.worksheets[1].iter_rows()][-1].startswith("1 texts longer than")
    huge = Sheet(FIELDS[:1], batches=lambda: iter(()), batch_rows=MOST_ROWS + 1)
    with pytest.raises(DataError) as refused:
        write_sheet(huge, tmp_path / "huge.xlsx", "xlsx", ABOUT)
    assert "1048576 rows" in str(refused.value.what)
    assert "CSV or Parquet" in str(refused.value.todo)
    with pytest.raises(SettingsError, match="pdf"):
        write_sheet(huge, tmp_path / "huge.pdf", "pdf", ABOUT)


def test_parquet_keeps_types_and_facts(tmp_path: Path) -> None:
    path = written(Sheet(FIELDS, ROWS, of=40), tmp_path, "parquet", language="zh-hans")
    table = pq.read_table(path)
    assert table.column_names == [field.key for field in FIELDS]
    assert table.to_pylist()[0]["moment"] == MOMENT
    assert table.to_pylist()[1]["share"] is None
    facts = json.loads(pq.read_schema(path).metadata[b"harken"])
    assert facts["rows"] == "2 行，共 40 行"
    assert facts["run"] == "ab12"


def test_a_long_table_is_never_held_at_once(tmp_path: Path) -> None:
    alive: list[int] = []
    schema = pa.schema([("number", pa.string()), ("risk", pa.float32())])

    def batches() -> Iterator[pa.RecordBatch]:
        for piece in range(50):
            alive.append(pa.total_allocated_bytes())
            numbers = [f"C{piece}-{row}" for row in range(2000)]
            yield pa.record_batch([pa.array(numbers), pa.array([0.1] * 2000, pa.float32())], schema=schema)

    sheet = Sheet((Field("risk", "risk", "share"), Field("number", "number")), batches=batches, batch_rows=100_000)
    for kind in ("csv", "parquet", "xlsx"):
        alive.clear()
        path = written(sheet, tmp_path, kind)
        assert max(alive[5:]) - alive[0] < 2_000_000, "as much at the end as at the beginning"
        if kind == "csv":
            assert path.read_text("utf-8-sig").splitlines()[1] == '0.1,"C0-0"', "short floats by their own digits"
        if kind == "xlsx":
            page = openpyxl.load_workbook(path, read_only=True).worksheets[0]
            assert next(page.iter_rows(min_row=2, values_only=True)) == (0.1, "C0-0")


def test_colours_of_charts_are_those_of_the_pages() -> None:
    import harken
    from harken.usecases.charts.theme import COLOURS

    css = (Path(harken.__file__).parent / "web/static/harken.css").read_text(encoding="utf-8")
    declared = dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\)", css))
    assert {name: ", ".join(pair) for name, pair in COLOURS.items()} == {
        name: value for name, value in declared.items() if name in COLOURS
    }
    assert {"accent", "attention", "rule"} <= set(COLOURS)


BARS = Drawing(
    "bars",
    (Spot("等待時間", 0.57, 0.4, 0.7, text="57% (40% to 70%)"), Spot("Price", note="4 answers: too few")),
    "share", ("Driver", "Share"), title="What weighs most: <waiting>", source="n = 13,898", said="等待時間 57%",
    language="zh-hant",
)  # fmt: skip


def test_a_picture_has_its_words_and_its_finding() -> None:
    svg = picture(BARS, "svg").decode()
    for words in (
        "等待時間",
        "57% (40% to 70%)",
        "4 answers: too few",
        "What weighs most: &lt;waiting&gt;",
        "13,898",
    ):
        assert words in svg
    assert 'aria-label="等待時間 57%"' in svg
    assert not re.search(r"(href|src)=|url\(http", svg), "no outside reference"
    assert picture(BARS, "png").startswith(b"\x89PNG")
    spec = json.loads(picture(BARS, "vl.json"))
    assert spec["data"]["values"][0] == {
        "key": 0, "label": "等待時間", "value": 0.57, "lower": 0.4, "upper": 0.7, "text": "57% (40% to 70%)",
        "tone": "accent",
    }  # fmt: skip


def test_without_the_extra_a_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from harken.usecases.charts import pictures

    monkeypatch.setitem(sys.modules, "vl_convert", None)
    pictures._converter.cache_clear()
    with pytest.raises(SettingsError) as refused:
        picture(BARS, "svg")
    assert "harken[reports]" in str(refused.value.todo)
    assert picture(BARS, "vl.json").startswith(b"{"), "a spec needs nothing"
    pictures._converter.cache_clear()
