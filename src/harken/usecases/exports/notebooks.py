"""A finding as a small notebook: it opens the same run through the Python API and prints the same numbers."""

from __future__ import annotations

import json
from typing import Any

from harken.locale import render
from harken.usecases.exports.sheets import About, in_language
from harken.vocabulary.messages import Message, gettext_noop

OPEN = """\
import os

import harken

workspace = harken.open_workspace(os.environ.get("HARKEN_WORKSPACE", "."))
run = harken.load_run(workspace, "{run}")"""

SAID = """\
def said(number, style):
    low, high = number.interval.lower, number.interval.upper
    return f"{number.value:{style}} ({low:{style}} to {high:{style}}), n = {number.n:,}\"


"""

NOTEBOOKS = {
    "drivers": """\
for row in run.part("drivers").families:
    if row.shown:
        print(f"{row.rank}. {row.family}: {said(row.share, '.1%')}")""",
    "retention": """\
for tenth, decile in enumerate(run.part("retention").validation.deciles, start=1):
    print(f"{tenth}: predicted {decile.predicted:.1%}, left {said(decile.actual, '.1%')}")""",
    "levers": """\
for lever in run.part("levers").levers:
    effect = lever.effect.adjusted
    print(f"{lever.family}: {lever.label}: {lever.part.words}")
    print(f"    {said(effect.estimate, '+.4f')}, {effect.evidence.value}")""",
    "whole_base": """\
whole = run.part("whole_base")
for name, group in [("all", whole.total), *((row.label, row) for part in whole.segments for row in part.rows)]:
    score = group.whole_base
    if score is not None and not score.counts_only:
        print(f"{name}: {said(score, '.1f')}; {group.answers:,} of {group.customers:,} customers answered")""",
    "scores": """\
scores = run.part("scores")
print(scores.summary.sentence)
if scores.series is not None:
    for period, score in zip(scores.series.periods, scores.series.lines[0].estimates):
        if score is not None and not score.counts_only:
            print(f"{period}: {said(score, '.1f')}")""",
    "value": """\
value = run.part("value")
print(f"at stake: {said(value.total, ',.0f')}")
for row in value.by_family:
    print(f"{row.family}: {said(row.money, ',.0f')}; {row.affected:,} customers, {row.evidence.evidence.value}")
for row in run.customers(count=20).to_pylist():
    print(f"{row['number']}: risk {row['risk']:.0%}, at stake {row['value_at_stake']:,.0f}")""",
}
"""For each part of a run that has a notebook, the code that prints its finding."""

FOLDER = gettext_noop(
    "Start it in the company's folder, or name that folder in HARKEN_WORKSPACE; Harken must be installed beside it."
)


def notebook(part: str, about: About, language: str) -> str:
    """A notebook (nbformat 4) of one part of a run, as JSON.

    >>> json.loads(notebook("drivers", About(run_id="ab12"), "en"))["nbformat"]
    4
    """
    finding = in_language(about.finding or about.title, language)
    what = Message(gettext_noop("Analysis {id}, as of {day}."), {"id": about.run_id, "day": about.as_of})
    words = [f"# {finding}", render(what, language), render(Message(FOLDER), language), about.address]
    cells = [
        _cell("markdown", "\n\n".join(text for text in words if text)),
        _cell("code", OPEN.format(run=about.run_id)),
        _cell("code", SAID + NOTEBOOKS[part]),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"harken-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, ensure_ascii=False, indent=1)


def _cell(kind: str, source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": lines}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
