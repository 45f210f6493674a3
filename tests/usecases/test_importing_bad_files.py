"""Whatever is given to the import: a sentence, never a traceback, and nothing lost."""

from __future__ import annotations

import os
import random

import pytest
from importing_samples import Company, check_sums

from harken.usecases.importing import list_imports
from harken.vocabulary.errors import HarkenError

MAPPING = """
[[file]]
name = "*.csv"
person = "customer_id"
time = "day"
[file.people]
[[file.answers]]
score = "nps"
scale = "nps_0_10"
comment = "why"
[file.snapshot]
columns = "*"
"""
GOOD = "customer_id,day,nps,why,plan\n" + "".join(
    f"c{i},2025-01-{i % 28 + 1:02d},{i % 11},ok,a\n" for i in range(50)
)


@pytest.fixture
def company(tmp_path) -> Company:
    (tmp_path / "company").mkdir()
    (tmp_path / "files").mkdir()
    return Company(tmp_path / "company", tmp_path / "files")


BAD_FILES = {
    "empty": b"",
    "blank lines": b"\n\n\n \n",
    "header only": b"customer_id,day,nps,why,plan\n",
    "junk": os.urandom(3000),
    "zeros": b"\0" * 5000,
    "half a zip": b"PK\x03\x04\x14\0\0\0",
    "other columns": b"a,b\n1,2\n",
    "one column": b"customer_id\nc1\nc2\n",
    "only bad rows": b"customer_id,day,nps,why,plan\n,2025-01-01,99,x,a\n",
    "no name at all": b",,,,\n1,2,3,4,5\n",
    "html": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
    "a picture": b"\x89PNG\r\n\x1a\n" + os.urandom(200),
    "json inside": b'{"a": [1, 2',
}


READABLE = ("other columns", "one column", "no name at all", "json inside", "only bad rows")
"""Without a mapping these may well be read."""


@pytest.mark.parametrize(
    ("name", "mapped"),
    [(name, mapped) for name in BAD_FILES for mapped in (True, False) if mapped or name not in READABLE],
)
def test_a_bad_file_ends_in_a_sentence(company, name, mapped):
    path = company.files / "a.csv"
    path.write_bytes(BAD_FILES[name])
    with pytest.raises(HarkenError) as caught:
        company.bring(company.mapping(MAPPING) if mapped else None, path)
    assert len(str(caught.value)) > 20
    assert "Traceback" not in str(caught.value)
    assert list_imports(company.root) == ()


def test_a_million_characters_in_a_comment(company):
    long = "服务很好，" * 200_000
    company.write("a.csv", GOOD + f"c99,2025-01-02,9,{long},a\n")
    report = company.bring(company.mapping(MAPPING))
    assert report.rejected == 0
    assert company.rows("SELECT max(length(text)) FROM texts") == [(1_000_000,)]


def test_one_customer_and_five_answers(company):
    company.write(
        "a.csv", "customer_id,day,nps,why,plan\n" + "".join(f"c1,2025-01-0{i},9,x,a\n" for i in range(1, 6))
    )
    report = company.bring(company.mapping(MAPPING.replace('[file.snapshot]\ncolumns = "*"\n', "")))
    assert [(part.kind, part.added) for part in report.parts] == [("people", 1), ("answer", 5)]


def test_strange_names_and_values_pass_through(company):
    header = 'customer_id,day,nps,why,"pl""an; DROP TABLE signals;--",select,{x}\n'
    company.write("a.csv", header + 'c\'1,2025-01-01,9,"it\'s; ""x""",a\'b,%s,{y}\n"c;2",2025-01-02,8,\\N,b,%,\n')
    report = company.bring(company.mapping(MAPPING))
    assert report.rejected == 0
    assert company.rows("SELECT native_key FROM people ORDER BY 1") == [("c'1",), ("c;2",)]
    assert company.rows('SELECT pl_an_drop_table_signals, "select", x FROM snapshots_s ORDER BY 1') == [
        ("a'b", "%s", "{y}"),
        ("b", "%", None),
    ]


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_a_file_torn_anywhere_never_ends_in_a_traceback(company, count):
    """One good table with bytes cut out, doubled or flipped: each time it is imported or refused in words."""
    rng = random.Random(count)
    good = GOOD.replace("ok", '"满意，真的"').encode("gb18030")
    mapping = company.mapping(MAPPING)
    path = company.files / "a.csv"
    outcomes = {"imported": 0, "refused": 0}
    for _ in range(count):
        data = bytearray(good)
        for _ in range(rng.randint(1, 30)):
            place = rng.randrange(len(data))
            action = rng.randrange(3)
            if action == 0:
                data[place] = rng.randrange(256)
            elif action == 1:
                del data[place : place + rng.randint(1, 20)]
            else:
                data[place:place] = data[place : place + rng.randint(1, 40)]
        path.write_bytes(bytes(data))
        said = ""
        try:
            check_sums(company.bring(mapping, path))
        except HarkenError as error:
            said = str(error)
        outcomes["refused" if said else "imported"] += 1
    assert outcomes["imported"] > count // 4


def test_every_unreadable_file_is_named_at_once(company):
    company.write("a.csv", "customer_id,day,nps,why,plan\n")
    (company.files / "b.csv").write_bytes(b"\x00\x01\x02\xff" * 500)
    company.write("c.csv", GOOD)
    with pytest.raises(HarkenError, match="Some files cannot be read") as caught:
        company.bring(company.mapping(MAPPING))
    assert "a.csv has a header but no rows" in str(caught.value)
    assert "b.csv is not a text file" in str(caught.value)
