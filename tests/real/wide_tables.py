"""Real wide tables as feature tables, read by the standard library; an absent file skips the test that needs it."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.messages import Message

DATA = Path(os.environ.get("HARKEN_REAL_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
BLANK = {"", "NA", "N/A", "null", "NULL", "Unknown"}

Rows = list[dict[str, str]]


def rows_of(name: str) -> Rows:
    """Rows of a CSV file, or of the only CSV file in a zip, below the folder of real data."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"real data are never committed and {name} is not here")
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            inside = next(entry for entry in archive.namelist() if entry.endswith(".csv"))
            return list(csv.DictReader(io.TextIOWrapper(archive.open(inside), encoding="utf-8-sig")))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def joined(names: Sequence[str], key: str) -> Rows:
    """Rows of several files brought together by a key that is unique in each."""
    tables = [{row[key]: row for row in rows_of(name)} for name in names]
    return [{k: v for table in tables for k, v in table[key_value].items()} for key_value in tables[0]]


def feature_table(
    rows: Rows,
    *,
    without: Iterable[str] = (),
    families: Mapping[str, Sequence[str]] | None = None,
    levers: Iterable[str] = (),
) -> FeatureTable:
    """Every column a number where all its values read as one, else a category; ids count the rows."""
    skipped, lever_names = set(without), set(levers)
    family_of = {name: family for family, names in (families or {}).items() for name in names}
    columns: list[NDArray[np.float32]] = []
    features: list[Feature] = []
    for name in rows[0]:
        if name in skipped:
            continue
        values = [row[name].strip() for row in rows]
        numbers, levels = _as_numbers(values), ()
        if numbers is None:
            levels = tuple(sorted(set(values) - BLANK))
            code = {level: float(index) for index, level in enumerate(levels)}
            numbers = np.array([code.get(value, np.nan) for value in values], dtype=np.float32)
        columns.append(numbers)
        features.append(
            Feature(
                name=name,
                family=family_of.get(name, name),
                label=Message(name),
                type="category" if levels else "number",
                lever=name in lever_names,
                levels=levels,
            )
        )
    ids = np.arange(1, len(rows) + 1, dtype=np.int64)
    return FeatureTable(ids, np.column_stack(columns), tuple(features), None)


def _as_numbers(values: list[str]) -> NDArray[np.float32] | None:
    try:
        return np.array([np.nan if v in BLANK else float(v.replace(",", "")) for v in values], dtype=np.float32)
    except ValueError:
        return None
