"""How much each driver matters: exact, fairly split shares of the variation of an outcome."""

from harken.learn.importance.lmg import ImportanceShares, lmg

__all__ = ["ImportanceShares", "lmg"]
