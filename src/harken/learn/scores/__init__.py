"""Scores with correct ranges: one number, many segments, change over time."""

from harken.learn.scores.answers import Answers, usable_answers
from harken.learn.scores.cells import CellScores, cell_scores
from harken.learn.scores.changes import Change, Line, ScoreSeries, judged_together, score_series
from harken.learn.scores.comparison import Comparison, Needed, compare, needed_for, ranking_is_chance
from harken.learn.scores.cusum import Cusum, cusum
from harken.learn.scores.live import LiveBand, live_band, live_z
from harken.learn.scores.movement import Division, Movement, Part, PartKind, explain_movement
from harken.learn.scores.planning import answers_needed, net_half_width, noticeable_change
from harken.learn.scores.segments import (
    RestDifferences,
    SegmentScores,
    business_threshold,
    compared_together,
    division_scores,
    segment_scores,
)
from harken.learn.scores.summary import Bar, ScoreSummary, summarize, summary_of
from harken.learn.scores.weighting import (
    Calibrated,
    CalibratedScore,
    Margin,
    calibrated_score,
    margin_of,
    post_stratified,
    raked,
)

__all__ = [
    "Answers",
    "Bar",
    "Calibrated",
    "CalibratedScore",
    "CellScores",
    "Change",
    "Comparison",
    "Cusum",
    "Division",
    "Line",
    "LiveBand",
    "Margin",
    "Movement",
    "Needed",
    "Part",
    "PartKind",
    "RestDifferences",
    "ScoreSeries",
    "ScoreSummary",
    "SegmentScores",
    "answers_needed",
    "business_threshold",
    "calibrated_score",
    "cell_scores",
    "compare",
    "compared_together",
    "cusum",
    "division_scores",
    "explain_movement",
    "judged_together",
    "live_band",
    "live_z",
    "margin_of",
    "needed_for",
    "net_half_width",
    "noticeable_change",
    "post_stratified",
    "raked",
    "ranking_is_chance",
    "score_series",
    "segment_scores",
    "summarize",
    "summary_of",
    "usable_answers",
]
