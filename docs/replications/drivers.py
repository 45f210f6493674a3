"""Shares of drivers, comparisons of predictors, hidden causes, breakpoints."""

from __future__ import annotations

import csv

import numpy as np
from docs.replications.study import Number, Study, outside
from tests.known_answers.clinic_data import DOWN_BIRTHS, NDKA_RANK, POOR_OUTCOME, S100B_RANK, WFNS_RANK
from tests.known_answers.r_data import ATTITUDE, MTCARS, SWISS

from harken.learn.drivers.breakpoints import binomial_breakpoint
from harken.learn.drivers.robustness import e_value, partial_r2, robustness_value
from harken.learn.importance import correlation_matrix, lmg, mcfadden_shapley
from harken.learn.importance.lmg import relative_weights
from harken.learn.retention.validation import auc_estimate, compare_auc

ATTITUDE_DRIVERS = ("complaints", "privileges", "learning", "raises", "critical", "advance")


def _shares(names: tuple[str, ...], printed: tuple[str, ...], ours: tuple[float, ...]) -> list[Number]:
    return [Number(f"share of {name}", text, share) for name, text, share in zip(names, printed, ours, strict=True)]


def _swiss() -> list[Number]:
    found = lmg(correlation_matrix(SWISS[:, 1:], SWISS[:, 0]))
    names = ("Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality")
    printed = ("0.05709122", "0.17117303", "0.26013468", "0.10557015", "0.11276592")
    return [*_shares(names, printed, found.shares), Number("R2", "0.706735", found.r2)]


def _attitude() -> list[Number]:
    found = lmg(correlation_matrix(ATTITUDE[:, 1:], ATTITUDE[:, 0]))
    printed = ("0.370816194", "0.050903793", "0.155765990", "0.120345079", "0.006588723", "0.028182213")
    weighted = lmg(correlation_matrix(ATTITUDE[:, 1:], ATTITUDE[:, 0], np.linspace(1.0, 2.0, 30)))
    with_weights = ("0.3861792", "0.0439983", "0.1530941", "0.1273285", "0.0072697", "0.0317005")
    return [
        *_shares(ATTITUDE_DRIVERS, printed, found.shares),
        Number("R2", "0.732602", found.r2),
        *_shares(tuple(f"{name}, weighted" for name in ATTITUDE_DRIVERS), with_weights, weighted.shares),
    ]


def _mtcars() -> list[Number]:
    found = lmg(correlation_matrix(MTCARS[:, 1:], MTCARS[:, 0]))
    names = ("cyl", "disp", "hp", "drat", "wt", "qsec", "vs", "am", "gear", "carb")
    printed = ("0.12134515", "0.12023870", "0.10698627", "0.07327014", "0.15828880")
    printed += ("0.03827073", "0.06588052", "0.07337623", "0.04409332", "0.06726591")
    return [*_shares(names, printed, found.shares), Number("R2", "0.8690158", found.r2)]


def _genizi() -> list[Number]:
    weights = relative_weights(correlation_matrix(ATTITUDE[:, 1:], ATTITUDE[:, 0]), [[at] for at in range(6)])
    printed = ("0.362760", "0.056002", "0.163611", "0.121780", "0.008255", "0.020193")
    return _shares(ATTITUDE_DRIVERS, printed, tuple(weights.tolist()))


