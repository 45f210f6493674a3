"""Texts into moments: how a column of times is written is found from its values or declared, never guessed
silently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harken.lake.staging.values import literal

Order = Literal["iso", "named", "dmy", "mdy"]
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
# Two-digit years come first: %Y would read 17 as the year 17, while %y does not read 2017.
DAYS: dict[str, tuple[str, ...]] = {
    "iso": ("%Y-%m-%d", "%Y%m%d"),
    "named": ("%d-%b-%y", "%d-%b-%Y", "%d-%B-%Y", "%b-%d-%Y", "%B-%d-%Y"),
    "dmy": ("%d-%m-%y", "%d-%m-%Y"),
    "mdy": ("%m-%d-%y", "%m-%d-%Y"),
}
EXTRA: dict[str, tuple[str, ...]] = {
    "iso": ("%Y-%m", "%Y%m%d%H%M%S", "%Y%m%d%H%M"),
    "named": ("%b-%Y", "%B-%Y"),
    "dmy": ("%m-%Y",),
    "mdy": ("%m-%Y",),
}
EPOCH_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
EPOCH_RANGES = {"epoch_s": (1e8, 1e10), "epoch_ms": (1e11, 1e13), "epoch_us": (1e14, 1e16)}
EXCEL_RANGE = (18_000, 75_000)
EXCEL_ZERO_DAYS = 25_569
OFFSET = r":\d\d(?:[.,]\d+)?\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)$"


@dataclass(frozen=True, slots=True)
class TimePlan:
    """How to read a column of times: `word` is iso, named, dmy, mdy, excel, an epoch or `formats` for strptime
    patterns.

    `offsets` says that values carry an offset from UTC; `days_only` that none has a time of day.
    """

    word: str
    formats: tuple[str, ...] = ()
    offsets: bool = False

    @property
    def absolute(self) -> bool:
        """True where every value is a moment without a declared zone."""
        return self.word.startswith("epoch")

    def local_sql(self, text: str) -> str:
        """SQL for the time as written, in microseconds since 1970 as if written in UTC; NULL where unreadable."""
        if self.word in EPOCH_UNITS:
            high = EPOCH_RANGES[self.word][1]
            number = f"number_of({text})"
            return (
                f"CASE WHEN abs({number}) < {high!r} THEN"
                f" CAST(round({number} * {EPOCH_UNITS[self.word]}) AS BIGINT) END"
            )
        if self.word == "excel":
            number = f"number_of({text})"
            return (
                f"CASE WHEN {number} BETWEEN 1 AND 2958466 THEN"
                f" CAST(round(({number} - {EXCEL_ZERO_DAYS}) * 86400) AS BIGINT) * 1000000 END"
            )
        bare = f"regexp_replace({text}, {literal(OFFSET_END)}, '\\1')" if self.offsets else text
        if self.word == "formats":
            return f"epoch_us(try_strptime({bare}, {as_list(self.formats)}))"
        plain = f"epoch_us(try_strptime(plain_time({bare}), {as_list(formats_of(self.word))}))"
        if self.word != "iso":
            return plain
        quick = f"CASE WHEN regexp_matches({bare}, '^\\d{{4}}-') THEN epoch_us(TRY_CAST({bare} AS TIMESTAMP)) END"
        return f"coalesce({quick}, {plain})"

    def offset_sql(self, text: str) -> str:
        """SQL for the offset from UTC that stands in the text itself, in microseconds; NULL where none does."""
        if self.absolute:
            return "0"
        if not self.offsets:
            return "CAST(NULL AS BIGINT)"
        part = f"regexp_extract({text}, {literal(OFFSET_END)}, 2)"
        minutes = (
            f"CAST(substr({part}, 2, 2) AS BIGINT) * 60"
            f" + coalesce(TRY_CAST(regexp_extract({part}, '^[+-]\\d\\d:?(\\d\\d)$', 1) AS BIGINT), 0)"
        )
        return (
            f"CASE WHEN NOT regexp_matches({text}, {literal(OFFSET)}) THEN NULL"
            f" WHEN {part} IN ('Z', 'UTC', 'GMT') THEN 0"
            f" ELSE (CASE WHEN starts_with({part}, '-') THEN -60000000 ELSE 60000000 END) * ({minutes}) END"
        )


OFFSET_END = r"(:\d\d(?:[.,]\d+)?)\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)$"

MACRO = (
    "CREATE OR REPLACE MACRO plain_time(t) AS "
    "regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace("
    # 2024年1月2日 10时05分 -> 2024-1-2 10:05
    "regexp_replace(translate(t, '年月时點点时時分/．', '--::::::-.'), '[日号號]\\s*', ' ', 'g'),"
    # a weekday before or after, a comma, a T between day and clock
    " '(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\\.?,?\\s+', ''),"
    " '[,，]\\s*', ' ', 'g'), '^(\\d{4}-?\\d{1,2}-?\\d{1,2})T', '\\1 '),"
    # 01.02.2024 -> 01-02-2024; 3 Jan 2024, Jan 3 2024 -> 3-Jan-2024, Jan-3-2024
    " '^(\\d{1,4})\\.(\\d{1,2})\\.(\\d{1,4})', '\\1-\\2-\\3'),"
    " '(?i)^(\\d{1,2}|[a-z]{3,9})\\.?[ -]+(\\d{1,2}|[a-z]{3,9})\\.?[ -]+(\\d{4}|\\d{2})\\b', '\\1-\\2-\\3'),"
    # 下午 3:05 -> 3:05 PM; 10:05: -> 10:05; no blank at the end
    " '^(.*?)\\s*(?:(上午|早上|凌晨|AM)|(下午|晚上|中午|PM))\\s*([\\d:]+)$',"
    " '\\1 \\4 ' || CASE WHEN regexp_matches(t, '上午|早上|凌晨|AM') THEN 'AM' ELSE 'PM' END)"
)


def macro() -> str:
    """The statement that defines `plain_time(t)`: a time in one usual form, its numbers in the order as written."""
    return f"{MACRO.replace('plain_time(t) AS ', 'plain_time(t) AS rtrim(')}, ' :-秒')"


def formats_of(word: str) -> tuple[str, ...]:
    """The strptime patterns of one order of day, month and year, for text that went through `plain_time`."""
    return tuple(day + clock for clock in CLOCKS for day in DAYS[word]) + EXTRA[word]


def as_list(texts: tuple[str, ...]) -> str:
    """Texts as a SQL list."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"


