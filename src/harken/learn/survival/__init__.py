"""How long customers stay: curves of who is still there, by group, and the hazard of leaving by tenure."""

from harken.learn.survival.cox import HazardRatios, concordance, proportional_hazards
from harken.learn.survival.estimate import (
    GroupTest,
    SurvivalCurve,
    Tenures,
    compare_groups,
    first_sound_moment,
    survival_curve,
    tenures,
)
from harken.learn.survival.groups import Column, Stay, StayByGroup, Survival, how_long
from harken.learn.survival.hazard import (
    HazardModel,
    HazardTest,
    PersonPeriods,
    fit_hazard,
    person_periods,
    tried_on_later,
)
from harken.learn.survival.silence import departures_by_silence

__all__ = [
    "Column",
    "GroupTest",
    "HazardModel",
    "HazardRatios",
    "HazardTest",
    "PersonPeriods",
    "Stay",
    "StayByGroup",
    "Survival",
    "SurvivalCurve",
    "Tenures",
    "compare_groups",
    "concordance",
    "departures_by_silence",
    "first_sound_moment",
    "fit_hazard",
    "how_long",
    "person_periods",
    "proportional_hazards",
    "survival_curve",
    "tenures",
    "tried_on_later",
]
