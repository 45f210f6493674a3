"""Answers, contacts, orders, usage, behaviour and other signals from rows of a file."""

from __future__ import annotations

from harken.lake import ids
from harken.lake.staging.bases import Base
from harken.lake.staging.delimited import ROW
from harken.lake.staging.outputs import Output, refuse_contradictions
from harken.lake.staging.recipes import Recipe
from harken.lake.staging.situation import Situation, key_sql
from harken.lake.staging.values import among, literal, number_sql, score_sql
from harken.listen.mapping.columns import slug
from harken.listen.mapping.model import SIGNAL_NUMBERS, UNIT_SECONDS, Field, Score, SignalPart, Stretch, Who
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop

WORDS = "words"
"""The comment on its way to the table of texts."""
SIGNAL_COLUMNS = (
    "native_key",
    "account_native",
    "person_key",
    "account_key",
    "native_id",
    "ts_us",
    "local_date",
    "programme",
    "question",
    "scale",
    "score",
    "weight",
    "quantity",
    "amount",
    "currency",
    "duration_s",
    "wait_s",
    "channel",
    "touchpoint",
    "issue",
    "agent",
    "properties",
    WORDS,
)
PLAIN_TEXTS = ("programme", "question", "channel", "touchpoint", "issue", "agent")


def make(situation: Situation, base: Base, part: SignalPart) -> Output | None:
    """The rows of one signal part; None where an obstacle was noted."""
    recipe = situation.recipe(base)
    if not situation.add_person(recipe, part.who):
        return None
    situation.add_account(recipe, part.who.account)
    out = dict.fromkeys(SIGNAL_COLUMNS, "NULL")
    out |= {"native_key": "native_key", "account_native": "account_native"}
    out["person_key"] = ids.person_key_sql(key_sql(situation), "native_key")
    out["account_key"] = ids.account_key_sql(key_sql(situation), "account_native")
    out["ts_us"], out["local_date"] = "CAST(NULL AS BIGINT)", "CAST(NULL AS DATE)"
    if part.who.time is not None:
        situation.add_time(recipe, "ts_us", part.who.time, part.who, required=True)
        recipe.add_day("local_date", "ts_us")
        out |= {"ts_us": "ts_us", "local_date": "local_date"}
    add_texts(situation, recipe, part, out)
    add_numbers(recipe, part, out)
    for name, stretch in (("wait_s", part.wait), ("duration_s", part.duration)):
        out[name] = "CAST(NULL AS DOUBLE)"
        if stretch is not None:
            add_stretch(situation, recipe, name, stretch, part.who)
            out[name] = name
    skip = add_score(recipe, part, out)
    out["properties"] = add_properties(recipe, part)
    relation = recipe.run(out, base.where(part.filters), f"NOT ({skip})", situation.log)
    output = Output(part, base.table, "signals", part.kind, relation, SIGNAL_COLUMNS)
    native = part.text("native_id")
    if native is not None and native.columns:
        reason = Message(gettext_noop("{value} stands in row {detail} too, with other content"))
        label = native.label
        refuse_contradictions(situation.staging, situation.log, output, ("native_id",), label, "native_id", reason)
    return output


def add_texts(situation: Situation, recipe: Recipe, part: SignalPart, out: dict[str, str]) -> None:
    """Text columns with their defaults: an answer's programme is the source, its question the score's column."""
    for name in PLAIN_TEXTS:
        field = part.text(name)
        out[name] = "CAST(NULL AS VARCHAR)"
        if field is not None:
            out[name] = recipe.cell(name, recipe.base.cell(field))
    if part.kind == "answer":
        asked = part.score.field.columns if part.score is not None else ("comment",)
        defaults = {"programme": situation.mapping.source, "question": slug(" ".join(asked) or "score")}
        for name, default in defaults.items():
            out[name] = f"coalesce({out[name]}, {literal(default)})"
    comment = part.text("comment")
    out[WORDS] = "CAST(NULL AS VARCHAR)"
    if comment is not None:
        out[WORDS] = recipe.cell(WORDS, recipe.base.cell(comment))
    native = part.text("native_id")
    out["native_id"] = "CAST(NULL AS VARCHAR)"
    if native is not None:
        text = recipe.cell("native_text", recipe.base.cell(native))
        # One response answers several questions: each is a signal of its own.
        out["native_id"] = f"{text} || '/' || {out['question']}" if part.kind == "answer" else f"key_of({text})"
    out["currency"] = "CAST(NULL AS VARCHAR)"
    if {"amount", "price"} & {name for name, _ in part.numbers}:
        field = part.text("currency")
        default = literal(situation.currency) if situation.currency else "CAST(NULL AS VARCHAR)"
        written = f"upper({recipe.cell('currency_text', recipe.base.cell(field))})" if field is not None else "NULL"
        out["currency"] = f"CASE WHEN amount IS NOT NULL THEN coalesce({written}, {default}) END"


