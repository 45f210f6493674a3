"""Reading tables: delimiters, headers, row numbers, broken rows, archives, workbooks, Parquet."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harken.lake.staging import containers
from harken.lake.staging.containers import find
from harken.lake.staging.tables import Layout, Staging
from harken.vocabulary.errors import DataError


@pytest.fixture
def staging():
    with Staging(threads=1) as area:
        yield area


def stage(staging, path, **layout):
    (raw,) = find([path], staging.unpacked)[0]
    (table,) = staging.stage(raw, Layout(**layout))
    return table


def rows(staging, table):
    columns = ", ".join(f"c{i}" for i in range(len(table.columns)))
    return staging.sql(f"SELECT row_number, {columns} FROM {table.table} ORDER BY 1").fetchall()


def write(tmp_path, text, name="a.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "columns", "first"),
    [
        ("a,b\n1,2\n", ("a", "b"), (2, "1", "2")),
        ("a;b;c\n1,5;2;3\n2,5;4;5\n", ("a", "b", "c"), (2, "1,5", "2", "3")),
        ("a\tb\n1, 2\t3\n", ("a", "b"), (2, "1, 2", "3")),
        ("a|b\n1|2\n", ("a", "b"), (2, "1", "2")),
        ("sep=;\na;b\n1;2\n", ("a", "b"), (2, "1", "2")),
        ("a,b\r1,2\r", ("a", "b"), (2, "1", "2")),
        ("a,a,,b\n1,2,3,4\n", ("a", "a (2)", "column 3", "b"), (2, "1", "2", "3", "4")),
        ("a,b,,\n1,2,,\n3,4,,\n", ("a", "b"), (2, "1", "2")),
        ("\ufeffa,b\n1,2\n", ("a", "b"), (2, "1", "2")),
        ("Report of May\n\na,b,c\n1,2,3\n4,5,6\n", ("a", "b", "c"), (4, "1", "2", "3")),
        ('"a\nlong",b\n1,2\n', ("a long", "b"), (2, "1", "2")),
        ("客户编号，备注\tb\n1\t2\n", ("客户编号，备注", "b"), (2, "1", "2")),
        (" a   b\n 1   2\n 3  4\n", ("a", "b"), (2, "1", "2")),
        ("1,2,x\n3,4,y\n", ("1", "2", "x"), (2, "3", "4", "y")),
        ("1,2\n3,4\n5,6\n", ("column 1", "column 2"), (1, "1", "2")),
    ],
)
def test_the_shape_of_a_text_file_is_found(tmp_path, staging, text, columns, first):
    table = stage(staging, write(tmp_path, text))
    assert table.columns == columns
    assert rows(staging, table)[0] == first


def test_qualtrics_three_header_rows(tmp_path, staging):
    text = (
        'StartDate,ResponseId,Q1,Q2\nAnfangsdatum,Antwort-ID,"How likely\nare you?",Why?\n'
        '"{""ImportId"":""startDate""}","{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'
        '2017-07-18 08:28:09,R_1,9,"good,\nreally"\n'
    )
    table = stage(staging, write(tmp_path, text))
    assert table.columns == ("StartDate", "ResponseId", "Q1", "Q2")
    assert table.labels[2] == "How likely are you?"
    assert table.header_rows == 3
    assert rows(staging, table) == [(4, "2017-07-18 08:28:09", "R_1", "9", "good,\nreally")]


def test_surveymonkey_two_header_rows(tmp_path, staging):
    text = "Respondent ID,Which have you seen?,,Why?\n,One,Two,Open-Ended Response\n7,One,,because\n8,,Two,\n"
    table = stage(staging, write(tmp_path, text))
    assert table.columns == ("Respondent ID", "Which have you seen? / One", "Which have you seen? / Two", "Why?")
    assert rows(staging, table)[0] == (3, "7", "One", "", "because")


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path, staging):
    """Blank rows and line breaks inside cells count as a spreadsheet shows them; blank rows are no data."""
    text = 'a,b\n1,2\n\n3,"x\ny\nz"\n4\n,\n5,6,7\n8,9,\n10,11\n'
    table = stage(staging, write(tmp_path, text))
    assert rows(staging, table) == [(2, "1", "2"), (4, "3", "x\ny\nz"), (8, "8", "9"), (9, "10", "11")]
    assert [(bad.row, bad.fields) for bad in table.bad] == [(5, ("4",)), (7, ("5", "6", "7"))]
    assert table.rows == 6


def test_a_quotation_mark_that_never_closes_costs_one_row(tmp_path, staging):
    lines = [f'{i},"text {i}"' for i in range(2, 3000)]
    lines[100] = '102,"never closed'
    lines[200] = '202,5" screen'
    lines[300] = '302,"He said "hi" to me"'
    table = stage(staging, write(tmp_path, "a,b\n" + "\n".join(lines) + "\n"))
    assert [bad.row for bad in table.bad] == []
    found = {row[1]: row[2] for row in rows(staging, table)}
    assert len(found) == len(lines)
    assert found["102"] == "never closed"
    assert found["202"] == '5" screen'
    assert found["103"] == "text 103"


def test_a_broken_quote_takes_no_other_row_with_it(tmp_path, staging):
    text = 'a,b,c\n1,"x, y",z\n2,"open, more,b\n3,fine,z\n4,"also\nfine",z\n5,"to, the, end\n6,"to,z\n'
    table = stage(staging, write(tmp_path, text))
    assert [(bad.row, bad.reason) for bad in table.bad] == [(3, "quote"), (6, "quote")]
    assert [row[:2] for row in rows(staging, table)] == [(2, "1"), (4, "3"), (5, "4"), (7, "6")]


def test_a_comment_of_two_million_characters(tmp_path, staging):
    long = "很好" * 1_000_000
    table = stage(staging, write(tmp_path, f"id,why\n1,{long}\n2,short\n"))
    assert [(row[0], len(row[2])) for row in rows(staging, table)] == [(2, 2_000_000), (3, 5)]


def test_nul_bytes_and_lone_control_characters_do_no_harm(tmp_path, staging):
    table = stage(staging, write(tmp_path, "id,why\n1,a\x00b\n2,c\n"))
    assert [row[1] for row in rows(staging, table)] == ["1", "2"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "holds no table"),
        (b"a,b,c\n", "has a header but no rows"),
        (b"%PDF-1.4 ...", "is a PDF file, not a table"),
        (b"\x00\x01\x02\xff" * 500, "not a text file"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\x1f\x8b broken", "damaged"),
        (b"PAR1 broken", "damaged or not a Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged or not an Excel file"),
        (b"<!DOCTYPE html><html><table></table></html>", "web page"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path, staging, content, words):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        stage(staging, path)
    assert "a.csv" in str(caught.value)


class ChineseName(zipfile.ZipInfo):
    """A member whose name is written in GBK without saying so, as Chinese Windows does."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), 0


