"""Customer lists, company lists and outcomes from rows of a file."""

from __future__ import annotations

from harken.lake import ids
from harken.lake.staging.bases import Base
from harken.lake.staging.outputs import Output, refuse_contradictions
from harken.lake.staging.situation import Situation, key_sql
from harken.lake.staging.values import among, literal, number_sql
from harken.listen.mapping.model import AccountsPart, OutcomePart, PeoplePart, Who
from harken.vocabulary.messages import Message, gettext_noop

PEOPLE_COLUMNS = (
    "person_key",
    "native_key",
    "account_native",
    "account_key",
    "name",
    "email",
    "phone",
    "language",
    "role",
    "joined_us",
    "left_us",
)
ACCOUNT_COLUMNS = (
    "account_key",
    "account_native",
    "name",
    "parent_key",
    "parent_native",
    "owner",
    "value_reporting",
    "renewal_us",
)
OUTCOME_COLUMNS = ("person_key", "native_key", "outcome", "ts_us", "local_date", "value")
TRUE_WORDS = ("yes", "y", "true", "t", "1", "是", "有", "对", "對")
FALSE_WORDS = ("no", "n", "false", "f", "0", "否", "无", "無", "没有", "沒有")
REPEATED = gettext_noop("{value} stands in row {detail} too, with other content")


def make_people(situation: Situation, base: Base, part: PeoplePart, strict: bool) -> Output | None:
    """The rows of a customer list; `strict` refuses the same number twice with other content."""
    recipe = situation.recipe(base)
    if not situation.add_person(recipe, part.who):
        return None
    situation.add_account(recipe, part.who.account)
    out = dict.fromkeys(PEOPLE_COLUMNS, "CAST(NULL AS VARCHAR)")
    out["person_key"] = ids.person_key_sql(key_sql(situation), "native_key")
    out["native_key"], out["account_native"] = "native_key", "account_native"
    out["account_key"] = ids.account_key_sql(key_sql(situation), "account_native")
    for name, field in part.texts:
        out[name] = recipe.cell(name, base.cell(field))
    for name, moment, future in (("joined_us", part.joined, False), ("left_us", part.left, True)):
        out[name] = "CAST(NULL AS BIGINT)"
        if moment is not None:
            situation.add_time(recipe, name, moment, part.who, required=False, future=future)
            out[name] = name
    relation = recipe.run(out, base.where(part.filters), "true", situation.log)
    output = Output(part, base.table, "people", "people", relation, PEOPLE_COLUMNS)
    if strict:
        label = part.who.person.label if part.who.person is not None else ""
        refuse_contradictions(
            situation.staging, situation.log, output, ("person_key",), label, "native_key", Message(REPEATED)
        )
    return output


def make_accounts(situation: Situation, base: Base, part: AccountsPart, strict: bool) -> Output | None:
    """The rows of a company list."""
    recipe = situation.recipe(base)
    situation.add_account(recipe, part.account)
    missing = Message(gettext_noop("the account number is missing"))
    recipe.check("account_native IS NULL", part.account.label, "account_text", missing)
    out = dict.fromkeys(ACCOUNT_COLUMNS, "CAST(NULL AS VARCHAR)")
    out["account_native"] = "account_native"
    out["account_key"] = ids.account_key_sql(key_sql(situation), "account_native")
    for name, field in part.texts:
        cell = recipe.cell(f"{name}_text", base.cell(field))
        out["parent_native" if name == "parent" else name] = f"key_of({cell})" if name == "parent" else cell
    recipe.layers[1]["parent_native"] = out["parent_native"]
    out["parent_native"] = "parent_native"
    out["parent_key"] = ids.account_key_sql(key_sql(situation), "parent_native")
    out["value_reporting"] = "CAST(NULL AS DOUBLE)"
    if part.value is not None:
        text = recipe.cell("value_text", base.cell(part.value))
        times = 12 if part.value_period == "month" else 1
        recipe.add_number("value_reporting", f"{number_sql(text, base.decimal)} * {times}", text, part.value.label)
        out["value_reporting"] = "value_reporting"
    out["renewal_us"] = "CAST(NULL AS BIGINT)"
    if part.renewal is not None:
        who = Who(time_format=part.time_format, time_zone=part.time_zone)
        situation.add_time(recipe, "renewal_us", part.renewal, who, required=False, future=True)
        out["renewal_us"] = "renewal_us"
    relation = recipe.run(
        out, base.where(part.filters), "true" if strict else "account_native IS NOT NULL", situation.log
    )
    output = Output(part, base.table, "accounts", "accounts", relation, ACCOUNT_COLUMNS)
    if strict:
        refuse_contradictions(
            situation.staging,
            situation.log,
            output,
            ("account_key",),
            part.account.label,
            "account_native",
            Message(REPEATED),
        )
    return output


def make_outcome(situation: Situation, base: Base, part: OutcomePart) -> Output | None:
    """The rows of an outcome: 1 happened, 0 did not, or an amount."""
    recipe = situation.recipe(base)
    if not situation.add_person(recipe, part.who):
        return None
    out = {"person_key": ids.person_key_sql(key_sql(situation), "native_key"), "native_key": "native_key"}
    out["outcome"] = literal(part.outcome)
    out["ts_us"], out["local_date"] = "CAST(NULL AS BIGINT)", "CAST(NULL AS DATE)"
    keep = "true"
    if part.who.time is not None:
        situation.add_time(recipe, "ts_us", part.who.time, part.who, required=part.value is not None)
        recipe.add_day("local_date", "ts_us")
        out |= {"ts_us": "ts_us", "local_date": "local_date"}
        # A list with the day of leaving: where no day stands, it has not happened.
        keep = "true" if part.value is not None else "ts_us_text IS NOT NULL"
    out["value"] = "CAST(1 AS DOUBLE)"
    if part.value is not None:
        text = recipe.cell("value_text", base.cell(part.value))
        recipe.layers[1]["value"] = outcome_sql(text, part, base.decimal)
        out["value"] = "value"
        keep = f"NOT ({text} IS NULL AND value IS NULL)"
        reason = Message(gettext_noop("{value} is none of the words in true and false"))
        recipe.check(f"value IS NULL AND {text} IS NOT NULL", part.value.label, text, reason)
    relation = recipe.run(out, base.where(part.filters), keep, situation.log)
    output = Output(part, base.table, "outcomes", part.outcome, relation, OUTCOME_COLUMNS)
    label = part.who.person.label if part.who.person is not None else ""
    keys = ("person_key", "outcome", "ts_us")
    refuse_contradictions(situation.staging, situation.log, output, keys, label, "native_key", Message(REPEATED))
    return output


def outcome_sql(text: str, part: OutcomePart, decimal: str) -> str:
    """1, 0, an amount, or NULL for a text that means none of them."""
    if part.true and part.false:
        rest = "NULL"
    elif part.true or part.false:
        rest = f"CASE WHEN {text} IS NULL THEN NULL ELSE {'0' if part.true else '1'} END"
    else:
        rest = number_sql(text, decimal)
    plain = f"lower(key_of(coalesce({text}, '')))"
    true = part.true or (() if part.false else TRUE_WORDS)
    false = part.false or (() if part.true else FALSE_WORDS)
    cases = [(true, 1), (false, 0)]
    branches = " ".join(
        f"WHEN {among(plain, [word.strip().lower() for word in words])} THEN {value}"
        for words, value in cases
        if words
    )
    return f"CAST(CASE {branches} ELSE {rest} END AS DOUBLE)"
