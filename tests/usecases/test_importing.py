"""Files in, by a mapping: good rows, bad rows, joins, times, money; and importing again changes nothing."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from importing_samples import NOW_US, Company, check_sums

from harken.usecases.importing import list_imports, preview, undo_import
from harken.vocabulary.errors import DataError

SURVEY = """
[[file]]
name = "nps*.csv"
person = "customer"
time = "day"
[[file.answers]]
score = "Q1"
scale = "nps_0_10"
question = "recommend"
native_id = "id"
comment = "why"
blank = ["99"]
weight = "w"
"""
DIRTY = """id,customer,Q1,why,day,w
1,c1,9,great,2026-01-02,1
2,c2,11,bad scale,2026-01-02,1
3,,5,no person,2026-01-03,1
4,c4,x,no number,2026-01-09,1
5,c5,99,,2026-01-02,1
6,c6,7,future,2026-08-01,1
7,c7,3,"two
lines",2026-01-05 10:00,1
8,c8,3
9,c9,8,no time,,1
10,c10,8,weight,2026-01-05,-1
11,c11,8,weight,2026-01-05,much
12,c12,8,unreadable,last week,1
1,c13,2,other content,2026-01-02,1
1,c1,9,great,2026-01-02,1
14,c14,99,only words,2026-01-02,1
"""


@pytest.fixture
def company(tmp_path) -> Company:
    (tmp_path / "company").mkdir()
    (tmp_path / "files").mkdir()
    return Company(tmp_path / "company", tmp_path / "files")


def test_every_bad_row_is_named_with_row_column_value_and_reason(company):
    company.write("nps.csv", DIRTY)
    report = company.bring(company.mapping(SURVEY))
    said = {(problem.row, problem.column): str(problem.reason) for problem in report.problems}
    assert said == {
        (3, "Q1"): "11 is not on the scale from 0 to 10 (nps_0_10)",
        (4, "customer"): "the customer number is missing",
        (5, "Q1"): "x is no score; declare its meaning in codes, blank or not_applicable",
        (7, "day"): "2026-08-01 lies in the future",
        (9, None): "the row has 3 fields, but the header has 6",
        (10, "day"): "the time is missing",
        (11, "w"): "-1 is a negative weight",
        (12, "w"): "much is not a number",
        (13, "day"): "last week cannot be read as a date or time",
        (14, "id"): "1/recommend stands in row 2 too, with other content",
    }
    assert report.problem_count == 10
    (part,) = report.parts
    assert (part.rows, part.added, part.already_there, part.rejected, part.skipped) == (15, 3, 1, 10, 1)
    check_sums(report)
    assert company.rows("SELECT native_id, score FROM signals ORDER BY native_id") == [
        ("1/recommend", 9.0),
        ("14/recommend", None),
        ("7/recommend", 3.0),
    ]
    assert company.rows("SELECT text FROM texts ORDER BY 1") == [("great",), ("only words",), ("two\nlines",)]
    assert str(report.scales[0]).endswith("Net Promoter Score (NPS), 0–10, from 0 to 10, higher is better")


def test_bad_rows_are_written_to_be_repaired_and_imported(company):
    company.write("nps.csv", DIRTY)
    mapping = company.mapping(SURVEY)
    report = company.bring(mapping)
    (path,) = report.rejected_files
    assert path == company.root / "rejected" / "1" / "nps.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["id", "customer", "Q1", "why", "day", "w", "harken_problem"]
    assert len(table) == 11
    assert table[1] == [
        "2",
        "c2",
        "11",
        "bad scale",
        "2026-01-02",
        "1",
        "Q1: 11 is not on the scale from 0 to 10 (nps_0_10)",
    ]
    repaired = [row for row in table if row[0] in ("id", "2", "8")]
    repaired[1][2] = "10"
    repaired[2][3:6] = ["", "2026-01-01", "1"]
    repaired[0][6], repaired[1][6], repaired[2][6] = "harken_problem", "mended", "mended"
    path.write_text("\n".join(",".join(row) for row in repaired))
    again = company.bring(mapping, path)
    assert (again.parts[0].rows, again.parts[0].added, again.rejected) == (2, 2, 0)
    assert company.rows("SELECT count(*) FROM signals") == [(5,)]


def test_strict_refuses_everything_and_lists_every_problem(company):
    company.write("nps.csv", DIRTY)
    with pytest.raises(DataError, match="10 problems were found") as caught:
        company.bring(company.mapping(SURVEY), strict=True)
    assert len(caught.value.problems) == 10
    assert list_imports(company.root) == ()


def test_nothing_good_is_an_error_and_leaves_nothing(company):
    company.write("nps.csv", "id,customer,Q1,why,day,w\n1,,12,,2099-01-01,1\n")
    with pytest.raises(DataError, match="Every row has a problem"):
        company.bring(company.mapping(SURVEY))
    assert list_imports(company.root) == ()


def test_importing_again_changes_nothing_and_a_correction_is_one(company):
    company.write("nps.csv", DIRTY)
    mapping = company.mapping(SURVEY)
    company.bring(mapping)
    again = company.bring(mapping)
    assert again.import_id is None
    assert (again.parts[0].already_there, again.parts[0].added) == (4, 0)
    assert len(list_imports(company.root)) == 1
    company.write("nps.csv", DIRTY.replace("7,c7,3,", "7,c7,4,"))
    corrected = company.bring(mapping)
    assert (corrected.parts[0].corrected, corrected.parts[0].added) == (1, 0)
    assert company.rows("SELECT score FROM signals WHERE native_id = '7/recommend'") == [(4.0,)]
    undo_import(company.root, corrected.import_id, now_us=NOW_US)
    assert company.rows("SELECT score FROM signals WHERE native_id = '7/recommend'") == [(3.0,)]


def test_rows_without_a_number_of_their_own_may_repeat_and_overlapping_exports_do_not_count_twice(company):
    body = '[[file]]\nname = "o*.csv"\nperson = "p"\ntime = "t"\n[[file.orders]]\namount = "a"\n'
    company.write("o1.csv", "p,t,a\nx,2026-01-01,5\nx,2026-01-01,5\nx,2026-01-02,7\n")
    company.write("o2.csv", "p,t,a\nx,2026-01-02,7\nx,2026-01-03,9\n")
    report = company.bring(company.mapping(body))
    assert [(part.added, part.already_there) for part in report.parts] == [(3, 0), (1, 1)]
    assert company.rows("SELECT sum(amount) FROM signals") == [(26.0,)]


def test_one_row_may_give_several_answers_and_a_bad_one_takes_all_with_it(company):
    body = (
        '[[file]]\nname = "a.csv"\nperson = "p"\n[file.people]\n[[file.answers]]\nscale = "csat_1_5"\n'
        'scores = { q1 = "food", q2 = "room" }\nblank = ["0"]\nnot_applicable = ["6"]\n'
        '[file.snapshot]\ncolumns = ["branch"]\n'
    )
    company.write("a.csv", "p,q1,q2,branch\na,5,6,x\nb,0,4,y\nc,9,4,z\n")
    report = company.bring(company.mapping(body))
    assert [(part.kind, part.added, part.rejected, part.skipped) for part in report.parts] == [
        ("people", 2, 1, 0),
        ("answer", 1, 1, 1),
        ("answer", 1, 1, 1),
        ("snapshot", 2, 1, 0),
    ]
    assert company.rows("SELECT question, score FROM signals ORDER BY 1") == [("food", 5.0), ("room", 4.0)]


def test_joins_bring_the_person_and_a_repeated_key_is_refused(company):
    body = (
        '[[file]]\nname = "reviews.csv"\nperson = "buyer"\n'
        '[[file.join]]\nfile = "orders.csv"\non = { order = "id" }\ncolumns = { one = "customer" }\n'
        '[[file.join]]\nfile = "people.csv"\non = { one = "customer" }\ncolumns = { buyer = "person" }\n'
        '[[file.answers]]\nscore = "stars"\nscale = "stars_1_5"\n'
    )
    company.write("reviews.csv", "order,stars\n1.0,5\n2,4\n3,1\n,2\n")
    company.write("orders.csv", "id,customer\n1,c1\n2,c2\n4,c4\n")
    company.write("people.csv", "customer,person\nc1,p\nc2,p\n")
    report = company.bring(company.mapping(body))
    assert (report.parts[0].added, report.rejected) == (2, 2)
    assert company.rows("SELECT native_key FROM people") == [("p",)]
    company.write("orders.csv", "id,customer\n1,c1\n1,c2\n2,c1\n")
    with pytest.raises(DataError, match="keys there stand more than once") as caught:
        company.bring(company.mapping(body))
    assert "orders.csv, column id: 1 stands 2 times, first in row 2" in str(caught.value)


def test_every_missing_column_is_named_at_once(company):
    company.write("nps.csv", "id,Customer ,Q2,why,day\n1,a,9,x,2026-01-01\n")
    with pytest.raises(DataError) as caught:
        company.bring(company.mapping(SURVEY))
    assert {problem.column for problem in caught.value.problems} == {"Q1", "w"}


def test_a_joined_file_beside_the_imported_one_is_found(company):
    body = (
        '[[file]]\nname = "a.csv"\nperson = "p"\n[[file.join]]\nfile = "b.csv"\non = { k = "k" }\n'
        '[file.people]\n[file.snapshot]\ncolumns = "*"\n'
    )
    path = company.write("a.csv", "k,x\n1,5\n")
    company.write("b.csv", "k,p,y\n1,anna,7\n")
    company.bring(company.mapping(body), path)
    assert company.rows("SELECT k, x, y FROM snapshots_s") == [(1.0, 5.0, 7.0)]


def test_times_with_and_without_zones_and_the_companys_days(company):
    body = (
        '[[file]]\nname = "a.csv"\nperson = "p"\ntime = "t"\n[[file.signals]]\nkind = "visit"\nchannel = "=web"\n'
    )
    company.write(
        "a.csv",
        "p,t\na,2025-03-30 02:30:00\nb,2025-10-26 02:30\nc,2025-07-01T23:30:00Z\nd,2025-07-01 08:00+08:00\n",
    )
    mapping = company.mapping(body.replace('"t"\n', '"t"\ntime_zone = "Europe/Berlin"\n'))
    company.bring(mapping, time_zone="Asia/Shanghai")
    found = company.rows(
        "SELECT native_key, ts_us, local_date FROM signals JOIN people USING (person_key) ORDER BY 1"
    )
    utc = {"a": 1743298200, "b": 1761438600, "c": 1751412600, "d": 1751328000}
    days = {"a": date(2025, 3, 30), "b": date(2025, 10, 26), "c": date(2025, 7, 2), "d": date(2025, 7, 1)}
    assert found == [(key, utc[key] * 1_000_000, days[key]) for key in "abcd"]


@pytest.mark.parametrize(
    ("values", "declared", "seconds"),
    [
        (("31/12/2024", "01/02/2025"), "", (1735603200, 1738368000)),
        (("12/31/2024", "01/02/2025"), "", (1735603200, 1735776000)),
        (("01/02/2025", "03/04/2025"), 'time_format = "mdy"', (1735776000, 1741046400)),
        (("1735689600", "1735776000"), "", (1735689600, 1735776000)),
        (("1735689600000", "1735776000000"), "", (1735689600, 1735776000)),
        (("45658", "45659.5"), "", (1735689600, 1735819200)),
        (("2025年1月2日 下午3:05", "2025/1/3"), "", (1735830300, 1735862400)),
        (("3 Jan 2025", "Jan 4, 2025 5:06 PM"), "", (1735862400, 1736010360)),
        (("250102 0705", "250103 0706"), 'time_format = "%y%m%d %H%M"', (1735801500, 1735887960)),
        (("20250102", "20250103"), "", (1735776000, 1735862400)),
    ],
)
def test_ways_to_write_a_time(company, values, declared, seconds):
    body = f'[[file]]\nname = "a.csv"\nperson = "p"\ntime = "t"\n{declared}\n[[file.signals]]\nkind = "visit"\n'
    text = "p;t\n" + "".join(f"{i};{value}\n" for i, value in enumerate(values))
    company.write("a.csv", text)
    mapping = company.mapping(body.replace('"t"\n', '"t"\ntime_zone = "UTC"\n'))
    company.bring(mapping, time_zone="UTC")
    found = company.rows("SELECT ts_us FROM signals ORDER BY ts_us")
    assert found == [(second * 1_000_000,) for second in seconds]


def test_days_that_may_be_months_are_never_guessed(company):
    body = '[[file]]\nname = "a.csv"\nperson = "p"\ntime = "t"\n[[file.signals]]\nkind = "visit"\n'
    company.write("a.csv", "p,t\n1,01/02/2025\n2,03/04/2025\n")
    with pytest.raises(DataError, match="day first or month first"):
        company.bring(company.mapping(body))


def test_times_without_any_zone_are_refused(company):
    body = '[[file]]\nname = "a.csv"\nperson = "p"\ntime = "t"\n[[file.signals]]\nkind = "visit"\n'
    company.write("a.csv", "p,t\n1,2025-01-01\n")
    path = company.mapping(body)
    path.write_text(path.read_text().replace('time_zone = "Asia/Shanghai"\n', ""))
    with pytest.raises(DataError, match="need a time zone"):
        company.bring(path, time_zone=None)


def test_numbers_as_people_write_them_and_waits(company):
    body = (
        '[[file]]\nname = "a.csv"\nperson = "p"\ntime = "t"\ndecimal = ","\n[[file.contacts]]\nquantity = "q"\n'
        'wait = { from = "t", to = "u" }\nduration = "d"\nduration_unit = "clock"\n'
        '[[file.orders]]\namount = { price = "price", times = "q" }\nwait = "w"\nwait_unit = "minutes"\n'
    )
    company.write("a.csv", "p;t;u;q;d;price;w\na;2025-01-01 10:00;2025-01-01 10:30;-2;1:02:03;1.234,50 €;1,5\n")
    company.bring(company.mapping(body))
    found = company.rows("SELECT kind, quantity, amount, wait_s, duration_s FROM signals ORDER BY kind")
    assert found == [("contact", -2.0, None, 1800.0, 3723.0), ("order", None, -2469.0, 90.0, None)]


def test_a_negative_wait_is_a_problem(company):
    body = '[[file]]\nname = "a.csv"\nperson = "p"\ntime = "t"\n[[file.orders]]\nwait = { from = "t", to = "u" }\n'
    company.write("a.csv", "p,t,u\na,2025-01-02,2025-01-01\nb,2025-01-02,\n")
    report = company.bring(company.mapping(body))
    assert [str(problem) for problem in report.problems] == [
        "a.csv, row 2, column t > u: 2025-01-02 > 2025-01-01: the time from start to end is negative"
    ]


ORDERS = '[[file]]\nname = "a.csv"\nperson = "p"\ntime = "t"\n[[file.orders]]\namount = "a"\ncurrency = "c"\n'


def test_currencies_are_converted_by_dated_rates(company):
    rates = (
        '[[rate]]\ncurrency = "EUR"\ndate = 2025-01-01\nrate = 7.5\n'
        '[[rate]]\ncurrency = "EUR"\ndate = 2025-06-01\nrate = 8.0\n'
    )
    company.write(
        "a.csv", "p,t,a,c\na,2025-02-01,10,EUR\nb,2025-07-01,10,eur\nc,2025-07-01,10,\nd,2025-07-01,10,CNY\n"
    )
    company.bring(company.mapping(ORDERS + rates))
    assert company.rows("SELECT currency, amount_reporting FROM signals ORDER BY 2, 1") == [
        ("CNY", 10.0),
        ("CNY", 10.0),
        ("EUR", 75.0),
        ("EUR", 80.0),
    ]


def test_currencies_without_a_rate_are_refused(company):
    company.write("a.csv", "p,t,a,c\na,2025-02-01,10,EUR\nb,2025-07-01,10,CNY\n")
    with pytest.raises(DataError, match="1 amounts are in EUR, first in row 2, but the reporting currency is CNY"):
        company.bring(company.mapping(ORDERS))


def test_outcomes_by_words_numbers_and_dates(company):
    body = (
        '[[file]]\nname = "a.csv"\nperson = "p"\n'
        '[[file.outcomes]]\noutcome = "churn"\nvalue = "gone"\ntrue = ["Yes"]\nfalse = ["No"]\n'
        '[[file.outcomes]]\noutcome = "renewal"\nvalue = "renewed"\n'
        '[[file.outcomes]]\noutcome = "closed"\ntime = "closed"\n'
    )
    company.write("a.csv", "p,gone,renewed,closed\na,yes,是,2025-01-01\nb,No,0,\nc,,12.5,\nd,maybe,1,\n")
    report = company.bring(company.mapping(body))
    assert report.rejected == 1
    assert company.rows("SELECT outcome, value, local_date FROM outcomes ORDER BY 1, 2") == [
        ("churn", 0.0, None),
        ("churn", 1.0, None),
        ("closed", 1.0, date(2025, 1, 1)),
        ("renewal", 0.0, None),
        ("renewal", 1.0, None),
        ("renewal", 12.5, None),
    ]


def test_people_accounts_and_what_others_say_of_them(company):
    body = (
        '[[file]]\nname = "people.csv"\nperson = "no"\naccount = "firm"\n'
        '[file.people]\nname = "name"\njoined = "since"\n'
        '[[file]]\nname = "firms.csv"\n[file.accounts]\naccount = "no"\nname = "name"\nparent = "parent"\n'
        'value = "value"\nvalue_period = "month"\nrenewal = "renewal"\n'
        '[[file]]\nname = "calls.csv"\nperson = "who"\ntime = "t"\n[[file.contacts]]\n'
    )
    company.write("people.csv", "no,name,since,firm\n1,Anna,2020-01-01,F1\n2,Bo,,F2\n2,Ben,,F2\n2,Bo,,F2\n")
    company.write("firms.csv", 'no,name,parent,value,renewal\nF1,Firm One,F0,"1,000",2027-01-01\n')
    company.write("calls.csv", "who,t\n1,2025-01-01\n9,2025-01-02\n")
    report = company.bring(company.mapping(body))
    assert [str(problem) for problem in report.problems] == [
        "people.csv, row 4, column no: 2 stands in row 3 too, with other content"
    ]
    assert company.rows("SELECT native_key, name, declared FROM people ORDER BY 1") == [
        ("1", "Anna", True),
        ("2", "Bo", True),
        ("9", None, False),
    ]
    assert company.rows("SELECT native_key, name, value_reporting FROM accounts ORDER BY 1") == [
        ("F0", None, None),
        ("F1", "Firm One", 12000.0),
        ("F2", None, None),
    ]


def test_a_snapshot_types_its_columns_and_remembers_them(company):
    body = (
        '[[file]]\nname = "a*.csv"\nperson = "id"\n[file.people]\nname = "full name"\n'
        '[[file.outcomes]]\noutcome = "churn"\nvalue = "churn"\n'
        '[file.snapshot]\ncolumns = "*"\nvalue = "Fee"\nvalue_period = "month"\nlevers = ["Plan"]\n'
        'families = { Fee = "price" }\ntypes = { zip = "category" }\n'
    )
    plans = ("gold", "basic")
    lines = [
        f"{i},Person {i},{i % 2},{i % 3},{10000 + i},{plans[i % 2]},{i / 2},2025-01-{i % 28 + 1:02d},0{i % 9},,"
        for i in range(300)
    ]
    company.write("a.csv", "id,full name,churn,满意度,zip,Plan,Fee,since,code,empty,\n" + "\n".join(lines) + "\n")
    report = company.bring(company.mapping(body))
    assert report.rejected == 0
    assert company.rows("SELECT name, type, role, family, lever FROM snapshot_columns ORDER BY name") == [
        ("code", "category", "feature", None, None),
        ("fee", "number", "feature", "price", None),
        ("fee_per_year", "number", "value", "price", None),
        ("plan", "category", "feature", None, True),
        ("since", "time", "feature", None, None),
        ("zip", "category", "feature", None, None),
        ("满意度", "number", "feature", None, None),
    ]
    assert company.rows("SELECT max(fee), max(fee_per_year), min(zip), max(code) FROM snapshots_s") == [
        (149.5, 1794.0, "10000", "08")
    ]
    company.write("a.csv", "id,full name,churn,满意度,zip,Plan,Fee,since,code\n900,Eve,0,x,1,gold,5,2025-01-01,1\n")
    with pytest.raises(DataError) as caught:
        company.bring(company.mapping(body))
    assert [str(problem) for problem in caught.value.problems] == ["a.csv, row 2, column 满意度: x is not a number"]


def test_filters_leave_rows_out_as_declared(company):
    body = (
        '[[file]]\nname = "a.csv"\nperson = "p"\nskip = { p = ["0", ""] }\n'
        '[[file.contacts]]\nonly = { kind = ["call"] }\n'
        '[[file.signals]]\nkind = "mail"\nonly = { kind = ["mail", ""] }\n'
    )
    company.write("a.csv", "p,kind\n1,call\n0,call\n,call\n2,mail\n3,\n4,other\n")
    report = company.bring(company.mapping(body))
    assert [(part.kind, part.added, part.skipped) for part in report.parts] == [("contact", 1, 5), ("mail", 2, 4)]
    check_sums(report)


def test_each_row_another_person(company):
    answers = '[[file.answers]]\nscore = "q"\nscale = "csat_1_5"\n'
    body = f'[[file]]\nname = "a.csv"\nperson = "#row"\n[file.people]\n{answers}'
    company.write("a.csv", "q\n5\n5\n4\n")
    company.bring(company.mapping(body))
    assert company.rows("SELECT native_key FROM people ORDER BY 1") == [("a.csv#2",), ("a.csv#3",), ("a.csv#4",)]


def test_properties_are_json_without_empty_cells(company):
    body = '[[file]]\nname = "a.csv"\nperson = "p"\n[[file.signals]]\nkind = "x"\nproperties = ["版本", "b"]\n'
    company.write("a.csv", 'p,版本,b\n1,"q""1",2\n2,,\n')
    company.bring(company.mapping(body))
    assert company.rows("SELECT properties FROM signals ORDER BY 1 NULLS LAST") == [
        ('{"版本":"q\\"1","b":"2"}',),
        (None,),
    ]


def test_a_preview_stores_nothing_and_shows_the_first_rows(company):
    path = company.write("nps.csv", DIRTY)
    seen = preview([path], company.mapping(SURVEY), now_us=NOW_US, time_zone="Asia/Shanghai")
    (part,) = seen.parts
    assert (part.rows, part.good, part.rejected, part.skipped) == (15, 4, 10, 1)
    assert part.columns[:2] == ("native_key", "native_id")
    assert part.sample[0][:2] == ("c1", "1/recommend")
    assert seen.problem_count == 10
    assert not (company.root / "lake").exists()


def test_a_mapping_that_fits_no_file_says_so(company):
    company.write("other.csv", "a,b\n1,2\n")
    with pytest.raises(DataError, match=r"names none of these files: other\.csv"):
        company.bring(company.mapping(SURVEY))


def test_the_reader_is_told_how_far_it_is_and_may_stop(company):
    from harken.vocabulary.progress import Cancelled

    company.write("nps.csv", DIRTY)
    steps: list[float] = []
    company.bring(company.mapping(SURVEY), progress=lambda step, done: steps.append(done))
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0.0, 1.0)

    def stop(step, done):
        if done > 0.5:
            raise Cancelled

    company.write("nps2.csv", DIRTY.replace("c1,", "z1,"))
    with pytest.raises(Cancelled):
        company.bring(company.mapping(SURVEY), company.files / "nps2.csv", progress=stop)
    assert len(list_imports(company.root)) == 1
