"""Folds and samples drawn from the customer's number, never from row order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

FOLD_STREAM = 1
SAMPLE_STREAM = 2

_INCREMENT = 0x9E3779B97F4A7C15
_MASK_64 = 0xFFFF_FFFF_FFFF_FFFF


def hash_ids(customer_id: NDArray[Any], seed: int, stream: int = 0) -> NDArray[np.uint64]:
    """A number without pattern for each customer, the same for ever for one customer, seed and stream.

    `customer_id` is an integer array of shape (n,), any 64-bit values; `seed` and `stream` are whole numbers.
    Returns uint64 of shape (n,). The finaliser of splitmix64 (Steele, Lea and Flood 2014, "Fast splittable
    pseudorandom number generators", figure 17) is applied to the id mixed with the seed, and once more, so that
    neighbouring ids and neighbouring seeds give unrelated numbers. The values are frozen: runs made years apart
    put a customer in the same fold.

    >>> hash_ids(np.array([1, 2]), seed=0)
    array([ 7115484839290078575, 10527626966488146994], dtype=uint64)
    """
    ids = np.asarray(customer_id)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise TypeError(f"customer ids are whole numbers of shape (n,), got {ids.dtype} of shape {ids.shape}")
    key = _mix_int((int(seed) & _MASK_64) ^ _mix_int((int(stream) + 1) * _INCREMENT & _MASK_64))
    mixed = ids.astype(np.int64, copy=False).view(np.uint64) if ids.dtype.kind == "i" else ids.astype(np.uint64)
    return _mix(_mix(mixed + np.uint64(_INCREMENT)) ^ np.uint64(key))


def folds(customer_id: NDArray[Any], seed: int, count: int) -> NDArray[np.int64]:
    """Which of `count` folds each customer is in; fold k's customers are predicted by models that never saw them.

    `customer_id` integer of shape (n,); `count` from 2 on. Returns int64 of shape (n,) with values 0 to count - 1.
    It depends on the customer's number and the seed alone, so neither row order nor who else is in the table
    moves anybody.

    >>> folds(np.arange(8), seed=3, count=4)
    array([1, 0, 1, 1, 0, 1, 1, 2])
    """
    if count < 2:
        raise SettingsError(
            Message(gettext_noop("Cross-fitting needs at least 2 folds, not {count}."), {"count": count})
        )
    return (hash_ids(customer_id, seed, FOLD_STREAM) % np.uint64(count)).astype(np.int64)


def sample_mask(customer_id: NDArray[Any], seed: int, size: int) -> NDArray[np.bool_]:
    """A declared sample of exactly `size` customers, or all of them where there are no more.

    `customer_id` integer of shape (n,), each once. Returns bool of shape (n,). The customers with the smallest
    hashes are taken (ties by id), so a bigger sample contains the smaller one and adding customers
    replaces few. Independent of the folds.

    >>> sample_mask(np.arange(6), seed=1, size=2).sum()
    np.int64(2)
    """
    ids = np.asarray(customer_id)
    if size >= len(ids):
        return np.ones(len(ids), dtype=np.bool_)
    if size <= 0:
        return np.zeros(len(ids), dtype=np.bool_)
    hashes = hash_ids(ids, seed, SAMPLE_STREAM)
    cut = np.partition(hashes, size - 1)[size - 1]
    mask: NDArray[np.bool_] = hashes < cut
    tied = np.flatnonzero(hashes == cut)
    mask[tied[np.argsort(ids[tied], kind="stable")][: size - int(mask.sum())]] = True
    return mask


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _mix_int(value: int) -> int:
    return int(_mix(np.array([value], dtype=np.uint64))[0])
