"""What goes with leaving or with a score, and what an owner can change about it."""

from harken.learn.drivers.curve import AdjustedCurve
from harken.learn.drivers.effects import LeverEffect, LeverEffects, lever_effects
from harken.learn.drivers.exposed import ExposedEffect
from harken.learn.drivers.families import FamilyRanking, FamilyShare, rank_families
from harken.learn.drivers.held_equal import adjusted_curves
from harken.learn.drivers.levers import WhatIf, support, what_if
from harken.learn.drivers.penalty_reward import DriverKind, PenaltyReward, penalty_reward
from harken.learn.drivers.robustness import e_value, partial_r2, robustness_value
from harken.learn.drivers.segments import LeavingBySegment, leaving_by_segment
from harken.learn.drivers.shape import Shape, ShapeKind
from harken.learn.drivers.windows import EarlierWindow

__all__ = [
    "AdjustedCurve",
    "DriverKind",
    "EarlierWindow",
    "ExposedEffect",
    "FamilyRanking",
    "FamilyShare",
    "LeavingBySegment",
    "LeverEffect",
    "LeverEffects",
    "PenaltyReward",
    "Shape",
    "ShapeKind",
    "WhatIf",
    "adjusted_curves",
    "e_value",
    "leaving_by_segment",
    "lever_effects",
    "partial_r2",
    "penalty_reward",
    "rank_families",
    "robustness_value",
    "support",
    "what_if",
]