def test_a_zip_with_several_members_and_chinese_names(tmp_path, staging):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(ChineseName("客户.csv"), "a,b\n1,2\n")
        archive.writestr("folder/b.csv", "a,b\n3,4\n")
        archive.writestr("__MACOSX/b.csv", "junk")
        archive.writestr("read me.docx", "junk")
    raws, notes = find([path], staging.unpacked)
    assert [raw.name for raw in raws] == ["b.csv", "客户.csv"]
    assert [problem.file for problem in notes] == ["read me.docx"]


def test_a_zip_bomb_is_refused_before_it_fills_the_disk(tmp_path, staging, monkeypatch):
    monkeypatch.setattr(containers, "SMALL_BYTES", 1_000_000)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"\0" * 30_000_000)
    with pytest.raises(DataError, match="grows more than 250 times"):
        find([path], staging.unpacked)
    assert sum(file.stat().st_size for file in staging.unpacked.iterdir()) <= 8_000_000


def test_an_encrypted_zip_is_refused(tmp_path, staging):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    data = bytearray(buffer.getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="protected by a password"):
        find([path], staging.unpacked)


def test_gzip(tmp_path, staging):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    table = stage(staging, path)
    assert table.name == "a.csv"
    assert rows(staging, table) == [(2, "1", "2")]


def test_files_of_one_name_in_two_folders_are_both_read(tmp_path, staging):
    for folder, text in (("2024", "a,b\n1,2\n"), ("2025", "a,b\n3,4\n"), ("copy", "a,b\n3,4\n")):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, text)
    raws, _ = find([tmp_path], staging.unpacked)
    assert [raw.name for raw in raws] == ["2024/a.csv", "2025/a.csv"]


