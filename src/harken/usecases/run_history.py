"""The history of analyses: what each was computed from, how that differs from the newest, and removing old ones."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harken.usecases.runs import Run, RunInfo, list_runs, load_run, newest_of_all
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

LEVELS_OFFERED = 20
OTHER_LEVEL = "other"


@dataclass(frozen=True, slots=True)
class Difference:
    """One input by name, as it is in two runs; None where a run does not have it."""

    name: str
    here: str | None
    there: str | None


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as the history lists it, beside the newest run of all customers.

    `same_data` is True where both read the same state of the data; `settings` and `versions` are those that
    differ, `here` being this run's; `kept` is True for the run that cannot be removed.
    """

    info: RunInfo
    same_data: bool
    settings: tuple[Difference, ...]
    versions: tuple[Difference, ...]
    kept: bool


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[Difference, ...]:
    """What differs between two maps of settings or versions, by name.

    >>> differences({"seed": "1", "margin": "1.0"}, {"seed": "2", "margin": "1.0"})
    (Difference(name='seed', here='1', there='2'),)
    """
    names = sorted({*here, *there})
    return tuple(
        Difference(name, here.get(name), there.get(name)) for name in names if here.get(name) != there.get(name)
    )


def past_runs(runs_root: Path) -> tuple[PastRun, ...]:
    """Every run, newest first, each beside the newest run of all customers."""
    runs = list_runs(runs_root)
    newest = newest_of_all(runs) or (runs[0] if runs else None)
    if newest is None:
        return ()
    return tuple(
        PastRun(
            info,
            info.pointer_id == newest.pointer_id,
            differences(info.settings, newest.settings),
            differences(info.versions, newest.versions),
            info.id == newest.id,
        )
        for info in runs
    )


def remove_run(runs_root: Path, run_id: str) -> RunInfo:
    """Remove one run by its id or the beginning of it; the newest of all customers is kept.

    Raises SettingsError for an id that is unknown or not unique, and for the run that is kept.
    """
    info = _info(runs_root, run_id)
    newest = newest_of_all(list_runs(runs_root))
    if newest is not None and newest.id == info.id:
        raise SettingsError(
            Message(gettext_noop("Run {id} is the newest: it is kept."), {"id": info.id}),
            Message(gettext_noop("Analyse again first, then remove it.")),
        )
    removed = runs_root / f".{info.id}.removed"
    shutil.rmtree(removed, ignore_errors=True)
    (runs_root / info.id).rename(removed)  # at once: a reader finds the whole run or none
    shutil.rmtree(removed)
    return info


def _info(runs_root: Path, run_id: str) -> RunInfo:
    matches = [info for info in list_runs(runs_root) if info.id.startswith(run_id)]
    return matches[0] if len(matches) == 1 else load_run(runs_root, run_id).info


def segments_of(run: Run) -> dict[str, tuple[str, ...]]:
    """Columns and their values that an analysis can be limited to, as a run of all customers knows them."""
    inventory = run.parts.get("inventory")
    features = getattr(inventory, "features", ())
    return {
        feature.name: tuple(level for level in feature.levels if level != OTHER_LEVEL)
        for feature in features
        if feature.type == "category" and 2 <= len(feature.levels) <= LEVELS_OFFERED
    }


def read_segment(text: str) -> tuple[str, str]:
    """A segment as commands and addresses name it; raises SettingsError where it is not column=value.

    >>> read_segment("plan=SmartHome")
    ('plan', 'SmartHome')
    """
    column, equals, value = text.partition("=")
    if not (column and equals and value):
        raise SettingsError(
            Message(gettext_noop("{text} is no segment."), {"text": text}),
            Message(gettext_noop("Write column=value, such as plan=SmartHome.")),
        )
    return column, value
