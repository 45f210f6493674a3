"""Exact coverage and false alarms by full enumeration of all possible answers: no sampling of answers anywhere."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import gammaln

from harken.learn.scores.intervals import mover, net_interval
from harken.learn.scores.means import mean_interval, mean_t_bounds

Floats = NDArray[np.float64]


def all_counts(n: int, classes: int) -> Floats:
    """Every way n answers can fall into the classes, (ways, classes)."""
    ways = []
    for bars in combinations(range(n + classes - 1), classes - 1):
        edges = (-1, *bars, n + classes - 1)
        ways.append([edges[i + 1] - edges[i] - 1 for i in range(classes)])
    return np.array(ways, dtype=np.float64)


def probabilities(counts: Floats, shares: Floats) -> Floats:
    """Multinomial probabilities (ways, populations)."""
    n = counts.sum(axis=1)
    log = gammaln(n + 1) - gammaln(counts + 1).sum(axis=1)
    return np.exp(log[:, None] + counts @ np.log(shares).T)


def real_populations(number: int, seed: int) -> Floats:
    """Populations like real ones (detractors, passives, promoters), mean NPS about +28."""
    return np.random.default_rng(seed).dirichlet([2.0, 2.6, 4.6], number)


# Mean and worst coverage and mean width in points over 400 populations of a fixed seed: as published (realistic
# family) and the bounds that hold for the worst one of each family.
@pytest.mark.parametrize(
    ("n", "mean", "width", "worst_real", "worst_uniform"),
    [
        (5, 0.969, 108, 0.90, 0.85),
        (10, 0.961, 84, 0.925, 0.86),
        (30, 0.951, 51, 0.93, 0.925),
        (100, 0.950, 29, 0.94, 0.93),
    ],
)
def test_coverage_of_the_net_interval(
    n: int, mean: float, width: float, worst_real: float, worst_uniform: float
) -> None:
    counts = all_counts(n, 3)
    lower, upper = net_interval(*counts.T)

    def coverage(shares: Floats) -> tuple[Floats, Floats]:
        truth, chance = shares[:, 2] - shares[:, 0], probabilities(counts, shares)
        covered = ((lower[:, None] <= truth) & (truth <= upper[:, None])).astype(float)
        return (covered * chance).sum(axis=0), chance

    real, chance = coverage(real_populations(400, 2))
    assert real.mean() == pytest.approx(mean, abs=0.003)
    assert real.min() >= worst_real
    assert 100 * (upper - lower) @ chance.mean(axis=1) == pytest.approx(width, abs=2.0)
    extreme, _ = coverage(np.random.default_rng(2).dirichlet([1.0, 1.0, 1.0], 400))
    assert extreme.min() >= worst_uniform


# Measured drop of 20 points or more while nothing changed (true shares 20/30/50 per cent), by answers per period.
@pytest.mark.parametrize(
    ("n", "naive"), [(4, 0.4112), (5, 0.4203), (10, 0.3343), (20, 0.2396), (30, 0.1818), (50, 0.1119)]
)
def test_a_fall_of_20_points_is_mostly_chance_and_is_not_reported(n: int, naive: float) -> None:
    counts = all_counts(n, 3)
    chance = probabilities(counts, np.array([[0.2, 0.3, 0.5]]))[:, 0]
    value = (counts[:, 2] - counts[:, 0]) / n
    lower, upper = net_interval(*counts.T)
    pair = np.outer(chance, chance)
    fell = value[None, :] - value[:, None] <= -0.2 + 1e-9
    assert pair[fell].sum() == pytest.approx(naive, abs=5e-4)
    _, high = mover(
        value[:, None], (lower[:, None], upper[:, None]), value[None, :], (lower[None, :], upper[None, :])
    )
    assert pair[high < 0].sum() < 0.03


# The same for more answers: how often the measured score falls so far, and how often the range says it did.
@pytest.mark.parametrize(("n", "naive"), [(100, 0.039), (200, 0.006), (400, 0.00016)])
def test_a_fall_of_20_points_becomes_rare_with_answers(n: int, naive: float) -> None:
    rng = np.random.default_rng(n)
    before, after = rng.multinomial(n, [0.2, 0.3, 0.5], (2, 20_000)).astype(float)
    net = np.array([1.0])  # the distribution of promoters minus detractors, one answer after the other
    for _ in range(n):
        net = np.convolve(net, [0.2, 0.3, 0.5])
    difference = np.convolve(net, net[::-1])
    fallen = np.arange(difference.size) - (difference.size // 2) <= -0.2 * n + 1e-9
    assert difference[fallen].sum() == pytest.approx(naive, rel=0.1)
    value = [(counts[:, 2] - counts[:, 0]) / n for counts in (before, after)]
    bounds = [net_interval(*counts.T) for counts in (before, after)]
    _, high = mover(value[0], bounds[0], value[1], bounds[1])
    # 20,000 pairs, true 2.5%: above .0285 less than once in a thousand (binomial).
    assert (high < 0).mean() < 0.0285


# Worst type-I error of MOVER on score intervals over 60 populations; Wald and Welch reach .43 at 5 against 100.
@pytest.mark.parametrize(
    ("n1", "n2", "mean", "worst"),
    [(5, 5, 0.027, 0.055), (10, 10, 0.041, 0.057), (5, 100, 0.033, 0.049), (30, 30, 0.048, 0.053)],
)
def test_false_alarms_of_differences(n1: int, n2: int, mean: float, worst: float) -> None:
    first, second = all_counts(n1, 3), all_counts(n2, 3)
    value = [(counts[:, 2] - counts[:, 0]) / n for counts, n in ((first, n1), (second, n2))]
    bounds = [net_interval(*counts.T) for counts in (first, second)]
    lower, upper = mover(
        value[0][:, None],
        (bounds[0][0][:, None], bounds[0][1][:, None]),
        value[1][None, :],
        (bounds[1][0][None, :], bounds[1][1][None, :]),
    )
    alarm = ((lower > 0) | (upper < 0)).astype(float)
    shares = real_populations(60, 3)
    p1, p2 = probabilities(first, shares), probabilities(second, shares)
    errors = np.einsum("ip,ij,jp->p", p1, alarm, p2, optimize=True)
    assert errors.mean() == pytest.approx(mean, abs=0.006)
    assert errors.max() < worst + 0.008


@pytest.mark.parametrize("n", [5, 10])
def test_means_are_covered_where_student_s_t_fails(n: int) -> None:
    answers = np.arange(1.0, 6.0)
    counts = all_counts(n, 5)
    # Ratings as they come: mostly 4 and 5.
    shares = np.random.default_rng(1).dirichlet([0.5, 0.8, 1.5, 3.0, 3.0], 100) + 1e-12
    truth, chance = shares @ answers, probabilities(counts, shares)
    value = counts @ answers / n
    student = mean_t_bounds(value, counts @ answers**2 / n - value**2, np.full(len(counts), n), (1, 5), 1.959964)

    def coverage(bounds: tuple[Floats, Floats]) -> Floats:
        covered = (bounds[0][:, None] <= truth + 1e-9) & (truth - 1e-9 <= bounds[1][:, None])
        return (covered * chance).sum(axis=0)

    ours = mean_interval(counts, answers, (1, 5))
    assert coverage(ours).min() > 0.93
    assert coverage(student).min() < 0.88
    assert (ours[1] - ours[0]) @ chance.mean(axis=1) < (student[1] - student[0]) @ chance.mean(axis=1)
