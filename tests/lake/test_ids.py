"""The ids' contract: frozen values, and the same numbers from SQL, Arrow columns and Python."""

from __future__ import annotations

import hashlib
from datetime import date

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.lake import ids

texts = st.text(st.characters(codec="utf-8"), max_size=20)
values = st.fixed_dictionaries(
    {
        "score": st.none() | st.floats(),
        "words": st.none() | texts,
        "day": st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
        "yes": st.none() | st.booleans(),
        "count": st.none() | st.integers(-(2**63), 2**63 - 1),
    }
)
TYPES = {"score": "float64", "words": "string", "day": "date", "yes": "bool", "count": "int64"}
DUCKDB = duckdb.connect()
ARROW = {"score": pa.float64(), "words": pa.string(), "day": pa.date32(), "yes": pa.bool_(), "count": pa.int64()}


def test_keys_never_change() -> None:
    # A different number here breaks every lake in the world: mend the code, not the number.
    assert ids.person_key("shop", "1001") == 7162594174968754115
    assert ids.person_key("", "") == 1545439804441305923
    assert ids.account_key("crm", "甲-7") == 5298531781676264413
    assert ids.signal_id("shop", "order", "A-1") == 7506706694516850167
    assert ids.text_id(-12, "comment") == -104567923724119841
    row = {"score": 9.0, "channel": "phone", "wait_s": 0.1, "agent": None}
    assert ids.content_hash(row) == 5192031720358704035
    assert ids.content_signal_id("shop", "order", 5192031720358704035, 2) == 1630361625221912524


def test_the_key_is_the_start_of_a_sha256_of_length_prefixed_parts() -> None:
    digest = hashlib.sha256("person;4:shop6:甲乙".encode()).digest()
    assert ids.person_key("shop", "甲乙") == int.from_bytes(digest[:8], "big") - 2**63


@pytest.mark.parametrize(("one", "other"), [(("a", "bc"), ("ab", "c")), (("", "a"), ("a", "")), (("1:a",), ("a",))])
def test_parts_do_not_run_into_each_other(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert ids.hash64("tag", *one) != ids.hash64("tag", *other)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=20))
def test_arrow_columns_give_the_keys_that_python_gives(pairs: list[tuple[str, str]]) -> None:
    spaces, numbers = (pa.array(list(column)) for column in zip(*pairs, strict=True))
    keys = ids.hash64_columns("account", [spaces, numbers])
    assert keys.type == pa.int64()
    assert keys.to_pylist() == [ids.account_key(*pair) for pair in pairs]


def test_a_missing_number_makes_a_missing_key() -> None:
    keys = ids.person_keys("shop", pa.array(["7", None]))
    assert keys.to_pylist() == [ids.person_key("shop", "7"), None]


def test_keys_of_signals_and_texts_are_the_same_in_sql() -> None:
    columns = [
        ids.signal_id_sql("'shop'", "'order'", "'A-1'"),
        ids.content_signal_id_sql("'shop'", "'order'", "CAST(-5 AS BIGINT)", "2"),
        ids.text_id_sql("CAST(-12 AS BIGINT)", "'comment'"),
        ids.account_key_sql("'crm'", "'甲-7'"),
    ]
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {', '.join(columns)}").fetchall()[0]
    assert row == (
        ids.signal_id("shop", "order", "A-1"),
        ids.content_signal_id("shop", "order", -5, 2),
        ids.text_id(-12, "comment"),
        ids.account_key("crm", "甲-7"),
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(values, min_size=1, max_size=10))
def test_content_hashes_are_the_same_in_sql(rows: list[dict[str, ids.Value]]) -> None:
    given_rows = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in ARROW.items()})
    DUCKDB.register("given_rows", given_rows)
    found = DUCKDB.execute(f"SELECT {ids.content_hash_sql(TYPES)} FROM given_rows").fetchall()
    assert [row[0] for row in found] == [ids.content_hash(row) for row in rows]


def test_an_empty_column_more_changes_no_content() -> None:
    assert ids.content_hash({"score": 9.0, "later": None}) == ids.content_hash({"score": 9.0})


def signals(rows: list[dict[str, object]]) -> pa.Table:
    kinds = {"int64": pa.int64(), "float64": pa.float64(), "string": pa.string()}
    types = {name: kinds[kind] for name, kind in ids.content_columns({"text": "string"}).items()}
    types |= {"source": pa.string(), "kind": pa.string(), "native_id": pa.string()}
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()})


def with_ids(rows: list[dict[str, object]]) -> list[tuple[int, ...]]:
    with duckdb.connect() as connection:
        connection.register("rows", signals(rows))
        query = ids.with_signal_ids_sql("rows", {"text": "string"})
        return connection.execute(f"SELECT signal_id, person_key FROM ({query}) ORDER BY ALL").fetchall()


def test_two_equal_invoice_lines_are_two_signals_whatever_the_order() -> None:
    line = {"source": "shop", "kind": "order", "person_key": 1, "ts_us": 5, "amount": 2.5}
    other = {**line, "person_key": 2}
    rows = [line, other, line]
    found = with_ids(rows)
    assert len({signal for signal, _ in found}) == 3
    assert found == with_ids(rows[::-1])
    content = ids.content_hash({"person_key": 1, "ts_us": 5, "amount": 2.5})
    assert {signal for signal, person in found if person == 1} == {
        ids.content_signal_id("shop", "order", content, ordinal) for ordinal in (1, 2)
    }


def test_an_own_number_makes_the_id_whatever_the_content() -> None:
    row = {"source": "desk", "kind": "contact", "person_key": 1, "native_id": "T-9"}
    assert (
        with_ids([row])
        == with_ids([{**row, "wait_s": 60.0, "text": "late"}])
        == [(ids.signal_id("desk", "contact", "T-9"), 1)]
    )


def test_other_words_make_another_signal() -> None:
    row = {"source": "desk", "kind": "contact", "person_key": 1, "text": "good"}
    assert with_ids([row]) != with_ids([{**row, "text": "bad"}])
