"""A job programme with its experiment, and e-mails sent by lot: the known answers, and the false ones refused."""

from __future__ import annotations

import bz2
import csv
import struct
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_imports import real_folder

from harken.learn.impact import Advice, Given, Way, evaluate
from harken.learn.uplift import Uplift, estimate_uplift
from harken.vocabulary.estimates import Evidence

pytestmark = pytest.mark.real

KNOWN_BEFORE = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
Columns = dict[str, np.ndarray]


class Rda:
    """A data frame of numbers from R's file format (XDR, version 2, bzip2)."""

    def __init__(self, path: Path) -> None:
        self.bytes, self.at, self.names = bz2.decompress(path.read_bytes()), 19, []

    def whole(self) -> int:
        self.at += 4
        return int(struct.unpack(">i", self.bytes[self.at - 4 : self.at])[0])

    def taken(self, count: int) -> bytes:
        self.at += count
        return self.bytes[self.at - count : self.at]

    def item(self) -> Any:
        flags = self.whole()
        kind = flags & 255
        if kind == 254:
            return None
        if kind == 255:
            return self.names[(flags >> 8 or self.whole()) - 1]
        if kind == 1:
            self.names.append(self.item())
            return self.names[-1]
        if kind == 2:
            if flags & 0x200:
                self.item()
            tag = self.item() if flags & 0x400 else None
            return [(tag, self.item()), *(self.item() or [])]
        if kind == 9:
            length = self.whole()
            return self.taken(length).decode("latin-1") if length >= 0 else None
        count = self.whole()
        value: Any = (
            np.frombuffer(self.taken(8 * count), ">f8").astype(float)
            if kind == 14
            else np.frombuffer(self.taken(4 * count), ">i4").astype(int)
            if kind in (10, 13)
            else [self.item() for _ in range(count)]
        )
        about = dict(self.item()) if flags & 0x200 else {}
        return dict(zip(about["names"], value, strict=True)) if kind == 19 and "names" in about else value


@cache
def frame(name: str) -> Columns:
    return {key: value for key, value in Rda(real_folder("causal_lalonde") / f"{name}.rda").item()[0][1].items()
            if key != "data_id"}  # fmt: skip


def known(columns: Columns) -> np.ndarray:
    return np.column_stack([columns[name] for name in KNOWN_BEFORE])


def test_the_experiment_of_the_job_programme() -> None:
    nsw = frame("nsw_mixtape")
    treated = nsw["treat"] == 1
    found = evaluate(Given(outcome=nsw["re78"], treated=treated, randomised=True, covariates=known(nsw)))
    assert found.effect is not None
    # Dehejia and Wahba 1999: $1,794
    assert found.effect.estimate.value == pytest.approx(1794.34, abs=0.01)
    assert (found.way, found.effect.evidence) == (Way.LOT, Evidence.EXPERIMENTAL)
    assert found.advice is Advice.SCALE
    sharper = evaluate(Given(outcome=nsw["re78"], treated=treated, randomised=True, before=nsw["re75"]))
    assert sharper.effect is not None
    assert 1600 < sharper.effect.estimate.value < 1900


def test_the_programme_against_a_survey_is_refused() -> None:
    nsw, survey = frame("nsw_mixtape"), frame("cps_mixtape")
    treated = np.append(nsw["treat"] == 1, np.zeros(len(survey["re78"]), bool))
    kept = np.append(nsw["treat"] == 1, np.ones(len(survey["re78"]), bool))
    treated = treated[kept]
    both = {name: np.append(nsw[name], survey[name])[kept] for name in nsw}
    naive = both["re78"][treated].mean() - both["re78"][~treated].mean()
    assert naive == pytest.approx(-8497.5, abs=0.1)
    after = Given(outcome=both["re78"], treated=treated, covariates=known(both), names=KNOWN_BEFORE)
    earnings = np.column_stack([both["re74"], both["re75"], both["re78"]])
    three_years = Given(
        outcome=earnings, started=np.where(treated, 78.0, np.inf), periods=np.array([74.0, 75.0, 78.0])
    )
    two_years = Given(outcome=both["re78"], treated=treated, before=both["re75"])
    said_by_lot = Given(outcome=both["re78"], treated=treated, randomised=True, covariates=known(both))
    for given in (after, three_years, two_years, said_by_lot):
        assert evaluate(given).refused
    assert "differ most in black" in str(evaluate(after).checks[0].words)


def test_e_mails_sent_by_lot() -> None:
    with (real_folder("hillstrom") / "hillstrom.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sent = np.array([row["segment"] for row in rows])
    visited = np.array([float(row["visit"]) for row in rows])
    rates = [visited[sent == name].mean() for name in ("Mens E-Mail", "Womens E-Mail", "No E-Mail")]
    assert np.round(100 * np.array(rates), 2).tolist() == [18.28, 15.14, 10.62]
    texts = [sorted({row[name] for row in rows}) for name in ("zip_code", "channel")]
    x = np.array(
        [
            [float(row[name]) for name in ("recency", "history", "mens", "womens", "newbie")]
            + [texts[0].index(row["zip_code"]), texts[1].index(row["channel"])]
            for row in rows
        ]
    )
    answers = {}
    for name in ("Mens E-Mail", "Womens E-Mail"):
        kept = (sent == name) | (sent == "No E-Mail")
        found = estimate_uplift(x[kept], sent[kept] == name, visited[kept], randomised=True, seed=1)
        assert isinstance(found, Uplift)
        answers[name] = found
    men, women = answers["Mens E-Mail"], answers["Womens E-Mail"]
    assert men.average.estimate.value == pytest.approx(0.0766, abs=0.002)
    assert women.average.estimate.value == pytest.approx(0.0452, abs=0.002)
    # the women's e-mail moves women's customers, the men's moves all alike
    assert women.told_apart
    assert women.qini is not None
    assert women.qini.interval.lower > 0
    assert not men.told_apart
