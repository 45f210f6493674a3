"""What a point is worth: the link between how a customer answered and what came after, path by path."""

from harken.learn.value_link.benchmark import Benchmark
from harken.learn.value_link.estimate import PATHS, OutcomeLink, PathLink, link_outcome
from harken.learn.value_link.moving import MoveAnswer, ValueLine, ValueLink, move_points, move_share

__all__ = [
    "PATHS",
    "Benchmark",
    "MoveAnswer",
    "OutcomeLink",
    "PathLink",
    "ValueLine",
    "ValueLink",
    "link_outcome",
    "move_points",
    "move_share",
]
