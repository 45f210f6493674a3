"""Hypotheses with a history that only grows, and decisions with what was known then; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from harken.records import hypotheses as records
from harken.records.hypotheses import Belief, Outside, StoredVerdict

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
WAITS = Belief("Long waits make customers leave", "leaving", "waiting", "", "more")
FIRST = StoredVerdict(
    NOW,
    "run1",
    date(2026, 2, 28),
    {"kind": "leaving", "subject": "waiting", "level": "", "side": "more"},
    "supported",
    "adjusted",
    4.512272971786501,
    0.1,
    8.9,
    672,
    "percentage points",
    0.043,
    6.1,
    3,
    None,
    None,
    {"agree": ["billing"], "against": [], "measured_by": ["service"]},
)


def written(root: Path, belief: Belief = WAITS) -> int:
    return records.add_hypothesis(root, belief, by="", now=NOW, asked_on=None)


def test_a_verdict_reads_as_it_was_written_and_is_never_changed(records_root: Path) -> None:
    from harken.records.models import Verdict

    number = written(records_root)
    assert records.add_verdicts(records_root, {number: FIRST}) == 1
    later = replace(FIRST, made=NOW + timedelta(days=1), together=9, p_adjusted=0.049)
    assert records.add_verdicts(records_root, {number: later}) == 0, "the same verdict of the same analysis"
    second = replace(later, run_id="run2", outcome="not_shown", value=1.0)
    assert records.add_verdicts(records_root, {number: second, 999: second}) == 1
    (one,) = records.hypotheses(records_root, number=number)
    assert one.verdicts == (second, FIRST)
    assert records.hypotheses(records_root)[0].verdicts == (second,)
    kept = Verdict.objects.get(run_id="run1")
    kept.outcome = "contradicted"
    with pytest.raises(TypeError, match="never changed"):
        kept.save()
    records.change_hypothesis(records_root, number, replace(WAITS, side="less"), asked_on=None)
    (one,) = records.hypotheses(records_root, number=number)
    assert (one.belief.side, one.verdicts[-1].claim["side"]) == ("less", "more"), "history keeps what was tested"


def test_a_decision_keeps_what_was_known_then(records_root: Path) -> None:
    number, other = written(records_root), written(records_root, Belief("The founder's calls keep them"))
    records.add_verdicts(records_root, {number: FIRST})
    records.add_decision(
        records_root, (number, other), text="Call back", decided=date(2026, 3, 1), decided_by="Li", by="", now=NOW
    )
    after = replace(FIRST, made=NOW + timedelta(days=1), run_id="run2", outcome="contradicted")
    records.add_verdicts(records_root, {number: after})
    first, second = records.hypotheses(records_root)
    assert first.verdicts == (after,)
    assert [decision.verdict for decision in (*first.decisions, *second.decisions)] == ["supported", ""]
    assert first.decisions[0].text == second.decisions[0].text == "Call back"


def test_outside_sources_and_retirement(records_root: Path) -> None:
    number = written(records_root)
    records.add_outside_source(records_root, number, Outside(0, "Lee", 2019, None, False), by="nobody", now=NOW)
    (one,) = records.hypotheses(records_root, active=True)
    assert [(source.citation, source.year, source.n, source.agrees) for source in one.outside] == [
        ("Lee", 2019, None, False)
    ]
    assert not records.remove_outside_source(records_root, number + 1, one.outside[0].id)
    assert records.remove_outside_source(records_root, number, one.outside[0].id)
    assert records.retire_hypothesis(records_root, number, NOW)
    assert records.hypotheses(records_root, active=True) == ()
    assert not records.retire_hypothesis(records_root, 999, NOW)
    assert records.hypotheses(records_root, number=number)[0].retired == NOW


def test_what_was_made_since_a_moment_is_forgotten_and_nothing_else(records_root: Path) -> None:
    before = written(records_root)
    later = NOW + timedelta(hours=1)
    since = records.add_hypothesis(records_root, WAITS, by="", now=later, asked_on=None)
    records.add_verdicts(records_root, {before: FIRST, since: replace(FIRST, made=later)})
    records.add_decision(
        records_root, (before,), text="x", decided=date(2026, 3, 1), decided_by="Li", by="", now=later
    )
    records.remove_since(records_root, NOW + timedelta(minutes=1))
    (kept,) = records.hypotheses(records_root)
    assert (kept.id, len(kept.verdicts), kept.decisions) == (before, 1, ())
