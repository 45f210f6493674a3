"""`analyze`: from the lake to a run; parts that cannot run say why, the rest runs."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from harken import __version__
from harken.lake import facts
from harken.lake.locking import WriteLock
from harken.lake.log import Lake
from harken.learn.drivers import FamilyRanking
from harken.learn.drivers.held_equal import EFFECT_CUSTOMERS_MAX
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing import actions, lifetimes, retention, scenarios, scores
from harken.usecases.analyzing.beside import Beside, tables_ahead
from harken.usecases.analyzing.context import (
    FIT_CUSTOMERS,
    Context,
    declared_parts,
    good_outcomes_in,
    part_of,
    scales_in,
)
from harken.usecases.analyzing.customers import customer_columns, without_columns
from harken.usecases.analyzing.gaming import gaming_scan
from harken.usecases.analyzing.inventory import data_inventory
from harken.usecases.analyzing.plan import (
    AnalysisPlan,
    choose_as_of,
    choose_outcome,
    choose_question,
    choose_window,
)
from harken.usecases.analyzing.segments import within
from harken.usecases.analyzing.voices import voices
from harken.usecases.parts import PARTS
from harken.usecases.runs import NotRun, Run, RunInfo, cache_key, load_run, utc, write_run
from harken.usecases.scores.answers import AnswersHeld, answers_table
from harken.usecases.scores.overview import ScoreOverview
from harken.usecases.workspaces import Settings, Workspace, settings_text
from harken.vocabulary.errors import DataError, HarkenError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

LIBRARIES = ("numpy", "scipy", "scikit-learn", "duckdb", "deltalake")
T = TypeVar("T")


def analyze(
    workspace: Workspace,
    *,
    now_us: int,
    progress: Progress = silent,
    again: bool = False,
    segment: tuple[str, str] | None = None,
    memory_limit_bytes: int | None = None,
) -> Run:
    """Compute everything the data allow and keep it as a run, of all customers or of one `segment` (column, value).

    `now_us` is only noted as the run's time: results depend on the lake, the settings, the seed and the library
    versions alone, and an equal run that exists is returned as it is unless `again`. Raises Busy where another
    analysis runs, DataError for an empty lake, SettingsError for settings or a segment that name what the data do
    not hold.
    """
    begun = time.perf_counter()
    import sklearn.ensemble  # noqa: F401  # loaded first, so that the limit on threads reaches its libraries

    with WriteLock(workspace.runs_root, Message(gettext_noop("an analysis")), now_us):
        lake = Lake(workspace.lake_root)
        pinned = lake.pin()
        run_id = cache_key(
            pinned.pointer_id, settings_text(workspace.settings), workspace.settings.seed, versions(), segment
        )
        if not again and (workspace.runs_root / run_id / "run.json").exists():
            return load_run(workspace.runs_root, run_id)
        progress(Message(gettext_noop("Reading the data")), 0.0)
        with ExitStack() as stack:
            connection = stack.enter_context(pinned.connect(memory_limit_bytes=memory_limit_bytes))
            context = prepare(workspace.settings, lake, pinned, connection, progress, memory_limit_bytes)
            limited = None
            if segment is not None:
                context, limited = stack.enter_context(within(context, *segment))
            # Threads inside one model cost small bases more than they bring; there two parts run side by side.
            limit = 1 if context.span.people <= FIT_CUSTOMERS else None
            with threadpool_limits(limit), tables_ahead(context, later_moments(context)):
                parts, customers, answers = compute(context)
        progress(Message(gettext_noop("The analysis is done.")), 1.0)  # the last moment to stop it
        info = RunInfo(
            id=run_id,
            created=utc(now_us),
            as_of=context.plan.as_of,
            pointer_id=pinned.pointer_id,
            seed=workspace.settings.seed,
            settings=settings_text(workspace.settings),
            versions=versions(),
            seconds=round(time.perf_counter() - begun, 2),
            customers=customers.num_rows,
            not_run={name: part.reason for name, part in parts.items() if isinstance(part, NotRun)},
            segment=limited,
        )
        return write_run(workspace.runs_root, info, parts, customers, answers)


def versions() -> dict[str, str]:
    """Versions that results depend on."""
    return {"harken": __version__, "python": platform.python_version()} | {
        name: version(name) for name in LIBRARIES
    }


def prepare(
    settings: Settings,
    lake: Lake,
    pinned: Any,
    connection: Any,
    progress: Progress,
    memory_limit_bytes: int | None,
) -> Context:
    """Look at what the lake holds and decide what to do; raises DataError for an empty lake."""
    span = facts.span(connection)
    if span.people == 0:
        raise DataError(
            Message(gettext_noop("There are no customers yet.")),
            Message(gettext_noop("Import your data first: `harken import FILES`.")),
        )
    questions = facts.questions(connection)
    as_of, as_of_us = choose_as_of(settings, span)
    question = choose_question(settings, questions)
    orders = int(connection.execute("select count(*) from signals where kind = 'order'").fetchone()[0])
    declared = declared_parts([record.mapping_toml for record in lake.imports() if not record.undone])
    outcome = choose_outcome(
        settings,
        facts.outcome_names(connection),
        orders if as_of_us is not None else 0,
        good_outcomes_in(declared),
    )
    answered = facts.answers(connection, question).ts_us if question is not None else np.zeros(0, np.int64)
    window_days, from_us = choose_window(settings, as_of_us, question, answered)
    plan = AnalysisPlan(
        as_of=as_of,
        as_of_us=as_of_us,
        score=question,
        score_from_us=from_us,
        score_window_days=window_days,
        outcome=outcome,
        segments=settings.segments,
        value_column=settings.value_column,
        margin=settings.margin,
        seed=settings.seed,
        notes=(),
    )
    scales = scales_in(declared)
    return Context(pinned, connection, settings, plan, span, questions, scales, progress, memory_limit_bytes)


def compute(context: Context) -> tuple[dict[str, Any], Any, Any]:
    """Every part of the run, the columns of all customers, and all answers (None where there are none)."""
    parts: dict[str, Any] = {}
    progress = context.progress

    def attempt(name: str, work: Callable[[], T]) -> T | None:
        try:
            parts[name] = work()
        except (NotEnoughData, DataError) as error:
            parts[name] = NotRun(_reason(error))
            return None
        return parts[name]  # type: ignore[no-any-return]

    progress(Message(gettext_noop("Computing features of all customers")), 0.02)
    everyone: FeatureTable | None = None
    if needed_at_once(context):
        everyone = context.table(context.plan.as_of_us)
    data = attempt("outcome", lambda: retention.retention_data(context, everyone))
    if data is not None:
        parts["outcome"] = data.definition
        progress(Message(gettext_noop("Looking for columns that know the outcome")), 0.2)
        leaks = attempt("leaks", lambda: retention.leak_scan(context, data))
        context.leaks = leaks.names if leaks is not None else ()
    else:
        parts["leaks"] = parts["outcome"]
    kept: list[AnswersHeld] = []
    both = Beside(context, lambda own: _speak_of_answers(own, attempt, everyone, kept))
    with both:
        table = everyone if everyone is not None else context.table(context.plan.as_of_us)
        attempt("inventory", lambda: data_inventory(context))
        if data is None:
            for name in (
                "retention",
                "drivers",
                "levers",
                "value",
                "actions",
                "segments",
                "what_if",
                "survival",
                "lifetime_value",
            ):
                parts[name] = parts["outcome"]
            leaving = actions.Leaving(None, None)
        else:
            leaving = actions.speak_of_leaving(context, attempt, data, table)
            lifetimes.speak_of_lifetimes(context, attempt, data, table, leaving)
    if data is not None:
        levers = None if isinstance(parts["levers"], NotRun) else parts["levers"]
        attempt("what_if", lambda: scenarios.what_if_answers(
            context, data, levers, table, leaving.value, both.result))  # fmt: skip
    customers = customer_columns(context, table, parts, leaving)
    attempt("voices", lambda: voices(context, customers))
    answers = answers_table(kept[0]) if kept else None
    return {name: without_columns(parts[name]) for name in PARTS}, customers, answers


def needed_at_once(context: Context) -> bool:
    """True where everything is learned from features as of the analysis itself."""
    undated = context.plan.outcome is not None and context.plan.outcome.kind == "snapshot"
    return context.plan.score_from_us is None or undated


def later_moments(context: Context) -> tuple[int | None, ...]:
    """When features of all customers are needed after those that leaving is learned from."""
    if needed_at_once(context):
        return ()
    before = () if context.plan.score is None else (context.plan.score_from_us,)
    return (context.plan.as_of_us, *before)


def _speak_of_answers(
    context: Context,
    attempt: Callable[[str, Callable[[], Any]], Any],
    everyone: FeatureTable | None,
    kept: list[AnswersHeld],
) -> scores.Scored | None:
    progress = context.progress
    progress(Message(gettext_noop("Computing features before the survey")), 0.25)
    before = everyone
    if context.plan.score is not None and (everyone is None or context.plan.score_from_us is not None):
        before = context.table(context.plan.score_from_us)
    if before is not None:
        before = known_before(before, context.leaks)
    progress(Message(gettext_noop("Scores of those who answered")), 0.4)

    def overview() -> ScoreOverview:
        kept.append(scores.held_answers(context, before))
        return scores.score_overview(context, kept[0])

    attempt("scores", overview)
    attempt("ratings", lambda: scores.rating_drivers(context))
    attempt("gaming", lambda: gaming_scan(context))
    attempt("whole_base", lambda: _with_table(before, lambda table: scores.whole_base(
        context, table, part_of(progress, 0.42, 0.58))))  # fmt: skip
    answered: list[scores.Scored] = []

    def drivers(table: FeatureTable) -> FamilyRanking:
        answered.append(scores.scored_customers(context, table))
        return scores.score_drivers(context, answered[0], part_of(progress, 0.58, 0.64))

    attempt("score_drivers", lambda: _with_table(before, drivers))
    return answered[0].sample(context.plan.seed, EFFECT_CUSTOMERS_MAX) if answered else None


def _with_table(table: FeatureTable | None, work: Callable[[FeatureTable], T]) -> T:
    if table is None:
        raise NotEnoughData(
            Message(gettext_noop("There are no answers with a score.")),
            Message(gettext_noop("Import a survey, or map its score column with a scale.")),
        )
    return work(table)


def known_before(table: FeatureTable, leaks: tuple[str, ...]) -> FeatureTable:
    """The table without columns that know the outcome: they were written later."""
    kept = [index for index, feature in enumerate(table.features) if feature.name not in set(leaks)]
    if len(kept) == len(table.features):
        return table
    features = tuple(table.features[index] for index in kept)
    # one copy, columns still one after the other in memory
    return FeatureTable(table.customer_id, table.values.T[kept].T, features, table.as_of_us)


def _reason(error: HarkenError) -> Message:
    problems = [problem.message() for problem in error.problems]
    if problems:
        return Message(gettext_noop("{what} {first}"), {"what": error.what, "first": problems[0]})
    if error.todo is not None:
        return Message(gettext_noop("{what} {todo}"), {"what": error.what, "todo": error.todo})
    return error.what
