"""Today: what changed for real, what is it worth, what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from harken.usecases.hand_overs import open_for
from harken.usecases.reporting.sentences import drivers_headline
from harken.usecases.runs import Run
from harken.vocabulary.estimates import Evidence
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.headlines import score_headline, whole_base_headline
from harken.web.pages.learn.levers import LeverView, hurts, lever_view
from harken.web.pages.learn.scores import course, real_changes
from harken.web.pages.listen.sources import alarms
from harken.web.pages.reading import family_label, page, part, run_or_first_steps
from harken.web.parts.charts import Unit
from harken.web.parts.messages import language
from harken.web.parts.quantities import headline_unit, score_name, score_unit
from harken.web.shell import chosen
from harken.web.workspace import workspace

TITLE = Message(gettext_noop("Today"))
ACTIONS_SHOWN = 3
CHANGES_SHOWN = 3
HEARD_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next: what, why, how sure, and where to begin."""

    title: Message
    why: Message
    url: str
    button: Message
    evidence: Evidence | None = None
    money: Any = None


def today(request: HttpRequest) -> HttpResponse:
    """Three numbers, what changed beyond chance, and what to do next."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    overview, _ = part(run, "scores")
    whole, _ = part(run, "whole_base")
    outcome, outcome_reason = part(run, "outcome")
    value, value_reason = part(run, "value")
    findings = _findings(run)
    context = {
        "headline": findings[0],
        "lede": findings[1] if len(findings) > 1 else None,
        "overview": overview,
        "whole": whole,
        "score": _score_card(overview, whole),
        "outcome": outcome,
        "outcome_reason": outcome_reason,
        "percent": Unit("per cent"),
        "value": value,
        "value_reason": value_reason,
        "steps": _steps(run, chosen(request)),
        "handed": open_for(workspace(), request.user.get_username()),
        "changes": [] if overview is None else real_changes(overview)[:CHANGES_SHOWN],
        "course": None if overview is None else course(overview, score_unit(overview.summary.unit), height=120),
        "alarms": alarms(),
        "under": [] if whole is None else [group for group in whole.heard if group.heard < 1][:HEARD_SHOWN],
        "voice": _voice(run),
    }
    return page(request, "pages/today.html", context, run)


def _findings(run: Run) -> list[Message]:
    """The page's sentences, the weightiest first: real changes, the silent customers, the drivers."""
    overview, _ = part(run, "scores")
    whole, _ = part(run, "whole_base")
    ranking, _ = part(run, "drivers")
    first: list[Message] = []
    later: list[Message] = []
    if overview is not None:
        changes = () if overview.series is None else overview.series.changes
        real = bool(changes) and changes[-1].real
        (first if real else later).append(score_headline(overview))
    if whole is not None:
        gap = whole.total.difference
        beyond = gap is not None and gap.interval.excludes(0.0)
        (first if beyond else later).append(whole_base_headline(whole))
    if ranking is not None:
        shown = any(family.shown for family in ranking.families)
        (first if shown else later).append(drivers_headline(ranking, family_label))
    if not first and not later:
        first.append(Message(gettext_noop("The data are in, but no question could be answered from them yet.")))
    return [*first, *later]


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """The score of all customers (of those who answered where that is all there is)."""

    name: Message
    estimate: Any
    unit: Unit
    answered: Any
    note: Message


def _score_card(overview: Any, whole: Any) -> ScoreCard | None:
    if whole is not None and whole.total.whole_base is not None:
        unit = headline_unit(whole.scale_id, whole.headline)
        answered = whole.total.answered_only
        return ScoreCard(
            Message(gettext_noop("{name}, all customers"), {"name": score_name(whole.scale_id)}),
            whole.total.whole_base,
            unit,
            answered,
            Message(
                gettext_noop("{answers} answers, {n} customers estimated"),
                {"answers": whole.total.answers, "n": whole.total.customers},
            ),
        )
    if overview is None or overview.summary.headline is None or overview.summary.headline.counts_only:
        return None
    summary = overview.summary
    return ScoreCard(
        Message(gettext_noop("{name}, those who answered"), {"name": score_name(summary.scale)}),
        summary.headline,
        score_unit(summary.unit),
        None,
        Message(gettext_noop("{n} answers"), {"n": summary.n}),
    )


@dataclass(frozen=True, slots=True)
class Quote:
    """One customer's words, and what they were about."""

    comment: Any
    lang: str
    about: tuple[Message | str, ...]


def _voice(run: Run) -> Quote | None:
    """The longest comment, if possible in the reader's script, of customers with whom most is at stake."""
    found, _ = part(run, "voices")
    if found is None:
        return None
    scripts = [("zh", found.han), ("", found.other)]
    if not language().startswith("zh"):
        scripts.reverse()
    lang, comments = next((lang, comments) for lang, comments in scripts if comments)
    comment = max(comments, key=lambda said: len(said.text))
    about: list[Message | str] = [text.replace("_", " ") for text in (comment.channel, comment.issue) if text]
    if comment.score is not None:
        about.append(Message(gettext_noop("scored {score}"), {"score": comment.score}))
    return Quote(comment, lang, tuple(about))


def _steps(run: Run, kept: str) -> list[Step]:
    """What to do next: levers with a shown effect, whom to call, whom to ask."""
    effects, _ = part(run, "levers")
    value, _ = part(run, "value")
    steps = (
        [] if effects is None else [_lever_step(lever_view(lever, value), kept) for lever in _best_levers(effects)]
    )
    forecast, _ = part(run, "retention")
    if forecast is not None and forecast.chosen != "base_rate":
        title = Message(gettext_noop("Call the customers with most at stake"))
        why = Message(gettext_noop("Sorted by chance of leaving times value. What a call gains is not known yet."))
        if value is None:
            title = Message(gettext_noop("Call the customers most likely to leave"))
            why = Message(gettext_noop("Sorted by chance of leaving. What a call gains is not known yet."))
        steps.append(Step(title, why, reverse("at-risk") + kept, Message(gettext_noop("The list"))))
    whole, _ = part(run, "whole_base")
    silent = None if whole is None else [group for group in whole.heard if group.heard < 1]
    if silent:
        why = Message(gettext_noop("Most under-heard: {group}"), {"group": silent[0].label})
        title = Message(gettext_noop("Ask those who are not heard"))
        steps.append(Step(title, why, reverse("whole-base") + kept, Message(gettext_noop("Who they are"))))
    return steps[: ACTIONS_SHOWN + 1]


def _best_levers(effects: Any) -> list[Any]:
    """Levers with a shown effect, most money first, else most leavers."""
    shown = [lever for lever in effects.levers if hurts(lever)]

    def worth(lever: Any) -> tuple[float, float]:
        return (-lever.money.value if lever.money is not None else 0.0, -lever.outcomes.value)

    return sorted(shown, key=worth)[: ACTIONS_SHOWN - 1]


def _lever_step(view: LeverView, kept: str) -> Step:
    title = Message(gettext_noop("{family}: {finding}"), {"family": view.family, "finding": view.headline})
    url = f"{reverse('retention')}{kept}#lever-{view.lever.family}"
    evidence = view.lever.effect.adjusted.evidence
    why = view.ratio or view.scale
    return Step(title, why, url, Message(gettext_noop("See the evidence")), evidence, view.money)
