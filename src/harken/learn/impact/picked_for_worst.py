"""Those picked for being worst get better by themselves: how much of their change is that, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Effect, Estimate, Evidence, Interval
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

METHOD = "impact.picked_for_worst"
FEWEST_PICKED = 5
FEWEST_OTHERS = 20
EXTREME_SD = 0.5
EXTREME_P = 0.001


@dataclass(frozen=True, slots=True)
class PickedForWorst:
    """The change of those picked for being worst (or best), beside what others of the same start would have done.

    `changed` is their mean change, `by_itself` the part that comes without any action (they go back towards the
    mean, and everybody may move), `effect` what is left, adjusted for where they started. `back` is how much of a
    distance from the mean is gone by the next time (0 to 1). `picked` and `others` count units.
    """

    changed: float
    by_itself: float
    effect: Effect
    back: float
    picked: int
    others: int
    curved: bool


def picked_for_worst(before: Floats, after: Floats, picked: NDArray[np.bool_]) -> PickedForWorst:
    """What is left of the change of units picked by a measure, once those not picked have shown what chance does.

    `before` (n,) is the measure they were picked by, `after` (n,) the same measured later, `picked` bool (n,). The
    others' later values are regressed on their earlier ones; that line, drawn on to where the picked began, is what
    they would have come to by themselves. `curved` warns that the others do not lie on a line, so that drawing it
    on is doubtful.

    Raises DataError where shapes do not fit, NotEnoughData below 5 picked or 20 others.

    >>> rng = np.random.default_rng(4)
    >>> true = rng.normal(size=2000)
    >>> before, after = true + rng.normal(size=2000), true + rng.normal(size=2000)
    >>> found = picked_for_worst(before, after, before < np.quantile(before, 0.1))
    >>> round(found.changed, 1), round(found.by_itself, 1), found.effect.shown
    (1.2, 1.2, False)
    """
    x, y, t = np.asarray(before, float), np.asarray(after, float), np.asarray(picked, dtype=np.bool_)
    if not x.shape == y.shape == t.shape or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError(
            Message(gettext_noop("Each unit needs its value before and after and whether it was picked."))
        )
    if int(t.sum()) < FEWEST_PICKED or int((~t).sum()) < FEWEST_OTHERS:
        raise NotEnoughData(
            Message(
                gettext_noop("{picked} units were picked and {others} were not: too few to see what chance does."),
                {"picked": int(t.sum()), "others": int((~t).sum())},
            ),
            Message(gettext_noop("Give all units, also those that were not picked.")),
        )
    slope, line, variance, curved = _line(x[~t], y[~t], float(x[t].mean()))
    value = float(y[t].mean()) - line
    # the line's own error, and that of the picked about it
    se = float(np.sqrt(variance + (y[t] - slope * x[t]).var(ddof=1) / t.sum()))
    half = float(stdtrit(int(t.sum()) - 1, 0.975)) * se
    estimate = Estimate(value, Interval(value - half, value + half), len(x), METHOD)
    return PickedForWorst(
        changed=float((y[t] - x[t]).mean()),
        by_itself=line - float(x[t].mean()),
        effect=Effect(estimate, Evidence.ADJUSTED, ("before",)),
        back=float(np.clip(1 - slope, 0, 1)),
        picked=int(t.sum()),
        others=int((~t).sum()),
        curved=curved,
    )


def looks_picked(before: Floats, treated: NDArray[np.bool_]) -> bool:
    """True where those treated began so far below or above the others that a lot, or chance, is no explanation.

    `before` (n,); half a standard deviation and a chance below one in a thousand.
    """
    a, b = before[treated], before[~treated]
    if min(len(a), len(b)) < 2:
        return False
    gap, spread = float(a.mean() - b.mean()), float(before.std(ddof=1))
    se = float(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))
    if spread == 0 or abs(gap) < EXTREME_SD * spread:
        return False
    return se == 0 or abs(gap) / se > float(stdtrit(min(len(a), len(b)) - 1, 1 - EXTREME_P / 2))


def expected_by_itself(before: Floats, earlier: Floats, picked: NDArray[np.bool_]) -> float:
    """The change of the picked that is expected without any action, from two measurements before it.

    `earlier` (n,) and `before` (n,) of all units; what a distance from the mean keeps from one time to the next is
    their correlation's slope (Galton 1886). No effect can be read off it, only how large a change proves nothing.
    """
    spread = float(earlier.var())
    kept = float(((earlier - earlier.mean()) * (before - before.mean())).mean()) / spread if spread > 0 else 0.0
    return float((1 - np.clip(kept, 0, 1)) * (before.mean() - before[picked].mean()))


def _line(x: Floats, y: Floats, at: float) -> tuple[float, float, float, bool]:
    """Slope of the others' line, its height at `at`, that height's variance (robust), and whether they curve."""
    design = np.column_stack([np.ones(len(x)), x - x.mean()])
    slope, height, variance = _fitted(design, y, np.array([1.0, at - x.mean()]))
    bent = np.column_stack([design, (x - x.mean()) ** 2])
    coefficient, _, spread = _fitted(bent, y, np.array([0.0, 0.0, 1.0]), last=True)
    return slope, height, variance, bool(spread > 0 and abs(coefficient) > 3 * np.sqrt(spread))


def _fitted(design: Floats, y: Floats, ask: Floats, *, last: bool = False) -> tuple[float, float, float]:
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ design.T @ y
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    residual = (y - design @ beta) / np.maximum(1 - leverage, 1e-6)
    covariance = inverse @ (design.T * residual**2) @ design @ inverse
    return float(beta[-1] if last else beta[1]), float(ask @ beta), float(ask @ covariance @ ask)
