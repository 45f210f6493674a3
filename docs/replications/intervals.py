"""Intervals, many comparisons, weights: Tango, Wilson, Benjamini and Hochberg, raking."""

from __future__ import annotations

import csv
import gzip

import numpy as np
from docs.replications.study import Number, Study, outside

from harken.learn.scores import calibrated_score, margin_of, post_stratified, raked
from harken.learn.scores.intervals import false_discovery_adjusted, net_interval, wilson_interval
from harken.vocabulary.scales import Headline, Scale


def _net() -> list[Number]:
    published = {
        (1, 2, 2): ("-44.4622", "69.7053"),
        (0, 0, 5): ("13.1035", "100.0000"),
        (0, 3, 7): ("22.8194", "89.2209"),
        (3, 9, 18): ("21.8417", "69.7986"),
        (30, 25, 45): ("-1.9820", "31.0533"),
        (0, 10, 0): ("-27.7533", "27.7533"),
        (87, 113, 200): ("20.2312", "35.8487"),
    }
    numbers = []
    for (down, middle, up), bounds in published.items():
        ours = net_interval(down, middle, up)
        who = f"{down} detractors, {middle} passives, {up} promoters"
        for end, printed, bound in zip(("lower", "upper"), bounds, ours, strict=True):
            numbers.append(Number(f"{who}: {end} end, points", printed, 100 * float(bound)))
    return numbers


def _paired() -> list[Number]:
    lower, upper = net_interval(7, 13, 1)
    return [Number("lower end", "-0.517", float(lower)), Number("upper end", "-0.026", float(upper))]


def _wilson() -> list[Number]:
    published = {
        (81, 263): ("0.2553", "0.3662"),
        (15, 148): ("0.0624", "0.1605"),
        (0, 20): ("0.0000", "0.1611"),
        (1, 29): ("0.0061", "0.1718"),
    }
    return [
        Number(f"{count} of {n}: {end} end", printed, float(bound))
        for (count, n), bounds in published.items()
        for end, printed, bound in zip(("lower", "upper"), bounds, wilson_interval(count, n), strict=True)
    ]


def _false_discovery() -> list[Number]:
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0]
    rejected = int((false_discovery_adjusted(p) <= 0.05).sum())
    bonferroni = int((np.asarray(p) * len(p) <= 0.05).sum())
    return [
        Number("hypotheses rejected at a false discovery rate of 5%", "4", rejected),
        Number("rejected by Bonferroni", "3", bonferroni),
    ]


def _schools() -> list[Number]:
    with gzip.open(outside("apiclus1.csv.gz"), "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    api, enrolled, base = (np.array([float(row[name]) for row in rows]) for name in ("api00", "enroll", "pw"))
    kind = margin_of("stype", [row["stype"] for row in rows], {"E": 4421, "H": 755, "M": 1018})
    target = margin_of("sch.wide", [row["sch.wide"] for row in rows], {"No": 1072, "Yes": 5122})
    both = raked([kind, target], base=base)
    score, alone = (calibrated_score(api, API, found) for found in (both, post_stratified(kind, base=base)))
    return [
        Number("mean, unweighted", "644.1694", score.unweighted.value),
        Number("mean, raked to two margins", "641.2303", score.estimate.value),
        Number("its standard error", "7.779", score.standard_error),
        Number("mean, post-stratified to one", "642.3108", alone.estimate.value),
        Number("pupils enrolled in all schools, raked", "3647280", float(both.weights @ enrolled)),
        Number("design effect, 1 + CV2 of the weights", "1.0517", both.design_effect),
    ]


API = Scale("api", "200-1000", 200, 1000, True, 800, 600, Headline.MEAN)

STUDIES = (
    Study(
        "The score interval of a net score",
        "Tango 1998, Statistics in Medicine 17; computed with R's PropCIs, scoreci.mp",
        "A net promoter score is McNemar's difference of two shares, so its interval has been known since 1998.",
        _net,
    ),
    Study(
        "Two tests on the same 21 patients",
        "Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33, table 4",
        "The example by which intervals for paired shares are compared.",
        _paired,
    ),
    Study(
        "Intervals of shares",
        "Newcombe 1998, Statistics in Medicine 17, method 3 (Wilson 1927)",
        "Satisfied customers, or any other share.",
        _wilson,
    ),
    Study(
        "Which of fifteen effects are real",
        "Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57",
        "The rule by which Harken scans many segments and months at once.",
        _false_discovery,
    ),
    Study(
        "Schools weighed to what is known of all of them",
        "Lumley's R package survey 4.1, rake and postStratify on apiclus1 without its clusters",
        "Raking of 183 Californian schools to two margins: the mean, its standard error, a total.",
        _schools,
        needs="apiclus1.csv.gz",
        obtain="the data set `apiclus1` of R's package survey, written with `write.csv`",
    ),
)
