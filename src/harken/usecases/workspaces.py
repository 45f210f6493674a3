"""A workspace: one company's folder with its settings, lake, runs and records."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from harken.usecases.benchmarks import Benchmark, read_benchmarks
from harken.usecases.margins import KnownMargin, read_margins
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    from harken.unify.features.formulas import FormulaText

SETTINGS_FILE = "harken.toml"
DEMO_MARKER = "demo.json"
"""In a workspace as long as the demo company visits it."""

TEMPLATE = """\
# Harken's settings for one company. Everything has a default; change what does not fit.

[company]
name = "{name}"
time_zone = "{time_zone}"    # days are counted here; times without a zone are read as local to it
currency = "{currency}"             # reporting currency

[analysis]
# as_of = 2026-06-30               # default: the day after the last signal
# score = "relationship/recommend" # programme/question; default: the most answered one
# score_window_days = 90           # days of answers before as_of; default: 90, longer where answers are few
# segments = ["region", "plan"]    # columns of your customer tables; default: those with few values
seed = 1

[retention]
# outcome = "churn"                # default: the only outcome imported; "no_order" lets Harken propose one
# outcome_is_good = false          # true where the event is wanted, such as a renewal
# horizon_days = 90

[value]
# column = "yearly_value"          # money per customer and year; default: the declared column, else a year's orders
# margin = 1.0                     # share of the money that is margin

# [[feature]]                      # a measure of your own
# name = "order_value_mean_90d"
# formula = "order_amount_sum_90d / order_count_90d"

# [[benchmarks]]                   # somebody else's score, shown beside yours on the same scale
# source = "Annual survey of the trade association"
# year = 2025
# scale = "nps_0_10"
# value = 31
# n = 1200                         # optional: how many answered there; without it no range can be given
# question = "relationship/recommend" # optional: only beside this question

# [[margins]]                      # what you know of all customers: scores are shown weighed to it as well
# column = "plan"
# totals = {{ Basic = 12000, Plus = 3000 }}
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `harken.toml` says; None where Harken chooses from the data."""

    company: str = ""
    time_zone: str = "UTC"
    currency: str = "EUR"
    as_of: date | None = None
    score: str | None = None
    score_window_days: int | None = None
    segments: tuple[str, ...] | None = None
    seed: int = 1
    outcome: str | None = None
    outcome_is_good: bool = False
    horizon_days: int | None = None
    value_column: str | None = None
    margin: float = 1.0
    formulas: tuple[FormulaText, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    margins: tuple[KnownMargin, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's folder. `root` holds harken.toml, lake/, runs/, rejected/, mappings/ and the records."""

    root: Path
    settings: Settings = field(default_factory=Settings)

    @property
    def lake_root(self) -> Path:
        """Where the event log lives."""
        return self.root / "lake"

    @property
    def runs_root(self) -> Path:
        """Where results of analyses live."""
        return self.root / "runs"

    @property
    def visited_by_demo(self) -> bool:
        """True while the simulated demo company stands in for the company's own data."""
        return (self.root / DEMO_MARKER).exists()


def settings_text(settings: Settings) -> dict[str, str]:
    """The settings that shape an analysis, as text; the company's name, benchmarks and margins do not."""
    fields = dataclasses.asdict(settings)
    for page_only in ("company", "benchmarks", "margins"):
        fields.pop(page_only)
    return {name: str(value) for name, value in sorted(fields.items()) if value is not None}


KNOWN_SETTINGS: Mapping[tuple[str, str], tuple[str, type | tuple[type, ...], str]] = {
    ("company", "name"): ("company", str, gettext_noop("a text")),
    ("company", "time_zone"): ("time_zone", str, gettext_noop("a time zone such as Asia/Shanghai")),
    ("company", "currency"): ("currency", str, gettext_noop("a currency code such as CNY")),
    ("analysis", "as_of"): ("as_of", date, gettext_noop("a date such as 2026-06-30")),
    ("analysis", "score"): ("score", str, gettext_noop("programme/question")),
    ("analysis", "score_window_days"): ("score_window_days", int, gettext_noop("a whole number of days")),
    ("analysis", "segments"): ("segments", list, gettext_noop("a list of column names")),
    ("analysis", "seed"): ("seed", int, gettext_noop("a whole number")),
    ("retention", "outcome"): ("outcome", str, gettext_noop("the name of an outcome")),
    ("retention", "outcome_is_good"): ("outcome_is_good", bool, gettext_noop("true or false")),
    ("retention", "horizon_days"): ("horizon_days", int, gettext_noop("a whole number of days")),
    ("value", "column"): ("value_column", str, gettext_noop("the name of a column")),
    ("value", "margin"): ("margin", (int, float), gettext_noop("a number from 0 to 1")),
}


