"""The SQL of a feature table: who is in the base, and one query for each block of features."""

from __future__ import annotations

from collections.abc import Sequence

from harken.unify.features.event_query import (
    accounts_query,
    answers_query,
    columns_sql,
    double_sql,
    events_query,
    members_sql,
    number_sql,
    sequence_query,
    text_sql,
)
from harken.unify.features.recipes import DAY_US, Block, Recipe

_NO_DATE = -9223372036854775807
"""Sorts rows without a date before every dated one, on every engine."""


def name_sql(name: str) -> str:
    """A column or view name as an SQL identifier.

    >>> name_sql('月租 "A"')
    '"月租 ""A\"""'
    """
    return '"' + name.replace('"', '""') + '"'


def snapshot_view(source: str) -> str:
    """The view of a snapshot source, as an SQL identifier."""
    return name_sql(f"snapshots_{source}")


def base_query(as_of_us: int | None, *, declared: bool, sources: Sequence[str] = ()) -> str:
    """Who is a customer at that moment: customer_id, ascending. This decides whom the whole base means.

    Where customer lists were imported (`declared`), the base is everyone on them; else everyone with a signal
    before the moment or a row in a snapshot of `sources`. Someone who joined at or after the moment, or had left
    before it, is not in the base; a person known under several numbers has left when all of them have.
    Without a moment, dates play no part.

    >>> print(base_query(None, declared=True))
    SELECT DISTINCT customer_id FROM people WHERE declared ORDER BY customer_id
    """
    if declared:
        if as_of_us is None:
            return "SELECT DISTINCT customer_id FROM people WHERE declared ORDER BY customer_id"
        return f"SELECT customer_id FROM ({_standing('WHERE declared')}) AS standing " + (
            f"WHERE NOT ({_gone(as_of_us)}) ORDER BY customer_id"
        )
    seen = [
        f"SELECT customer_id FROM {snapshot_view(source)} WHERE {_row_in_reach(as_of_us)}" for source in sources
    ]
    if as_of_us is None:
        if not seen:
            return "SELECT DISTINCT customer_id FROM people ORDER BY customer_id"
        return f"SELECT DISTINCT customer_id FROM ({' UNION ALL '.join(seen)}) AS seen ORDER BY customer_id"
    seen.append(f"SELECT DISTINCT customer_id FROM signals WHERE ts_us < {as_of_us}")
    return (
        f"SELECT DISTINCT seen.customer_id FROM ({' UNION ALL '.join(seen)}) AS seen "
        f"LEFT JOIN (SELECT customer_id FROM ({_standing('')}) AS standing WHERE {_gone(as_of_us)}) AS gone "
        f"ON seen.customer_id = gone.customer_id WHERE gone.customer_id IS NULL ORDER BY seen.customer_id"
    )


def block_query(block: Block, as_of_us: int | None, *, restricted: bool = False) -> str:
    """The SQL of one block: one row per customer it knows anything of, columns customer_id, f0, f1, ...

    With `restricted` only customers of the relation `feature_base` are aggregated.
    """
    if block.rows == "snapshot":
        return _snapshot_query(block, as_of_us, restricted)
    if block.rows == "people":
        return _people_query(block, as_of_us, restricted)
    if as_of_us is None:
        raise ValueError("features of events need a moment they are as of")
    writers = {
        "events": events_query,
        "sequence": sequence_query,
        "answers": answers_query,
        "accounts": accounts_query,
    }
    return writers[block.rows](block, as_of_us, restricted=restricted)


def _standing(where: str) -> str:
    """Every customer with the first day they joined and, where all their numbers have left, the last they left."""
    return (
        "SELECT customer_id, MIN(joined_us) AS joined_us, "
        "CASE WHEN COUNT(left_us) = COUNT(*) THEN MAX(left_us) END AS left_us "
        f"FROM people {where} GROUP BY customer_id"
    )


def _gone(as_of_us: int) -> str:
    return f"COALESCE(joined_us >= {as_of_us}, FALSE) OR COALESCE(left_us < {as_of_us}, FALSE)"


def _row_in_reach(as_of_us: int | None) -> str:
    return "as_of_us IS NULL" if as_of_us is None else f"(as_of_us IS NULL OR as_of_us <= {as_of_us})"


