"""Plans the features of answers, people and snapshot columns; says which columns are left out and why."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harken.unify.features.account_plan import shares_accounts
from harken.unify.features.catalogue import Feature
from harken.unify.features.event_words import slug
from harken.unify.features.families import header_words, is_lever, is_lever_column, propose
from harken.unify.features.family_table import OTHER_FAMILY
from harken.unify.features.inventory import Inventory, Level, ScoreInventory, SnapshotColumn
from harken.unify.features.recipes import LeftOut, Planned, Recipe
from harken.vocabulary.messages import Message, Parameter, gettext_noop

LEVELS_AT_MOST = 30
LEVELS_COVER = 0.3
"""A category whose 30 most frequent values cover less of its rows than this tells customers apart, not kinds."""
WORDY_CHARACTERS = 60
"""A category with longer values on average holds sentences, not levels."""
QUESTIONS_AT_MOST = 12
OTHER_LEVEL = "other"
LEVEL_CHARACTERS = 200
"""A longer value is no name of a level: it joins the others."""

_ID_WORDS = frozenset({"id", "key", "index", "uuid", "guid", "number", "no", "nr", "unnamed", "row", "serial"})
_ID_CHINESE = re.compile("编号|編號|序号|序號|号码|號碼|流水|工号|工號|客户号|客戶號|卡号|卡號|账号|帳號")


def plan_answers(scores: Iterable[ScoreInventory]) -> tuple[Planned, ...]:
    """Last score, mean score and number of answers for each question of each survey programme."""
    ranked = sorted(scores, key=lambda item: (-item.count, item.programme, item.question, item.scale))
    planned: list[Planned] = []
    for item in ranked[:QUESTIONS_AT_MOST]:
        answer = (item.programme, item.question, item.scale)
        asked = " · ".join(part for part in (item.programme, item.question) if part) or item.scale
        params: dict[str, Parameter | Message] = {"question": asked}
        stem = f"answer_{slug(asked)}"
        score, count = "points", "count"
        for name, unit, recipe, label in (
            (f"{stem}_last", score, Recipe("last", answer=answer), gettext_noop("Last score on “{question}”")),
            (
                f"{stem}_mean_365d",
                score,
                Recipe("mean", "score", answer=answer, window_days=365),
                gettext_noop("Mean score on “{question}”, last 365 days"),
            ),
            (
                f"{stem}_count_365d",
                count,
                Recipe("total", answer=answer, window_days=365),
                gettext_noop("Number of answers to “{question}”, last 365 days"),
            ),
        ):
            planned.append(
                Planned(
                    Feature(
                        name,
                        "past_scores",
                        Message(label, params),
                        unit=unit,
                        window_days=recipe.window_days,
                        source="answer",
                    ),
                    recipe,
                )
            )
    return tuple(planned)


def plan_people(inventory: Inventory) -> tuple[Planned, ...]:
    """Tenure, language and role from the customer list, where it says them."""
    planned: list[Planned] = []
    if inventory.joined and inventory.as_of_us is not None:
        label = Message(gettext_noop("Days since the customer joined"))
        feature = Feature("tenure_days", "tenure", label, unit="days", source="people")
        planned.append(Planned(feature, Recipe("tenure")))
    if shares_accounts(inventory):
        label = Message(gettext_noop("Number of customers in the account"))
        feature = Feature("account_people_count", "profile", label, unit="count", source="people")
        planned.append(Planned(feature, Recipe("people")))
    for name, levels, label in (
        ("language", inventory.languages, Message(gettext_noop("Preferred language"))),
        ("role", inventory.roles, Message(gettext_noop("Role in the account"))),
    ):
        if len(levels) >= 2:
            names, other = _levels(levels, len(levels))
            feature = Feature(name, "profile", label, "category", levels=names, source="people")
            planned.append(Planned(feature, Recipe("category", key=name, levels=names, other=other)))
    return tuple(planned)


def plan_snapshot(
    columns: Iterable[SnapshotColumn], as_of_us: int | None
) -> tuple[tuple[Planned, ...], tuple[LeftOut, ...]]:
    """A feature for each column of one snapshot that can be one, and the others with the reason."""
    planned: list[Planned] = []
    left_out: list[LeftOut] = []
    for column in columns:
        reason = why_left_out(column)
        if reason is not None:
            left_out.append(LeftOut(column.source, column.name, column.label, reason))
        else:
            planned.append(_snapshot_feature(column, as_of_us))
    return tuple(planned), tuple(left_out)


def why_left_out(column: SnapshotColumn) -> Message | None:
    """Why a snapshot column is no feature, None where it is one.

    >>> column = SnapshotColumn("telco", "quarter", "Quarter", "category", "feature", 90, 90, 1)
    >>> str(why_left_out(column))
    'It has the same value in every row.'
    """
    if column.role == "value":
        return Message(gettext_noop("It is the customers' value, which retention is weighed with."))
    if column.role == "ignored":
        return Message(gettext_noop("The mapping says to ignore it."))
    if column.known == 0:
        return Message(gettext_noop("It is empty."))
    if column.distinct <= 1 and column.known == column.rows:
        return Message(gettext_noop("It has the same value in every row."))
    if column.type == "category":
        return _why_no_category(column)
    if column.type == "number" and _looks_like_id(column):
        return Message(gettext_noop("It numbers the customers: every row has a value of its own."))
    return None


def _why_no_category(column: SnapshotColumn) -> Message | None:
    params: dict[str, Parameter | Message] = {"distinct": column.distinct, "most": LEVELS_AT_MOST}
    if column.distinct <= LEVELS_AT_MOST:
        return None
    if column.mean_length > WORDY_CHARACTERS:
        return Message(gettext_noop("It holds free text, not categories."))
    covered = sum(level.count for level in column.levels[:LEVELS_AT_MOST]) / column.known
    if covered < LEVELS_COVER:
        params["share"] = f"{covered:.0%}"
        return Message(
            gettext_noop(
                "It has {distinct} different values, and the {most} most frequent are only {share} of the rows."
            ),
            params,
        )
    return None


def _looks_like_id(column: SnapshotColumn) -> bool:
    if not column.whole or column.distinct < column.known or column.known < 30:
        return False
    if _ID_WORDS & set(header_words(column.label)) or _ID_CHINESE.search(column.label):
        return True
    # A running number without a telling header: as many values as the range is long.
    lowest, highest = column.minimum or 0.0, column.maximum or 0.0
    return highest - lowest + 1 <= 1.05 * column.known


def _levels(levels: tuple[Level, ...], distinct: int) -> tuple[tuple[str, ...], bool]:
    """The names of a category's codes, and whether the last one gathers the rest."""
    short = [level.value for level in levels if len(level.value) <= LEVEL_CHARACTERS]
    if distinct <= LEVELS_AT_MOST and len(short) == distinct:
        return tuple(short), False
    kept = tuple(value for value in short[:LEVELS_AT_MOST] if value != OTHER_LEVEL)
    return (*kept, OTHER_LEVEL), True