def test_excel_cells_become_the_texts_of_a_csv(tmp_path, staging):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["编号", "分数", "日期", "是否", None])
    sheet.append([1001, 9.5, dt.datetime(2025, 1, 2, 3, 4), True, None])
    sheet.append([None, None, None, None, None])
    sheet.append([1002, 8, dt.date(2025, 1, 3), False, None])
    book.create_sheet("empty")
    path = tmp_path / "a.xlsx"
    book.save(path)
    table = stage(staging, path)
    assert table.columns == ("编号", "分数", "日期", "是否")
    assert rows(staging, table) == [
        (2, "1001", "9.5", "2025-01-02 03:04:00", "true"),
        (4, "1002", "8", "2025-01-03", "false"),
    ]


def test_sheets_of_a_workbook_are_told_apart(tmp_path, staging):
    book = openpyxl.Workbook()
    book.active.title = "May"
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    june = book.create_sheet("June")
    june.append(["c", "d"])
    june.append([3, 4])
    path = tmp_path / "a.xlsx"
    book.save(path)
    (raw,) = find([path], staging.unpacked)[0]
    assert [(table.sheet, table.columns) for table in staging.stage(raw)] == [
        ("May", ("a", "b")),
        ("June", ("c", "d")),
    ]
    assert staging.stage(raw, Layout(sheet="June"))[0].columns == ("c", "d")
    with pytest.raises(DataError, match="no sheet July; it has May, June"):
        staging.stage(raw, Layout(sheet="July"))


def test_one_cell_in_the_last_corner_does_not_take_all_memory(tmp_path, staging):
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    book.active["XFD1048576"] = "b"
    path = tmp_path / "a.xlsx"
    book.save(path)
    with pytest.raises(DataError, match="too wide an area"):
        stage(staging, path)


def test_parquet_values_and_lists(tmp_path, staging):
    table = pa.table(
        {
            "id": pa.array([13085.0, None]),
            "price": pa.array([6.95, 2.0]),
            "tags": pa.array([["a", "b"], []]),
            "who": pa.array([{"name": "Li"}, None]),
            "at": pa.array([dt.datetime(2025, 1, 2, 3, 4), None]),
            "ok": pa.array([True, False]),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    staged = stage(staging, path)
    assert rows(staging, staged) == [
        (2, "13085", "6.95", '["a","b"]', '{"name":"Li"}', "2025-01-02 03:04:00", "true"),
        (3, "", "2", "[]", "", "", "false"),
    ]


def test_json_records(tmp_path, staging):
    path = write(
        tmp_path, json.dumps([{"id": 1, "user": {"name": "Li"}, "tags": [1]}, {"id": 2, "x": None}]), "a.json"
    )
    table = stage(staging, path)
    assert table.columns == ("id", "user.name", "tags", "x")
    assert rows(staging, table)[0] == (1, "1", "Li", "[1]", "")
    with pytest.raises(DataError, match="list of records"):
        stage(staging, write(tmp_path, "{broken", "b.json"))


def test_a_folder_leaves_out_what_is_no_table(tmp_path, staging):
    write(tmp_path, "a,b\n1,2\n")
    write(tmp_path, "junk", "notes.docx")
    write(tmp_path, "", "empty.csv")
    write(tmp_path, "x", ".hidden.csv")
    raws, notes = find([tmp_path], staging.unpacked)
    assert [raw.name for raw in raws] == ["a.csv"]
    assert sorted(str(problem) for problem in notes) == [
        "empty.csv: empty.csv is empty.",
        "notes.docx: is not a table and was left out",
    ]


def test_the_two_readers_agree(tmp_path, staging):
    """The quick reader and the careful one give the same rows, numbers and bad rows on a messy file."""
    from harken.lake.staging.delimited import Reading, read_carefully, read_quickly
    from harken.lake.staging.shape import find_shape

    odd = {7: "", 11: "1,2", 13: "1,2,3,4", 17: '1,"x, ""y""\nz",3'}
    lines = [odd.get(i % 19, f"{i},b{i},c") for i in range(2000)]
    path = write(tmp_path, "\n".join(["a,b,c", *lines]) + "\n")
    shape = find_shape(path, delimiter=None, header_rows=None)
    assert shape is not None
    results = []
    for read in (lambda r: read_quickly(path, shape, r, 1 << 14), lambda r: read_carefully(path, shape, r)):
        reading = Reading()
        found = sorted(row for batch in read(reading) for row in zip(*batch.to_pydict().values(), strict=True))
        results.append((found, sorted((bad.row, bad.fields) for bad in reading.bad)))
    assert results[0] == results[1]
    assert len(results[0][1]) > 150
