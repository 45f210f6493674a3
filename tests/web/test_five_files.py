"""The five files are what their truth says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from five_files import BAD_ROWS, _contacts, _leaving, write_five_files


def test_the_files_hold_the_planted_faults_and_effects(tmp_path: Path) -> None:
    truth = write_five_files(tmp_path / "a", 3, customers=300)
    again = write_five_files(tmp_path / "b", 3, customers=300)
    assert sum(BAD_ROWS.values()) == 214
    assert [path.name for path in truth["files"]] == list(truth["rows"])
    for mine, other in zip(truth["files"], again["files"], strict=True):
        if mine.suffix == ".csv":
            assert mine.read_bytes() == other.read_bytes(), "one seed, one company"
    customers = truth["files"][0].read_bytes().decode("gb18030").splitlines()
    assert len(customers) == 1 + truth["rows"]["customers.csv"]
    leavers = [line for line in customers[1:] if line.split(",")[6]]
    assert len(leavers) == truth["leavers"]
    assert all(line.split(",")[8] for line in leavers), "the reason is known for leavers alone"
    assert not any(line.split(",")[8] for line in customers[1:] if line not in leavers)
    events = (tmp_path / "a" / "web_events.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    clicks = [int(line.rsplit(",", 1)[1]) for line in events if not line.endswith(",")]
    assert min(clicks) > 3, "nobody has three clicks or fewer"


def test_a_second_contact_nearly_doubles_leaving() -> None:
    rng = np.random.default_rng(5)
    n = 60_000
    contacts = _contacts(rng, n)
    who, day, second = contacts
    left = _leaving(rng, np.full(n, 10.0), contacts)
    lately = np.bincount(who[second & (day >= 210) & (day < 300)], minlength=n) > 0
    there = left >= 300
    rate = [float((left[there & group] < 330).mean()) for group in (lately, ~lately)]
    assert 1.6 < rate[0] / rate[1] < 2.2, "1.9 within four standard errors of 60,000 customers"
