"""The score of all customers from the few who answer, by cross-fitted doubly robust estimation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.folds import folds as folds_of
from harken.learn.folds import sample_mask
from harken.learn.whole_base.answering import Answering, chances_of_answering
from harken.learn.whole_base.calibration import calibration_errors, fit_band_calibrator, fit_score_calibrator
from harken.learn.whole_base.conformal import plausible_bands
from harken.learn.whole_base.heard import ROWS as HEARD_ROWS
from harken.learn.whole_base.heard import HeardGroup, heard_groups
from harken.learn.whole_base.inputs import Base, Segments, prepare
from harken.learn.whole_base.outcome import predict_outcomes
from harken.learn.whole_base.overlap import check_overlap, overlap_of
from harken.learn.whole_base.result import CustomerColumns, GroupScore, SegmentScores, WholeBase
from harken.learn.whole_base.segments import Contributions, group_scores
from harken.learn.whole_base.sensitivity import Sensitivity, Silent, assess
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent
from harken.vocabulary.scales import Headline, Scale

Floats = NDArray[np.float64]

SILENT_ROWS = 50_000
"""What mood would do is averaged over at most this many silent customers."""


def estimate_whole_base(
    features: FeatureTable,
    answered: NDArray[np.bool_],
    score: Floats,
    scale: Scale,
    *,
    weights: Floats | None = None,
    seed: int,
    folds: int = 5,
    fit_sample: int = 200_000,
    segments: Segments | None = None,
    progress: Progress = silent,
) -> WholeBase:
    """The score of all customers, estimated from those who answered and from what is known of everybody.

    `features` of n customers, all known BEFORE the answers were given: features that look back on the survey or
    on what followed it would smuggle the answer in, and nothing here can notice that; it is the caller's duty.
    `answered` bool (n,); `score` (n,) on `scale`, NaN where silent, one answer per customer; `weights` (n,) above
    zero, how many customers a row stands for; `segments` maps a name to codes (n,) (negative = not known) and
    labels. Models are fitted on at most `fit_sample` customers and predict all.

    Method: augmented inverse-propensity weighting with `folds`-fold cross-fitting (Robins, Rotnitzky and Zhao
    1994; Chernozhukov et al. 2018, eq. 5.3). Outcome: gradient-boosted trees over the three bands, calibrated
    with inverse-propensity weights; propensity: ridge logistic regression on expanded features, clipped at 0.01.
    The interval is for exactly these customers (finite population). If answering depends on something no feature
    shows, every such estimate is wrong: read `sensitivity`.

    Raises `NotEnoughData` for fewer than 30 answers, nobody silent, one band only, no feature that varies,
    or where most customers have no like among those who answered;
    `DataError` for columns that do not fit.
    """
    base = prepare(features, answered, score, scale, weights, segments or {})
    fold = folds_of(base.table.customer_id, seed, folds)
    who = Message(gettext_noop("Learning who answers"))
    progress(who, 0.0)
    answering = chances_of_answering(base, fold, seed, fit_sample, lambda done: progress(who, 0.35 * done))
    check_overlap(answering, base.answered)
    progress(Message(gettext_noop("Learning what customers would answer")), 0.35)
    fitted = _expectations(base, scale, answering.chance, fold, seed, progress)
    progress(Message(gettext_noop("Adding up all customers")), 0.9)
    return _assemble(base, scale, fold, seed, answering, fitted)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Raw and calibrated band probabilities (n, 3), and the expected score (n,) where the headline is a mean."""

    raw: Floats
    bands: Floats
    score: Floats | None


def _expectations(
    base: Base, scale: Scale, chance: Floats, fold: NDArray[np.int64], seed: int, progress: Progress
) -> _Fitted:
    step = Message(gettext_noop("Learning what customers would answer"))
    mean = scale.headline is Headline.MEAN
    outcomes = predict_outcomes(
        base.table,
        base.answered,
        base.band,
        base.score if mean else None,
        fold,
        seed,
        lambda done: progress(step, 0.35 + 0.55 * done),
    )
    rows = base.answered
    weights = base.weight[rows] / chance[rows]
    calibrator = fit_band_calibrator(outcomes.bands[rows], base.band[rows], weights)
    expected = None
    if outcomes.score is not None:
        expected = fit_score_calibrator(outcomes.score[rows], base.score[rows], weights).apply(outcomes.score)
    return _Fitted(outcomes.bands, calibrator.apply(outcomes.bands), expected)


def _contributions(base: Base, scale: Scale, answering: Answering, fitted: _Fitted) -> Contributions:
    chance = answering.chance
    if fitted.score is not None:
        expected = fitted.score
    elif scale.headline is Headline.NET:
        expected = fitted.bands[:, 2] - fitted.bands[:, 0]
    else:
        expected = fitted.bands[:, 2]
    favourable = fitted.bands[:, 2]
    return Contributions(
        scale=scale,
        headline=scale.headline,
        answered=base.answered,
        value=base.value,
        score=base.score,
        chance=chance,
        expected=expected,
        residual=np.where(base.answered, (base.value - expected) / chance, 0.0),
        favourable=favourable + np.where(base.answered, ((base.band == 1) - favourable) / chance, 0.0),
        weight=base.weight,
        directions=answering.directions,
    )


