"""The tea house of the tutorials: an invented company of 600 customers in four small files, with three bad rows.

Long waits on the telephone make customers leave and recommend less; nothing else does.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

FOLDER = "tutorials/tea-house"
CUSTOMERS = 600
LAST_DAY = date(2026, 6, 30)
CITIES = ("Taipei", "Tainan", "Hualien", "Taichung")
TOPICS = ("delivery", "invoice", "order", "taste")
WHY = {
    True: ("the staff know their tea", "always fresh"),
    False: ("waited too long on the phone", "nobody called back"),
}
BAD_ANSWERS = (("T0017", "2026-06-12", "nine", ""), ("T0033", "2026-06-31", "9", ""), ("", "2026-06-20", "8", ""))


def files() -> dict[str, str]:
    """The four files by their path below docs/."""
    draw = random.Random(20260630)
    customers, cancelled, answers, calls = [], [], [], []
    for index in range(1, CUSTOMERS + 1):
        number = f"T{index:04d}"
        since = LAST_DAY - timedelta(days=draw.randrange(500, 2000))
        customers.append(
            (number, draw.choice(CITIES), draw.choice(("leaf", "bag")), since, draw.randrange(20, 400) * 100)
        )
        patience = draw.gammavariate(2.0, 4.0)
        gone = LAST_DAY + timedelta(days=1)
        for _ in range(draw.choice((0, 1, 2, 4, 6, 8))):
            day = LAST_DAY - timedelta(days=draw.randrange(1, 360))
            wait = round(draw.gammavariate(2.0, patience / 2.0), 1)
            if day >= gone:
                continue
            moment = datetime(day.year, day.month, day.day, draw.randrange(9, 18), draw.randrange(60))
            calls.append((number, f"{moment:%Y-%m-%d %H:%M}", draw.choice(TOPICS), wait))
            if wait > 12 and draw.random() < 0.4:
                gone = min(gone, day + timedelta(days=draw.randrange(3, 75)))
        if gone <= LAST_DAY:
            cancelled.append((number, gone))
        if gone > LAST_DAY and draw.random() < 0.45:
            happy = draw.gauss(8.6 - 0.22 * patience, 1.3)
            score = min(max(round(happy), 0), 10)
            why = draw.choice(WHY[score >= 8]) if draw.random() < 0.4 else ""
            answers.append((number, str(LAST_DAY - timedelta(days=draw.randrange(0, 80))), str(score), why))
    answers[20:20] = BAD_ANSWERS[:2]
    answers.append(BAD_ANSWERS[2])
    return {
        f"{FOLDER}/customers.csv": _csv(("customer", "city", "plan", "since", "yearly_value"), customers),
        f"{FOLDER}/cancellations.csv": _csv(("customer", "cancelled_on"), cancelled),
        f"{FOLDER}/survey.csv": _csv(("customer", "answered_on", "recommend", "why"), answers),
        f"{FOLDER}/calls.csv": _csv(("customer", "called_at", "topic", "wait_minutes"), calls),
    }


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()