def _pima() -> list[Number]:
    with outside("data_pima_tr.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("npreg", "glu", "bp", "skin", "bmi", "ped", "age")
    X = np.array([[float(row[name]) for name in names] for row in rows])
    found = mcfadden_shapley(X, np.array([float(row["type"] == "Yes") for row in rows]))
    printed = ("0.0279576101", "0.1376186638", "0.0093075062", "0.0141151253")
    printed += ("0.0323945974", "0.0332622267", "0.0496313474")
    return [*_shares(names, printed, found.shares), Number("McFadden's R2", "0.30428708", found.r2)]


def _delong() -> list[Number]:
    poor = POOR_OUTCOME == 1
    s100b, paired = auc_estimate(poor, S100B_RANK), compare_auc(poor, WFNS_RANK, S100B_RANK)
    other = compare_auc(poor, S100B_RANK, NDKA_RANK)
    return [
        Number("area under the curve, wfns", "0.82367886", auc_estimate(poor, WFNS_RANK).value),
        Number("area under the curve, s100b", "0.73136856", s100b.value),
        Number("s100b, lower end of 95%", "0.6301", s100b.interval.lower),
        Number("s100b, upper end of 95%", "0.8326", s100b.interval.upper),
        Number("wfns against s100b, Z", "2.2089836", paired.z),
        Number("wfns against s100b, p", "0.02717578", paired.p),
        Number("s100b against ndka, Z", "1.39077", other.z),
        Number("s100b against ndka, p", "0.1642952", other.p),
    ]


def _darfur() -> list[Number]:
    return [
        Number("robustness value", "0.139", robustness_value(4.18445, 783)),
        Number("robustness value for significance at 5%", "0.076", robustness_value(4.18445, 783, alpha=0.05)),
        Number("partial R2 of exposure with the outcome", "0.022", partial_r2(4.18445, 783)),
    ]


def _e_values() -> list[Number]:
    printed = {3.9: "7.26", 1.8: "3.0", 0.8: "1.8090"}
    return [Number(f"risk ratio {ratio}", text, e_value(ratio)) for ratio, text in printed.items()]


def _births() -> list[Number]:
    age, births, cases = DOWN_BIRTHS.T
    bend = binomial_breakpoint(age, cases, births)
    place = bend.place
    why = "segmented prints estimate plus and minus 1.96 standard errors; here is the likelihood's own range"
    return [
        Number("age from which the risk rises", "31.081", place.value),
        Number("slope before", "-0.01341", bend.slope_before.value),
        Number("slope after", "0.26081", bend.slope_after.value),
        Number("age, lower end of 95%", "29.66", place.interval.lower, why),
        Number("age, upper end of 95%", "32.50", place.interval.upper, why),
    ]


STUDIES = (
    Study(
        "Fertility in Swiss provinces: which circumstances go with it",
        "Groemping 2006, Journal of Statistical Software 17(1); computed with R's relaimpo 2.2-7",
        "Exact shares of the explained variance (Lindeman, Merenda and Gold 1980), behind driver rankings.",
        _swiss,
    ),
    Study(
        "Attitude of employees: which sides of a supervisor go with it, also weighted",
        "Chatterjee and Price 1977; computed with R's relaimpo 2.2-7",
        "Six drivers that overlap, unweighted and with weights from 1 to 2.",
        _attitude,
    ),
    Study(
        "Thirty-two cars, ten drivers",
        "Henderson and Velleman 1981; computed with R's relaimpo 2.2-7",
        "1,024 regressions by formula, here by one elimination.",
        _mtcars,
    ),
    Study(
        "Relative weights",
        "Genizi 1993, Statistica Sinica 3; Johnson 2000, Multivar. Behav. Res. 35; with R's relaimpo 2.2-7",
        "The stand-in where there are too many drivers for exact shares.",
        _genizi,
    ),
    Study(
        "Shares of a yes-or-no outcome",
        "McFadden 1974, Shapley 1953; 128 logistic regressions by R's glm",
        "Diabetes among Pima women: Shapley shares of McFadden's R2.",
        _pima,
        needs="data_pima_tr.csv",
        obtain="the data set `Pima.tr` of R's package MASS, written with `write.csv`",
    ),
    Study(
        "Which of two tests predicts better, on the same patients",
        "DeLong, DeLong and Clarke-Pearson 1988; Turck et al. 2010; computed with R's pROC",
        "The comparison behind “Which metric matters here”.",
        _delong,
    ),
    Study(
        "How strong a hidden cause would have to be: Darfur",
        "Cinelli and Hazlett 2020, Journal of the Royal Statistical Society B 82, table 1",
        "The robustness value printed beside every adjusted effect.",
        _darfur,
    ),
    Study(
        "E-values",
        "VanderWeele and Ding 2017, Annals of Internal Medicine 167",
        "The same question for risk ratios.",
        _e_values,
    ),
    Study(
        "From which age on the risk of Down's syndrome rises",
        "Muggeo 2003, Statistics in Medicine 22; computed with R's segmented",
        "The method behind “from where on it hurts”.",
        _births,
    ),
)
