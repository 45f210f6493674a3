"""Results as JSON and back: frozen dataclasses keep their types, so that a run reads as it was computed."""

from __future__ import annotations

import dataclasses
import importlib
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np

from harken.vocabulary.messages import Message

TYPE = "$type"


def encode(value: Any) -> Any:
    """A JSON-ready copy of `value` that `decode` turns back into equal objects.

    Handles None, bool, int, float (also NaN and infinities), str, date, datetime, Enum, tuple, list, dict with
    string keys, numpy arrays and frozen dataclasses of Harken.

    >>> decode(encode((1, 2.5, float("inf"), date(2026, 1, 2))))
    (1, 2.5, inf, datetime.date(2026, 1, 2))
    """
    if value is None or (isinstance(value, bool | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return {TYPE: "enum", "class": _class_path(type(value)), "value": value.value}
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else {TYPE: "float", "value": str(number)}
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, datetime):
        return {TYPE: "datetime", "value": value.isoformat()}
    if isinstance(value, date):
        return {TYPE: "date", "value": value.isoformat()}
    if isinstance(value, np.ndarray):
        return {TYPE: "array", "dtype": value.dtype.str, "value": [encode(item) for item in value.tolist()]}
    if isinstance(value, tuple):
        return {TYPE: "tuple", "value": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {TYPE: "dict", "value": [[encode(key), encode(item)] for key, item in value.items()]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {TYPE: _class_path(type(value)), "fields": fields}
    raise TypeError(f"a result holds plain values and dataclasses, not {type(value).__name__}")


def decode(value: Any) -> Any:
    """The object that `encode` was given; classes are looked up inside the package only."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value[TYPE]
    readers: dict[str, Callable[[dict[str, Any]], Any]] = {
        "float": lambda v: float(v["value"]),
        "date": lambda v: date.fromisoformat(v["value"]),
        "datetime": lambda v: datetime.fromisoformat(v["value"]),
        "array": lambda v: np.array([decode(item) for item in v["value"]], dtype=np.dtype(v["dtype"])),
        "tuple": lambda v: tuple(decode(item) for item in v["value"]),
        "dict": lambda v: {decode(key): decode(item) for key, item in v["value"]},
        "enum": lambda v: _class_at(v["class"])(v["value"]),
    }
    if kind in readers:
        return readers[kind](value)
    return _class_at(kind)(**{name: decode(item) for name, item in value["fields"].items()})


def plain(value: Any, translate: Callable[[str], str] = str) -> Any:
    """`value` as people's tools like their JSON: dataclasses as objects, messages as sentences, no type marks.

    >>> plain(Message("{n} answers", {"n": 3}))
    '3 answers'
    """
    if isinstance(value, Message):
        return value.render(translate)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.ndarray):
        return [plain(item, translate) for item in value.tolist()]
    if isinstance(value, np.generic):
        return plain(value.item(), translate)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(item, translate) for item in value]
    if isinstance(value, Mapping):
        return {str(plain(key, translate)): plain(item, translate) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), translate) for field in dataclasses.fields(value)}
    return value


def _class_path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_at(path: str) -> Any:
    module, name = path.split(":")
    if not module.startswith("harken."):
        raise ValueError(f"a run holds classes of harken only, got {path!r}")
    return getattr(importlib.import_module(module), name)
