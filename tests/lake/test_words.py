"""Comments are read as written, of each customer the latest, in the order asked for."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa

from harken.lake.log import Lake
from harken.lake.words import LONGEST, comments_of

DAY_US = 86_400_000_000
HAN = "[\\x{4e00}-\\x{9fff}]"
TEXTS = (
    "太慢了，等了半个小时",
    "ok",
    "The queue is far too long",
    "x" * (LONGEST + 1),
    "帳單看不懂",
    "Nobody ever called back",
)


def lake_of(root: Path, rows: list[tuple[int, int, int, str]]) -> Lake:
    """A lake of contacts: (signal, customer, day, words)."""
    lake = Lake(root)
    signal, person, day, words = (list(column) for column in zip(*rows, strict=True))
    n = len(rows)
    with lake.begin_import(source="desk", files=(), mapping_toml="", now_us=400 * DAY_US) as writer:
        writer.append(
            "signals",
            pa.table(
                {
                    "signal_id": pa.array(signal),
                    "kind": pa.repeat("contact", n),
                    "person_key": pa.array(person),
                    "ts_us": pa.array([value * DAY_US for value in day]),
                    "channel": pa.repeat("chat", n),
                    "text_ref": pa.array([value + 1000 for value in signal]),
                }
            ),
        )
        texts = {"text_id": [v + 1000 for v in signal], "person_key": person, "text": words}
        writer.append("texts", pa.table(texts))
        writer.commit()
    return lake


def test_comments_equal_those_picked_by_hand(tmp_path):
    rng = random.Random(5)
    rows = [(n, rng.randrange(12), rng.randrange(300, 400), rng.choice(TEXTS)) for n in range(80)]
    asked = [7, 3, 11, 0, 5, 2]
    with lake_of(tmp_path / "lake", rows).pin().connect() as connection:
        found = comments_of(
            connection,
            np.array(asked),
            before_us=390 * DAY_US,
            since_us=320 * DAY_US,
            pattern=HAN,
            least=3,
            count=3,
        )
    expected: list[tuple[int, str]] = []
    for customer in asked:
        own = [
            (-day, signal, words)
            for signal, person, day, words in rows
            if person == customer and 320 <= day < 390 and 3 <= len(words) <= LONGEST and words > "\u4e00"
        ]
        if own and min(own)[2] not in [words for _, words in expected]:
            expected.append((customer, min(own)[2]))
    assert [(comment.customer_id, comment.text) for comment in found] == expected[:3]
    assert expected


def test_undated_words_count_only_where_nothing_is_dated(tmp_path):
    with lake_of(tmp_path / "lake", [(1, 4, 380, "The queue is far too long")]).pin().connect() as connection:
        ids = np.array([4])
        options = {"since_us": None, "pattern": ".", "least": 1, "count": 5}
        assert comments_of(connection, ids, before_us=380 * DAY_US, **options) == ()
        (comment,) = comments_of(connection, ids, before_us=381 * DAY_US, **options)
    assert (comment.text, comment.kind, comment.channel, comment.score) == (
        "The queue is far too long", "contact", "chat", None,
    )  # fmt: skip
