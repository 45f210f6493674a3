"""What scores have to do with what came after, on a data frame: which metric tells most, what a point is worth."""

from __future__ import annotations

from collections.abc import Sequence

from harken.frames.reading import Frame, reading, scale_of
from harken.learn.metrics.estimate import Metric, MetricComparison
from harken.learn.metrics.estimate import compare_metrics as compare
from harken.learn.value_link import OutcomeLink, link_outcome
from harken.vocabulary.messages import gettext_noop
from harken.vocabulary.scales import Scale

NOT_A_METRIC = gettext_noop("is named as better when lower but not among the metrics.")


def compare_metrics(
    frame: Frame,
    outcome: str,
    metrics: Sequence[str],
    *,
    lower_is_better: Sequence[str] = (),
    customer: str | None = None,
    seed: int = 0,
) -> MetricComparison:
    """Which of several metrics tells best who stays, or who spends more, or that none does.

    One row per customer. `outcome` true or false with true as the wanted side (stayed), or an amount; `metrics` are
    columns of numbers, empty where a customer was not asked; `lower_is_better` names those where less is good.
    Every pair is compared on the customers who have both (paired DeLong test), over all pairs together (Benjamini
    and Hochberg). Raises NotEnoughData below 10 customers of either side.

    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> mood = rng.normal(size=800)
    >>> base = {"stayed": mood + rng.normal(size=800) > -1, "nps": mood + rng.normal(size=800)}
    >>> found = compare_metrics(
    ...     base | {"effort": -mood + rng.normal(size=800)}, "stayed", ["nps", "effort"], lower_is_better=["effort"]
    ... )
    >>> found.verdict.value, found.pairs[0].differs
    ('tie', False)
    """
    with reading(frame) as columns:
        happened = columns.numbers(outcome)
        asked = [Metric(name, columns.numbers(name), high_is_good=name not in lower_is_better) for name in metrics]
        who = columns.identities(customer)
        for name in sorted(set(lower_is_better) - set(metrics)):
            columns.problem(NOT_A_METRIC, {}, name)
    return compare(happened, asked, who, seed=seed)


def value_link(
    frame: Frame,
    score: str,
    outcome: str,
    given: Sequence[str] = (),
    *,
    scale: Scale | str = "nps_0_10",
    money: str | float | None = None,
    more_is_better: bool = False,
    customer: str | None = None,
    seed: int = 1,
) -> OutcomeLink:
    """What goes with a better score: of each path (detractor to passive and so on), raw and with all else equal.

    One row per customer who answered. `outcome` is what came after: true or false (left), or an amount, with
    `more_is_better` for what is wanted; `given` names what was known BEFORE the answer; without any the link stays
    associational. `money` is what one unit of the outcome is worth: a number, or a column such as each customer's
    value. Raises NotEnoughData below 200 customers, 20 of either outcome or two bands of 30.

    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> tenure = rng.normal(size=4000)
    >>> score = np.clip(np.round(7.5 + tenure + 1.5 * rng.normal(size=4000)), 0, 10)
    >>> left = rng.random(4000) < 0.3 - 0.01 * score - 0.05 * np.tanh(tenure)
    >>> link = value_link({"score": score, "tenure": tenure, "left": left}, "score", "left", ["tenure"])
    >>> link.raw_per_point.estimate.value < link.per_point.estimate.value
    True
    """
    with reading(frame) as columns:
        who = columns.identities(customer)
        table, order = columns.features(given, who)
        answers, happened = columns.numbers(score)[order], columns.numbers(outcome)[order]
        worth = columns.numbers(money)[order] if isinstance(money, str) else money
    return link_outcome(
        answers, happened, table if given else None, scale=scale_of(scale), money=worth,
        more_is_better=more_is_better, customer_id=table.customer_id, seed=seed,
    )  # fmt: skip
