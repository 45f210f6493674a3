"""What must hold of any driver shares: they add up, do not depend on order or units, and equal brute force."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from harken.learn.importance import correlation_matrix, lmg, lmg_bootstrap, mcfadden_shapley, ordinal_shapley
from harken.learn.importance.gram import cluster_sums, resampled_correlations
from harken.learn.importance.lmg import lmg_bundle
from harken.vocabulary.errors import DataError, NotEnoughData

Floats = NDArray[np.float64]


def sample(n: int, p: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Related drivers and an outcome that depends on them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.7 * rng.normal(size=(n, 1))
    return X, X @ np.linspace(1.0, 0.1, p) + rng.normal(size=n) * p**0.5


def r2_of(X: Floats, y: Floats, columns: list[int]) -> float:
    """R2 of one least-squares regression."""
    design = np.column_stack([np.ones(len(y)), X[:, columns]])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1.0 - float(residual @ residual) / float(((y - y.mean()) ** 2).sum())


def brute_force(X: Floats, y: Floats, groups: list[list[int]]) -> Floats:
    """Gains in R2 averaged over every order of entry."""
    shares = np.zeros(len(groups))
    orders = list(permutations(range(len(groups))))
    for order in orders:
        inside: list[int] = []
        before = 0.0
        for player in order:
            inside = inside + groups[player]
            after = r2_of(X, y, inside)
            shares[player] += (after - before) / len(orders)
            before = after
    return shares


@pytest.mark.parametrize("groups", [[[0], [1], [2], [3], [4]], [[1, 4], [0], [2, 3]], [[3], [4, 0, 1], [2]]])
def test_shares_equal_the_average_over_all_orders(groups: list[list[int]]) -> None:
    X, y = sample(60, 5)
    found = lmg(correlation_matrix(X, y), groups)
    assert found.shares == pytest.approx(brute_force(X, y, groups).tolist(), abs=1e-12)
    assert found.r2 == pytest.approx(r2_of(X, y, [0, 1, 2, 3, 4]), abs=1e-12)


@pytest.mark.parametrize("p", [1, 2, 7, 12, 18])
def test_shares_are_never_negative_and_add_up_to_r2(p: int) -> None:
    X, y = sample(200, p)
    found = lmg(correlation_matrix(X, y))
    assert min(found.shares) >= 0
    assert sum(found.shares) == pytest.approx(r2_of(X, y, list(range(p))), abs=1e-12)


def test_depth_first_and_breadth_first_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    correlation = correlation_matrix(*sample(100, 9))
    expected = lmg(correlation).shares
    module = sys.modules["harken.learn.importance.lmg"]
    for values in (1, 8, 64):
        monkeypatch.setattr(module, "BUNDLE_VALUES", values)
        assert lmg(correlation).shares == pytest.approx(expected, abs=1e-14)
        assert lmg(correlation, [[0, 3], [1], [2, 8, 4], [5], [6, 7]]).r2 == pytest.approx(sum(expected), abs=1e-13)


def test_many_matrices_at_once_equal_one_by_one() -> None:
    matrices = [correlation_matrix(*sample(50, 6, seed)) for seed in range(5)]
    together = lmg_bundle(np.stack(matrices, axis=-1), [[column] for column in range(6)])
    for index, matrix in enumerate(matrices):
        assert together[:, index].tolist() == pytest.approx(lmg(matrix).shares, abs=1e-14)


def test_order_units_and_signs_of_the_drivers_do_not_matter() -> None:
    X, y = sample(80, 6)
    expected = np.array(lmg(correlation_matrix(X, y)).shares)
    order = np.array([3, 0, 5, 1, 4, 2])
    changed = X[:, order] * np.array([1e6, -1.0, 1e-6, 3.0, -0.1, 7.0]) + 1000.0
    rows = np.random.default_rng(1).permutation(80)
    found = lmg(correlation_matrix(changed[rows], -5.0 * y[rows] + 2.0)).shares
    assert found == pytest.approx(expected[order].tolist(), abs=1e-9)


def test_weights_of_one_change_nothing_and_whole_weights_are_repeated_rows() -> None:
    X, y = sample(70, 4)
    plain = correlation_matrix(X, y)
    assert correlation_matrix(X, y, np.ones(70)) == pytest.approx(plain, abs=1e-15)
    times = np.random.default_rng(2).integers(1, 4, 70)
    repeated = correlation_matrix(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert correlation_matrix(X, y, times) == pytest.approx(repeated, abs=1e-13)


def test_a_duplicated_driver_gets_an_equal_half() -> None:
    X, y = sample(90, 4)
    twice = lmg(correlation_matrix(np.column_stack([X, X[:, 0]]), y))
    assert twice.shares[0] == pytest.approx(twice.shares[4], abs=1e-9)
    assert twice.r2 == pytest.approx(lmg(correlation_matrix(X, y)).r2, abs=1e-9)
    assert twice.vif_max is None
    binary = mcfadden_shapley(np.column_stack([X, X[:, 0]]), (y > 0).astype(float))
    assert binary.shares[0] == pytest.approx(binary.shares[4], abs=1e-7)


def test_a_driver_that_never_varies_gets_nothing() -> None:
    X, y = sample(90, 3)
    X[:, 1] = 0.1
    assert lmg(correlation_matrix(X, y)).shares[1] == 0.0
    assert mcfadden_shapley(X, (y > 0).astype(float)).shares[1] == pytest.approx(0.0, abs=1e-12)


def test_correlations_no_customers_can_have_are_refused() -> None:
    impossible = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    with pytest.raises(DataError, match="computed on different ones"):
        lmg(impossible)
    with pytest.raises(DataError, match="gaps"):
        lmg(np.array([[1.0, np.nan], [np.nan, 1.0]]))
    with pytest.raises(DataError, match="square"):
        lmg(np.ones((2, 3)))
    with pytest.raises(NotEnoughData, match="equal"):
        lmg(np.array([[1.0, 0.0], [0.0, 0.0]]))
    with pytest.raises(ValueError, match="exactly once"):
        lmg(np.eye(4), [[0, 1], [1, 2]])


def test_above_24_players_relative_weights_stand_in_and_say_so() -> None:
    X, y = sample(300, 30)
    correlation = correlation_matrix(X, y)
    found = lmg(correlation)
    assert found.method == "relative_weights"
    assert sum(found.shares) == pytest.approx(r2_of(X, y, list(range(30))), abs=1e-10)
    families = lmg(correlation, [list(range(k, k + 5)) for k in range(0, 30, 5)])
    assert families.method == "lmg.exact"
    stand_in = [sum(found.shares[k : k + 5]) for k in range(0, 30, 5)]
    assert families.shares == pytest.approx(stand_in, abs=0.05)


def test_rows_with_gaps_are_left_out_and_counted() -> None:
    X, y = sample(200, 3)
    X[5, 1], y[9] = np.nan, np.nan
    found = lmg_bootstrap(X, y, replicates=20)
    complete = np.delete(np.arange(200), [5, 9])
    assert (found.n, found.blank) == (198, 2)
    assert found.shares.values == pytest.approx(lmg(correlation_matrix(X[complete], y[complete])).shares, abs=1e-13)
    with pytest.raises(NotEnoughData, match="Only 4 customers"):
        lmg_bootstrap(X[:4], y[:4])


def test_resampled_correlations_are_those_of_the_resampled_rows() -> None:
    X, y = sample(40, 3)
    columns = np.column_stack([X * 100.0 + 5000.0, y])
    weight = np.random.default_rng(3).uniform(0.5, 2.0, 40)
    clusters = np.arange(40) % 13
    counts = np.random.default_rng(4).multinomial(13, np.full(13, 1 / 13), size=6).astype(float)
    found = resampled_correlations(cluster_sums(columns, weight, clusters), counts)
    for replicate in range(6):
        rows = np.repeat(np.arange(40), counts[replicate, clusters].astype(int))
        covariance = np.cov(columns[rows], rowvar=False, aweights=weight[rows])
        spread = np.sqrt(np.diagonal(covariance))
        assert found[replicate] == pytest.approx(covariance / np.outer(spread, spread), abs=1e-10)


def test_bootstrap_is_repeatable_and_ranks_what_differs() -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(3000, 3))
    y = 2.0 * X[:, 0] + X[:, 1] + X[:, 2] + rng.normal(size=3000)
    first = lmg_bootstrap(X, y, labels=["wait", "price", "staff"], replicates=200, seed=3)
    assert first == lmg_bootstrap(X, y, labels=["wait", "price", "staff"], replicates=200, seed=3)
    assert first.outranks[0][1] == 1.0
    assert 0.02 < first.outranks[1][2] < 0.98
    assert first.outranks[1][2] + first.outranks[2][1] == pytest.approx(1.0)
    assert sum(first.relative.values) == pytest.approx(100.0)
    assert first.relative.one(0).interval.lower > first.relative.one(1).interval.upper
    assert first.r2.interval.lower < 6 / 7 < first.r2.interval.upper


def test_repeated_rows_of_one_customer_are_drawn_together() -> None:
    X, y = sample(150, 2)
    single = lmg_bootstrap(X, y, replicates=400)
    customers = np.tile(np.arange(150), 4)
    blind = lmg_bootstrap(np.tile(X, (4, 1)), np.tile(y, 4), replicates=400)
    aware = lmg_bootstrap(np.tile(X, (4, 1)), np.tile(y, 4), cluster_id=customers, replicates=400)
    width = [result.shares.one(0).interval.half_width for result in (single, blind, aware)]
    # Four copies of each row halve the width wrongly; drawn together they change nothing.
    assert width[1] < 0.65 * width[0]
    assert width[2] == pytest.approx(width[0], rel=0.2)


def test_bootstrap_intervals_cover_the_true_shares() -> None:
    drivers = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, 0.3], [0.3, 0.3, 1.0]])
    effect = np.array([0.5, 0.2, 0.3])
    population = np.eye(4)
    population[:3, :3] = drivers
    population[:3, 3] = population[3, :3] = drivers @ effect / np.sqrt(effect @ drivers @ effect + 1.0)
    truth = np.array(lmg(population).shares)
    root = np.linalg.cholesky(drivers).T
    covered = np.zeros(3)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(400, 3)) @ root
        shares = lmg_bootstrap(X, X @ effect + rng.normal(size=400), replicates=200, seed=seed).shares
        covered += (np.array(shares.lower) <= truth) & (truth <= np.array(shares.upper))
    # 100 repetitions; an interval that covers 92% falls below 82 less than once in a thousand (binomial).
    assert covered.min() >= 82


def test_mcfadden_refuses_what_is_no_yes_or_no() -> None:
    X, y = sample(50, 2)
    with pytest.raises(DataError, match="0 or 1"):
        mcfadden_shapley(X, y)
    with pytest.raises(NotEnoughData, match="equal"):
        mcfadden_shapley(X, np.ones(50))


def test_mcfadden_approximation_is_close_to_the_exact_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    X, y = sample(1500, 6)
    left = (y > 0).astype(float)
    groups = [[0], [1, 2], [3], [4, 5]]
    for players in (None, groups):
        exact = mcfadden_shapley(X, left, groups=players)
        monkeypatch.setattr(sys.modules["harken.learn.importance.fits"], "EXACT_WORK_MAX", 0.0)
        close = mcfadden_shapley(X, left, groups=players)
        monkeypatch.undo()
        assert (exact.method, close.method) == ("mcfadden.exact", "mcfadden.wls_gram")
        assert close.r2 == pytest.approx(exact.r2, abs=1e-9)
        assert np.array(close.shares) / close.r2 == pytest.approx(np.array(exact.shares) / exact.r2, abs=0.03)


def test_separated_outcomes_still_get_shares() -> None:
    X, _ = sample(100, 3)
    found = mcfadden_shapley(X, (X[:, 0] > 0).astype(float))
    assert found.r2 == pytest.approx(1.0, abs=1e-6)
    assert found.shares[0] > 0.5


def test_twenty_drivers_take_less_than_a_third_of_a_second() -> None:
    import time

    correlation = correlation_matrix(*sample(2000, 20))
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        lmg(correlation)
        seconds.append(time.process_time() - begin)
    # Processor seconds, so that a busy machine does not count; about .03 s on an idle core.
    assert min(seconds) < 0.3


def bands(n: int, p: int) -> tuple[Floats, Floats]:
    """Drivers and an outcome in three bands of equal size."""
    X, y = sample(n, p)
    return X, np.digitize(y, np.quantile(y, [1 / 3, 2 / 3])).astype(float)


def test_ordinal_shares_need_the_order_of_the_steps_alone() -> None:
    X, y = bands(150, 4)
    expected = ordinal_shapley(X, y).shares
    assert ordinal_shapley(X * 1e4 - 3.0, np.exp(3.0 * y)).shares == pytest.approx(expected, abs=1e-9)
    assert ordinal_shapley(X, -y).shares == pytest.approx(expected, abs=1e-9)
    rows = np.random.default_rng(1).permutation(150)
    assert ordinal_shapley(X[rows], y[rows]).shares == pytest.approx(expected, abs=1e-9)


def test_ordinal_shares_of_two_steps_are_those_of_yes_or_no() -> None:
    X, y = bands(150, 4)
    yes = (y > 1).astype(float)
    assert ordinal_shapley(X, yes).shares == pytest.approx(mcfadden_shapley(X, yes).shares, abs=1e-12)


def test_ordinal_shares_weigh_split_and_group_as_the_others_do() -> None:
    X, y = bands(120, 3)
    times = np.random.default_rng(2).integers(1, 4, 120)
    repeated = ordinal_shapley(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert ordinal_shapley(X, y, times).shares == pytest.approx(repeated.shares, abs=1e-9)
    twice = ordinal_shapley(np.column_stack([X, X[:, 0]]), y)
    assert twice.shares[0] == pytest.approx(twice.shares[3], abs=1e-7)
    grouped = ordinal_shapley(X, y, groups=[[0, 2], [1]])
    assert grouped.r2 == pytest.approx(ordinal_shapley(X, y).r2, abs=1e-9)


def test_ordinal_shares_refuse_a_number_and_a_constant() -> None:
    X, y = sample(100, 3)
    with pytest.raises(DataError, match="100 different values; ordered steps are 12 at most"):
        ordinal_shapley(X, y)
    with pytest.raises(NotEnoughData, match="equal"):
        ordinal_shapley(X, np.ones(100))


def test_steps_that_a_driver_parts_perfectly_come_to_an_end() -> None:
    X, _ = sample(90, 2)
    found = ordinal_shapley(X, np.digitize(X[:, 0], [-0.5, 0.5]).astype(float))
    assert 0.9 < found.r2 < 1.0 + 1e-9
    assert found.shares[0] > found.shares[1]
