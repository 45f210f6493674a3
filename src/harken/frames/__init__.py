"""Harken's statistics on a data frame of yours: pandas, polars, pyarrow, DuckDB, or a dictionary of columns.

No workspace is needed. Every function takes a frame and the names of its columns, and returns a frozen result whose
numbers carry their interval, n and method. Names are loaded when first used.

    import harken

    harken.frames.score(answers, "recommend").sentence
    harken.frames.scores_by(answers, "recommend", "branch").finding
    harken.frames.whole_base(customers, "recommend", ["tenure", "calls"]).sensitivity.statement
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harken.frames.actions import evaluate, uplift
    from harken.frames.customers import retention, whole_base
    from harken.frames.drivers import find_leaks, importance, lever_effects, rank_families
    from harken.frames.lifetimes import how_long, repeat_value
    from harken.frames.links import compare_metrics, value_link
    from harken.frames.reading import Frame
    from harken.frames.scores import (
        WeighedScore,
        compare_periods,
        score,
        score_so_far,
        scores_by,
        scores_over_time,
        weighed_score,
    )

_HOMES = {
    "scores": (
        "score",
        "scores_by",
        "scores_over_time",
        "compare_periods",
        "weighed_score",
        "score_so_far",
        "WeighedScore",
    ),
    "customers": ("whole_base", "retention"),
    "drivers": ("find_leaks", "importance", "rank_families", "lever_effects"),
    "links": ("compare_metrics", "value_link"),
    "lifetimes": ("how_long", "repeat_value"),
    "actions": ("evaluate", "uplift"),
    "reading": ("Frame",),
}

__all__ = [
    "Frame",
    "WeighedScore",
    "compare_metrics",
    "compare_periods",
    "evaluate",
    "find_leaks",
    "how_long",
    "importance",
    "lever_effects",
    "rank_families",
    "repeat_value",
    "retention",
    "score",
    "score_so_far",
    "scores_by",
    "scores_over_time",
    "uplift",
    "value_link",
    "weighed_score",
    "whole_base",
]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
