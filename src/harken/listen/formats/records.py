"""JSON: a list of records, one record a line, or the one list inside an object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Row = dict[str, str]


def read_records(text: str) -> list[Row]:
    """Records as rows of texts; objects inside become dotted names, lists stay JSON text.

    >>> read_records('[{"id": 1, "who": {"name": "Li"}, "tags": ["a", "b"], "x": null}]')
    [{'id': '1', 'who.name': 'Li', 'tags': '["a", "b"]', 'x': ''}]
    >>> read_records('{"id": 1}\\n{"id": 2}\\n')
    [{'id': '1'}, {'id': '2'}]

    Raises ValueError where the text is no JSON or holds no records.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list) and item and isinstance(item[0], dict)]
        value = lists[0] if len(lists) == 1 else [value]
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("no list of records")
    return [dict(flat(item, "")) for item in value]


def flat(record: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    """The texts of one record with dotted names."""
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            yield from flat(value, f"{name}.")
        elif isinstance(value, str):
            yield name, value
        else:
            yield name, "" if value is None else json.dumps(value, ensure_ascii=False)
