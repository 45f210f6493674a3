"""Scores of any period and segment from the answers of a run: equal to the run's own, and to a direct count."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import made_up
from harken.lake.facts import Question
from harken.learn.scores import Division, score_series, summarize
from harken.usecases.scores import Choice, choice_from, scores
from harken.usecases.scores.answers import AnswersHeld, QuestionAnswers, answers_of, answers_table, held_in
from harken.usecases.scores.live import live_score
from harken.usecases.scores.overview import overview_of
from harken.usecases.scores.waves import waves_of
from harken.usecases.workspaces import create_workspace
from harken.vocabulary.errors import NotEnoughData, SettingsError
from harken.vocabulary.messages import Message
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import SCALES

NPS = SCALES["nps_0_10"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from harken.usecases.analyzing.run import analyze

    root = tmp_path_factory.mktemp("scores") / "w"
    workspace = create_workspace(root, company="Made up", time_zone="UTC", currency="EUR")
    made_up.fill(workspace)
    return analyze(workspace, now_us=made_up.NOW)


def held(seed=1, n=900):
    """Two waves of answers of hand-made customers with two divisions, and a second question."""
    rng = np.random.default_rng(seed)

    def asked(name, scale_id):
        customer = np.sort(rng.integers(0, 500, n))
        day = np.where(rng.random(n) < 0.5, np.datetime64("2026-01-10"), np.datetime64("2026-04-10"))
        day = day + rng.integers(0, 5, n)
        order = np.lexsort((day, customer))
        customer, day = customer[order], day[order]
        score = rng.integers(int(SCALES[scale_id].minimum), int(SCALES[scale_id].maximum) + 1, n).astype(float)
        plan = Division("plan", Message("Plan"), customer % 3 - 1, ("Basic", "Plus"))
        return QuestionAnswers(
            Question("survey", name, scale_id, n, 500, True), SCALES[scale_id], customer, score, None, day,
            customer // 4, (plan,),
        )  # fmt: skip

    return AnswersHeld((asked("recommend", "nps_0_10"), asked("easy", "ces_1_7_easy")), None, 3)


def test_live_numbers_are_the_runs_own_digit_by_digit(run):
    own, kept = run.part("scores"), answers_of(run)
    assert overview_of(kept, Choice(None, kept.window)) == own
    view = scores(run)
    assert view.overview == own
    assert view.shown.period == own.period
    assert view.shown.question == own.question.name
    assert scores(run, Choice(period=own.period)).overview.summary == own.summary


def test_the_wave_before_is_compared_where_the_period_before_is_empty(run):
    view = scores(run)
    assert len(view.options.waves) == 2
    assert view.comparison.before_period == view.options.waves[1].period
    assert view.comparison.change.real
    assert view.comparison.change.better is False


def test_answers_survive_the_file(tmp_path):
    import pyarrow.parquet

    before = held()
    pyarrow.parquet.write_table(answers_table(before), tmp_path / "a.parquet")
    after = held_in(pyarrow.parquet.read_table(tmp_path / "a.parquet"))
    assert (after.window, after.seed) == (before.window, before.seed)
    for one, other in zip(before.questions, after.questions, strict=True):
        assert (one.question, one.scale) == (other.question, other.scale)
        for name in ("customer", "score", "day", "account"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
        assert other.weight is None
        assert np.array_equal(one.divisions[0].codes, other.divisions[0].codes)
        assert one.divisions[0].levels == other.divisions[0].levels


def test_a_period_and_a_segment_are_counted_by_hand():
    kept = held()
    asked = kept.questions[0]
    period = Period(date(2026, 4, 1), date(2026, 5, 1))
    found = overview_of(kept, Choice("survey/recommend", period, ("plan", "Plus")))
    rows = (asked.customer % 3 == 2) & (asked.day >= np.datetime64("2026-04-01"))
    assert found.summary == summarize(asked.score[rows], NPS, customer_id=asked.customer[rows], period=period)
    assert found.segments == (), "a segment is not divided by itself"
    other = kept.questions[1]
    rows = (other.customer % 3 == 2) & (other.day >= np.datetime64("2026-04-01"))
    assert found.others[0].summary.n == rows.sum()
    course = overview_of(kept, Choice("survey/recommend", None)).series
    months = asked.day.astype("datetime64[M]").astype(int)
    if course is not None:
        assert course == score_series(
            asked.score, (months - months.min()) // 3, course.periods, NPS, customer_id=asked.customer
        )


def test_waves_are_runs_of_answers_without_a_long_pause():
    waves = waves_of(held().questions[0])
    assert [wave.period.start for wave in waves] == [date(2026, 4, 10), date(2026, 1, 10)]
    assert [wave.period.days for wave in waves] == [5, 5]
    assert sum(wave.answers for wave in waves) == 900
    steady = replace(held().questions[0], day=np.datetime64("2026-01-01") + np.arange(900) // 10)
    assert waves_of(steady) == ()


def test_a_choice_in_an_address_is_read_back():
    choice = choice_from(
        {"question": "a/b", "from": "2026-01-01", "to": "2026-01-31", "segment": "plan:x:y",
         "before": "2025-12-01_2025-12-31"}
    )  # fmt: skip
    assert choice.segment == ("plan", "x:y")
    assert choice.period == Period(date(2026, 1, 1), date(2026, 2, 1))
    assert choice_from(choice.address()) == choice
    assert not choice_from({}).made
    assert choice_from({"segment": "plan=x"}).segment == ("plan", "x"), "as analyses of a segment name it"


@pytest.mark.parametrize(
    "parts",
    [
        {"from": "yesterday"},
        {"from": "2026-02-30"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"segment": "plan"},
        {"from": "0001-01-01"},
        {"before": "x_y"},
    ],
)
def test_what_is_no_choice_is_refused(parts):
    with pytest.raises(SettingsError):
        choice_from(parts)


def test_what_the_run_does_not_know_is_refused(run):
    for choice in (Choice(question="no/such"), Choice(segment=("plan", "x")), Choice(segment=("language", "xx"))):
        with pytest.raises(SettingsError, match="analysis"):
            scores(run, choice)
    own = scores(run).shown.period
    with pytest.raises(SettingsError, match="overlap"):
        scores(run, Choice(before=own))


def test_a_period_without_answers_says_so(run):
    view = scores(run, Choice(period=Period(date(2020, 1, 1), date(2020, 2, 1))))
    assert view.overview.summary.n == 0
    assert view.overview.segments == ()
    assert "Nobody answered" in str(view.comparison.finding)


def test_a_run_without_answers_says_why(run, tmp_path):
    empty = replace(run, folder=tmp_path)
    with pytest.raises(NotEnoughData):
        scores(empty)


def running(after_shares, n=400, seed=3):
    """Answers of May (20/30/50 per cent) and, with other shares, of 1 to 20 June."""
    rng = np.random.default_rng(seed)
    day = np.r_[
        np.datetime64("2026-05-01") + rng.integers(0, 31, n), np.datetime64("2026-06-01") + rng.integers(0, 20, n)
    ]
    day[-1] = np.datetime64("2026-06-20")
    score = np.r_[
        rng.choice([3.0, 7.0, 10.0], n, p=[0.2, 0.3, 0.5]), rng.choice([3.0, 7.0, 10.0], n, p=after_shares)
    ]
    return QuestionAnswers(
        Question("survey", "recommend", "nps_0_10", 2 * n, 2 * n, True), NPS, np.arange(2 * n), score, None, day,
        None, (),
    )  # fmt: skip


def test_the_running_period_has_a_band_and_speaks_only_of_what_lasts():
    alike, fallen = running([0.2, 0.3, 0.5]), running([0.5, 0.3, 0.2])
    same, down = (live_score(one, np.ones(800, dtype=bool)) for one in (alike, fallen))
    assert same.period == down.period == Period(date(2026, 6, 1), date(2026, 6, 21))
    assert same.days[-1] == date(2026, 6, 20)
    now = summarize(alike.score[400:], NPS).headline
    assert same.now.value == pytest.approx(now.value)
    assert same.now.interval.half_width > 1.4 * now.interval.half_width
    assert same.before.value == pytest.approx(summarize(alike.score[:400], NPS).headline.value)
    assert (same.beyond, down.beyond) == (False, True)
    assert "can be chance" in str(same.finding)
    assert "more than chance" in str(down.finding)
    assert "From 2026-05-01 to 2026-05-31 it was" in str(down.finding)
    pause = np.where(np.arange(800) < 400, alike.day - 61, alike.day)
    paused = live_score(replace(alike, day=pause), np.ones(800, dtype=bool))
    assert paused.before.value == same.before.value, "waves with pauses between them are compared too"
    few = alike.day >= np.datetime64("2026-06-20")
    assert few.sum() < 30
    only = live_score(alike, few)
    assert only.now is None
    assert only.period.start == date(2026, 1, 1), "a longer period is tried where a month has too few answers"
    assert str(only.finding).startswith(f"{few.sum()} answers since 2026-01-01")
    assert live_score(replace(alike, day=None), np.ones(800, dtype=bool)) is None
    assert live_score(alike, np.zeros(800, dtype=bool)) is None
