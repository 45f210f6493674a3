"""What we believe, held against what was measured: verdicts, and how many independent sources agree."""

from harken.learn.hypotheses.estimate import Judgement, Side, Verdict, judge, p_from_share
from harken.learn.hypotheses.sources import Voices, Witness, voices

__all__ = ["Judgement", "Side", "Verdict", "Voices", "Witness", "judge", "p_from_share", "voices"]
