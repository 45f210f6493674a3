"""Writes the SQL of event features: one pass over a kind's rows, neighbouring rows, or survey answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harken.unify.features.cells import Cell, Cells
from harken.unify.features.recipes import DAY_US, SCORE_GRAIN, ZERO_WHEN_NOTHING, Block, Recipe

ROWS = Cell("count")
_ANSWER_NAMES = ("programme", "question", "scale")
_ANSWER_SQL = tuple(f"COALESCE({name}, '') AS {name}" for name in _ANSWER_NAMES)
_FIRST, _LAST = Cell("min", "ts_us"), Cell("max", "ts_us")


def text_sql(value: str) -> str:
    """A text as an SQL literal.

    >>> text_sql("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def number_sql(value: float) -> str:
    """A number as an SQL double: engines read a bare decimal differently.

    >>> number_sql(60)
    'CAST(60.0 AS DOUBLE)'
    """
    return f"CAST({float(value)!r} AS DOUBLE)"


def double_sql(expression: str) -> str:
    """An expression as a double."""
    return f"CAST({expression} AS DOUBLE)"


def columns_sql(expressions: Sequence[str]) -> str:
    """Feature expressions as the columns f0, f1, ...

    They stay doubles: an engine refuses a number beyond single precision with an error, the table takes it as
    unknown.
    """
    return ", ".join(f"CAST({expression} AS DOUBLE) AS f{index}" for index, expression in enumerate(expressions))


def members_sql(restricted: bool) -> str:
    """The condition that keeps the customers asked for only, before anything is aggregated."""
    return " AND customer_id IN (SELECT customer_id FROM feature_base)" if restricted else ""


def known_sql(measure: str, as_of_us: int) -> str:
    """A measure as far as it was known before the moment: a wait that was not over then was not known.

    Durations of usage are totals of a period that is over at its time stamp; other durations begin there.
    """
    if measure not in ("wait_s", "duration_s"):
        return measure
    over = f"{measure} * {number_sql(1_000_000)} < {double_sql(f'({as_of_us} - ts_us)')}"
    total = "kind = 'usage' OR " if measure == "duration_s" else ""
    return f"CASE WHEN {total}{over} THEN {measure} END"


def events_query(block: Block, as_of_us: int, *, restricted: bool = False) -> str:
    """Counts, totals, means, maxima, shares, changes and gaps of one kind, in one pass over its rows.

    The result has one row per customer with such an event before `as_of_us`: customer_id, f0, f1, ...
    """
    recipes = [planned.recipe for planned in block.planned]
    cells = _gather(recipes, as_of_us)
    columns = ["customer_id", *_event_columns(block, cells)]
    rows = (
        f"SELECT {', '.join(columns)} FROM signals "
        f"WHERE kind = {text_sql(block.name)} AND ts_us < {as_of_us}{members_sql(restricted)}"
    )
    return _grouped(recipes, cells, rows)


def accounts_query(block: Block, as_of_us: int, *, restricted: bool = False) -> str:
    """Features over the events of everyone in the customer's account, the same for all of them.

    Members of an account without such events have 0 where nothing is 0; customers without an account have no row.
    A customer known under several numbers belongs to the account with the smallest key.
    """
    recipes = [planned.recipe for planned in block.planned]
    cells = _gather(recipes, as_of_us)
    columns = ["member.held_by AS customer_id", *_event_columns(block, cells)]
    members = (
        "SELECT customer_id, MIN(account_key) AS held_by FROM people WHERE account_key IS NOT NULL "
        "GROUP BY customer_id"
    )
    rows = (
        f"SELECT {', '.join(columns)} FROM signals INNER JOIN ({members}) AS member "
        f"ON signals.customer_id = member.customer_id WHERE kind = {text_sql(block.name)} AND ts_us < {as_of_us}"
    )
    shown = f" WHERE TRUE{members_sql(restricted)}" if restricted else ""
    columns = [
        f"COALESCE(of_account.f{index}, CAST(0 AS DOUBLE)) AS f{index}"
        if recipe.form in ZERO_WHEN_NOTHING
        else f"of_account.f{index}"
        for index, recipe in enumerate(recipes)
    ]
    return (
        f"SELECT shown.customer_id, {', '.join(columns)} "
        f"FROM (SELECT customer_id, held_by FROM ({members}) AS everyone{shown}) AS shown "
        f"LEFT JOIN ({_grouped(recipes, cells, rows)}) AS of_account ON shown.held_by = of_account.customer_id"
    )


def _event_columns(block: Block, cells: Cells) -> list[str]:
    """The row columns that a block's recipes look at, with their measures on their grain."""
    recipes = [planned.recipe for planned in block.planned]
    grains = dict(block.grains)
    columns = ["ts_us", f"{cells.stretch_sql()} AS stretch"]
    for measure in sorted({recipe.measure for recipe in recipes if recipe.measure}):
        known = known_sql(measure, cells.as_of_us)
        columns.append(f"{known} AS {measure}")
        columns.append(f"{_on_grain(known, grains[measure])} AS {measure}_sum")
    columns.extend(sorted({recipe.key for recipe in recipes if recipe.key}))
    if any(recipe.answer is not None for recipe in recipes):
        columns.extend(_ANSWER_SQL)
    return columns


def sequence_query(block: Block, as_of_us: int, *, restricted: bool = False) -> str:
    """Features that look from each event of a kind to the one before: repeats, changes of channel, longest gap.

    Rows are in total order (ts_us, signal_id), so that equal times have one answer on every engine.
    """
    recipes = [planned.recipe for planned in block.planned]
    cells = _gather(recipes, as_of_us)
    keys = sorted({recipe.key for recipe in recipes if recipe.form != "switches" and recipe.key})
    switching = sorted({recipe.key for recipe in recipes if recipe.form == "switches"})
    order = "ORDER BY ts_us, signal_id"
    columns = ["customer_id", "ts_us", *switching, f"{cells.stretch_sql()} AS stretch"]
    columns.append(f"(ts_us - LAG(ts_us) OVER (PARTITION BY customer_id {order})) AS since_us")
    columns.extend(f"LAG({key}) OVER (PARTITION BY customer_id {order}) AS previous_{key}" for key in switching)
    for key in keys:
        lag = f"LAG(ts_us) OVER (PARTITION BY customer_id, {key} {order})"
        columns.append(f"CASE WHEN {key} IS NULL THEN NULL ELSE (ts_us - {lag}) END AS since_{key}_us")
    reach = max((recipe.window_days or 0) + (recipe.within_days or 0) for recipe in recipes)
    rows = (
        f"SELECT {', '.join(columns)} FROM signals WHERE kind = {text_sql(block.name)} "
        f"AND ts_us < {as_of_us} AND ts_us >= {as_of_us - reach * DAY_US}{members_sql(restricted)}"
    )
    return _grouped(recipes, cells, rows)


def answers_query(block: Block, as_of_us: int, *, restricted: bool = False) -> str:
    """Last and mean scores per question; the latest answer is the last in the order (ts_us, signal_id)."""
    recipes = [planned.recipe for planned in block.planned]
    cells = _gather(recipes, as_of_us)
    names = _ANSWER_NAMES
    scored = (
        f"SELECT customer_id, ts_us, signal_id, score, {', '.join(_ANSWER_SQL)} FROM signals "
        f"WHERE score IS NOT NULL AND ts_us < {as_of_us}{members_sql(restricted)}"
    )
    rows = (
        f"SELECT customer_id, ts_us, score, {_on_grain('score', SCORE_GRAIN)} AS score_sum, {', '.join(names)}, "
        f"{cells.stretch_sql()} AS stretch, ROW_NUMBER() OVER (PARTITION BY customer_id, {', '.join(names)} "
        f"ORDER BY ts_us DESC, signal_id DESC) AS recency FROM ({scored}) AS scored"
    )
    return _grouped(recipes, cells, rows)


def _on_grain(measure: str, size: float) -> str:
    """The measure rounded to a multiple of a power of two: sums of such numbers are exact in any order."""
    scaled = f"{measure} * {number_sql(1 / size)} + CAST(0.5 AS DOUBLE)"
    return f"{double_sql(f'FLOOR({scaled})')} * {number_sql(size)}"


def _gather(recipes: Sequence[Recipe], as_of_us: int) -> Cells:
    days: set[int] = set()
    for recipe in recipes:
        if recipe.window_days is not None:
            days.add(recipe.window_days)
            days.add(recipe.window_days + (recipe.before_days or 0))
    cells = Cells(as_of_us, tuple(sorted(days)))
    for recipe in recipes:
        for cell in _cells_of(recipe, as_of_us):
            if recipe.window_days is None:
                cells.need_whole(cell)
            elif recipe.before_days is None:
                cells.need(cell, recipe.window_days)
            else:
                cells.need(cell, recipe.window_days, recipe.window_days + recipe.before_days)
    return cells


def _grouped(recipes: Sequence[Recipe], cells: Cells, rows: str) -> str:
    expressions = [_FORMS[recipe.form](recipe, cells) for recipe in recipes]
    return (
        f"SELECT customer_id, {columns_sql(expressions)} FROM ("
        f"SELECT customer_id, {cells.select_sql()} FROM ({rows}) AS prepared GROUP BY customer_id) AS cells"
    )


def _cells_of(recipe: Recipe, as_of_us: int) -> tuple[Cell, ...]:
    """The aggregates a recipe is made of, in the order its expression takes them."""
    form = recipe.form
    if form in ("total", "trend"):
        if recipe.measure:
            return (Cell("sum", f"{recipe.measure}_sum"),)
        return (Cell("count", condition=_restriction(recipe)),)
    if form in ("mean", "mean_trend"):
        condition = _restriction(recipe)
        known = " AND ".join(part for part in (condition, f"{recipe.measure} IS NOT NULL") if part)
        return (Cell("sum", f"{recipe.measure}_sum", condition), Cell("count", condition=known))
    if form == "maximum":
        return (Cell("max", recipe.measure),)
    if form == "share":
        return (
            Cell("count", condition=_restriction(recipe)),
            Cell("count", condition=f"{recipe.key or recipe.measure} IS NOT NULL"),
        )
    if form == "distinct":
        return (Cell("distinct", recipe.key),)
    if form == "days_since_last":
        return (_LAST,)
    if form == "days_since_first":
        return (_FIRST,)
    if form == "gap_mean":
        return (_FIRST, _LAST, ROWS)
    if form == "last":
        return (Cell("max", "score", f"{_restriction(recipe)} AND recency = 1"),)
    return _neighbour_cells(recipe, as_of_us)


def _neighbour_cells(recipe: Recipe, as_of_us: int) -> tuple[Cell, ...]:
    if recipe.form == "gap_longest":
        start = as_of_us - (recipe.window_days or 0) * DAY_US
        return (Cell("max", "since_us", f"ts_us - since_us >= {start}"),)
    within = f"<= {(recipe.within_days or 0) * DAY_US}"
    if recipe.form == "switches":
        return (Cell("count", condition=f"since_us {within} AND {recipe.key} <> previous_{recipe.key}"),)
    repeat = Cell("count", condition=f"{f'since_{recipe.key}_us' if recipe.key else 'since_us'} {within}")
    return (repeat,) if recipe.form == "repeats" else (repeat, ROWS)


def _restriction(recipe: Recipe) -> str:
    if recipe.answer is not None:
        pairs = zip(_ANSWER_NAMES, recipe.answer, strict=True)
        return " AND ".join(f"{name} = {text_sql(value)}" for name, value in pairs)
    if recipe.over is not None:
        return f"{recipe.measure} > {number_sql(recipe.over)}"
    return f"{recipe.key} = {text_sql(recipe.value)}" if recipe.key else ""


def _scaled(expression: str, factor: float) -> str:
    return expression if factor == 1.0 else f"{expression} / {number_sql(factor)}"


def _ratio(above: str, below: str) -> str:
    return f"{double_sql(above)} / NULLIF({double_sql(below)}, CAST(0 AS DOUBLE))"


def _days(microseconds: str) -> str:
    return f"{double_sql(microseconds)} / {number_sql(DAY_US)}"


def _single(recipe: Recipe, cells: Cells) -> str:
    (cell,) = _cells_of(recipe, cells.as_of_us)
    return _scaled(double_sql(cells.over(cell, 0, recipe.window_days or 0)), recipe.factor)


def _whole(recipe: Recipe, cells: Cells) -> str:
    (cell,) = _cells_of(recipe, cells.as_of_us)
    return cells.over_all(cell)


def _quotient(recipe: Recipe, cells: Cells) -> str:
    above, below = _cells_of(recipe, cells.as_of_us)
    days = recipe.window_days or 0
    return _scaled(_ratio(cells.over(above, 0, days), cells.over(below, 0, days)), recipe.factor)


def _trend(recipe: Recipe, cells: Cells) -> str:
    (cell,) = _cells_of(recipe, cells.as_of_us)
    days, before = recipe.window_days or 0, recipe.before_days or 0
    recent = f"{double_sql(cells.over(cell, 0, days))} / {number_sql(days)}"
    earlier = f"{double_sql(cells.over(cell, days, days + before))} / {number_sql(before)}"
    return _scaled(f"({recent} - {earlier}) * {number_sql(30)}", recipe.factor)


def _mean_trend(recipe: Recipe, cells: Cells) -> str:
    above, below = _cells_of(recipe, cells.as_of_us)
    days, before = recipe.window_days or 0, recipe.before_days or 0
    recent = _ratio(cells.over(above, 0, days), cells.over(below, 0, days))
    earlier = _ratio(cells.over(above, days, days + before), cells.over(below, days, days + before))
    return _scaled(f"({recent} - {earlier})", recipe.factor)


def _gap_mean(recipe: Recipe, cells: Cells) -> str:
    first, last, rows = (cells.over(cell, 0, recipe.window_days or 0) for cell in (_FIRST, _LAST, ROWS))
    return f"{_ratio(f'({last} - {first})', f'({rows} - 1)')} / {number_sql(DAY_US)}"


_FORMS: dict[str, Callable[[Recipe, Cells], str]] = {
    "total": _single,
    "maximum": _single,
    "distinct": _single,
    "repeats": _single,
    "switches": _single,
    "mean": _quotient,
    "share": _quotient,
    "repeat_share": _quotient,
    "trend": _trend,
    "mean_trend": _mean_trend,
    "days_since_last": lambda recipe, cells: _days(f"({cells.as_of_us} - {_whole(recipe, cells)})"),
    "days_since_first": lambda recipe, cells: _days(f"({cells.as_of_us} - {_whole(recipe, cells)})"),
    "gap_mean": _gap_mean,
    "gap_longest": lambda recipe, cells: (
        f"{double_sql(cells.over(_cells_of(recipe, cells.as_of_us)[0], 0, recipe.window_days or 0))}"
        f" / {number_sql(DAY_US)}"
    ),
    "last": _whole,
}
