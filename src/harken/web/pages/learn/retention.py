"""Retention: why do customers stay or leave?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from harken.locale import formats
from harken.usecases.exports import tables
from harken.usecases.reporting.retention import retention_paper
from harken.usecases.reporting.sentences import drivers_headline, drivers_lede
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.learn.heat import heat, sheet
from harken.web.pages.learn.levers import lever_view
from harken.web.pages.learn.stays import stay_view, taken
from harken.web.pages.reading import family_label, page, part, run_or_first_steps
from harken.web.parts.charts import SHARE, Row, Unit, bars
from harken.web.parts.courses import Column, series
from harken.web.parts.messages import language
from harken.web.parts.take import Paper, Told
from harken.web.workspace import workspace

TITLE = Message(gettext_noop("Retention"))


def retention(request: HttpRequest) -> HttpResponse:
    """Drivers ranked, leaks set aside, how each lever acts, and how well the forecast did."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    outcome, reason = part(run, "outcome")
    if outcome is None:
        return page(request, "pages/not_run.html", {"title": TITLE, "reason": reason}, run)
    ranking, drivers_reason = part(run, "drivers")
    forecast, forecast_reason = part(run, "retention")
    effects, levers_reason = part(run, "levers")
    leaks, _ = part(run, "leaks")
    segments, _ = part(run, "segments")
    value, _ = part(run, "value")
    levers = [] if effects is None else [lever_view(lever, value) for lever in effects.levers]
    context = {
        "headline": drivers_headline(ranking, family_label) if ranking is not None else drivers_reason,
        "lede": None if ranking is None else drivers_lede(ranking),
        "outcome": outcome,
        "percent": Unit("per cent"),
        "leaks": leaks,
        "ranking": ranking,
        "drivers": None if ranking is None else _driver_bars(ranking),
        "surer": None if ranking is None else _surer(ranking),
        "grey": Message(
            gettext_noop("Grey: known, not a lever. Shares say what goes with leaving, not what causes it.")
        ),
        "harmful": [view for view in levers if view.hurts],
        "harmless": [view for view in levers if not view.hurts],
        "not_judged": [] if effects is None else _not_judged(run, effects),
        "levers_reason": levers_reason,
        "heat": heat(segments, linked=run.info.segment is None),
        "value": value,
        "stakes": [] if value is None else _stakes(value),
        "forecast": forecast,
        "forecast_reason": forecast_reason,
        "auc_in_100": None if forecast is None else round(100 * forecast.validation.auc.value),
        "deciles": None if forecast is None else _deciles(forecast.validation),
    }
    stay = stay_view(run, request)
    context["stay"] = stay
    place, today = workspace(), timezone.localdate()
    take = {
        "report": Paper(
            Message(gettext_noop("Report")),
            lambda kind: retention_paper(run, place, kind, language=language(), today=today),
        ),
        "drivers": context["drivers"],
        "leaks": None if leaks is None or not (leaks.set_aside or leaks.suspects) else tables.leaks(leaks),
        "levers": tables.levers(effects) if levers else None,
        **taken(run, stay),
        "segments": sheet(segments),
        "deciles": None if forecast is None or forecast.chosen == "base_rate" else context["deciles"],
        **{f"lever-{view.lever.family}": Told(view.curve or view.levels, view.headline) for view in levers},
    }
    parts = {"drivers": "drivers", "levers": "levers", "deciles": "retention", "stay": "survival"}
    parts |= {f"lever-{view.lever.family}": "levers" for view in levers}
    return page(request, "pages/learn/retention.html", context, run, take, parts)


def _not_judged(run: Any, effects: Any) -> list[tuple[Message, Message]]:
    """Levers without a verdict, by the names their measures have in the inventory."""
    inventory, _ = part(run, "inventory")
    labels = {} if inventory is None else {feature.name: feature.label for feature in inventory.features}
    return [(labels.get(name) or family_label(name), why) for name, why in effects.not_judged]


def _stakes(value: Any) -> list[Any]:
    """Families whose money lies clear of zero, most first."""
    return [row for row in value.by_family if row.money.interval.lower > 0]


def _driver_bars(ranking: Any) -> Any:
    """Families by their share of what the data explain; grey where nobody can change them."""
    rows = []
    for family in ranking.families:
        if not family.shown:
            continue
        kind = Message(gettext_noop("can be moved") if family.has_lever else gettext_noop("known, not a lever"))
        ranks = {"kind": kind, "best": family.rank_lower, "worst": family.rank_upper}
        text = gettext_noop("{kind} · rank {best} to {worst}")
        if family.rank_lower == family.rank_upper:
            text = gettext_noop("{kind} · rank {best}")
        share = family.share
        rows.append(
            Row(
                family_label(family.family),
                share.value,
                share.interval.lower,
                share.interval.upper,
                note=Message(text, ranks),
                tone="accent" if family.has_lever else "grey",
                n=share.n,
                url=reverse("driver", args=[family.family]),
            )
        )
    heads = (
        Message(gettext_noop("Driver family")),
        Message(gettext_noop("Share of explained leaving, with likely range")),
        Message(gettext_noop("Share")),
    )
    return bars(rows, SHARE, heads, low=0.0) if rows else None


def _surer(ranking: Any) -> Message | None:
    """How sure the first place is."""
    shown = [family for family in ranking.families if family.shown]
    if len(shown) < 2:
        return None
    places = [family.family for family in ranking.families]
    sure = ranking.outranks[places.index(shown[0].family)][places.index(shown[1].family)]
    return Message(
        gettext_noop("{first} ranks above {second} in {n} of 100 resamples."),
        {
            "first": family_label(shown[0].family),
            "second": family_label(shown[1].family),
            "n": formats.number(round(100 * sure), 0),
        },
    )


def _deciles(validation: Any) -> Any:
    """Predicted against actual leaving, by tenth of risk."""
    columns = [
        Column(
            str(number),
            decile.actual.value,
            decile.actual.interval.lower,
            decile.actual.interval.upper,
            decile.actual.n,
            other=decile.predicted,
        )
        for number, decile in enumerate(validation.deciles, start=1)
    ]
    heads = (
        Message(gettext_noop("Tenth by risk")),
        Message(gettext_noop("left")),
        Message(gettext_noop("predicted")),
    )
    caption = Message(gettext_noop("Customers by predicted risk, lowest tenth first: who left, and the forecast"))
    return series(columns, SHARE, heads, joined=False, caption=caption, low=0.0, height=180)
