"""Charts say in words what they draw, and draw what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harken.vocabulary.estimates import Estimate, Evidence, Interval
from harken.web.parts.axes import Axis, axis_over, step_for

finite = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(finite, min_size=1, max_size=30))
def test_an_axis_holds_every_value_and_ends_on_round_ticks(values: list[float]) -> None:
    axis = axis_over(values)
    slack = 1e-6 * max(map(abs, values))
    assert axis.low <= min(values) + slack
    assert axis.high >= max(values) - slack
    assert 2 <= len(axis.ticks) <= 12
    assert all(0 <= axis.share(value) <= 1 for value in values)


@given(st.floats(1e-9, 1e12), st.integers(2, 8))
def test_steps_are_one_two_or_five(span: float, parts: int) -> None:
    step = step_for(span, parts)
    digit = float(f"{step:e}".split("e")[0])
    assert digit in (1.0, 2.0, 5.0)


@given(finite, finite, finite)
def test_places_keep_the_order_of_values(a: float, b: float, c: float) -> None:
    axis = axis_over([a, b, c])
    low, high = sorted((a, b))
    assert float(axis.x(low).rstrip("%")) <= float(axis.x(high).rstrip("%"))
    assert axis.y(low, 100) >= axis.y(high, 100)


def test_pinned_ends_stay() -> None:
    axis = axis_over([0.31, 0.92], low=0.0, high=1.0)
    assert (axis.low, axis.high) == (0.0, 1.0)
    assert axis_over([5.0, 5.0]).share(5.0) == pytest.approx(0.5, abs=0.2)


def drawn(source: str, **context: Any) -> str:
    from django.template import Context, Template
    from django.utils import translation

    with translation.override(context.pop("language", "en")):
        return Template(source).render(Context(context))


def estimate(value: float, low: float, high: float, n: int = 100) -> Estimate:
    return Estimate(value, Interval(low, high), n, "test")


def test_an_estimate_is_drawn_and_said(workspace_root: Path) -> None:
    from harken.web.parts.charts import POINTS

    source = "{% estimate_bar e unit 31.0 'answered' %}"
    html = drawn(source, e=estimate(18.2, 14.9, 21.4), unit=POINTS)
    assert 'aria-label="18.2, likely between 14.9 and 21.4; answered 31.0"' in html
    places = {name: float(place) for name, place in re.findall(r'class="(dot|open)" cx="([\d.]+)%"', html)}
    assert places["dot"] < places["open"]
    band = re.search(r'class="band" x1="([\d.]+)%" x2="([\d.]+)%"', html)
    assert band is not None
    assert float(band[1]) < places["dot"] < float(band[2]) < places["open"]
    assert "style=" not in html


def test_a_number_shows_no_more_decimals_than_its_interval_bears(workspace_root: Path) -> None:
    from harken.web.parts.charts import POINTS

    html = drawn("{% estimate_bar e unit %}", e=estimate(18.24, -5.1, 41.3), unit=POINTS)
    assert '<div class="num">18</div>' in html
    assert "−5" in html


def test_bars_show_counts_only_where_too_few_answered(workspace_root: Path) -> None:
    from harken.web.parts.charts import SHARE, Row, bars

    rows = (
        Row("Waiting", 0.27, 0.22, 0.32, evidence=Evidence.ADJUSTED, note="minutes"),
        Row("<script>alert(1)</script>", None, note="4 answers"),
    )
    html = drawn("{% bar_table t %}", t=bars(rows, SHARE, ("Driver", "Share", "Value"), low=0.0))
    assert 'aria-label="27%, likely between 22% and 32%"' in html
    assert "chip-adjusted" in html
    assert html.count('class="dot"') == 1
    assert "4 answers" in html
    assert "<script>" not in html


def test_a_series_leaves_a_gap_where_too_few_answered(workspace_root: Path) -> None:
    from harken.web.parts.charts import POINTS
    from harken.web.parts.courses import Column, series

    columns = [Column("Jan", 10.0, 5.0, 15.0, 200), Column("Feb", None, n=4), Column("Mar", 12.0, 7.0, 17.0, 190)]
    html = drawn("{% series_chart s %}", s=series(columns, POINTS, ("Month", "Score"), caption="x"))
    assert html.count('class="dot"') == 2
    assert "fewer than 10 answers" in html
    assert "12, likely between 7 and 17" in html


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
def test_a_curve_stays_inside_its_drawing(values: list[float]) -> None:
    axis = Axis(0.0, 1.0)
    for value in values:
        assert 0 <= axis.across(value) <= 100
        assert 0 <= axis.y(value, 190) <= 190


def test_words_follow_the_reader(workspace_root: Path) -> None:
    from datetime import date

    from harken.vocabulary.messages import Message

    source = "{% say '{n} customers' n=n %}|{{ d|day }}|{{ m|money:'CNY' }}|{{ s|percent }}"
    values = {"n": 12345, "d": date(2026, 10, 31), "m": 4_200_000.0, "s": 0.0984}
    assert drawn(source, **values) == "12,345 customers|31 Oct 2026|¥4.2\u202fM|9.8%"
    assert "2026年10月31日|¥420\u202f万" in drawn(source, language="zh-hans", **values)
    hostile = Message("{name}", {"name": "<b>"})
    assert drawn("{{ m|words }}{% say 'Hello {x}' x=m %}", m=hostile) == "&lt;b&gt;Hello &lt;b&gt;"
