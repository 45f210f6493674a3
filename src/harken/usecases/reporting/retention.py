"""The report of the retention analysis: why customers stay or leave, what it costs, how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from harken.locale import render
from harken.locale.formats import money, number, percent
from harken.usecases.cards import FIELD_WORDS, card
from harken.usecases.families import label as family_label
from harken.usecases.parts import PARTS
from harken.usecases.reporting import sentences
from harken.usecases.reporting.charts import deciles_chart, drivers_chart, lever_chart
from harken.usecases.reporting.content import Block, Facts, Figure, Grid, Report, Section, Text
from harken.usecases.reporting.html import as_html
from harken.usecases.reporting.pdf import as_pdf
from harken.usecases.reporting.words import FIELDS, Words, estimate
from harken.usecases.runs import NotRun, Run
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

TOPICS = ("drivers", "leaks", "retention", "value")
PAPERS = ("html", "pdf")


def retention_paper(run: Run, workspace: Workspace, kind: str, *, language: str, today: date) -> bytes:
    """The report as "html" or "pdf". Raises DataError where no outcome could be analysed."""
    if kind not in PAPERS:
        raise SettingsError(
            Message(gettext_noop("A report cannot be written as {kind}."), {"kind": kind}),
            Message(gettext_noop("Choose one of these: {kinds}."), {"kinds": ", ".join(PAPERS)}),
        )
    report = retention_report(run, workspace, language=language, today=today)
    return as_html(report).encode() if kind == "html" else as_pdf(report)


def retention_report(run: Run, workspace: Workspace, *, language: str, today: date) -> Report:
    """Everything the Retention page says, in the order in which a board reads it."""
    outcome = run.parts.get("outcome")
    if outcome is None or isinstance(outcome, NotRun):
        reason = outcome.reason if isinstance(outcome, NotRun) else None
        raise DataError(Message(gettext_noop("There is no retention analysis to report.")), reason)
    view = _View(run, workspace.settings.currency, language)
    say = view.say
    ranking = view.part("drivers")
    headline = view.reason("drivers") if ranking is None else say(sentences.drivers_headline(ranking, family_label))
    forecast = view.part("retention")
    ledes = [] if ranking is None else [say(sentences.drivers_lede(ranking))]
    ledes += [] if forecast is None else [say(forecast.validation.wording)]
    day_text = gettext_noop("as of {day}")
    return Report(
        language=language,
        kind=say(Message(gettext_noop("Retention report"))),
        company=workspace.settings.company,
        headline=headline,
        lede=("" if language.startswith("zh") else " ").join(ledes),
        facts=tuple(
            say(fact)
            for fact in (
                outcome.sentence,
                Message(day_text, {"day": run.info.as_of}),
                Message(gettext_noop("all customers, {n}"), {"n": run.info.customers}),
                Message(gettext_noop("analysis {id}"), {"id": run.info.id[:8]}),
                Message(gettext_noop("written {day}"), {"day": today}),
            )
        ),
        figures=tuple(_figures(view, outcome)),
        sections=tuple(_sections(view, outcome)),
        appendix_title=say(Message(gettext_noop("How is this computed?"))),
        appendix=tuple(_card(topic, view) for topic in TOPICS),
        page_of=say(Message(gettext_noop("page {page} of {pages}"), {"page": "{page}", "pages": "{pages}"})),
    )


@dataclass(frozen=True, slots=True)
class _View:
    """A run as one reader sees it."""

    run: Run
    currency: str
    language: str

    def say(self, words: Words) -> str:
        return render(words, self.language) if isinstance(words, Message) else str(words)

    def part(self, name: str) -> Any:
        found = self.run.parts.get(name)
        return None if isinstance(found, NotRun) else found

    def reason(self, name: str) -> str:
        found = self.run.parts.get(name)
        return self.say(found.reason) if isinstance(found, NotRun) else ""

    def money(self, amount: float) -> str:
        return money(amount, self.currency, self.language)

    def range(self, low: str, high: str) -> str:
        return self.say(Message(gettext_noop("{low} to {high}"), {"low": low, "high": high}))


def _figures(view: _View, outcome: Any) -> Iterator[Figure]:
    """The three numbers on top: how many stayed, what is at stake, how good the forecast is."""
    say, rate = view.say, outcome.rate
    left = Message(gettext_noop("{left} of {n} customers left"), {"left": outcome.left, "n": outcome.customers})
    value, interval = estimate(rate, view.language, "per cent")
    yield Figure(say(Message(gettext_noop("Stayed"))), value, interval, say(left))
    at_stake = view.part("value")
    if at_stake is not None:
        total = at_stake.total
        ends = view.range(view.money(total.interval.lower), view.money(total.interval.upper))
        count = Message(gettext_noop("{n} customers with a value"), {"n": at_stake.with_value})
        yield Figure(say(Message(gettext_noop("Value at stake"))), view.money(total.value), ends, say(count))
    forecast = view.part("retention")
    if forecast is not None:
        auc = forecast.validation.auc
        ends = view.range(number(auc.interval.lower, 2), number(auc.interval.upper, 2))
        tested = Message(gettext_noop("tested on {n} customers; 0.5 is chance, 1 is certain"), {"n": auc.n})
        label = Message(gettext_noop("Area under the curve of the forecast"))
        yield Figure(say(label), number(auc.value, 2), ends, say(tested))


def _sections(view: _View, outcome: Any) -> Iterator[Section]:
    """The findings in order; what could not be computed says why at the end."""
    yield from _drivers(view)
    yield from _levers(view)
    yield from _value(view)
    yield from _forecast(view)
    yield from _leaks(view)
    yield from _not_run(view)
    step = gettext_noop(
        "Choose the lever with the most money whose likely range lies clear of zero, start with half of the "
        "branches or teams, and measure. Whom to call, about what, is on the page Customers at risk."
    )
    blocks: list[Block] = [Text(view.say(Message(step)))]
    if outcome.proposal is not None:
        blocks.append(Text(view.say(outcome.proposal), "quiet"))
    yield Section(view.say(Message(gettext_noop("Next step"))), tuple(blocks))


def _drivers(view: _View) -> Iterator[Section]:
    ranking = view.part("drivers")
    if ranking is None or not any(family.shown for family in ranking.families):
        return
    words = gettext_noop("Grey: known, not a lever. Shares say what goes with leaving, not what causes it.")
    r2, ends = estimate(ranking.r2, view.language, "share")
    together = gettext_noop("Together the driver families explain {r2} of who leaves ({range}), n = {n}.")
    blocks: list[Block] = [
        drivers_chart(ranking, view.language),
        Text(view.say(Message(words)), "quiet", view.say(Message("associational"))),
        Text(view.say(Message(together, {"r2": r2, "range": ends, "n": ranking.n})), "quiet"),
        *(Text(view.say(note), "quiet") for note in ranking.notes),
    ]
    yield Section(view.say(Message(gettext_noop("What goes with leaving"))), tuple(blocks))


def _levers(view: _View) -> Iterator[Section]:
    effects = view.part("levers")
    if effects is None:
        return
    title = view.say(Message(gettext_noop("What can be moved, and what that would do")))
    harmful = [lever for lever in effects.levers if sentences.hurts(lever)]
    words = gettext_noop(
        "Each lever is compared with all other driver families held equal. That is right as long as nothing "
        "outside the named families causes both."
    )
    yield Section(title, (Text(view.say(Message(words)), "quiet", view.say(Message("adjusted"))),))
    for lever in harmful:
        yield Section(
            f"{view.say(family_label(lever.family))} · {view.say(lever.label)}", _lever(view, lever), level=2
        )
    calm = [lever for lever in effects.levers if lever not in harmful]
    if calm:
        heads = (Message(gettext_noop("Lever")), Message(gettext_noop("Effect, all else equal")))
        rows = [
            (f"{view.say(family_label(lever.family))} · {view.say(lever.label)}", view.say(sentences.effect(lever)))
            for lever in calm
        ]
        grid = Grid(tuple(view.say(head) for head in heads), rows, numbers_from=2)
        title = Message(gettext_noop("Looked at: with all else equal, no more leaving is shown"))
        yield Section(view.say(title), (grid,), level=2)
    if effects.not_judged:
        labels = _labels(view)
        pairs = tuple(
            (view.say(labels.get(name) or family_label(name)), view.say(why)) for name, why in effects.not_judged
        )
        yield Section(view.say(Message(gettext_noop("Levers that could not be judged"))), (Facts(pairs),), level=2)


def _labels(view: _View) -> Mapping[str, Message]:
    """Measures by the names they have in the inventory."""
    inventory = view.part("inventory")
    return {} if inventory is None else {feature.name: feature.label for feature in inventory.features}


def _lever(view: _View, lever: Any) -> tuple[Block, ...]:
    """One lever in whose bad part more leave: from where on, how much, how many, worth what, how robust."""
    adjusted = lever.effect.adjusted
    blocks: list[Block] = [Text(view.say(sentences.headline(lever)), "lead"), lever_chart(lever, view.language)]
    n = Message(gettext_noop("n = {n}"), {"n": adjusted.estimate.n})
    effect = f"{view.say(sentences.effect(lever))} {view.say(n)}"
    blocks += [
        Text(effect, chip=view.say(Message(adjusted.evidence.value))),
        Text(view.say(sentences.scale(lever))),
    ]
    at_stake, times = sentences.money_at_stake(lever, view.part("value")), sentences.ratio(lever)
    if times is not None:
        blocks.append(Text(view.say(times)))
    if at_stake is not None:
        ends = view.range(view.money(at_stake.interval.lower), view.money(at_stake.interval.upper))
        words = Message(
            gettext_noop("{money} at stake ({range})"), {"money": view.money(at_stake.value), "range": ends}
        )
        blocks.append(Text(view.say(words)))
    kind = None if lever.pattern is None else sentences.KINDS.get(str(lever.pattern.kind.value))
    blocks += [
        Text(view.say(words), "quiet") for words in (kind, sentences.robustness(adjusted)) if words is not None
    ]
    return tuple(blocks)


def _value(view: _View) -> Iterator[Section]:
    found = view.part("value")
    if found is None:
        return
    leavers, ends = estimate(found.leavers, view.language, "count")
    total = view.range(view.money(found.total.interval.lower), view.money(found.total.interval.upper))
    text = gettext_noop(
        "{leavers} customers are expected to leave ({range}) and to take {money} with them ({money_range}), margin "
        "{margin}. Families overlap: their money does not add up to the total."
    )
    values = {"leavers": leavers, "range": ends, "money": view.money(found.total.value), "money_range": total,
              "margin": percent(found.margin, 0)}  # fmt: skip
    heads = (gettext_noop("Driver family"), gettext_noop("Customers affected"), gettext_noop("At stake through it"),
             gettext_noop("likely range"), gettext_noop("Evidence"))  # fmt: skip
    rows = [
        (
            view.say(family_label(row.family)),
            number(row.affected),
            view.money(row.money.value),
            view.range(view.money(row.money.interval.lower), view.money(row.money.interval.upper)),
            view.say(Message(row.evidence.evidence.value)),
        )
        for row in found.by_family
    ]
    blocks: list[Block] = [Text(view.say(Message(text, values)))]
    if rows:
        blocks.append(Grid(tuple(view.say(Message(head)) for head in heads), rows))
    blocks += [Text(view.say(note), "quiet") for note in found.notes]
    yield Section(view.say(Message(gettext_noop("What is at stake"))), tuple(blocks))


def _forecast(view: _View) -> Iterator[Section]:
    forecast = view.part("retention")
    if forecast is None:
        return
    title = view.say(Message(gettext_noop("How well the forecast did")))
    if forecast.chosen == "base_rate":
        text = gettext_noop("Nothing in the data tells who leaves: everybody gets the overall rate.")
        yield Section(title, (Text(view.say(Message(text)), "lead"),))
        return
    auc = round(100 * forecast.validation.auc.value)
    lead = Message(gettext_noop("It ranks a leaver above a stayer {n} times in 100."), {"n": auc})
    judged = gettext_noop(
        "Each customer was judged by a model that had not seen them. Tenths of equal size, lowest risk first."
    )
    blocks: list[Block] = [
        Text(view.say(lead), "lead"),
        Text(view.say(forecast.validation.wording)),
        deciles_chart(forecast.validation, view.language),
        Text(view.say(Message(judged)), "quiet"),
        *(Text(view.say(note), "quiet") for note in forecast.notes),
    ]
    yield Section(title, tuple(blocks))


def _leaks(view: _View) -> Iterator[Section]:
    scan = view.part("leaks")
    if scan is None:
        return
    blocks: list[Block] = []
    for words, found in (
        (Message(gettext_noop("Set aside: it knows the outcome too early")), scan.set_aside),
        (Message(gettext_noop("Kept, but worth a look")), scan.suspects),
    ):
        if found:
            pairs = tuple(
                (view.say(leak.label), " ".join(view.say(one) for one in leak.messages)) for leak in found
            )
            blocks += [Text(view.say(words), "lead"), Facts(pairs)]
    looked = gettext_noop("{count} of {columns} columns are set aside ({n} customers looked at).")
    counts = {"count": len(scan.set_aside), "columns": scan.columns, "n": scan.n}
    blocks.append(Text(view.say(Message(looked, counts)), "quiet"))
    yield Section(view.say(Message(gettext_noop("Data leaks"))), tuple(blocks))


def _not_run(view: _View) -> Iterator[Section]:
    if not view.run.info.not_run:
        return
    pairs = tuple(
        (view.say(PARTS.get(name, name)), view.say(reason)) for name, reason in view.run.info.not_run.items()
    )
    yield Section(view.say(Message(gettext_noop("What could not be computed, and why"))), (Facts(pairs),))


def _card(topic: str, view: _View) -> Section:
    """One card of the appendix."""
    shown = card(topic, view.language)
    pairs = tuple((view.say(FIELD_WORDS[name]), getattr(shown, name)) for name in FIELDS)
    return Section(shown.question, (Facts(pairs),), level=2)
