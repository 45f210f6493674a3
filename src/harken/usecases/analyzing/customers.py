"""One row per customer: the columns of customers.parquet, highest value at stake first."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from harken.lake import facts
from harken.learn.whole_base.result import CustomerColumns, WholeBase
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing.actions import Leaving, risk_of
from harken.usecases.analyzing.context import Context
from harken.usecases.analyzing.lifetimes import CustomersValue
from harken.usecases.customers import ABOUT, SEGMENT
from harken.usecases.encoding import encode
from harken.vocabulary.messages import Message


def customer_columns(
    context: Context, everyone: FeatureTable, parts: Mapping[str, Any], leaving: Leaving
) -> pa.Table:
    """What the run says of each customer, as probabilities and money, never as a verdict."""
    ids = everyone.customer_id
    names = facts.names(context.connection)
    place = np.searchsorted(np.asarray(names["customer_id"]), ids)
    columns: dict[str, Any] = {
        "customer_id": ids,
        "number": names["native_key"].take(pa.array(place)),
        "name": names["name"].take(pa.array(place)),
    }
    base = parts.get("whole_base")
    if isinstance(base, WholeBase):
        columns |= _aligned(ids, base.columns)
    if leaving.fit is not None:
        risk = risk_of(everyone, leaving.fit.result)
        columns["risk"] = risk.astype(np.float32)
        if leaving.value is not None:
            columns["value"] = leaving.value.astype(np.float32)
            columns["value_at_stake"] = (risk * leaving.value * context.plan.margin).astype(np.float32)
    ahead = parts.get("lifetime_value")
    if isinstance(ahead, CustomersValue):
        for at, span in enumerate(ahead.years):
            columns[f"value_{span.years}y"] = ahead.per_customer[:, at]
    segments, labels = _segments(context, everyone)
    order = pa.array(_order(columns))
    about = {"segments": encode(labels)}
    return pa.table(columns | segments).take(order).replace_schema_metadata({ABOUT: json.dumps(about).encode()})


def _segments(context: Context, everyone: FeatureTable) -> tuple[dict[str, Any], list[tuple[str, Message]]]:
    """A column of levels for every division of the base, null where not known; its name and what it is called."""
    words = {feature.name: feature.label for feature in everyone.features}
    columns, labels = {}, []
    for name, (codes, levels) in context.segments(everyone).items():
        indices = pa.array(codes.astype(np.int16), mask=codes < 0)
        columns[SEGMENT + name] = pa.DictionaryArray.from_arrays(indices, pa.array(levels, pa.string()))
        labels.append((name, words[name]))
    return columns, labels


def _aligned(ids: NDArray[np.int64], base: CustomerColumns) -> dict[str, Any]:
    def lay(values: NDArray[Any]) -> NDArray[np.float32]:
        return facts.align(ids, base.customer_id, values.astype(np.float64), np.nan).astype(np.float32)

    return {
        "answered": facts.align(ids, base.customer_id, base.answered.astype(np.float64), 0.0) > 0,
        "answer_chance": lay(base.answer_chance),
        "unfavourable": lay(base.unfavourable),
        "middle": lay(base.middle),
        "favourable": lay(base.favourable),
        "expected": lay(base.expected),
        "plausible": facts.align(ids, base.customer_id, _plausible(base), 0.0).astype(np.int8),
    }


def _plausible(base: CustomerColumns) -> NDArray[np.float64]:
    """Which kinds of answer are plausible, as a sum: 1 unfavourable, 2 middle, 4 favourable."""
    kinds = (base.plausible_unfavourable, base.plausible_middle, base.plausible_favourable)
    return np.asarray(sum(2.0**at * kind for at, kind in enumerate(kinds)), dtype=np.float64)


def _order(columns: Mapping[str, Any]) -> NDArray[np.intp]:
    """Highest value at stake first, else highest risk, else most likely unfavourable; ties by number."""
    for name in ("value_at_stake", "risk", "unfavourable"):
        if name in columns:
            return np.argsort(-np.nan_to_num(columns[name], nan=-np.inf), kind="stable")
    return np.arange(len(columns["customer_id"]))


def without_columns(part: Any) -> Any:
    """A result whose columns of all customers are emptied: they lie in customers.parquet."""
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return part
    changes: dict[str, Any] = {}
    for item in dataclasses.fields(part):
        held = getattr(part, item.name)
        if isinstance(held, np.ndarray):
            changes[item.name] = held[:0]
        elif isinstance(held, CustomerColumns):
            changes[item.name] = without_columns(held)
    return dataclasses.replace(part, **changes) if changes else part
