"""Which columns are scores, and on which scale: proposed with a mark, for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from harken.listen.mapping.proposal import words
from harken.listen.mapping.proposal.profiles import ColumnProfile
from harken.vocabulary.scales import SCALES, Headline, Scale

LIKERT: Mapping[str, int] = MappingProxyType(
    {
        "very satisfied": 5, "extremely satisfied": 5, "satisfied": 4, "somewhat satisfied": 4, "neutral": 3,
        "neither satisfied nor dissatisfied": 3, "dissatisfied": 2, "somewhat dissatisfied": 2, "unsatisfied": 2,
        "very dissatisfied": 1, "extremely dissatisfied": 1, "very unsatisfied": 1,
        "excellent": 5, "very good": 4, "good": 4, "average": 3, "fair": 3,
        "poor": 2, "very poor": 1, "terrible": 1,
        "strongly agree": 5, "agree": 4, "neither agree nor disagree": 3, "disagree": 2, "strongly disagree": 1,
        "very easy": 5, "easy": 4, "difficult": 2, "very difficult": 1,
        "非常满意": 5, "很满意": 5, "满意": 4, "比较满意": 4, "一般": 3, "不太满意": 2, "不满意": 2, "很不满意": 1,
        "非常不满意": 1, "非常滿意": 5, "很滿意": 5, "滿意": 4, "普通": 3,
        "不滿意": 2, "很不滿意": 1, "非常不滿意": 1,
        "非常同意": 5, "同意": 4, "中立": 3, "不同意": 2, "非常不同意": 1,
        "很好": 5, "好": 4, "差": 2, "很差": 1, "非常好": 5, "较好": 4, "较差": 2, "非常差": 1,
        "非常容易": 5, "容易": 4, "困难": 2, "非常困难": 1, "1 star": 1,
    }
)  # fmt: skip
"""Answer words that stand for 5 (best) to 1."""

NEGATIVE = re.compile(
    r"dissatisf|unsatisf|not satisf|unhappy|^bad$|^no$|^n$|^false$|^0$|不满意|不滿意|^否$|^差评$|negative|不推荐",
    re.I,
)
POSITIVE = re.compile(r"satisf|happy|^good$|^yes$|^y$|^true$|^1$|满意|滿意|^是$|^好评$|positive|推荐", re.I)
SILENT = re.compile(r"^(offered|unoffered|not rated|not offered|no answer|未评价|未評價|未回答)$", re.IGNORECASE)
"""Words of a score column that say that nobody answered."""
MAX_CODES = 3
CODE_SHARE = 0.4
FAULT_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class ScoreGuess:
    """A column taken for a score: its scale, values that are no answer, words for numbers, and how sure that is.

    `direction_sure` is False where the direction is not plain from the name and a person has to look; `confirmed`
    is True where one has chosen the scale.
    """

    column: str
    question: str
    scale: Scale
    outside: tuple[str, ...] = ()
    codes: tuple[tuple[str, float], ...] = ()
    direction_sure: bool = True
    confirmed: bool = False


def guess_score(column: ColumnProfile) -> ScoreGuess | None:
    """The scale a column is on, if its name and values say that it is a score."""
    topic = topic_of(column)
    if topic is None or not column.filled:
        return None
    if not column.numeric:
        return guess_words(column, topic)
    if topic == "stars" and broken_score(column):
        return ScoreGuess(column.name, topic, SCALES["rating_0_10" if (column.high or 0) > 5 else "stars_1_5"])
    values = values_of(column)
    if values is None or not 2 <= len(values) <= 14 or column.time_word is not None:
        return None
    scale = fitting(topic, values, column)
    if scale is None:
        return None
    found, outside = scale
    return ScoreGuess(column.name, topic, found, outside, (), topic not in ("effort", "ease"))


def topic_of(column: ColumnProfile) -> str | None:
    """recommend, effort, ease, satisfaction or stars: what the name of a column asks."""
    name, label = words.spaced(column.name), words.spaced(column.label)
    if name in ("score", "reviewer score", "average score", "grade"):
        return "stars"
    for text in dict.fromkeys((name, label)):
        if words.NPS.search(text):
            return "recommend"
        if words.NOT_SCORE.search(text):
            continue
        for topic, pattern in (
            ("effort", words.EFFORT),
            ("ease", words.EASE),
            ("satisfaction", words.SATISFACTION),
            ("stars", words.STARS),
        ):
            if pattern.search(text):
                return topic
    return None


def broken_score(column: ColumnProfile) -> bool:
    """True for scores with decimals, such as the mean of several: between 0 and 10, or 1 and 5."""
    low, high = column.low, column.high
    if low is None or high is None or column.whole == column.numbers or not 4 <= column.distinct <= 101:
        return False
    return (low >= 0 and 5 < high <= 10) or (low >= 1 and 4 <= high <= 5)


def values_of(column: ColumnProfile) -> dict[float, int] | None:
    """The different numbers of a column with their counts, or None where they are too many or broken."""
    if column.distinct > 30 or column.low is None or column.high is None:
        return None
    found: dict[float, int] = {}
    for text, count in column.top:
        try:
            number = float(text)
        except ValueError:
            continue
        found[number] = found.get(number, 0) + count
    if any(number * 2 != int(number * 2) for number in found):
        return None
    return found


def fitting(topic: str, values: Mapping[float, int], column: ColumnProfile) -> tuple[Scale, tuple[str, ...]] | None:
    """The scale of a topic that holds the values, but for a few rare codes outside of it."""
    ranges: dict[str, tuple[Scale, ...]] = {
        "recommend": (SCALES["nps_0_10"], SCALES["yes_no"], SCALES["rating_1_5"]),
        "effort": (SCALES["ces_1_5_hard"], SCALES["ces_1_7_easy"]),
        "ease": (SCALES["rating_1_5"], SCALES["ces_1_7_easy"], SCALES["rating_0_10"]),
        "satisfaction": (
            SCALES["yes_no"],
            own("csat_1_3", 1, 3),
            own("csat_1_4", 1, 4),
            SCALES["csat_1_5"],
            own("csat_1_7", 1, 7),
            SCALES["rating_0_10"],
        ),
        "stars": (SCALES["stars_1_5"], own("rating_1_7", 1, 7), SCALES["rating_0_10"]),
    }
    total = sum(values.values())
    whole = column.distinct <= len(column.top)
    for scale in ranges[topic]:
        inside = {number: count for number, count in values.items() if scale.holds(number)}
        outside = {number: count for number, count in values.items() if not scale.holds(number)}
        if not outside and whole and covers(scale, inside):
            return scale, ()
        codes = len(outside) <= MAX_CODES and sum(outside.values()) <= CODE_SHARE * total
        beyond = all(number in (0, -1, 6, 8, 9, 11, 88, 98, 99, 999) for number in outside)
        if outside and codes and beyond and whole and covers(scale, inside, strictly=True):
            return scale, tuple(f"{number:g}" for number in sorted(outside))
    return mistyped(ranges[topic], values, total) if whole else None


def mistyped(
    scales: Sequence[Scale], values: Mapping[float, int], total: int
) -> tuple[Scale, tuple[str, ...]] | None:
    """The scale that holds nearly all values: the few beyond it are faults, whose rows come back to be repaired."""
    best: tuple[int, Scale] | None = None
    for scale in scales:
        inside = {number: count for number, count in values.items() if scale.holds(number)}
        held = sum(inside.values())
        if held >= (1 - FAULT_SHARE) * total and covers(scale, inside, strictly=True):
            best = (held, scale) if best is None or held > best[0] else best
    return None if best is None else (best[1], ())


def covers(scale: Scale, inside: Mapping[float, int], strictly: bool = False) -> bool:
    """True where the values reach over enough of the scale: 0 and 1 alone are no answers from 0 to 10."""
    if not inside:
        return False
    reach = max(inside) - min(inside)
    least = {"yes_no": 1.0}.get(scale.id, 0.5 * (scale.maximum - scale.minimum))
    if strictly:
        return max(inside) == scale.maximum and min(inside) <= scale.minimum + 1 and len(inside) >= 3
    return reach >= least and (scale.id == "yes_no" or len(inside) >= 3)


def own(name: str, low: float, high: float, *, high_is_good: bool = True) -> Scale:
    """A scale that is not among the usual ones; its favourable band is the best quarter.

    >>> own("hard", 1, 7, high_is_good=False).band(2), own("good", 1, 7).band(2)
    (1, -1)
    """
    ends = (high - 0.25 * (high - low), low + 0.25 * (high - low))
    best, worst = ends if high_is_good else ends[::-1]
    return Scale(name, f"{low:g}–{high:g}", low, high, high_is_good, best, worst, Headline.MEAN)


def guess_words(column: ColumnProfile, topic: str) -> ScoreGuess | None:
    """A score written in words: answers of a Likert scale, or two sides of satisfaction."""
    labels = [text for text, _ in column.top]
    if column.distinct > len(labels):
        return None
    known = {text: LIKERT[text.casefold().strip()] for text in labels if text.casefold().strip() in LIKERT}
    if len(known) == len(labels) >= 3:
        codes = tuple((text, float(value)) for text, value in sorted(known.items(), key=lambda item: item[1]))
        scale = SCALES["csat_1_5"] if topic == "satisfaction" else SCALES["rating_1_5"]
        return ScoreGuess(column.name, topic, scale, (), codes)
    silent = tuple(text for text in labels if SILENT.match(text.strip()))
    sides = [text for text in labels if text not in silent]
    if len(sides) == 2 and topic in ("recommend", "satisfaction"):
        low = [text for text in sides if NEGATIVE.search(text)]
        high = [text for text in sides if POSITIVE.search(text) and text not in low]
        if len(low) == len(high) == 1:
            return ScoreGuess(column.name, topic, SCALES["yes_no"], silent, ((high[0], 1.0), (low[0], 0.0)))
    numbered = [re.match(r"\s*(\d{1,2})\s*(?:$|[-–—:：=.)(（星分 ])", text) for text in labels]
    if len(labels) >= 3 and sum(match is not None for match in numbered) >= len(labels) - 1:
        low_high = sorted(int(match.group(1)) for match in numbered if match is not None)
        top = {5: "csat_1_5", 10: "nps_0_10" if topic == "recommend" else "rating_0_10"}.get(low_high[-1])
        if top is not None:
            return ScoreGuess(column.name, topic, SCALES[top])
    return None
