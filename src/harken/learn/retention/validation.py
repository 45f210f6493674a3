"""How far the forecast can be trusted: measured on customers, or on a time, that the model never saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from harken.learn.retention.calibration import fit_calibration
from harken.vocabulary.estimates import Z95, Estimate, EstimateKind, Interval
from harken.vocabulary.messages import Message, gettext_noop


class ValidationKind(StrEnum):
    """What the figures of a validation may claim."""

    OUT_OF_TIME = "out_of_time"
    """Fitted on an earlier window, tested on the whole of a later one."""
    CROSS_FITTED = "cross_fitted"
    """Every customer judged by models fitted without that customer, all at one time."""


WORDING = {
    ValidationKind.OUT_OF_TIME: gettext_noop(
        "Tested on a later time: the model learned from an earlier window and forecast {n} customers of the next."
    ),
    ValidationKind.CROSS_FITTED: gettext_noop(
        "Tested on customers left out ({n} in turn), all of the same time: the data have no dates to test on a "
        "later one, so how well it forecasts the future is not shown."
    ),
}


@dataclass(frozen=True, slots=True)
class Decile:
    """Customers of like risk: the mean `predicted` probability beside the share that `actual`ly left."""

    lowest_risk: float
    highest_risk: float
    predicted: float
    actual: Estimate


@dataclass(frozen=True, slots=True)
class Validation:
    """Figures of a forecast on customers it was not fitted on.

    `auc` is the chance that a leaver was ranked above a stayer; `brier` the mean squared error of the
    probabilities and `brier_base` the same if everybody were given the overall rate; `calibration_slope` is 1
    where high risks are neither exaggerated (below 1) nor understated (above 1); `observed_minus_predicted`
    is the difference of the mean rates, in probability; `deciles` run from lowest to highest risk.
    `wording` says what kind of test it was.
    """

    kind: ValidationKind
    n: int
    events: int
    auc: Estimate
    brier: Estimate
    brier_base: float
    log_loss: float
    calibration_slope: Estimate
    observed_minus_predicted: Estimate
    deciles: tuple[Decile, ...]
    wording: Message

    @property
    def drift(self) -> tuple[float, float]:
        """Observed over predicted leavers in the test, minus one, and its standard error."""
        gap = self.observed_minus_predicted
        predicted = max(self.events / self.n - gap.value, 1e-9)
        return gap.value / predicted, gap.interval.half_width / Z95 / predicted


def validate(
    risk: NDArray[np.float64], y: NDArray[np.bool_], *, kind: ValidationKind, groups: int = 10
) -> Validation:
    """Compares forecast probabilities with what happened, both of shape (n,).

    AUC with DeLong's interval, Brier score, calibration slope (Cox 1958), difference of the means and predicted
    against actual in `groups` of like risk with Wilson intervals. `y` needs both outcomes.

    >>> rng = np.random.default_rng(1)
    >>> risk = rng.beta(1, 3, 4000)
    >>> figures = validate(risk, rng.random(4000) < risk, kind=ValidationKind.CROSS_FITTED)
    >>> round(figures.auc.value, 2), len(figures.deciles)
    (0.78, 10)
    """
    n, events = len(y), int(y.sum())
    rate = events / n
    loss = (y - risk) ** 2
    line = fit_calibration(risk, y)
    gap = y - risk
    return Validation(
        kind=kind,
        n=n,
        events=events,
        auc=auc_estimate(y, risk),
        brier=_mean(loss, "retention.brier"),
        brier_base=rate * (1 - rate),
        log_loss=log_loss(risk, y),
        calibration_slope=Estimate.from_error(line.slope, line.slope_error, n, "retention.calibration_slope"),
        observed_minus_predicted=_mean(gap, "retention.observed_minus_predicted"),
        deciles=risk_groups(risk, y, groups),
        wording=Message(WORDING[kind], {"n": n}),
    )


def log_loss(risk: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    """Mean negative log likelihood of what happened, lower is better; 0.69 = a coin."""
    return float(-np.where(y, np.log(risk), np.log1p(-risk)).mean())


def risk_groups(risk: NDArray[np.float64], y: NDArray[np.bool_], groups: int = 10) -> tuple[Decile, ...]:
    """Customers in groups of like risk and equal size; equal risks are never split between groups."""
    edges = np.quantile(risk, np.linspace(0, 1, groups + 1)[1:-1])
    member = np.searchsorted(np.unique(edges), risk, side="left")
    rows = []
    for group in np.unique(member):
        inside = member == group
        n, events = int(inside.sum()), int(y[inside].sum())
        rows.append(
            Decile(
                lowest_risk=float(risk[inside].min()),
                highest_risk=float(risk[inside].max()),
                predicted=float(risk[inside].mean()),
                actual=wilson_share(events, n),
            )
        )
    return tuple(rows)


def wilson_share(events: int, n: int, *, method: str = "share.wilson") -> Estimate:
    """A share with Wilson's interval (Wilson 1927).

    >>> share = wilson_share(81, 263)
    >>> round(share.interval.lower, 4), round(share.interval.upper, 4)
    (0.2553, 0.3662)
    """
    share, z2 = events / n, Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    lower, upper = max(float(centre - half), 0.0), min(float(centre + half), 1.0)
    return Estimate(share, Interval(min(lower, share), max(upper, share)), n, method)


def auc_components(
    y: NDArray[np.bool_], score: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """AUC and DeLong's placements: for each event the share of others ranked below it, and the reverse.

    `y` bool (n,), `score` float (n,), ties count half. Returns AUC, placements of events and of others.
    """
    from scipy.stats import rankdata

    positive, negative = score[y], score[~y]
    m, k = len(positive), len(negative)
    ranks = rankdata(np.concatenate([positive, negative]))
    of_events = (ranks[:m] - rankdata(positive)) / k
    of_others = 1.0 - (ranks[m:] - rankdata(negative)) / m
    return float(of_events.mean()), of_events, of_others


def auc_estimate(y: NDArray[np.bool_], score: NDArray[np.float64]) -> Estimate:
    """Area under the ROC curve with DeLong's interval (DeLong, DeLong and Clarke-Pearson 1988; fast ranks).

    `y` bool (n,) with both outcomes, `score` float (n,), higher = more likely.

    >>> auc_estimate(np.array([True, True, False, False]), np.array([0.9, 0.4, 0.5, 0.1])).value
    0.75
    """
    auc, of_events, of_others = auc_components(y, score)
    variance = _variance(of_events) / len(of_events) + _variance(of_others) / len(of_others)
    half = Z95 * float(np.sqrt(variance))
    return Estimate(
        auc,
        Interval(max(auc - half, 0.0), min(auc + half, 1.0)),
        len(y),
        "auc.delong",
        kind=EstimateKind.PREDICTED,
    )


@dataclass(frozen=True, slots=True)
class AucComparison:
    """Whether one score ranks the same customers better than another: difference, z and two-sided p."""

    difference: Estimate
    z: float
    p: float


def compare_auc(y: NDArray[np.bool_], first: NDArray[np.float64], second: NDArray[np.float64]) -> AucComparison:
    """Paired DeLong test of two scores of the same customers, all of shape (n,): first minus second."""
    from scipy.stats import norm

    a, events_a, others_a = auc_components(y, first)
    b, events_b, others_b = auc_components(y, second)
    variance = _variance(events_a - events_b) / len(events_a) + _variance(others_a - others_b) / len(others_a)
    error = float(np.sqrt(variance))
    z = (a - b) / error if error > 0 else 0.0
    return AucComparison(
        Estimate.from_error(a - b, error, len(y), "auc.delong_paired"),
        z,
        float(2 * norm.sf(abs(z))) if error > 0 else 1.0,
    )


def _variance(values: NDArray[np.float64]) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.25


def _mean(values: NDArray[np.float64], method: str) -> Estimate:
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return Estimate.from_error(float(values.mean()), error, len(values), method)
