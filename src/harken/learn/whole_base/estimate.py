"""The score of all customers from the few who answer, by cross-fitted doubly robust estimation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

from harken.learn.encoding import LinearEncoding, fit_linear
from harken.learn.folds import folds as folds_of
from harken.learn.folds import sample_mask
from harken.learn.whole_base.calibration import calibration_errors, fit_band_calibrator, fit_score_calibrator
from harken.learn.whole_base.heard import heard_groups
from harken.learn.whole_base.inputs import Base, Segments, prepare
from harken.learn.whole_base.outcome import chunks, predict_outcomes
from harken.learn.whole_base.propensity import fit_propensity, refit_without
from harken.learn.whole_base.result import CustomerColumns, Overlap, SegmentScores, WholeBase
from harken.learn.whole_base.segments import Contributions, group_scores
from harken.learn.whole_base.sensitivity import Silent, assess
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent
from harken.vocabulary.scales import Headline, Scale

Floats = NDArray[np.float64]

CLIP = 0.01
"""No customer's chance of answering is taken to be below this: one answer never stands for more than 100
customers."""
BENDS_UP_TO = 60
"""With at most this many features each number gets two bends and a square; with more, a square only."""
SQUARES_UP_TO = 400


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

    Raises `NotEnoughData` for fewer than 30 answers, nobody silent, one band only or no feature that varies;
    `DataError` for columns that do not fit.
    """
    base = prepare(features, answered, score, scale, weights, segments or {})
    fold = folds_of(base.table.customer_id, seed, folds)
    progress(Message(gettext_noop("Learning who answers")), 0.0)
    answering = _chances(base, fold, seed, fit_sample)
    progress(Message(gettext_noop("Learning what customers would answer")), 0.35)
    fitted = _expectations(base, scale, answering.chance, fold, seed, progress)
    progress(Message(gettext_noop("Adding up all customers")), 0.9)
    return _assemble(base, scale, seed, folds, fit_sample, answering, fitted)


@dataclass(frozen=True, slots=True)
class _Answering:
    """Chances of answering (n,), clipped, and before clipping; each family's pull in log-odds; customers fitted
    on."""

    chance: Floats
    unclipped: Floats
    family_log_odds: dict[str, float]
    fitted_on: int


def _chances(base: Base, fold: NDArray[np.int64], seed: int, fit_sample: int) -> _Answering:
    rows, row_weights = _propensity_rows(base, seed, fit_sample)
    numbers = len(base.table.features)
    encoding = fit_linear(
        base.table, squares=numbers <= SQUARES_UP_TO, kinks=2 if numbers <= BENDS_UP_TO else 0, rare_share=0.005
    )
    if not encoding.columns:
        raise NotEnoughData(
            Message(
                gettext_noop("All customers look the same: none of the {features} features varies."),
                {"features": numbers},
            ),
            Message(gettext_noop("Import what customers did: orders, contacts, usage, or a customer list.")),
        )
    matrix = np.empty((len(rows), len(encoding.columns)), dtype=np.float32, order="F")
    for part in chunks(len(rows)):
        matrix[part] = encoding.transform(base.table.values[rows[part]])
    target = base.answered[rows]
    fit = fit_propensity(matrix, target, row_weights)
    count = int(fold.max()) + 1
    refits = refit_without(fit, matrix, target, row_weights, [fold[rows] == k for k in range(count)])
    strength = _family_strength(encoding, matrix, fit.coefficients, row_weights)
    chance = np.empty(len(fold))
    for part in chunks(len(fold)):
        encoded = encoding.transform(base.table.values[part])
        log_odds = np.stack([refit.log_odds(encoded) for refit in refits])
        chance[part] = expit(log_odds[fold[part], np.arange(part.stop - part.start)])
    return _Answering(np.maximum(chance, CLIP), chance, strength, len(rows))


