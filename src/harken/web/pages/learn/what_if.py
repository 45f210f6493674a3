"""What if: what would come of moving a lever to a target somebody has reached already?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from harken.locale import formats
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.exports.tables import number_fields, numbers
from harken.usecases.reporting.sentences import UNITS, robustness
from harken.usecases.what_if import Answer, ask, choose, read_target
from harken.vocabulary.estimates import Evidence
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.learn.levers import x_unit
from harken.web.pages.reading import family_label, page, part, run_or_first_steps
from harken.web.parts.charts import SHARE, Unit
from harken.web.parts.courses import Curve
from harken.web.parts.quantities import in_points
from harken.web.workspace import workspace

TITLE = Message(gettext_noop("What if"))
MISSING = Message(gettext_noop("This analysis does not have it. Analyse again to get it."))
POINTWISE = Message(gettext_noop("Each likely range holds for one target at a time."))


@dataclass(frozen=True, slots=True)
class Choice:
    """One lever that can be asked about."""

    family: Message
    label: Message
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of today's spread: where it stands across, how tall it is, and whether its customers would move."""

    x: str
    width: str
    y: float
    height: float
    moved: bool


def what_if(request: HttpRequest) -> HttpResponse:
    """A lever, a target on the observed range, and what goes with reaching it; refuses where nobody is."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    found, reason = part(run, "what_if")
    if found is None or not found.levers:
        return page(request, "pages/not_run.html", {"title": TITLE, "reason": reason or MISSING}, run)
    lever = choose(found, request.GET.get("lever") or None)
    asked = request.GET.get("target", "").strip()
    answer = ask(found, lever, read_target(lever, asked) if asked else None)
    currency = workspace().settings.currency
    kept_run = {"run": request.GET["run"]} if request.GET.get("run") else {}
    context = {
        "answer": answer,
        "lever": lever,
        "headline": headline(answer),
        "unit": x_unit(lever),
        "unit_word": UNITS.get(lever.unit),
        "target": _typed(lever, answer.asked),
        "spoken": spoken_target(answer),
        "levels": [(str(level), level == answer.asked) for level in lever.targets] if lever.category else [],
        "least": None if lever.category else _typed(lever, lever.targets[0]),
        "most": None if lever.category else _typed(lever, lever.targets[-1]),
        "step": _typed(lever, lever.step),
        "moved": _moved(answer),
        "points": Unit("points"),
        "in_points": None if answer.leaving is None else in_points(answer.leaving.estimate),
        "whole": Unit("count"),
        "break_even": None if answer.a_year is None else _break_even(answer, Unit("money", currency)),
        "robustness": robustness(answer.leaving) if answer.leaving is not None else None,
        "curve": _curve(answer),
        "bars": _bars(answer),
        "pointwise": POINTWISE,
        "score_reason": found.score_reason,
        "choices": [
            Choice(
                family_label(one.family),
                one.label,
                "?" + urlencode({**kept_run, "lever": one.column}),
                one.column == lever.column,
            )
            for one in found.levers
        ],
        "not_judged": _not_judged(run, found),
        "run_query": kept_run,
        "family": family_label(lever.family),
        "family_url": reverse("driver", args=[lever.family]),
    }
    take, template = {"answers": _sheet(found, lever)}, "what_if"
    if request.GET.get("part") == "answer":  # what the slider fetches; its links are those of the whole page
        template, request.GET = "what_if_answer", request.GET.copy()  # type: ignore[misc]
        del request.GET["part"]
    return page(request, f"pages/learn/{template}.html", context, run, take)


def _sheet(found: Any, lever: Any) -> Sheet:
    """The answers at every target of one lever, to take away."""
    kept, money = Message(gettext_noop("Customers kept")), Message(gettext_noop("Value kept"))
    target = Message(gettext_noop("Target"))
    fields = (
        Field("target", target, "text" if lever.category else "share" if lever.unit == "share" else "number"),
        Field("moved", Message(gettext_noop("Customers moved")), "count"),
        *number_fields(kept, key="kept", n=False),
        *number_fields(money, "money", key="value", n=False),
    )
    answers = [ask(found, lever, one) for one in lever.targets]
    rows = [(one.target, one.moved, *numbers(one.kept, n=False), *numbers(one.money, n=False)) for one in answers]
    return Sheet(fields, rows, Message(gettext_noop("What if")))


def _typed(lever: Any, value: float | str) -> str:
    """A number as an input field holds it, shares in per cent."""
    if isinstance(value, str):
        return value
    return f"{value * x_unit(lever).factor:.10g}"


def spoken_target(answer: Answer) -> Message | str:
    """The target with its unit, as a screen reader should say it: "at most 9 minutes"."""
    lever = answer.lever
    if isinstance(answer.target, str):
        return answer.target
    value: Message | str = x_unit(lever).write(answer.target)
    if lever.unit in UNITS:
        value = Message(gettext_noop("{place} {unit}"), {"place": value, "unit": UNITS[lever.unit]})
    text = gettext_noop("at most {value}") if lever.lower_is_better else gettext_noop("at least {value}")
    return Message(text, {"value": value})


def headline(answer: Answer) -> Message:
    """The finding as one sentence, no stronger than its evidence."""
    if answer.refused is not None or answer.leaving is None or answer.kept is None:
        return answer.refused or MISSING
    target = spoken_target(answer)
    if not answer.shown:
        return Message(
            gettext_noop("No effect is shown: with {target}, leaving may be as it is today."), {"target": target}
        )
    numbers = {"target": target, "n": formats.number(abs(round(answer.kept.value)), 0)}
    fewer = answer.kept.value > 0
    if answer.leaving.evidence is Evidence.EXPERIMENTAL:
        text = gettext_noop("With {target}, {n} fewer customers leave.") if fewer else gettext_noop(
            "With {target}, {n} more customers leave.")  # fmt: skip
    elif answer.leaving.evidence is Evidence.ADJUSTED:
        text = gettext_noop("With all else equal, {target} goes with {n} fewer customers leaving.") if fewer else (
            gettext_noop("With all else equal, {target} goes with {n} more customers leaving."))  # fmt: skip
    else:
        text = gettext_noop("In the plain data, {target} goes with {n} fewer customers leaving.") if fewer else (
            gettext_noop("In the plain data, {target} goes with {n} more customers leaving."))  # fmt: skip
    return Message(text, numbers)


def _moved(answer: Answer) -> Message:
    numbers = {"n": answer.moved, "total": answer.known}
    return Message(gettext_noop("{n} of {total} customers would be moved; the others are there already."), numbers)


def _break_even(answer: Answer, money: Unit) -> Message:
    """What the change may cost a year, if the effect is a cause and lasts."""
    assert answer.a_year is not None
    interval = answer.a_year.interval
    if interval.upper <= 0:
        return Message(gettext_noop("At no cost would it be worth doing for this alone."))
    numbers = {
        "cost": money.write(max(answer.a_year.value, 0.0)),
        "low": money.write(max(interval.lower, 0.0)),
        "high": money.write(interval.upper),
    }
    if not interval.excludes(0.0):
        return Message(
            gettext_noop("Whether it is worth any cost is not shown: break-even between {low} and {high} a year."),
            numbers,
        )
    if answer.leaving is not None and answer.leaving.evidence is Evidence.EXPERIMENTAL:
        return Message(gettext_noop("Worth doing below a cost of {cost} a year, likely {low} to {high}."), numbers)
    return Message(
        gettext_noop("If it is the cause, worth doing below a cost of {cost} a year, likely {low} to {high}."),
        numbers,
    )


def _curve(answer: Answer) -> Curve | None:
    """Leaving along the lever, with today's median and the target."""
    lever = answer.lever
    curve = lever.curve
    if lever.today is None or len(curve.centres) < 2:
        return None
    unit = x_unit(lever)
    marks: tuple[tuple[float, Message | str], ...] = ()
    if not isinstance(answer.target, str) and answer.refused is None:
        text = Message(gettext_noop("target {value}"), {"value": unit.write(answer.target)})
        marks = ((float(answer.target), text),)
    return Curve(
        tuple(zip(curve.centres, curve.levels, curve.lower, curve.upper, strict=True)),
        unit,
        SHARE,
        (lever.label, Message(gettext_noop("Leaving"))),
        marks=marks,
        level=curve.overall,
        caption=Message(gettext_noop("{lever}: the outcome along it, all else equal"), {"lever": lever.label}),
        height=190,
        bounds=(0.0, 1.0),
    )