def add_numbers(recipe: Recipe, part: SignalPart, out: dict[str, str]) -> None:
    """Quantity, amount (perhaps price by number) and weight; a weight cannot be negative."""
    given = dict(part.numbers)
    for name, field in part.numbers:
        text = recipe.cell(f"{name}_text", recipe.base.cell(field))
        recipe.add_number(name, number_sql(text, recipe.base.decimal), text, field.label)
    if "price" in given:
        recipe.layers[2]["amount"] = "price * times"
    for name in SIGNAL_NUMBERS:
        known = name in given or (name == "amount" and "price" in given)
        out[name] = name if known else "CAST(NULL AS DOUBLE)"
    if "weight" in given:
        reason = Message(gettext_noop("{value} is a negative weight"))
        recipe.check("weight < 0", given["weight"].label, "weight_text", reason)


def add_stretch(situation: Situation, recipe: Recipe, name: str, stretch: Stretch, who: Who) -> None:
    """A wait or duration in seconds; a negative one is a problem."""
    reason = Message(gettext_noop("{value}: the time from start to end is negative"))
    if stretch.field is not None:
        text = recipe.cell(f"{name}_text", recipe.base.cell(stretch.field))
        if stretch.unit == "clock":
            recipe.add_number(name, f"clock_seconds({text})", text, stretch.field.label)
        else:
            number = number_sql(text, recipe.base.decimal)
            seconds = f"{number} * {UNIT_SECONDS[stretch.unit]!r}"
            recipe.add_number(name, seconds, text, stretch.field.label)
        recipe.check(f"{name} < 0", stretch.field.label, text, reason)
        return
    start, end = stretch.start or Field(), stretch.end or Field()
    situation.add_time(recipe, f"{name}_from", start, who, required=False)
    situation.add_time(recipe, f"{name}_to", end, who, required=False, future=True)
    recipe.layers[3][name] = f"({name}_to - {name}_from) / 1e6"
    shown = f"concat_ws(' > ', {name}_from_text, {name}_to_text)"
    recipe.check(f"{name} < 0", f"{start.label} > {end.label}", shown, reason)


def add_score(recipe: Recipe, part: SignalPart, out: dict[str, str]) -> str:
    """Score and scale; returns SQL for the rows to leave out because nothing was answered."""
    out["scale"], out["score"] = "CAST(NULL AS VARCHAR)", "CAST(NULL AS DOUBLE)"
    if part.score is None:
        return f"{out[WORDS]} IS NULL" if part.kind == "answer" else "false"
    score: Score = part.score
    raw = recipe.cell("score_raw", recipe.base.cell(score.field))
    empty = among(f"key_of({raw})", (*score.blank, *score.not_applicable, ""))
    recipe.layers[1]["score_text"] = f"CASE WHEN {empty} THEN NULL ELSE {raw} END"
    recipe.layers[2]["score"] = score_sql("score_text", score.codes, recipe.base.decimal)
    label = score.field.label
    not_number = Message(gettext_noop("{value} is no score; declare its meaning in codes, blank or not_applicable"))
    recipe.check("score IS NULL AND score_text IS NOT NULL", label, "score_text", not_number)
    scale = score.scale
    outside = Message(
        gettext_noop("{value} is not on the scale from {least} to {most} ({scale})"),
        {"least": plain(scale.minimum), "most": plain(scale.maximum), "scale": scale.id},
    )
    recipe.check(
        f"score < {float(scale.minimum)!r} OR score > {float(scale.maximum)!r}", label, "score_text", outside
    )
    out["score"] = "score"
    out["scale"] = f"CASE WHEN score IS NOT NULL THEN {literal(scale.id)} END"
    if part.kind != "answer":
        return "false"
    return f"score_text IS NULL AND {out[WORDS]} IS NULL"


