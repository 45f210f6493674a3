"""What would go with moving a lever to where others are already."""

from harken.learn.what_if.scenarios import LeverScenario, Scenarios, scenarios

__all__ = ["LeverScenario", "Scenarios", "scenarios"]
