"""The SQL that runs on every engine: an allow-list of what queries may say, and their rendering for Spark."""

from __future__ import annotations

from functools import lru_cache

ALLOWED_FUNCTIONS = frozenset(
    {
        "ABS", "AVG", "CAST", "COALESCE", "COUNT", "FLOOR", "GREATEST", "LAG", "LEAST", "LENGTH", "MAX", "MIN",
        "NULLIF", "ROW_NUMBER", "SUM",
    }
)  # fmt: skip
"""Functions that mean the same on DuckDB and on Spark, nulls, ties and types included: all others are refused."""

ALLOWED_TYPES = frozenset({"BIGINT", "DOUBLE", "BOOLEAN"})

_ALLOWED_NODES = frozenset(
    {
        "Add", "Alias", "And", "Boolean", "Case", "Column", "DataType", "Distinct", "Div", "EQ", "From", "GT",
        "GTE", "Group", "Identifier", "If", "In", "Is", "Join", "LT", "LTE", "Limit", "Literal", "Mul", "NEQ",
        "Neg", "Not", "Null", "Or", "Order", "Ordered", "Paren", "Select", "Star", "Sub", "Subquery", "Table",
        "TableAlias", "Tuple", "Union", "Where", "Window",
    }
)  # fmt: skip
_ALLOWED_JOINS = frozenset({"", "INNER", "LEFT"})


class NotPortable(ValueError):
    """A query says something that another engine may refuse or understand differently; a mistake of ours."""


def check(sql: str) -> None:
    """Raise `NotPortable` where a query leaves the common dialect: its functions, types, joins and clauses.

    >>> check("SELECT customer_id, COUNT(*) AS n FROM signals WHERE ts_us < 5 GROUP BY customer_id")
    >>> check("SELECT quantile_cont(wait_s, 0.5) FROM signals")
    Traceback (most recent call last):
    ...
    harken.lake.dialect.NotPortable: function PERCENTILE_CONT; bare decimal 0.5
    """
    found = problems(sql)
    if found:
        raise NotPortable("; ".join(found))


@lru_cache(maxsize=256)
def problems(sql: str) -> tuple[str, ...]:
    """Everything in a query that is not in the common dialect, in order of appearance."""
    from sqlglot import exp, parse_one

    found: list[str] = []
    for node in parse_one(sql, dialect="duckdb").walk(bfs=False):
        name = type(node).__name__
        if isinstance(node, exp.Func) and not isinstance(node, exp.Connector | exp.Case | exp.If):
            called = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
            if called.upper() not in ALLOWED_FUNCTIONS:
                found.append(f"function {called.upper()}")
        elif name not in _ALLOWED_NODES:
            found.append(f"clause {name}")
        elif isinstance(node, exp.DataType) and node.this.value not in ALLOWED_TYPES:
            found.append(f"type {node.this.value}")
        elif isinstance(node, exp.Join):
            kind = " ".join(str(part) for part in (node.args.get("side"), node.args.get("kind")) if part)
            if kind not in _ALLOWED_JOINS or node.args.get("method") or not node.args.get("on"):
                found.append(f"join {kind or 'without a condition'}")
        elif isinstance(node, exp.Literal) and not node.is_string and not _is_typed(node):
            found.append(f"bare decimal {node.this}")
        elif isinstance(node, exp.Window) and not _has_total_order(node):
            found.append("window without the total order that ends in signal_id or person_key")
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=256)
def for_spark(sql: str) -> str:
    """The query in Spark's SQL; raises `NotPortable` where it is not in the common dialect.

    >>> for_spark("SELECT CAST(a AS DOUBLE) AS f0 FROM b WHERE c = 'it''s'")
    "SELECT CAST(a AS DOUBLE) AS f0 FROM b WHERE c = 'it\\\\'s'"
    """
    from sqlglot import ErrorLevel, transpile

    check(sql)
    (rendered,) = transpile(sql, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE)
    return rendered


def _is_typed(literal: object) -> bool:
    """A whole number, or a decimal directly inside a CAST: engines read a bare decimal as different types."""
    from sqlglot import exp

    assert isinstance(literal, exp.Literal)
    parent = literal.parent
    while isinstance(parent, exp.Neg):
        parent = parent.parent
    return literal.this.isdigit() or isinstance(parent, exp.Cast)


def _has_total_order(window: object) -> bool:
    """Windows are ordered, and the last key tells all rows apart."""
    from sqlglot import exp

    assert isinstance(window, exp.Window)
    order = window.args.get("order")
    if order is None:
        return False
    last = order.expressions[-1].this
    return isinstance(last, exp.Column) and last.name in ("signal_id", "person_key")
