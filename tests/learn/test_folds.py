"""Folds and samples depend on the customer's number and the seed, on nothing else, and never change."""

import numpy as np
import pytest
from scipy.stats import chisquare

from harken.learn.folds import FOLD_STREAM, folds, hash_ids, sample_mask
from harken.vocabulary.errors import SettingsError

M64 = (1 << 64) - 1


def mix(x: int) -> int:
    """The splitmix64 finaliser once more, in whole numbers without end: the second road to the same value."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & M64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & M64
    return x ^ (x >> 31)


def reference(customer_id: int, seed: int, stream: int) -> int:
    step = 0x9E3779B97F4A7C15
    key = mix((seed & M64) ^ mix((stream + 1) * step & M64))
    return mix(mix((customer_id & M64) + step & M64) ^ key)


def test_the_finaliser_is_splitmix64():
    # first output of splitmix64 seeded with 0, as printed in the public test vectors of that generator
    assert mix(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF


@pytest.mark.parametrize(("seed", "stream"), [(0, 0), (20260101, FOLD_STREAM), (-5, 2), (2**70 + 3, 1)])
def test_vectorised_hash_equals_whole_number_arithmetic(seed, stream):
    ids = np.array([0, 1, 2, -1, 12345678901234, 2**63 - 1, -(2**63)])
    assert hash_ids(ids, seed, stream).tolist() == [reference(int(i), seed, stream) for i in ids]


def test_frozen_values():
    """These numbers are a promise: changing them would move customers between folds of stored runs."""
    ids = np.array([0, 1, -1, 2**63 - 1, -(2**63)])
    assert hash_ids(ids, 0).tolist() == [
        4295609322031115183,
        7115484839290078575,
        1191219686120235551,
        11623701368622173234,
        10721476094585858967,
    ]
    assert folds(np.arange(12), 0, 5).tolist() == [3, 4, 2, 2, 0, 1, 1, 2, 0, 2, 2, 3]
    assert np.flatnonzero(sample_mask(np.arange(20), 0, 5)).tolist() == [2, 11, 12, 14, 18]


def test_row_order_and_neighbours_move_nobody():
    ids = np.arange(10_000) * 7 - 3_000
    order = np.random.default_rng(1).permutation(len(ids))
    assert (folds(ids, 4, 5)[order] == folds(ids[order], 4, 5)).all()
    assert (folds(ids, 4, 5)[:10] == folds(ids[:10], 4, 5)).all()
    assert (sample_mask(ids, 4, 700)[order] == sample_mask(ids[order], 4, 700)).all()


@pytest.mark.parametrize("ids", [np.arange(50_000), np.arange(50_000) * 5, np.arange(50_000) << 32])
def test_folds_are_even_whatever_pattern_the_ids_have(ids):
    """Chi-square of the fold sizes; three fixed patterns, so a right hash fails with chance below 3 in 10,000."""
    assert chisquare(np.bincount(folds(ids, 11, 5), minlength=5)).pvalue > 1e-4


def test_seeds_and_streams_are_unrelated():
    ids = np.arange(40_000)
    a, b = folds(ids, 0, 4), folds(ids, 1, 4)
    assert chisquare(np.bincount(a * 4 + b, minlength=16)).pvalue > 1e-4
    sample = sample_mask(ids, 0, 20_000)
    assert chisquare(np.bincount(a[sample], minlength=4)).pvalue > 1e-4


def test_a_bigger_sample_contains_the_smaller_one():
    ids = np.arange(5_000)
    small, big = sample_mask(ids, 9, 100), sample_mask(ids, 9, 1_000)
    assert small.sum() == 100
    assert big.sum() == 1_000
    assert not (small & ~big).any()
    assert sample_mask(ids, 9, 5_000).all()
    assert sample_mask(ids, 9, 6_000).all()
    assert not sample_mask(ids, 9, 0).any()
    assert sample_mask(np.array([3, 3, 3]), 0, 2).sum() == 2


def test_wrong_input_is_named():
    with pytest.raises(SettingsError, match="at least 2 folds"):
        folds(np.arange(3), 0, 1)
    with pytest.raises(TypeError, match="whole numbers"):
        hash_ids(np.array([1.5]), 0)
