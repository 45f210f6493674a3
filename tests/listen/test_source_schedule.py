"""Laws of schedules, freshness and changed columns."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harken.listen.sources.freshness import Health, health
from harken.listen.sources.schedule import Schedule, next_reading, next_slot, pause
from harken.listen.sources.schema import changes, merged

ZONES = ("Europe/Berlin", "Asia/Taipei", "Australia/Lord_Howe", "UTC")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["00:00", "02:30", "23:59"])
def test_a_daily_source_is_read_exactly_once_on_every_day_of_the_company(zone: str, at: str) -> None:
    """Looked at every 47 minutes through a year with both changes of the clocks."""
    schedule = Schedule("days", at=at, zone=zone)
    start = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    tried, read = start, []
    for minute in range(0, 365 * 24 * 60, 47):
        now = start + timedelta(minutes=minute)
        if next_reading(schedule, created=start, tried=tried, failures=0) <= now:
            tried = now
            read.append(next_slot(schedule, now - timedelta(minutes=48)))
    days = Counter((moment + timedelta(hours=1) if at == "02:30" else moment).astimezone(ZoneInfo(zone)).date()
                   for moment in read)  # fmt: skip
    assert len(read) == 365
    assert set(days.values()) == {1}


@given(MOMENTS, st.sampled_from(ZONES), st.times())
def test_slots_follow_each_other_without_gap_or_overlap(after: datetime, zone: str, clock: object) -> None:
    schedule = Schedule("days", at=f"{clock:%H:%M}", zone=zone)
    first = next_slot(schedule, after)
    second = next_slot(schedule, first)
    assert after < first <= after + timedelta(hours=25)
    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)
    assert next_slot(schedule, first - timedelta(microseconds=1)) == first


@given(MOMENTS, st.sampled_from(["minutes", "hours"]), st.integers(1, 100))
def test_a_regular_source_keeps_its_beat(after: datetime, unit: str, every: int) -> None:
    schedule = Schedule(unit, every)  # type: ignore[arg-type]
    slot = next_slot(schedule, after)
    assert timedelta(0) < slot - after <= schedule.step
    assert next_slot(schedule, slot) - slot == schedule.step


def test_missed_moments_are_made_up_by_one_reading() -> None:
    schedule = Schedule("minutes", 15)
    tried = datetime(2026, 5, 1, 6, tzinfo=UTC)
    now = datetime(2026, 5, 4, 12, 1, tzinfo=UTC)
    assert next_reading(schedule, created=tried, tried=tried, failures=0) <= now
    assert next_reading(schedule, created=tried, tried=now, failures=0) == datetime(2026, 5, 4, 12, 15, tzinfo=UTC)


def test_failures_are_tried_again_after_growing_pauses() -> None:
    pauses = [pause(n) for n in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=5)
    assert pauses[-1] == timedelta(hours=6)
    moment = datetime(2026, 5, 1, 6, tzinfo=UTC)
    again = next_reading(Schedule("minutes", 1), created=moment, tried=moment, failures=4)
    assert again == moment + pause(4), "what fails every minute is not asked every minute"


def test_silence_beyond_the_limit_is_late_whatever_else_holds() -> None:
    now = datetime(2026, 5, 3, tzinfo=UTC)
    cases = [(True, 0, 23, Health.FRESH), (True, 2, 23, Health.FAILING), (True, 0, 25, Health.LATE),
             (True, 2, 25, Health.LATE), (False, 2, 25, Health.PAUSED)]  # fmt: skip
    for active, failures, hours, expected in cases:
        heard = now - timedelta(hours=hours)
        assert health(active=active, failures=failures, heard=heard, limit_hours=24, now=now) is expected


def test_columns_that_came_went_or_changed_are_told() -> None:
    before = {"orders.csv": {"id": "text", "paid": "number", "note": "", "old": "text"}}
    after = {"orders.csv": {"id": "text", "paid": "text", "note": "text", "new": "time"}, "other.csv": {"x": ""}}
    found = {(change.column, change.before, change.after) for change in changes(before, after)}
    assert found == {("paid", "number", "text"), ("old", "text", None), ("new", None, "time")}
    kept = merged(before, {"orders.csv": {"id": "", "paid": "text"}})
    assert kept == {"orders.csv": {"id": "text", "paid": "text"}}, "what could not be told this time is remembered"
    assert merged(before, {}) == before
