"""Which metric tells who stays, spends and recommends."""

from harken.learn.metrics.bands import Bands, BandShare, LeavingSegment, SetsApart, satisfied_leavers
from harken.learn.metrics.estimate import (
    Metric,
    MetricComparison,
    MetricKind,
    MetricPair,
    MetricScore,
    Verdict,
    compare_metrics,
)

__all__ = [
    "BandShare",
    "Bands",
    "LeavingSegment",
    "Metric",
    "MetricComparison",
    "MetricKind",
    "MetricPair",
    "MetricScore",
    "SetsApart",
    "Verdict",
    "compare_metrics",
    "satisfied_leavers",
]