def _is_rating(column: SnapshotColumn) -> bool:
    """Whole numbers on a short scale: a rating of one touchpoint, which deserves a family of its own."""
    if column.type != "number" or not column.whole or column.minimum is None or column.maximum is None:
        return False
    return column.minimum >= 0 and column.maximum <= 10 and 3 <= column.distinct <= 11


def _family(column: SnapshotColumn) -> str:
    proposed = column.family or propose(column.label) or propose(column.name)
    if proposed:
        return proposed
    return column.label.strip() or column.name if _is_rating(column) else OTHER_FAMILY


def _snapshot_feature(column: SnapshotColumn, as_of_us: int | None) -> Planned:
    family = _family(column)
    # A rating in a family of its own names a touchpoint, and a touchpoint has an owner.
    own = column.family is None and family == (column.label.strip() or column.name)
    by_words = is_lever_column(column.label, family) if column.type == "number" else is_lever(family)
    lever = column.lever if column.lever is not None else by_words or own
    label = Message(gettext_noop("{column}"), {"column": column.label.strip() or column.name})
    if column.type == "number":
        feature = Feature(column.name, family, label, lever=lever, source=column.source)
        return Planned(feature, Recipe("number", key=column.name))
    if column.type == "time":
        since = Message(gettext_noop("Days since “{column}”"), label.params)
        feature = Feature(f"{column.name}_days_ago", family, since, unit="days", lever=lever, source=column.source)
        origin = None if as_of_us is not None else int(column.maximum or 0)
        return Planned(feature, Recipe("days_ago", key=column.name, origin_us=origin))
    names, other = _levels(column.levels, column.distinct)
    feature = Feature(column.name, family, label, "category", lever=lever, levels=names, source=column.source)
    return Planned(feature, Recipe("category", key=column.name, levels=names, other=other))
