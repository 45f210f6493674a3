"""What each feature of a customer is: the catalogue that the drivers, the pages and the models share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.messages import Message


@dataclass(frozen=True, slots=True)
class Feature:
    """One measure of a customer as of a date.

    `name` is unique, lower-case, unit last (`contact_wait_minutes_mean_90d`, `plan`); `family` is the driver
    family it is ranked in (`waiting`); `label` says it to a CX person; `type` is "number" or "category";
    `levels` names a category's codes 0, 1, ...; `lever` is True where an owner in the company can change it;
    `unit` is "minutes", "hours", "days", "count", "currency", "points", "share" or ""; `source` is the kind of
    signal, the snapshot's source, "people" or "formula".
    """

    name: str
    family: str
    label: Message
    type: Literal["number", "category"] = "number"
    unit: str = ""
    lever: bool = False
    window_days: int | None = None
    levels: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """The features of many customers as of one moment.

    `customer_id` is int64 of shape (n,), strictly ascending; `values` is float32 of shape (n, p), NaN where
    nothing is known, category codes as whole numbers; `features` has length p; `as_of_us` is the moment (epoch
    microseconds UTC) before which everything was known, None for undated snapshots. The lake computes column by
    column, so its values are contiguous in columns, not rows.
    """

    customer_id: NDArray[np.int64]
    values: NDArray[np.float32]
    features: tuple[Feature, ...]
    as_of_us: int | None

    def __post_init__(self) -> None:
        n, p = self.values.shape
        if self.customer_id.shape != (n,) or len(self.features) != p:
            raise ValueError(
                f"a feature table of {n} customers and {p} features, got {self.customer_id.shape} ids "
                f"and {len(self.features)} features"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Feature names in column order."""
        return tuple(feature.name for feature in self.features)

    @property
    def families(self) -> dict[str, tuple[int, ...]]:
        """Column positions of each driver family, families in alphabetical order."""
        positions: dict[str, list[int]] = {}
        for index, feature in enumerate(self.features):
            positions.setdefault(feature.family, []).append(index)
        return {family: tuple(positions[family]) for family in sorted(positions)}

    def column(self, name: str) -> NDArray[np.float32]:
        """One feature's values, shape (n,)."""
        return self.values[:, self.names.index(name)]
