"""How much money is at stake."""

from harken.learn.value.estimate import FamilyValue, ValueAtStake, value_at_stake

__all__ = ["FamilyValue", "ValueAtStake", "value_at_stake"]
