"""Small worlds of customers with known truth, for tests of leaks, drivers, levers and value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.messages import Message


def table_of(
    columns: dict[str, NDArray[np.generic]],
    *,
    families: dict[str, str] | None = None,
    levels: dict[str, tuple[str, ...]] | None = None,
    levers: tuple[str, ...] = (),
    ids: NDArray[np.int64] | None = None,
    as_of_us: int | None = None,
) -> FeatureTable:
    """A feature table from named columns; a column with levels is a category; family = own name unless given."""
    names, families = levels or {}, families or {}
    values = np.column_stack([np.asarray(column, dtype=np.float32) for column in columns.values()])
    features = tuple(
        Feature(
            name=name,
            family=families.get(name, name),
            label=Message(name),
            type="category" if name in names else "number",
            levels=names.get(name, ()),
            lever=name in levers,
        )
        for name in columns
    )
    customer_id = np.arange(1, len(values) + 1, dtype=np.int64) * 7919 if ids is None else ids
    return FeatureTable(customer_id, values, features, as_of_us)


def noise_table(rng: np.random.Generator, n: int, p: int = 12, families: int = 4) -> FeatureTable:
    """Columns of every kind (even, skewed, counts, gaps, categories) that mean nothing."""
    columns: dict[str, NDArray[np.generic]] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for at in range(p):
        name = f"x{at}"
        if at % 5 == 0:
            columns[name] = rng.normal(size=n)
        elif at % 5 == 1:
            columns[name] = rng.gamma(1, 10, n)
        elif at % 5 == 2:
            columns[name] = rng.poisson(0.7, n)
        elif at % 5 == 3:
            columns[name] = np.where(rng.random(n) < 0.3, np.nan, rng.exponential(5, n))
        else:
            columns[name] = rng.integers(0, 30, n)
            levels[name] = tuple(f"level {code}" for code in range(30))
    family = {name: f"family {at % families}" for at, name in enumerate(columns)}
    return table_of(columns, families=family, levels=levels, levers=tuple(columns))


@dataclass(frozen=True)
class World:
    """Customers who leave by known causes: waiting from 12 minutes on, a second contact, a dear price, tenure.

    `risk` is each customer's true probability, `without_wait` the same if no wait were over 12 minutes and
    `without_repeat` the same if nobody had a second contact.
    """

    table: FeatureTable
    left: NDArray[np.bool_]
    risk: NDArray[np.float64]
    without_wait: NDArray[np.float64]
    without_repeat: NDArray[np.float64]


def leaving_world(seed: int, n: int) -> World:
    """Waiting and contacts are confounded by use and tenure in a crooked way, so that raw differences mislead."""
    rng = np.random.default_rng(seed)
    tenure, use, price = rng.gamma(2, 12, n), rng.normal(size=n), rng.normal(size=n)
    region = rng.integers(0, 5, n)
    restless = np.sin(use) + 0.5 * (tenure < 10) + 0.15 * use**2
    wait = rng.gamma(3, 3 * np.exp(0.25 * restless), n)
    contacts = rng.poisson(np.exp(-0.3 + 0.4 * restless))
    base = 0.08 + 0.07 * restless.clip(-1, 2.5) + 0.03 * (region == 2) + 0.02 * (price > 0)
    hurt, repeat = 0.012 * np.maximum(wait - 12, 0), 0.08 * (contacts >= 2)
    chances = [(base + h + r).clip(0.005, 0.97) for h, r in ((hurt, repeat), (0.0, repeat), (hurt, 0.0))]
    left = rng.random(n) < chances[0]
    columns: dict[str, NDArray[np.generic]] = {
        "wait": wait, "contacts": contacts, "tenure": tenure, "use": use, "price": price, "region": region
    }  # fmt: skip
    columns |= {f"noise{at}": rng.normal(size=n) for at in range(6)}
    families = {"wait": "waiting", "use": "usage", "region": "place"}
    families |= {f"noise{at}": "noise" for at in range(6)}
    table = table_of(
        columns,
        families=families,
        levels={"region": ("north", "south", "east", "west", "centre")},
        levers=("wait", "contacts", "price", "region", "noise0"),
    )
    return World(table, left, *chances)
