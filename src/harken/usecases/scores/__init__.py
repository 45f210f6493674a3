"""Scores of those who answered, for any question, period and segment."""

from harken.learn.scores import ranking_is_chance
from harken.usecases.scores.choice import KEPT_IN_ADDRESSES, Choice, choice_from
from harken.usecases.scores.live import LiveScore
from harken.usecases.scores.viewing import Options, ScoreView, SegmentOption, scores
from harken.usecases.scores.waves import Wave
from harken.usecases.scores.weighing import WeighedScore, weighed_score

__all__ = [
    "KEPT_IN_ADDRESSES",
    "Choice",
    "LiveScore",
    "Options",
    "ScoreView",
    "SegmentOption",
    "Wave",
    "WeighedScore",
    "choice_from",
    "ranking_is_chance",
    "scores",
    "weighed_score",
]
