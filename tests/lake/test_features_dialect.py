"""Every query the features generate stays in the common dialect, renders for Spark, and agrees where Spark runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from feature_lake import AS_OF, MemoryLake, random_lake
from harken.lake.dialect import NotPortable, check, for_spark, problems
from harken.lake.features import inventory
from harken.unify.features.plan import plan
from harken.unify.features.query import base_query, block_query


def queries(lake: MemoryLake) -> Iterator[tuple[str, str]]:
    """Every kind of query there is, by name: bases and blocks, with and without a moment, whole and restricted."""
    for as_of in (AS_OF, None):
        for declared in (True, False):
            for sources in ((), lake.snapshot_sources()):
                sql = base_query(as_of, declared=declared, sources=sources)
                yield f"base as of {as_of}, declared {declared}, {sources}", sql
        for number, block in enumerate(plan(inventory(lake, as_of)).blocks):
            for restricted in (False, True):
                name = f"{block.rows} {block.name} {number} as of {as_of}, restricted {restricted}"
                yield name, block_query(block, as_of, restricted=restricted)


def test_every_query_is_in_the_common_dialect_and_renders() -> None:
    seen = 0
    for name, sql in queries(random_lake(1)):
        assert problems(sql) == (), name
        assert for_spark(sql)
        seen += 1
    assert seen > 40


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT quantile_cont(a, 0.5) FROM t", "PERCENTILE_CONT"),
        ("SELECT list(a) FROM t", "ARRAY_AGG"),
        ("SELECT date_diff('day', a, b) FROM t", "DATEDIFF"),
        ("SELECT epoch_us(a) FROM t", "EPOCH_US"),
        ("SELECT a FROM t ASOF JOIN u ON t.k = u.k AND t.x >= u.x", "join"),
        ("SELECT a FROM t, u", "join"),
        ("SELECT count(*) FILTER (WHERE a > 1) FROM t", "Filter"),
        ("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY signal_id) = 1", "Qualify"),
        ("SELECT row_number() OVER (PARTITION BY c ORDER BY ts_us) FROM t", "total order"),
        ("SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY ts_us)", "window"),
        ("SELECT a * 0.5 FROM t", "bare decimal"),
        ("SELECT CAST(a AS TIMESTAMP) FROM t", "TIMESTAMP"),
        ("SELECT now()", "NOW"),
        ("SELECT my_own(a) FROM t", "MY_OWN"),
        ("DROP TABLE signals", "Drop"),
        ("COPY signals TO 'x.csv'", "Copy"),
    ],
)
def test_what_engines_understand_differently_is_refused(sql: str, said: str) -> None:
    with pytest.raises(NotPortable, match=said):
        check(sql)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.slow
def test_duckdb_and_spark_agree_on_every_query(spark: Any, tmp_path: Path) -> None:
    lake = random_lake(2, customers=20, count=1500)
    connection = lake.connect()
    tables = lake.tables()
    connection.execute(
        "CREATE TABLE feature_base AS SELECT DISTINCT customer_id FROM people WHERE customer_id > 30"
    )
    tables["feature_base"] = connection.execute("SELECT * FROM feature_base").to_arrow_table()
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
        spark.read.parquet(str(tmp_path / f"{name}.parquet")).createOrReplaceTempView(name)
    compared = 0
    for name, sql in queries(lake):
        ours = sorted(connection.execute(sql).fetchall())
        theirs = sorted(tuple(row) for row in spark.sql(for_spark(sql)).collect())
        assert len(ours) == len(theirs), name
        as_numbers = [np.array(rows, dtype=np.float32) for rows in (ours, theirs)]
        np.testing.assert_array_equal(*as_numbers, err_msg=name)
        compared += len(ours)
    assert compared > 500