def _assemble(
    base: Base,
    scale: Scale,
    fold: NDArray[np.int64],
    seed: int,
    answering: Answering,
    fitted: _Fitted,
) -> WholeBase:
    parts = _contributions(base, scale, answering, fitted)
    rows = base.answered
    total = group_scores(parts, np.zeros(len(rows), dtype=np.int64), ("",))[0]
    weights = base.weight[rows] / answering.chance[rows]
    share = base.weight / base.weight.sum()
    contribution = parts.unit * (parts.expected + parts.residual)
    gap = total.predicted - float(share @ contribution)
    overlap = overlap_of(base, answering, weights)
    plausible = plausible_bands(fitted.bands, rows, base.band, answering.chance)
    return WholeBase(
        scale_id=scale.id,
        headline=scale.headline,
        seed=seed,
        folds=int(fold.max()) + 1,
        fitted_on=answering.fitted_on,
        total=total,
        segments=tuple(
            SegmentScores(name, group_scores(parts, codes, labels))
            for name, (codes, labels) in base.segments.items()
        ),
        overlap=overlap,
        calibration=calibration_errors(fitted.raw[rows], base.band[rows], weights, fold[rows]),
        sensitivity=_sensitivity(base, scale, seed, total, answering, fitted, parts),
        heard=_heard(base, seed),
        standard_error=_exact_error(parts, share),
        standard_error_superpopulation=float(np.linalg.norm(share * (contribution - share @ contribution))),
        predicted_minus_total=gap,
        plausible_level=plausible.level,
        plausible_size=plausible.mean_size,
        notes=(*_notes(gap), *overlap.warnings),
        columns=CustomerColumns(
            customer_id=base.table.customer_id,
            answered=rows,
            answer_chance=answering.chance,
            unfavourable=fitted.bands[:, 0],
            middle=fitted.bands[:, 1],
            favourable=fitted.bands[:, 2],
            expected=parts.unit * parts.expected,
            contribution=contribution,
            residual=parts.unit * parts.residual,
            weight=base.weight,
            plausible_unfavourable=plausible.unfavourable,
            plausible_middle=plausible.middle,
            plausible_favourable=plausible.favourable,
        ),
    )


def _exact_error(parts: Contributions, share: Floats) -> float:
    """Standard error for exactly these customers, in headline units."""
    rows = parts.answered
    terms = (share[rows] * parts.unit * parts.residual[rows]) ** 2 * (1 - parts.chance[rows])
    return float(np.sqrt(terms.sum()))


def _heard(base: Base, seed: int) -> tuple[HeardGroup, ...]:
    rows = sample_mask(base.table.customer_id, seed, HEARD_ROWS)
    table = base.table
    if not rows.all():
        table = FeatureTable(table.customer_id[rows], table.values[rows], table.features, table.as_of_us)
    return heard_groups(table, base.answered[rows])


def _sensitivity(
    base: Base,
    scale: Scale,
    seed: int,
    total: GroupScore,
    answering: Answering,
    fitted: _Fitted,
    parts: Contributions,
) -> Sensitivity:
    if total.whole_base is None or total.answered_only is None:
        raise ValueError("the total has answers, which was checked at the start")
    return assess(
        total.whole_base,
        total.answered_only,
        scale.headline,
        scale.high_is_good or scale.headline is not Headline.MEAN,
        (parts.ends[0] * parts.unit, parts.ends[1] * parts.unit),
        _silent(base, scale, seed, fitted, parts),
        {family: parts.unit * move for family, move in answering.moves.items()},
        answering.log_odds,
    )


def _silent(base: Base, scale: Scale, seed: int, fitted: _Fitted, parts: Contributions) -> Silent:
    quiet = ~base.answered
    share = base.weight / base.weight.sum()
    totals = share @ fitted.bands
    position = np.array([-1.0, 0.0, 1.0])
    spread = float(np.sqrt(max(totals @ position**2 - (totals @ position) ** 2, 1e-6)))
    if scale.headline is Headline.NET:
        values = 100 * position
    elif scale.headline is Headline.TOP_SHARE:
        values = np.array([0.0, 0.0, 100.0])
    else:
        # what an answer in each band is worth on the scale
        rows = base.answered
        weights = base.weight[rows] / parts.chance[rows]
        mass = np.bincount(base.band[rows] + 1, weights, 3)
        values = np.bincount(base.band[rows] + 1, weights * base.score[rows], 3) / np.maximum(mass, 1e-300)
    some = np.flatnonzero(quiet)
    some = some[sample_mask(base.table.customer_id[some], seed, SILENT_ROWS)]
    return Silent(fitted.bands[some], base.weight[some], values, spread, float(share[quiet].sum()))


def _notes(gap: float) -> tuple[Message, ...]:
    return (
        Message(
            gettext_noop(
                "This holds if customers who are alike in what the data show would answer alike. "
                "The range for hidden reasons is given beside it."
            )
        ),
        Message(
            gettext_noop(
                "The expectations of single customers are calibrated to add up to the total; they differ from it "
                "by {gap}. In a segment they may differ more, because there the answers correct the model."
            ),
            {"gap": round(gap, 3)},
        ),
    )
