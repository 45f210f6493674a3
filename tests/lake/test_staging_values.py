"""Numbers, scores, clock times and time zones in SQL, against the written value and Python's zone database."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from harken.lake.staging.tables import Staging
from harken.lake.staging.times import Evidence, TimePlan, evidence_sql
from harken.lake.staging.values import filled_sql, literal, score_sql
from harken.lake.staging.zones import offset_changes, offset_of_local_sql, offset_of_utc_sql


@pytest.fixture(scope="module")
def staging():
    with Staging(threads=1) as area:
        yield area


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1", 1, 1),
        ("-3", -3, -3),
        ("1.5", 1.5, None),
        ("1,5", None, 1.5),
        ("54,492", 54492, 54.492),
        ("1.234,50", None, 1234.5),
        ("1 234", 1234, 1234),
        ("1'234.5", 1234.5, None),
        ("12,34,567", 1234567, None),
        ("$1,234.50", 1234.5, None),
        ("-$5", -5, -5),
        ("(12)", -12, -12),
        ("12-", -12, -12),
        ("12%", 12, 12),
        ("5 EUR", 5, 5),
        ("¥1200", 1200, 1200),
        ("１２．５", 12.5, None),
        ("1.2万", 12000, None),
        ("3亿", 3e8, 3e8),
        ("12元", 12, 12),
        ("1e3", 1000, None),
        ("nan", None, None),
        ("inf", None, None),
        ("abc", None, None),
        ("1,23,4", None, None),
        ("5-6", None, None),
        ("2025-01-01", None, None),
        ("0x1F", None, None),
        ("", None, None),
    ],
)
def test_numbers_as_people_write_them(staging, text, point, comma):
    assert staging.row(f"SELECT number_of({literal(text)}), number_of_comma({literal(text)})") == (point, comma)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("7", 7),
        ("10 - Extremely likely", 10),
        ("0: not at all", 0),
        ("4星", 4),
        ("3分", 3),
        ("5 stars", 5),
        ("8 (good)", 8),
        ("bad", 1),
        ("10-20", None),
        ("2025-01-02", None),
        ("very good", None),
    ],
)
def test_scores_with_words(staging, text, score):
    assert staging.row(f"SELECT {score_sql(literal(text), (('bad', 1.0),))}") == (score,)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1:02:03", 3723), ("2:03", 123), ("0:00:09.5", 9.5), ("1:75", None), ("x", None)]
)
def test_clock_times(staging, text, seconds):
    assert staging.row(f"SELECT clock_seconds({literal(text)})") == (seconds,)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (" a b ", "a b"),
        ("\u3000客户\u3000", "客户"),
        ("\u00a0x", "x"),
        ("\t", None),
        (" NA ", None),
        ("None", "None"),
        ("", None),
    ],
)
def test_blanks_of_every_kind(staging, text, left):
    assert staging.row(f"SELECT {filled_sql('t', ('', 'NA'))} FROM (SELECT {literal(text)} AS t)") == (left,)


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "America/New_York",
        "Asia/Shanghai",
        "Europe/London",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
    ],
)
def test_zones_agree_with_pythons_zone_database(staging, zone):
    """Random moments of two centuries and every minute range around each change, gaps and repeats included."""
    rng = random.Random(1)
    tz = ZoneInfo(zone)
    local = [datetime(1901, 1, 1) + timedelta(seconds=rng.randrange(6_200_000_000)) for _ in range(500)]
    _, changes = offset_changes(zone)
    near = (-7200, -3601, -1800, -1, 0, 1, 1799, 3599, 3600, 7200)
    for moment, after in changes:
        at = datetime(1970, 1, 1) + timedelta(microseconds=moment + after)
        local += [at + timedelta(seconds=seconds) for seconds in near]
    local = [time for time in local if time.year < 2099]
    micros = [int((time - datetime(1970, 1, 1)).total_seconds()) * 1_000_000 for time in local]
    staging.connection.register("given", pa.table({"t": micros}))
    query = f"SELECT t - ({offset_of_local_sql(zone, 't')}), {offset_of_utc_sql(zone, 't')} FROM given"
    found = staging.sql(query).fetchall()
    for time, us, (utc, offset) in zip(local, micros, found, strict=True):
        assert utc == int(time.replace(tzinfo=tz).timestamp()) * 1_000_000
        known = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(tz).utcoffset()
        assert offset == known / timedelta(microseconds=1)


MOMENTS = {
    "2025-01-02": ("iso", "2025-01-02 00:00:00"),
    "2025/1/2 10:05": ("iso", "2025-01-02 10:05:00"),
    "2025-01-02T10:05:06": ("iso", "2025-01-02 10:05:06"),
    "2025年1月2日 10时05分": ("iso", "2025-01-02 10:05:00"),
    "2025年01月02日": ("iso", "2025-01-02 00:00:00"),
    "2025/1/2 下午 3:05": ("iso", "2025-01-02 15:05:00"),
    "2025-1-2 上午10:05:06": ("iso", "2025-01-02 10:05:06"),
    "20250102": ("iso", "2025-01-02 00:00:00"),
    "20250102103000": ("iso", "2025-01-02 10:30:00"),
    "2025-01": ("iso", "2025-01-01 00:00:00"),
    "31.12.2025 10:05": ("dmy", "2025-12-31 10:05:00"),
    "31/12/25": ("dmy", "2025-12-31 00:00:00"),
    "12/31/2025 3:05 PM": ("mdy", "2025-12-31 15:05:00"),
    "3 Jan 2025": ("named", "2025-01-03 00:00:00"),
    "Jan 3, 2025 3:05 PM": ("named", "2025-01-03 15:05:00"),
    "03-Jan-25": ("named", "2025-01-03 00:00:00"),
    "Fri, 3 Jan 2025 10:00:00 GMT": ("named", "2025-01-03 10:00:00"),
    "1735900506": ("epoch_s", "2025-01-03 10:35:06"),
    "1735900506123": ("epoch_ms", "2025-01-03 10:35:06.123"),
    "45660.5": ("excel", "2025-01-03 12:00:00"),
}


@pytest.mark.parametrize("text", MOMENTS)
def test_how_a_time_is_written_is_found(staging, text):
    word, moment = MOMENTS[text]
    plan = Evidence(*staging.row(evidence_sql(literal(text), "(SELECT 1)"))).plan()
    assert plan is not None
    assert plan.word == word
    query = f"SELECT CAST(make_timestamp({plan.local_sql('t')}) AS VARCHAR) FROM (SELECT {literal(text)} AS t)"
    assert staging.row(query) == (moment,)


@pytest.mark.parametrize("text", ["garbage", "2025-13-01", "10:00", "12:30 PM", "12345", "2025"])
def test_what_is_no_time_is_not_taken_for_one(staging, text):
    plan = Evidence(*staging.row(evidence_sql(literal(text), "(SELECT 1)"))).plan()
    assert plan is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2025-01-02T10:05:06Z", 0),
        ("2025-01-02T10:05:06.123+08:00", 8),
        ("2025-01-02 10:05:06 -0330", -3.5),
        ("2025-01-02 10:05:06+08", 8),
        ("2025-01-02 10:05:06", None),
        ("01-02-2025", None),
    ],
)
def test_an_offset_in_the_text_counts(staging, text, hours):
    plan = TimePlan("iso", offsets=True)
    (offset,) = staging.row(f"SELECT {plan.offset_sql('t')} FROM (SELECT {literal(text)} AS t)")
    assert offset == (None if hours is None else hours * 3_600_000_000)
