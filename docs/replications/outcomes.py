"""Staying, buying again, uplift and impact: published numbers on data that cannot be part of the repository."""

from __future__ import annotations

import csv
from datetime import date

import numpy as np
from docs.replications.study import Number, Study, outside

from harken import frames
from harken.learn.impact import staggered_effects
from harken.learn.lifetime_value import fit_purchases, fit_spend, purchase_histories
from harken.learn.survival import compare_groups, concordance, proportional_hazards, survival_curve, tenures
from harken.learn.uplift import qini_coefficient, uplift_at, uplift_coefficient


def _rows(name: str) -> list[dict[str, str]]:
    with outside(name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _numbers(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] not in ("NA", "") else np.nan for row in rows])


def _lung() -> list[Number]:
    rows = _rows("data_lung.csv")
    time, died = _numbers(rows, "time"), _numbers(rows, "status") == 2
    design = np.column_stack([_numbers(rows, name) for name in ("age", "sex", "ph.ecog")])
    curve = survival_curve(tenures(time, died), interval="greenwood")
    seen = tenures(np.where(np.isfinite(design).all(axis=1), time, np.nan), died)
    fitted = proportional_hazards(seen, design)
    test = compare_groups(tenures(time, died), (design[:, 1] - 1).astype(np.int64))
    alive = {100: "0.8639690", 365: "0.4092416", 730: "0.1156931"}
    printed = (("0.01106676", "0.009267411"), ("-0.55261240", "0.167739054"), ("0.46372848", "0.113577266"))
    return [
        *(Number(f"still alive after {days} days", text, curve.at(days).value) for days, text in alive.items()),
        Number("men against women, log-rank chi-square", "10.3", test.chi2),
        *(
            Number(f"{name}: {what}", text, float(value))
            for name, texts, values in zip(
                ("age", "sex", "ph.ecog"), printed, zip(fitted.weights, fitted.errors, strict=True), strict=True
            )
            for what, text, value in zip(("coefficient", "standard error"), texts, values, strict=True)
        ),
        Number("log-likelihood", "-729.2301", fitted.log_likelihood),
        Number("concordance", "0.6371355", concordance(seen, design @ fitted.weights)),
    ]


def _purchases() -> list[Number]:
    rows, start = _rows("cdnowElog.csv"), date(1997, 1, 1)
    day = [(date(int(d[:4]), int(d[4:6]), int(d[6:])) - start).days for d in (row["date"] for row in rows)]
    keys = np.column_stack([_numbers(rows, "sampleid").astype(np.int64), day])
    unique, place = np.unique(keys, axis=0, return_inverse=True)
    money = np.bincount(place.ravel(), weights=_numbers(rows, "sales"))
    held = purchase_histories(unique[:, 0], unique[:, 1], money, until_day=273)
    bought, spent = fit_purchases(held.repeats, held.recency, held.age), fit_spend(held.repeats, held.spend)
    return [
        Number("BG/NBD r", "0.243", bought.r),
        Number("BG/NBD alpha, weeks", "4.414", bought.alpha),
        Number("BG/NBD a", "0.793", bought.a),
        Number("BG/NBD b", "2.426", bought.b),
        Number("log-likelihood", "-9582.4", bought.log_likelihood),
        Number("gamma-gamma p", "6.25", spent.p),
        Number("gamma-gamma q", "3.74", spent.q),
        Number("gamma-gamma gamma", "15.44", spent.gamma),
    ]


