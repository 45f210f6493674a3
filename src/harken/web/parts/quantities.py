"""Results turned into what charts draw: units, labels, rows."""

from __future__ import annotations

from typing import Any

from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import SCALES
from harken.web.parts.charts import Row, Unit, Words


def score_unit(unit: str) -> Unit:
    """The unit of a score's headline: "points", "per cent" or "scale", as results name it."""
    return Unit(unit)


def headline_unit(scale_id: str, headline: str) -> Unit:
    """The unit that belongs to a kind of headline: net, top_share or mean."""
    return Unit({"net": "points", "top_share": "per cent"}.get(headline, "scale"))


def high_is_good(scale_id: str) -> bool:
    """The direction of a scale; scales of a company's own that are not known here count upwards."""
    scale = SCALES.get(scale_id)
    return scale is None or scale.high_is_good


def in_points(share: Estimate) -> Estimate:
    """An estimate of a share, or of a difference of shares, in percentage points."""
    interval = Interval(100 * share.interval.lower, 100 * share.interval.upper, share.interval.level)
    return Estimate(100 * share.value, interval, share.n, share.method, kind=share.kind)


def score_name(scale_id: str) -> Message:
    """The score's name, short enough for a card."""
    return Message(_NAMES.get(scale_id.split("_")[0], gettext_noop("Score")))


_NAMES = {
    "nps": gettext_noop("Net Promoter Score"),
    "csat": gettext_noop("Customer satisfaction"),
    "ces": gettext_noop("Customer effort score"),
    "stars": gettext_noop("Stars"),
    "rating": gettext_noop("Rating"),
    "yes": gettext_noop("Satisfied customers"),
}


def band_names(scale_id: str) -> tuple[Message, Message, Message]:
    """What the favourable, middle and unfavourable answers on a scale are called."""
    if scale_id.startswith("nps"):
        return (
            Message(gettext_noop("promoters")),
            Message(gettext_noop("passives")),
            Message(gettext_noop("detractors")),
        )
    return (
        Message(gettext_noop("satisfied")),
        Message(gettext_noop("between")),
        Message(gettext_noop("dissatisfied")),
    )


def estimate_row(label: Words, estimate: Estimate | None, *, few: Words | None = None, **options: Any) -> Row:
    """A bar for an estimate; without one, or below 10 answers, `few` says instead why there is no number."""
    if estimate is None or estimate.n < COUNTS_ONLY_BELOW:
        n = 0 if estimate is None else estimate.n
        one = Message(gettext_noop("one answer: too few for a number"))
        reason = few or (one if n == 1 else Message(gettext_noop("{n} answers: too few for a number"), {"n": n}))
        return Row(label, None, **{**options, "note": reason, "other": None, "n": n})
    interval = estimate.interval
    return Row(label, estimate.value, interval.lower, interval.upper, n=estimate.n, **options)
