"""Scores with correct ranges: one number, many segments, change over time."""

from harken.learn.scores.summary import ScoreSummary, summarize

__all__ = ["ScoreSummary", "summarize"]
