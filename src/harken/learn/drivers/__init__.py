"""What goes with leaving or with a score, and what an owner can change about it."""

from harken.learn.drivers.families import FamilyRanking, FamilyShare, rank_families

__all__ = ["FamilyRanking", "FamilyShare", "rank_families"]
