"""Which columns say what happened in the end, which is a customer's value, which a weight."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harken.listen.mapping.proposal import words
from harken.listen.mapping.proposal.profiles import ColumnProfile, TableProfile

TRUE = re.compile(
    r"^(yes|y|true|t|1|churn(ed)?|left|exited|attrited( customer)?|cancel(l)?ed|lapsed|renewed|retained|bought"
    r"|是|有|已?流失|离网|已离网|已?续约|已续费)$",
    re.IGNORECASE,
)
FALSE = re.compile(
    r"^(no|n|false|f|0|stayed|existing( customer)?|active|retained|current|joined|not churn(ed)?"
    r"|否|无|未流失|在网|未续约|未续费|正常)$",
    re.IGNORECASE,
)


ORDER_COUNT_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class OutcomeGuess:
    """A column taken for an outcome, with the texts that mean it happened and those that mean it did not."""

    column: str
    outcome: str
    true: tuple[str, ...]
    false: tuple[str, ...]

    @property
    def good(self) -> bool:
        """True where the event is wanted, so that leaving is its absence."""
        return self.outcome in ("renewal", "bought_again", "conversion")


@dataclass(frozen=True, slots=True)
class ValueGuess:
    """A column taken for the money a customer is worth per month or year."""

    column: str
    period: str


def guess_outcomes(table: TableProfile) -> tuple[OutcomeGuess, ...]:
    """At most one column for each outcome: the plainest name and the plainest values win."""
    best: dict[str, tuple[int, int, OutcomeGuess]] = {}
    for position, column in enumerate(table.columns):
        outcome = outcome_name(column)
        guess = None if outcome is None else two_sided(column, outcome)
        if guess is None:
            continue
        name = words.spaced(column.name)
        plain = 3 if name in (guess.outcome, "churned", "流失", "是否流失", "exited", "attrition") else 0
        numeric = 1 if column.numeric else 0
        rank = plain + numeric
        held = best.get(guess.outcome)
        if held is None or rank > held[0]:
            best[guess.outcome] = (rank, position, guess)
    return tuple(guess for _, _, guess in sorted(best.values(), key=lambda item: item[1]))


def outcome_name(column: ColumnProfile) -> str | None:
    """churn, renewal or bought_again, if the name of the column says so."""
    name = words.spaced(column.name)
    if words.NOT_OUTCOME.search(name):
        return None
    if words.AGAIN.search(name):
        return "bought_again"
    if words.CHURN.search(name):
        return "churn"
    if words.CONVERSION.search(name):
        return "conversion"
    if re.search(r"\bstatus$|状态|狀態", name) and any(is_churned(text) for text, _ in column.top):
        return "churn"
    return "renewal" if words.RENEWAL.search(name) else None


def two_sided(column: ColumnProfile, outcome: str) -> OutcomeGuess | None:
    """The two sides of a column of few values, if both are plain."""
    labels = [text for text, _ in column.top]
    if not 2 <= column.distinct <= 3 or len(labels) != column.distinct:
        return None
    true = tuple(text for text in labels if TRUE.match(text.strip()) or (outcome == "churn" and is_churned(text)))
    if outcome == "churn":
        true = tuple(text for text in true if text.strip().casefold() not in ("renewed", "retained", "bought"))
    false = tuple(text for text in labels if text not in true and FALSE.match(text.strip()))
    if true and false and len(true) + len(false) == len(labels):
        return OutcomeGuess(column.name, outcome, true, false)
    return None


def order_count(table: TableProfile, person: str | None) -> OutcomeGuess | None:
    """Orders per customer, in a table of little else: one of one order has not bought again, all others have."""
    if person is None or not table.column(person).unique or len(table.columns) > ORDER_COUNT_COLUMNS:
        return None
    for column in table.columns:
        counts = column.numeric and column.whole == column.filled == table.rows and column.low == 1
        if counts and (column.high or 0) > 1 and words.ORDER_COUNT.search(words.spaced(column.name)):
            return OutcomeGuess(column.name, "bought_again", (), ("1",))
    return None


def outcome_guess(column: ColumnProfile, outcome: str) -> OutcomeGuess | None:
    """A column taken for an outcome because a person said so: two plain sides, or orders counted from one on."""
    found = two_sided(column, outcome)
    if found is None and outcome == "bought_again" and column.numeric and column.low == 1:
        return OutcomeGuess(column.name, outcome, (), ("1",))
    return found


def is_churned(text: str) -> bool:
    """True for a status that means the customer has gone."""
    return bool(
        re.fullmatch(r"(churned|left|lost|gone|inactive|已流失|流失|离网|已销户)", text.strip(), re.IGNORECASE)
    )


def guess_value(table: TableProfile) -> ValueGuess | None:
    """The column of money that says best what a customer is worth."""
    for pattern, period in (
        (words.VALUE_YEARLY, "year"),
        (words.VALUE_MONTHLY, "month"),
        (words.VALUE_OTHER, "year"),
    ):
        for column in table.columns:
            name = words.spaced(column.name)
            changes = re.search(r"perc|change|ratio|rate|hour|minute|time|how |变化|占比|时长|次数", name)
            if (
                column.filled
                and column.numbers == column.filled
                and column.distinct > 10
                and pattern.search(name)
                and not changes
            ):
                return ValueGuess(column.name, period)
    return None


def guess_weight(table: TableProfile) -> str | None:
    """The survey weight, if there is one."""
    for column in table.columns:
        fits = column.numeric and column.low is not None and column.high is not None and column.low >= 0
        if (
            fits
            and column.high is not None
            and column.high < 1000
            and words.WEIGHT.search(words.spaced(column.name))
        ):
            return column.name
    return None
