"""What a claim is held against is what the run found, the expected way round; what cannot be tested says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from harken.learn.hypotheses import Side, Verdict
from harken.usecases.hypotheses import choices, needs, suggestions
from harken.usecases.hypotheses.claims import KINDS, Claim, read_claim, said
from harken.usecases.hypotheses.testing import Measured, judge_claims, measure
from harken.usecases.runs import NotRun, Run, load_run
from harken.usecases.workspaces import open_workspace
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.estimates import Evidence
from harken.vocabulary.messages import Message


@pytest.fixture(scope="module")
def run(demo_workspace: Path) -> Run:
    return load_run(open_workspace(demo_workspace).runs_root)


def test_everything_that_is_offered_can_be_read_and_judged(run: Run) -> None:
    offered = [choice.key for group in choices(run.parts) for choice in group.choices]
    assert {key.partition(":")[0] for key in offered} == set(KINDS)
    assert len(set(offered)) == len(offered)
    for key in offered:
        assert read_claim(key, "either").key == key
        assert str(said(read_claim(key, "less"), run.parts))
    either = judge_claims(tuple(read_claim(key, "either") for key in offered), run.parts)
    assert all(one.measured is not None for one in either), "each can be tested one way at least"
    assert {one.together for one in either} == {len(offered)}
    assert all(str(one.measured.evidence) != "experimental" for one in either if one.measured)


def test_the_numbers_are_those_of_the_run_and_turn_with_the_side_that_is_bad(run: Run) -> None:
    for lever in run.part("levers").levers:
        if lever.part.high_is_unfavourable is None:
            continue
        found = measure(Claim("leaving", lever.family, side=Side.MORE), run.parts)
        assert isinstance(found, Measured)
        sign = 1 if lever.part.high_is_unfavourable else -1
        assert found.estimate.value == pytest.approx(100 * sign * lever.effect.adjusted.estimate.value)
        assert found.evidence is lever.effect.adjusted.evidence
    division = run.part("segments").divisions[0]
    level = division.levels[0]
    found = measure(Claim("segment-leaving", division.name, level.label), run.parts)
    assert isinstance(found, Measured)
    assert found.estimate.value == pytest.approx(100 * (level.leaving.share.value - level.leaving.rest.value))
    assert found.evidence is Evidence.ASSOCIATIONAL
    assert (found.told_by, found.measured_by) == ({"billing"}, {"crm"})


def test_opposite_beliefs_are_never_both_supported(run: Run) -> None:
    keys = [choice.key for group in choices(run.parts) for choice in group.choices]
    claims = [read_claim(key, side) for key in keys for side in ("more", "less")]
    found = judge_claims(tuple(claims), run.parts)
    for more, less in zip(found[::2], found[1::2], strict=True):
        verdicts = {more.verdict, less.verdict}
        assert verdicts in (
            {Verdict.NOT_SHOWN},
            {Verdict.CANNOT_BE_TESTED},
            {Verdict.SUPPORTED, Verdict.CONTRADICTED},
        )
        for one in (more, less):
            told = set() if one.measured is None else one.measured.told_by
            assert one.verdict is not Verdict.SUPPORTED or told <= {*one.agree, *one.against} or not one.agree


def test_what_cannot_be_tested_says_which_data_are_missing(run: Run) -> None:
    claims = (
        Claim(),
        Claim("leaving", "parking"),
        Claim("lever", "no_such_measure"),
        Claim("segment-score", "plan", "Platinum"),
        Claim("change", "another/question"),
        Claim("leaving", "tenure", side=Side.MORE),
    )
    found = judge_claims(claims, run.parts)
    assert {one.verdict for one in found} == {Verdict.CANNOT_BE_TESTED}
    assert len({str(one.reason) for one in found}) == len(claims)
    assert not any(need.held for need in needs(Claim("leaving", "parking"), run.parts)[:1])
    assert needs(Claim(), run.parts) == ()
    waiting = needs(Claim("leaving", "waiting"), run.parts)
    assert [(need.held, need.sources) for need in waiting] == [(True, ("service",)), (True, ("billing",))]
    assert all(0 < need.covered <= need.customers for need in waiting if need.covered is not None)


def test_a_part_that_could_not_run_passes_its_reason_on(run: Run) -> None:
    why = Message("too few left")
    parts = dict(run.parts) | dict.fromkeys(("levers", "drivers", "segments"), NotRun(why))
    for claim in (Claim("leaving", "waiting"), Claim("lever", "x"), Claim("segment-leaving", "plan", "Plus")):
        (found,) = judge_claims((claim,), parts)
        assert (found.verdict, found.reason) == (Verdict.CANNOT_BE_TESTED, why)
    (older,) = judge_claims((Claim("score", "waiting"),), {})
    assert "older" in str(older.reason)


def test_suggestions_do_not_follow_what_was_found(run: Run) -> None:
    told = suggestions(run.parts)
    assert 5 <= len(told) <= 10
    ranked = [row.family for row in run.part("drivers").families]
    assert [one.key.partition(":")[2] for one in told] != ranked[: len(told)]
    assert told[0].key not in {one.key for one in suggestions(run.parts, frozenset({told[0].key}))}


@pytest.mark.parametrize("key", ["waiting", "leaving:", "segment-score:plan", "cause:waiting", ":x"])
def test_what_is_nothing_a_hypothesis_can_be_about_is_refused(key: str) -> None:
    with pytest.raises(SettingsError, match="nothing a hypothesis"):
        read_claim(key, "more")
    with pytest.raises(SettingsError, match="more, less"):
        read_claim("leaving:waiting", "up")
