"""Which contact an answer speaks of, and which contacts are followed by an answer: against a plain search."""

from __future__ import annotations

import numpy as np

from harken.lake.answer_traces import ContactsServed, Traces
from harken.lake.facts import DAY_US, Question
from harken.usecases.analyzing.gaming import FOLLOWS_US, contact_before, served_of

QUESTION = Question("after_contact", "easy", "ces_1_7_easy", 300, 90, True)
UNTIL = 200 * DAY_US


def sorted_pairs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    customer, moment = rng.integers(0, 40, n), rng.integers(0, 200, n) * DAY_US
    order = np.lexsort((moment, customer))
    return customer[order], moment[order]


def test_an_answer_speaks_of_the_last_contact_within_14_days() -> None:
    rng = np.random.default_rng(0)
    customer, moment = sorted_pairs(rng, 250)
    contacts = ContactsServed(customer, moment, (rng.integers(0, 3, 250), ("a", "b", "c")))
    who, when = sorted_pairs(rng, 300)
    traces = Traces(who, when, np.ones(300), np.full(300, np.nan), np.zeros(300, bool), {})
    found = contact_before(traces, contacts)
    for answer in range(300):
        near = [
            at for at in range(250)
            if customer[at] == who[answer] and 0 <= when[answer] - moment[at] <= FOLLOWS_US
        ]  # fmt: skip
        assert found[answer] == (near[-1] if near else -1)
    served = served_of(QUESTION, contacts, found, UNTIL)
    ripe = np.flatnonzero(moment < UNTIL - FOLLOWS_US)
    assert served.answered.tolist() == [at in set(found.tolist()) for at in ripe]
    again = [
        any(customer[b] == customer[at] and b < at and moment[at] - moment[b] <= FOLLOWS_US for b in range(at))
        for at in ripe
    ]
    assert served.repeat.tolist() == again
    nobody = ContactsServed(np.zeros(0, np.int64), np.zeros(0, np.int64), (np.zeros(0, np.int64), ()))
    assert contact_before(traces, nobody).tolist() == [-1] * 300