def plain(number: float) -> str:
    """A number without a needless decimal point."""
    return f"{number:g}"


def add_properties(recipe: Recipe, part: SignalPart) -> str:
    """Other columns as one JSON text, empty cells left out."""
    if not part.properties:
        return "CAST(NULL AS VARCHAR)"
    pairs = []
    for position, name in enumerate(part.properties):
        cell = recipe.cell(f"property_{position}", recipe.base.cell(Field((name,))))
        pairs.append(f"{literal(name)}, {cell}")
    merged = f"CAST(json_merge_patch('{{}}', json_object({', '.join(pairs)})) AS VARCHAR)"
    return f"nullif({merged}, '{{}}')"


def with_ids(situation: Situation, output: Output, good: str) -> str:
    """Make the table of signals with their ids, text references and money in the reporting currency."""
    staging = situation.staging
    source = literal(situation.mapping.source)
    plain_view, table = f"plain_{staging.number()}", f"signals_{staging.number()}"
    staging.sql(
        f"CREATE TEMP VIEW {plain_view} AS"
        f" SELECT {source} AS source, {literal(output.kind)} AS kind, * FROM ({good})"
    )
    query = ids.with_signal_ids_sql(plain_view, {WORDS: "string"})
    text_ref = f"CASE WHEN {WORDS} IS NOT NULL THEN {ids.text_id_sql('signal_id', literal('comment'))} END"
    reporting = reporting_sql(situation, output)
    staging.sql(f"CREATE TABLE {table} AS SELECT s.*, {text_ref} AS text_ref, {reporting} FROM ({query}) AS s")
    staging.sql(f"DROP VIEW {plain_view}")
    return table


def reporting_sql(situation: Situation, output: Output) -> str:
    """SQL for `amount_reporting`; an obstacle where a currency has no rate."""
    reporting = situation.reporting_currency or situation.currency
    name = "amount_reporting"
    present = [
        row[0]
        for row in situation.staging.sql(
            f"SELECT DISTINCT currency FROM {output.relation} WHERE amount IS NOT NULL ORDER BY 1"
        ).fetchall()
    ]
    if reporting is None or all(code in (reporting, None) for code in present):
        return f"amount AS {name}"
    cases = [f"WHEN currency = {literal(reporting)} THEN amount"]
    for code in present:
        rates = sorted(
            (rate for rate in situation.mapping.rates if rate.currency == code), key=lambda rate: rate.day
        )
        if code in (reporting, None):
            continue
        day = "coalesce(local_date, DATE '9999-12-31')"
        steps = " ".join(f"WHEN {day} >= DATE '{rate.day}' THEN {rate.rate!r}" for rate in reversed(rates))
        cases.append(f"WHEN currency = {literal(code)} THEN amount * (CASE {steps} END)")
    return f"CASE {' '.join(cases)} END AS {name}"


def check_currencies(situation: Situation, output: Output) -> None:
    """Note an obstacle for each currency that has no rate, or none early enough."""
    reporting = situation.reporting_currency or situation.currency
    rows = situation.staging.sql(
        f"SELECT currency, count(*), min({ROW}), min(local_date) FROM {output.relation}"
        " WHERE amount IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if reporting is None and len(rows) > 1:
        reporting = rows[0][0]
    for code, count, row, first_day in rows:
        if code == reporting or reporting is None:
            continue
        days = [rate.day for rate in situation.mapping.rates if rate.currency == code]
        if days and (first_day is None or min(days) <= first_day):
            continue
        text = gettext_noop(
            "{count} amounts are in {code}, first in row {row}, but the reporting currency is {reporting}:"
            " add a [[rate]] with currency, date and rate from {day} on"
        )
        params = {
            "count": str(count),
            "code": str(code),
            "row": str(row),
            "reporting": reporting,
            "day": str(first_day or ""),
        }
        situation.obstacles.append(Problem(Message(text, params), file=output.table.name))