def _propensity_rows(base: Base, seed: int, fit_sample: int) -> tuple[NDArray[np.intp], Floats]:
    """The customers the propensity is fitted on and their weights: answers are scarce, so they are sampled last.

    Case-control sampling with weights (Prentice and Pyke 1979); weights are scaled so that the sample counts for
    what it knows: n1 n0 / (n1 + n0) pairs.
    """
    n = len(base.answered)
    if n <= fit_sample:
        return np.arange(n), np.ones(n)
    rows, weights = [], []
    sizes, taken = [], []
    answers = int(base.answered.sum())
    for flag, room in (
        (True, max(fit_sample // 2, fit_sample - (n - answers))),
        (False, fit_sample - min(answers, fit_sample // 2)),
    ):
        group = np.flatnonzero(base.answered == flag)
        chosen = group[sample_mask(base.table.customer_id[group], seed, room)]
        rows.append(chosen)
        weights.append(np.full(len(chosen), len(group) / len(chosen)))
        sizes.append(len(group))
        taken.append(len(chosen))
    worth = (taken[0] * taken[1] / sum(taken)) / (sizes[0] * sizes[1] / sum(sizes))
    together = np.concatenate(rows)
    order = np.argsort(together)
    return together[order], np.concatenate(weights)[order] * worth


def _family_strength(
    encoding: LinearEncoding, matrix: NDArray[np.float32], coefficients: Floats, weights: Floats
) -> dict[str, float]:
    """Standard deviation over customers of each family's part in the log-odds of answering."""
    strength = {}
    w = weights / weights.sum()
    for family, columns in encoding.families.items():
        part = np.asarray(
            matrix[:, list(columns)] @ coefficients[list(columns)].astype(np.float32), dtype=np.float64
        )
        strength[family] = float(np.sqrt(max(w @ part**2 - (w @ part) ** 2, 0.0)))
    return strength


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


def _contributions(base: Base, scale: Scale, chance: Floats, fitted: _Fitted) -> Contributions:
    favourable = np.where(base.answered, base.band == 1, 0.0)
    corrected = np.where(base.answered, (favourable - fitted.bands[:, 2]) / chance, 0.0)
    if fitted.score is not None:
        expected, value = fitted.score, np.where(base.answered, base.score, 0.0)
    elif scale.headline is Headline.NET:
        expected, value = fitted.bands[:, 2] - fitted.bands[:, 0], base.band.astype(np.float64)
    else:
        expected, value = fitted.bands[:, 2], favourable
    return Contributions(
        scale=scale,
        headline=scale.headline,
        answered=base.answered,
        value=value,
        score=base.score,
        chance=chance,
        expected=expected,
        residual=np.where(base.answered, (value - expected) / chance, 0.0),
        favourable=fitted.bands[:, 2] + corrected,
        weight=base.weight,
    )


def _assemble(
    base: Base, scale: Scale, seed: int, folds: int, fit_sample: int, answering: _Answering, fitted: _Fitted
) -> WholeBase:
    parts = _contributions(base, scale, answering.chance, fitted)
    n = len(base.answered)
    total = group_scores(parts, np.zeros(n, dtype=np.int64), ("",))[0]
    assert total.whole_base is not None
    assert total.answered_only is not None
    rows = base.answered
    fold = folds_of(base.table.customer_id, seed, folds)
    weights = base.weight[rows] / answering.chance[rows]
    unit = parts.unit
    ends = (parts.ends[0] * unit, parts.ends[1] * unit)
    sensitivity = assess(
        total.whole_base,
        total.answered_only,
        scale.headline,
        scale.high_is_good or scale.headline is not Headline.MEAN,
        ends,
        _silent(base, scale, fitted, parts),
        answering.family_log_odds,
    )
    contribution = unit * (parts.expected + parts.residual)
    share = base.weight / base.weight.sum()
    errors = share * (contribution - share @ contribution)
    exact = (share[rows] * unit * parts.residual[rows]) ** 2 @ (1 - answering.chance[rows])
    overlap = _overlap(base, answering, weights)
    heard_rows = sample_mask(base.table.customer_id, seed, fit_sample)
    heard_table = FeatureTable(
        base.table.customer_id[heard_rows],
        base.table.values[heard_rows] if not heard_rows.all() else base.table.values,
        base.table.features,
        base.table.as_of_us,
    )
    gap = total.predicted - float(share @ contribution)
    return WholeBase(
        scale_id=scale.id,
        headline=scale.headline,
        seed=seed,
        folds=folds,
        fitted_on=answering.fitted_on,
        total=total,
        segments=tuple(
            SegmentScores(name, group_scores(parts, codes, labels))
            for name, (codes, labels) in base.segments.items()
        ),
        overlap=overlap,
        calibration=calibration_errors(fitted.raw[rows], fitted.bands[rows], base.band[rows], weights, fold[rows]),
        sensitivity=sensitivity,
        heard=heard_groups(heard_table, rows[heard_rows]),
        standard_error=float(np.sqrt(exact)),
        standard_error_superpopulation=float(np.sqrt(errors @ errors)),
        predicted_minus_total=gap,
        notes=(*_notes(gap), *overlap.warnings),
        columns=CustomerColumns(
            customer_id=base.table.customer_id,
            answered=rows,
            answer_chance=answering.chance,
            unfavourable=fitted.bands[:, 0],
            middle=fitted.bands[:, 1],
            favourable=fitted.bands[:, 2],
            expected=unit * parts.expected,
            contribution=contribution,
            residual=unit * parts.residual,
            weight=base.weight,
        ),
    )


def _silent(base: Base, scale: Scale, fitted: _Fitted, parts: Contributions) -> Silent:
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
        weights = base.weight[base.answered] / parts.chance[base.answered]
        values = np.zeros(3)
        for at, band in enumerate((-1, 0, 1)):
            chosen = base.band[base.answered] == band
            if chosen.any():
                values[at] = np.average(base.score[base.answered][chosen], weights=weights[chosen])
    return Silent(fitted.bands[quiet], base.weight[quiet], values, spread, float(share[quiet].sum()))


def _overlap(base: Base, answering: _Answering, weights: Floats) -> Overlap:
    rows, chance = base.answered, answering.unclipped
    clipped = chance < CLIP
    ranks = rankdata(chance)
    answers, silent_count = int(rows.sum()), int((~rows).sum())
    auc = float((ranks[rows].sum() - answers * (answers + 1) / 2) / (answers * silent_count))
    worth = float(weights.sum() ** 2 / (weights @ weights))
    largest = float(weights.max() / weights.sum())
    warnings = []
    if clipped.mean() > 0.01:
        warnings.append(
            Message(
                gettext_noop(
                    "{clipped} of {customers} customers almost never answer (less than 1 in 100); "
                    "for them the score rests on the model alone."
                ),
                {"clipped": int(clipped.sum()), "customers": len(rows)},
            )
        )
    if worth < 0.25 * answers:
        warnings.append(
            Message(
                gettext_noop(
                    "The {answers} answers are worth only {worth} evenly drawn ones, "
                    "because some groups answer so much less than others."
                ),
                {"answers": answers, "worth": round(worth)},
            )
        )
    return Overlap(
        clip=CLIP,
        clipped=int(clipped.sum()),
        clipped_answers=int((clipped & rows).sum()),
        smallest=float(chance.min()),
        median=float(np.median(chance)),
        largest=float(chance.max()),
        auc=auc,
        n_effective=worth,
        largest_weight_share=largest,
        warnings=tuple(warnings),
    )


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