def _snapshot_query(block: Block, as_of_us: int | None, restricted: bool) -> str:
    """The columns of each customer's latest row in reach; undated rows count as older than dated ones."""
    recipes = [planned.recipe for planned in block.planned]
    keys = ", ".join(name_sql(recipe.key) for recipe in recipes)
    rows = _ranked_rows(block.name, keys, as_of_us, members_sql(restricted))
    expressions = [_column_sql(recipe, as_of_us) for recipe in recipes]
    return f"SELECT customer_id, {columns_sql(expressions)} FROM ({rows}) AS latest WHERE recency = 1"


def _ranked_rows(source: str, keys: str, as_of_us: int | None, members: str = "") -> str:
    """Columns of the rows of a snapshot in reach; each customer's latest has recency 1."""
    return (
        f"SELECT customer_id, {keys}, ROW_NUMBER() OVER (PARTITION BY customer_id "
        f"ORDER BY COALESCE(as_of_us, {_NO_DATE}) DESC, import_id DESC, person_key) AS recency "
        f"FROM {snapshot_view(source)} WHERE {_row_in_reach(as_of_us)}{members}"
    )


def level_query(source: str | None, column: str, level: str, as_of_us: int | None) -> str:
    """The customers whose column of a snapshot (of the people without a `source`) has a level at that moment.

    >>> print(level_query(None, "language", "en", None))
    SELECT customer_id FROM people GROUP BY customer_id HAVING MIN("language") = 'en'
    """
    name = name_sql(column)
    if source is None:
        return f"SELECT customer_id FROM people GROUP BY customer_id HAVING MIN({name}) = {text_sql(level)}"
    rows = _ranked_rows(source, name, as_of_us)
    return f"SELECT customer_id FROM ({rows}) AS latest WHERE recency = 1 AND {name} = {text_sql(level)}"


def latest_query(source: str | None, columns: Sequence[str], as_of_us: int | None) -> str:
    """Columns of a snapshot (of the people without a `source`) for every customer who ever was, gone or not.

    >>> print(latest_query(None, ["language"], None))
    SELECT customer_id, MIN("language") AS "language" FROM people GROUP BY customer_id ORDER BY customer_id
    """
    names = [name_sql(column) for column in columns]
    if source is None:
        wanted = ", ".join(f"MIN({name}) AS {name}" for name in names)
        return f"SELECT customer_id, {wanted} FROM people GROUP BY customer_id ORDER BY customer_id"
    rows = _ranked_rows(source, ", ".join(names), as_of_us)
    return f"SELECT customer_id, {', '.join(names)} FROM ({rows}) AS latest WHERE recency = 1 ORDER BY customer_id"


def _people_query(block: Block, as_of_us: int | None, restricted: bool) -> str:
    recipes = [planned.recipe for planned in block.planned]
    rows = (
        "SELECT customer_id, MIN(joined_us) AS joined_us, MIN(language) AS language, MIN(role) AS role, "
        f"MIN(account_key) AS held_by FROM people WHERE TRUE{members_sql(restricted)} GROUP BY customer_id"
    )
    expressions = [_column_sql(recipe, as_of_us) for recipe in recipes]
    sizes = ""
    if any(recipe.form == "people" for recipe in recipes):
        sizes = (
            " LEFT JOIN (SELECT account, COUNT(*) AS members FROM (SELECT customer_id, MIN(account_key) AS account "
            "FROM people WHERE account_key IS NOT NULL GROUP BY customer_id) AS member GROUP BY account) AS size "
            "ON person.held_by = size.account"
        )
    return f"SELECT customer_id, {columns_sql(expressions)} FROM ({rows}) AS person{sizes}"


def _column_sql(recipe: Recipe, as_of_us: int | None) -> str:
    if recipe.form == "tenure":
        if as_of_us is None:
            return "NULL"
        return f"{double_sql(f'({as_of_us} - joined_us)')} / {number_sql(DAY_US)}"
    if recipe.form == "people":
        return "members"
    column = name_sql(recipe.key)
    if recipe.form == "number":
        return double_sql(column)
    if recipe.form == "days_ago":
        origin = as_of_us if as_of_us is not None else recipe.origin_us
        return f"({number_sql(origin or 0)} - {double_sql(column)}) / {number_sql(DAY_US)}"
    named = recipe.levels[:-1] if recipe.other else recipe.levels
    cases = "".join(f" WHEN {text_sql(level)} THEN {code}" for code, level in enumerate(named))
    rest = f"CASE WHEN {column} IS NULL THEN NULL ELSE {len(named)} END" if recipe.other else "NULL"
    return f"CASE {column}{cases} ELSE {rest} END" if named else rest
