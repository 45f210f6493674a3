"""What a number is: never alone, always with its interval, n, period, method and, for effects, its evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harken.vocabulary.periods import Period

Z95 = 1.959963984540054
"""Standard errors to either side of a normal 95% interval."""
COUNTS_ONLY_BELOW = 10
NO_ARROW_BELOW = 30


class Evidence(StrEnum):
    """How far an effect may be read as a cause."""

    ASSOCIATIONAL = "associational"
    ADJUSTED = "adjusted"
    EXPERIMENTAL = "experimental"


class EstimateKind(StrEnum):
    """Whether a number describes what was measured or predicts what was not."""

    DESCRIPTIVE = "descriptive"
    PREDICTED = "predicted"


@dataclass(frozen=True, slots=True)
class Interval:
    """The likely range of a number: `lower` to `upper` at `level` (0.95 means right 19 times out of 20).

    >>> Interval(12.0, 25.0).excludes(0.0)
    True
    """

    lower: float
    upper: float
    level: float = 0.95

    def __post_init__(self) -> None:
        if math.isnan(self.lower) or math.isnan(self.upper) or self.lower > self.upper:
            raise ValueError(f"an interval runs from lower to upper, got {self.lower} to {self.upper}")
        if not 0 < self.level < 1:
            raise ValueError(f"a level lies between 0 and 1, got {self.level}")

    @property
    def half_width(self) -> float:
        """Half the distance from lower to upper, in the number's own unit."""
        return (self.upper - self.lower) / 2

    def excludes(self, value: float) -> bool:
        """True where `value` lies outside the interval."""
        return value < self.lower or value > self.upper


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with what one must know to believe it.

    `value` and `interval` share a unit; `n` counts the answers or customers behind it;
    `method` is the id of the method (such as "nps.score_interval"), for "how is this computed?".
    """

    value: float
    interval: Interval
    n: int
    method: str
    period: Period | None = None
    kind: EstimateKind = EstimateKind.DESCRIPTIVE
    n_effective: float | None = None

    @classmethod
    def from_error(
        cls,
        value: float,
        error: float,
        n: int,
        method: str,
        *,
        kind: EstimateKind = EstimateKind.DESCRIPTIVE,
        lowest: float = -math.inf,
    ) -> Estimate:
        """An estimate with the normal 95% interval of its standard `error`, cut off at the `lowest` possible value.

        >>> Estimate.from_error(10.0, 1.0, 50, "mean").interval.lower.__round__(2)
        8.04
        """
        half = Z95 * error
        return cls(value, Interval(max(value - half, lowest), value + half), n, method, kind=kind)

    @property
    def counts_only(self) -> bool:
        """True below 10 answers: show the counts, not the number."""
        return self.n < COUNTS_ONLY_BELOW

    @property
    def may_show_arrow(self) -> bool:
        """True from 30 answers on: a real change may be shown with an arrow."""
        return self.n >= NO_ARROW_BELOW


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of one thing goes with in another, and how far that may be called a cause.

    `robustness_value` (0 to 1; Cinelli and Hazlett 2020) is the partial R2 with both sides that a hidden
    cause would need to bring the effect to zero; given for adjusted effects. `adjusted_for` names the
    driver families held equal.
    """

    estimate: Estimate
    evidence: Evidence
    adjusted_for: tuple[str, ...] = ()
    robustness_value: float | None = None

    def __post_init__(self) -> None:
        if self.evidence is Evidence.ADJUSTED and not self.adjusted_for:
            raise ValueError("an adjusted effect names what it was adjusted for")

    @property
    def shown(self) -> bool:
        """True where the interval excludes zero."""
        return self.estimate.interval.excludes(0.0)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates of many segments in columns of equal length: `labels`, `values`, `lower`, `upper`, `n`."""

    labels: tuple[str, ...]
    values: Sequence[float]
    lower: Sequence[float]
    upper: Sequence[float]
    n: Sequence[int]
    method: str
    level: float = 0.95
    period: Period | None = None
    kind: EstimateKind = EstimateKind.DESCRIPTIVE

    def __post_init__(self) -> None:
        lengths = {len(self.labels), len(self.values), len(self.lower), len(self.upper), len(self.n)}
        if len(lengths) != 1:
            raise ValueError(f"columns of estimates have one length, got {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.labels)

    def one(self, index: int) -> Estimate:
        """The estimate of one segment by its position."""
        return Estimate(
            value=float(self.values[index]),
            interval=Interval(float(self.lower[index]), float(self.upper[index]), self.level),
            n=int(self.n[index]),
            method=self.method,
            period=self.period,
            kind=self.kind,
        )