def _bars(answer: Answer) -> list[Bar]:
    """Where customers stand today, on the curve's own axis; those who would move are marked."""
    lever = answer.lever
    if lever.today is None:
        return []
    low, high = lever.curve.centres[0], lever.curve.centres[-1]
    counts, start = lever.today.counts, lever.today.lowest
    width = (lever.today.reach - start) / len(counts)
    inside = [count for at, count in enumerate(counts) if start + at * width < high]
    tallest = max(inside, default=1) or 1
    target = float(answer.target) if answer.refused is None else None
    drawn = []
    for at, count in enumerate(counts):
        left, right = start + at * width, start + (at + 1) * width
        first, last = max(left, low), min(right, high)
        if last <= first or high <= low:
            continue
        middle = (left + right) / 2
        moved = target is not None and (middle > target if lever.lower_is_better else middle < target)
        height = round(34 * (count / tallest) ** 0.5, 1)
        share = [100 * (end - low) / (high - low) for end in (first, last)]
        drawn.append(
            Bar(f"{share[0]:.2f}%", f"{max(share[1] - share[0] - 0.3, 0.2):.2f}%", 36 - height, height, moved)
        )
    return drawn


def _not_judged(run: Any, found: Any) -> list[tuple[Message, Message]]:
    """Levers that cannot be asked about, by the names their measures have in the inventory."""
    inventory, _ = part(run, "inventory")
    labels = {} if inventory is None else {feature.name: feature.label for feature in inventory.features}
    return [(labels.get(name) or family_label(name), why) for name, why in found.not_judged]
