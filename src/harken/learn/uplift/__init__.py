"""Who gains from being contacted."""

from harken.learn.uplift.estimate import Uplift, UpliftGroup, estimate_uplift
from harken.learn.uplift.learner import UpliftModel
from harken.learn.uplift.qini import (
    qini_coefficient,
    qini_curve,
    uplift_at,
    uplift_coefficient,
    uplift_curve,
)
from harken.learn.uplift.randomised import Balance, balance, standardised_differences
from harken.learn.uplift.refusing import NotEstimable
from harken.learn.uplift.targeting import Targeting, target

__all__ = [
    "Balance",
    "NotEstimable",
    "Targeting",
    "Uplift",
    "UpliftGroup",
    "UpliftModel",
    "balance",
    "estimate_uplift",
    "qini_coefficient",
    "qini_curve",
    "standardised_differences",
    "target",
    "uplift_at",
    "uplift_coefficient",
    "uplift_curve",
]
