"""Benchmarks: scores of others, only as the user supplies them in harken.toml with source, year and scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harken.usecases.settings_tables import checked_tables
from harken.vocabulary.errors import Problem
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, Estimate
from harken.vocabulary.messages import Message, Parameter, gettext_noop
from harken.vocabulary.scales import SCALES, Scale

if TYPE_CHECKING:
    from harken.learn.scores.benchmark import AgainstBenchmark

YEARS = (1950, 2999)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Somebody else's score: `value` on `scale` in the headline's unit, from `source` in `year`.

    `n` is how many answered there, None where the source does not tell; `question` (programme/question) limits it
    to one question of ours, None for all on that scale.
    """

    source: str
    year: int
    scale: str
    value: float
    n: int | None = None
    question: str | None = None


KEYS: Mapping[str, tuple[type | tuple[type, ...], bool, str]] = {
    "source": (str, True, gettext_noop("a text: who published it")),
    "year": (int, True, gettext_noop("a year such as 2025")),
    "scale": (str, True, gettext_noop("the name of a scale such as nps_0_10")),
    "value": ((int, float), True, gettext_noop("a number that the scale allows")),
    "n": (int, False, gettext_noop("a whole number above 0")),
    "question": (str, False, gettext_noop("programme/question")),
}
"""What a benchmark says: kind of value, whether it must be there, and what is expected."""


def read_benchmarks(entries: Any, file: str) -> tuple[Benchmark, ...]:
    """The [[benchmarks]] of a settings file. Raises SettingsError with every mistake at once.

    >>> read_benchmarks([{"source": "Us", "year": 2025, "scale": "nps_0_10", "value": 31}], "harken.toml")[0].value
    31.0
    """
    begins = Message(gettext_noop("a benchmark begins with [[benchmarks]]"))
    tables = checked_tables(entries, "benchmarks", file, begins, lambda entry, place: _problems(entry, place, file))
    return tuple(Benchmark(**{**entry, "value": float(entry["value"])}) for entry in tables)


@dataclass(frozen=True, slots=True)
class BesideBenchmark:
    """Our score beside one benchmark; `found` is None and `refusal` says why where they cannot be compared."""

    benchmark: Benchmark
    found: AgainstBenchmark | None
    refusal: Message | None


def beside_benchmarks(
    benchmarks: Sequence[Benchmark], question: str, scale: Scale, ours: Estimate | None
) -> tuple[BesideBenchmark, ...]:
    """The benchmarks for a question, each with our difference from it.

    A benchmark on another scale is refused, not converted: people answer another scale otherwise.
    """
    from harken.learn.scores.benchmark import against_benchmark

    beside = []
    for one in benchmarks:
        if one.question is not None and one.question != question:
            continue
        if one.scale != scale.id:
            reason = Message(
                gettext_noop("Not compared: it was asked on the scale {theirs}, ours is {own}."),
                {"theirs": one.scale, "own": scale.id},
            )
            beside.append(BesideBenchmark(one, None, reason))
        elif ours is None or ours.counts_only:
            reason = Message(
                gettext_noop("Not compared: fewer than {least} customers answered."), {"least": COUNTS_ONLY_BELOW}
            )
            beside.append(BesideBenchmark(one, None, reason))
        else:
            beside.append(BesideBenchmark(one, against_benchmark(ours, scale, one.value, one.n), None))
    return tuple(beside)


def _problems(entry: Mapping[str, Any], place: str, file: str) -> list[Problem]:
    found = []
    for key in entry:
        if key not in KEYS:
            reason = Message(
                gettext_noop("this setting is not known; known are {known}"), {"known": ", ".join(KEYS)}
            )
            found.append(Problem(reason, file, column=f"{place} {key}"))
    for key, (kind, needed, expected) in KEYS.items():
        if key not in entry:
            if needed:
                found.append(Problem(Message(gettext_noop("it is missing")), file, column=f"{place} {key}"))
            continue
        value = entry[key]
        wrong = not isinstance(value, kind) or isinstance(value, bool)
        if wrong or not _in_range(key, value, entry.get("scale")):
            values: dict[str, Parameter | Message] = {"value": str(value), "expected": Message(expected)}
            reason = Message(gettext_noop("{value} is not {expected}"), values)
            found.append(Problem(reason, file, column=f"{place} {key}", value=str(value)))
    return found


def _in_range(key: str, value: Any, scale: Any) -> bool:
    if key in ("source", "scale", "question"):
        return bool(value.strip())
    if key == "year":
        return bool(YEARS[0] <= value <= YEARS[1])
    if key == "n":
        return bool(value >= 1)
    if isinstance(scale, str) and scale in SCALES:
        from harken.learn.scores.benchmark import possible_values

        low, high = possible_values(SCALES[scale])
        return bool(low <= value <= high)
    return bool(abs(value) < 1e9)