_LISTS: Mapping[str, Callable[[Any, str], tuple[Any, ...]]] = {
    "benchmarks": read_benchmarks,
    "margins": read_margins,
}


def read_settings(text: str, *, file: str = SETTINGS_FILE) -> Settings:
    """The settings in a harken.toml, all mistakes reported at once.

    Raises SettingsError for unknown sections or keys, values of the wrong kind, unknown zones, a margin outside 0
    to 1, days below 1.

    >>> read_settings('[company]\\ntime_zone = "Asia/Taipei"').time_zone
    'Asia/Taipei'
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = Problem(Message(gettext_noop("it is not valid TOML: {error}"), {"error": str(error)}), file)
        raise _unusable([problem]) from None
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for section, content in document.items():
        if section == "feature":
            values["formulas"] = _formulas(content, file, problems)
            continue
        if section in _LISTS:
            values[section] = _list(section, content, file, problems)
            continue
        for key, value in content.items() if isinstance(content, dict) else [("", content)]:
            if (section, key) not in KNOWN_SETTINGS:
                known = ", ".join(f"[{s}] {k}" for s, k in KNOWN_SETTINGS)
                reason = Message(gettext_noop("this setting is not known; known are {known}"), {"known": known})
                problems.append(Problem(reason, file, column=f"[{section}] {key}"))
                continue
            name, kind, expected = KNOWN_SETTINGS[section, key]
            wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
            if wrong or not _in_range(name, value):
                reason = Message(
                    gettext_noop("{value} is not {expected}"), {"value": str(value), "expected": Message(expected)}
                )
                problems.append(Problem(reason, file, column=f"[{section}] {key}", value=str(value)))
                continue
            values[name] = tuple(value) if isinstance(value, list) else value
    if problems:
        raise _unusable(problems)
    return Settings(**values)


def _formulas(entries: Any, file: str, problems: list[Problem]) -> tuple[FormulaText, ...]:
    from harken.unify.features.formulas import read_formulas

    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.append(
            Problem(Message(gettext_noop("a feature begins with [[feature]]")), file, column="[feature]")
        )
        return ()
    try:
        return read_formulas(entries, file)
    except SettingsError as error:
        problems.extend(error.problems)
        return ()


def _list(section: str, entries: Any, file: str, problems: list[Problem]) -> tuple[Any, ...]:
    """The entries of [[benchmarks]] or [[margins]], their mistakes added to the others."""
    try:
        return _LISTS[section](entries, file)
    except SettingsError as error:
        problems.extend(error.problems)
        return ()


def _in_range(name: str, value: Any) -> bool:
    if name in ("score_window_days", "horizon_days"):
        return bool(value >= 1)
    if name == "margin":
        return bool(0 < value <= 1)
    if name == "time_zone":
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            return False
    if name == "currency":
        return len(value) == 3 and value.isupper()
    return True


def _unusable(problems: list[Problem]) -> SettingsError:
    return SettingsError(
        Message(gettext_noop("The settings cannot be used.")),
        Message(gettext_noop("Correct the named places in {file} and try again."), {"file": problems[0].file}),
        problems,
    )


def new_settings(company: str, time_zone: str, currency: str, segments: tuple[str, ...] = ()) -> str:
    """The text of a harken.toml for a company that begins."""
    text = TEMPLATE.format(name=company.replace('"', "'"), time_zone=time_zone, currency=currency)
    if segments:
        text = re.sub("^# segments = .*$", f"segments = {json.dumps(list(segments))}", text, flags=re.MULTILINE)
    return text


def create_workspace(
    root: Path | str, *, company: str, time_zone: str = "UTC", currency: str = "EUR", segments: tuple[str, ...] = ()
) -> Workspace:
    """Make a folder ready for a company: settings file and empty stores. Raises SettingsError where one exists."""
    root = Path(root)
    path = root / SETTINGS_FILE
    if path.exists():
        raise SettingsError(
            Message(gettext_noop("{folder} already is a workspace."), {"folder": str(root)}),
            Message(gettext_noop("Use it as it is, or name another folder.")),
        )
    text = new_settings(company, time_zone, currency, segments)
    settings = read_settings(text)
    root.mkdir(parents=True, exist_ok=True)
    for folder in ("lake", "runs", "rejected", "mappings"):
        (root / folder).mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Workspace(root, settings)


def open_workspace(root: Path) -> Workspace:
    """The workspace in a folder. Raises SettingsError where there is none or its settings are wrong."""
    path = root / SETTINGS_FILE
    if not path.exists():
        raise SettingsError(
            Message(gettext_noop("There is no Harken workspace in {folder}."), {"folder": str(root)}),
            Message(
                gettext_noop("Make one with `harken init {folder}`, or name yours with --workspace."),
                {"folder": str(root)},
            ),
        )
    return Workspace(root.resolve(), read_settings(path.read_text(encoding="utf-8"), file=str(path)))
