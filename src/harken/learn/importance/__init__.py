"""How much each driver matters: exact, fairly split shares of the variation of an outcome."""

from harken.learn.importance.bootstrap import ImportanceBootstrap, lmg_bootstrap
from harken.learn.importance.gram import correlation_matrix
from harken.learn.importance.lmg import ImportanceShares, lmg
from harken.learn.importance.mcfadden import mcfadden_shapley
from harken.learn.importance.ordinal import ordinal_shapley

__all__ = [
    "ImportanceBootstrap",
    "ImportanceShares",
    "correlation_matrix",
    "lmg",
    "lmg_bootstrap",
    "mcfadden_shapley",
    "ordinal_shapley",
]
