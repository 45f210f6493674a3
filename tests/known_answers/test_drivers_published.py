"""Numbers of R packages and papers: DeLong's test, the robustness value, E-values, a breakpoint."""

from __future__ import annotations

import numpy as np
import pytest
from clinic_data import DOWN_BIRTHS, NDKA_RANK, POOR_OUTCOME, S100B_RANK, WFNS_RANK

from harken.learn.drivers.breakpoints import bend_p_value, binomial_breakpoint
from harken.learn.drivers.robustness import e_value, partial_r2, robustness_value
from harken.learn.leaks.estimate import auc_standard_error
from harken.learn.retention.validation import auc_estimate, compare_auc, wilson_share

POOR = POOR_OUTCOME == 1


def test_delong_agrees_with_proc() -> None:
    s100b = auc_estimate(POOR, S100B_RANK)
    assert s100b.value == pytest.approx(0.7313686, abs=1e-7)
    assert (s100b.interval.lower, s100b.interval.upper) == pytest.approx((0.6301, 0.8326), abs=5e-5)
    assert auc_estimate(POOR, WFNS_RANK).value == pytest.approx(0.8236789, abs=1e-7)
    paired = compare_auc(POOR, WFNS_RANK, S100B_RANK)
    assert paired.z == pytest.approx(2.2089836, abs=1e-6)
    assert paired.p == pytest.approx(0.02717578, abs=1e-7)
    other = compare_auc(POOR, S100B_RANK, NDKA_RANK)
    assert (other.z, other.p) == pytest.approx((1.39077, 0.1642952), abs=5e-6)


def test_robustness_value_agrees_with_the_darfur_study() -> None:
    assert robustness_value(4.18445, 783) == pytest.approx(0.13878, abs=1e-5)
    assert robustness_value(4.18445, 783, alpha=0.05) == pytest.approx(0.07626, abs=1e-5)
    assert partial_r2(4.18445, 783) == pytest.approx(0.02187, abs=1e-5)
    assert robustness_value(1.0, 783, alpha=0.05) == 0.0


def test_e_values_of_the_paper() -> None:
    assert [round(e_value(ratio), 4) for ratio in (3.9, 1.8, 0.8, 1.0)] == [7.2630, 3.0, 1.8090, 1.0]


def test_breakpoint_agrees_with_segmented() -> None:
    age, births, cases = DOWN_BIRTHS.T
    bend = binomial_breakpoint(age, cases, births)
    assert bend.place.value == pytest.approx(31.08115, abs=2e-4)
    assert bend.slope_before.value == pytest.approx(-0.01341, abs=5e-6)
    assert bend.slope_after.value == pytest.approx(0.26081, abs=5e-6)
    # the profile interval, wider and less even than estimate +- 1.96 x .7242
    assert (bend.place.interval.lower, bend.place.interval.upper) == pytest.approx((29.46, 33.42), abs=0.01)


def test_the_bend_in_the_births_exists_before_it_is_placed() -> None:
    age, births, cases = DOWN_BIRTHS.T
    root = np.sqrt(births)
    log_rate = np.log((cases + 0.5) / births)
    line = np.column_stack([np.ones_like(age), age])
    ramps = np.maximum(age[:, None] - np.arange(22.0, 42.0)[None, :], 0.0)
    weighted = [part * root[:, None] for part in (line, ramps)]
    assert bend_p_value(log_rate * root, *weighted, seed=1) < 0.01


def test_hanley_and_mcneil_and_wilson() -> None:
    assert auc_standard_error(0.893, 51, 58) == pytest.approx(0.032, abs=6e-4)
    share = wilson_share(15, 148)
    assert (share.interval.lower, share.interval.upper) == pytest.approx((0.0624, 0.1605), abs=5e-5)