def _wages() -> list[Number]:
    rows = _rows("data_mpdta.csv")
    counties = {name: at for at, name in enumerate(sorted({row["countyreal"] for row in rows}))}
    outcome, start = np.full((len(counties), 5), np.nan), np.full(len(counties), np.inf)
    for row in rows:
        at = counties[row["countyreal"]]
        outcome[at, int(row["year"]) - 2003] = float(row["lemp"])
        start[at] = float(row["first.treat"]) or np.inf
    found = staggered_effects(outcome, start, np.arange(2003.0, 2008.0))
    assert found.pre_trend is not None
    lags = ("0.030507", "-0.000563", "-0.024459", "-0.019932", "-0.050957", "-0.137259", "-0.100811")
    return [
        Number("effect on those who raised it", "-0.039951", found.overall.value),
        Number("its standard error", "0.012034", found.overall.se),
        Number("mean over states that raised it in the same year", "-0.031018", found.cohort_overall.value),
        Number("mean over the years since", "-0.07724", found.lag_overall.value),
        *(
            Number(f"{one.at:+.0f} years from the raise", text, one.value)
            for one, text in zip(found.lags, lags, strict=True)
        ),
        Number("test of trends before, p", "0.16812", found.pre_trend.p_value),
    ]


def _qini() -> list[Number]:
    rows = _rows("qini_data.csv")
    y, treated, score = (_numbers(rows, name) for name in ("y", "treatment", "uplift"))
    return [
        Number("Qini coefficient", "0.0853631", qini_coefficient(y, treated == 1, score)),
        Number("area between uplift curves", "0.0669513", uplift_coefficient(y, treated == 1, score)),
        Number("uplift among the first 30%", "0.0966710", uplift_at(y, treated == 1, score, 0.3)),
    ]


def _mails() -> list[Number]:
    rows = _rows("hillstrom.csv")
    sent, visited = np.array([row["segment"] for row in rows]), _numbers(rows, "visit")
    numbers = [
        Number(f"{name}: visited, %", text, 100 * float(visited[sent == name].mean()))
        for name, text in (("Mens E-Mail", "18.28"), ("Womens E-Mail", "15.14"), ("No E-Mail", "10.62"))
    ]
    kept = sent != "Womens E-Mail"
    base = {"visit": visited[kept], "mailed": sent[kept] == "Mens E-Mail"}
    found = frames.evaluate(base, "visit", treated="mailed", randomised=True)
    assert found.effect is not None
    return [*numbers, Number("men's e-mail, points more who visit", "7.66", 100 * found.effect.estimate.value)]


STUDIES = (
    Study(
        "Survival of 228 patients with lung cancer",
        "Loprinzi et al. 1994, Journal of Clinical Oncology 12; computed with R's survival",
        "The curves, tests and hazard ratios behind “How long do customers stay?”.",
        _lung,
        needs="data_lung.csv",
        obtain="the data set `lung` of R's package survival, written with `write.csv`",
    ),
    Study(
        "Repeat purchases at CDNOW",
        "Fader, Hardie and Lee 2005, Marketing Science 24, table 2; Fader and Hardie 2013 for the money",
        "What 2,357 customers bought in 39 weeks, and what that says of the weeks to come.",
        _purchases,
        needs="cdnowElog.csv",
        obtain="the CDNOW sample of 1/10 of the customers, published by the authors",
    ),
    Study(
        "Minimum wages and teenage employment",
        "Callaway and Sant'Anna 2021, Journal of Econometrics 225; computed with R's did and Python's differences",
        "An action that starts at different times in different places.",
        _wages,
        needs="data_mpdta.csv",
        obtain="the data set `mpdta` of R's package did, written with `write.csv`",
    ),
    Study(
        "Qini and uplift coefficients",
        "Radcliffe 2007, Direct Marketing Analytics Journal; computed with scikit-uplift 0.5.1",
        "How well a ranking finds those who gain from a contact.",
        _qini,
        needs="qini_data.csv",
        obtain="2,000 simulated customers with outcome, contact and predicted uplift",
    ),
    Study(
        "Who visits after an e-mail",
        "Hillstrom 2008, MineThatData E-Mail Analytics and Data Mining Challenge",
        "64,000 customers, three groups by lot.",
        _mails,
        needs="hillstrom.csv",
        obtain="the file of the challenge",
    ),
)
