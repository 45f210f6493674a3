"""Scores with correct ranges: one number, many segments, change over time."""

from harken.learn.scores.changes import Change, Line, ScoreSeries, judged_together, score_series
from harken.learn.scores.cusum import Cusum, cusum
from harken.learn.scores.planning import answers_needed, net_half_width, noticeable_change
from harken.learn.scores.segments import (
    RestDifferences,
    SegmentScores,
    business_threshold,
    compared_together,
    segment_scores,
)
from harken.learn.scores.summary import Bar, ScoreSummary, summarize

__all__ = [
    "Bar",
    "Change",
    "Cusum",
    "Line",
    "RestDifferences",
    "ScoreSeries",
    "ScoreSummary",
    "SegmentScores",
    "answers_needed",
    "business_threshold",
    "compared_together",
    "cusum",
    "judged_together",
    "net_half_width",
    "noticeable_change",
    "score_series",
    "segment_scores",
    "summarize",
]
