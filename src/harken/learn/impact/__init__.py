"""Did it work?"""

from harken.learn.impact.callbacks import Callbacks, callback_effect
from harken.learn.impact.cuped import LotEffect, lot_effect
from harken.learn.impact.evaluate import Given, evaluate
from harken.learn.impact.evaluation import Advice, Check, Evaluation, Lag, Way
from harken.learn.impact.panel import Panel, means, panel
from harken.learn.impact.picked_for_worst import PickedForWorst, expected_by_itself, picked_for_worst
from harken.learn.impact.staggered import Comparison, Staggered, staggered_effects

__all__ = [
    "Advice",
    "Callbacks",
    "Check",
    "Comparison",
    "Evaluation",
    "Given",
    "Lag",
    "LotEffect",
    "Panel",
    "PickedForWorst",
    "Staggered",
    "Way",
    "callback_effect",
    "evaluate",
    "expected_by_itself",
    "lot_effect",
    "means",
    "panel",
    "picked_for_worst",
    "staggered_effects",
]