def declared_plan(formats: tuple[str, ...], offsets: bool) -> TimePlan:
    """The plan that a mapping declares."""
    if formats and "%" not in formats[0]:
        return TimePlan(formats[0], offsets=offsets)
    return TimePlan("formats", formats, offsets and not any("%z" in text or "%Z" in text for text in formats))


def evidence_sql(text: str, relation: str) -> str:
    """A query that counts how many values of `text` each way of writing reads.

    Columns: filled, iso, named, dmy, mdy, numeric, offsets, lowest, highest, dmy spread, mdy spread (days).
    """
    words = {word: TimePlan(word, offsets=True).local_sql("t") for word in DAYS}
    counts = ", ".join(f"count({sql}) AS n_{word}" for word, sql in words.items())
    day = 86_400_000_000
    return (
        f"SELECT count(*) AS filled, {counts}, count(number_of(t)),"
        f" count(*) FILTER (WHERE regexp_matches(t, {literal(OFFSET)})), min(number_of(t)), max(number_of(t)),"
        f" (max({words['dmy']}) - min({words['dmy']})) // {day},"
        f" (max({words['mdy']}) - min({words['mdy']})) // {day}"
        f" FROM (SELECT DISTINCT {text} AS t FROM {relation}) WHERE t IS NOT NULL"
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the values of a column say about how its times are written (see `evidence_sql`)."""

    filled: int
    iso: int
    named: int
    dmy: int
    mdy: int
    numeric: int
    offsets: int
    low: float | None
    high: float | None
    dmy_days: int | None
    mdy_days: int | None

    def plan(self, share: float = 0.5) -> TimePlan | None:
        """The way that reads most values, at least `share` of them; None where none does."""
        if self.numeric == self.filled and self.low is not None and self.high is not None and not self.iso:
            for word, (least, most) in {**EPOCH_RANGES, "excel": EXCEL_RANGE}.items():
                if least <= self.low and self.high <= most:
                    return TimePlan(word)
        counts = {"iso": self.iso, "named": self.named, "mdy": self.mdy, "dmy": self.dmy}
        best = max(counts, key=lambda word: (counts[word], word == self.likelier()))
        if counts[best] < max(1, share * self.filled):
            return None
        return TimePlan(best, offsets=self.offsets > 0)

    @property
    def ambiguous(self) -> bool:
        """True where every value could be day first as well as month first."""
        return self.dmy == self.mdy > max(self.iso, self.named)

    def likelier(self) -> str:
        """Of day first and month first the one that makes the shorter stretch of time, else day first."""
        if self.dmy_days is not None and self.mdy_days is not None and self.mdy_days < self.dmy_days:
            return "mdy"
        return "dmy"
