"""Plans what everyone in a customer's account lived through: one colleague's wait is felt by all."""

from __future__ import annotations

from collections.abc import Iterator

from harken.unify.features.catalogue import Feature
from harken.unify.features.event_plan import grain
from harken.unify.features.event_words import kind_words, measure_words, slug, unit_of, with_unit
from harken.unify.features.families import is_lever
from harken.unify.features.inventory import Inventory, KindInventory, ScoreInventory
from harken.unify.features.recipes import SCORE_GRAIN, Block, Planned, Recipe
from harken.vocabulary.messages import Message, gettext_noop

COLLEAGUES_LEAST_SHARE = 0.02
"""Below this share of customers with colleagues, account features would be empty for nearly everybody."""
WINDOWS_DAYS = (90, 365)


def shares_accounts(inventory: Inventory) -> bool:
    """True where enough customers share their account with another customer."""
    return inventory.colleagues > COLLEAGUES_LEAST_SHARE * max(inventory.people, 1)


def plan_accounts(inventory: Inventory) -> tuple[Block, ...]:
    """Counts of contacts and other waits over the account, its mean waits and its mean score."""
    if not shares_accounts(inventory) or inventory.as_of_us is None:
        return ()
    blocks = []
    for kind in inventory.kinds:
        planned = tuple(_waits(kind))
        if planned:
            grains = tuple((measured.name, grain(measured)) for measured in kind.measures)
            blocks.append(Block("accounts", kind.kind, planned, grains))
    answered = {kind.kind for kind in inventory.kinds}
    if inventory.scores and "answer" in answered:
        best = max(inventory.scores, key=lambda item: (item.count, item.programme, item.question))
        blocks.append(Block("accounts", "answer", (_score(best),), (("score", SCORE_GRAIN),)))
    return tuple(blocks)


def _waits(kind: KindInventory) -> Iterator[Planned]:
    measured = kind.measure("wait_s")
    if measured is None:
        return
    words, spoken = kind_words(kind.kind), measure_words(kind.kind, "wait_s")
    unit = unit_of("wait_s", measured.mean)
    for days in WINDOWS_DAYS:
        label = Message(
            gettext_noop("Number of {things} in the whole account, last {days} days"),
            {"things": words.many, "days": days},
        )
        name = f"account_{slug(kind.kind)}_count_{days}d"
        feature = Feature(
            name, words.family, label, unit="count", lever=words.lever, window_days=days, source=kind.kind
        )
        yield Planned(feature, Recipe("total", window_days=days))
        label = Message(
            gettext_noop("Mean {measure} of {things} in the whole account, last {days} days"),
            {"measure": spoken.noun, "things": words.many, "days": days},
        )
        name = f"account_{slug(kind.kind)}_{spoken.slug}_{unit.name}_mean_{days}d"
        feature = Feature(
            name,
            spoken.family,
            with_unit(label, unit.name),
            unit=unit.name,
            lever=is_lever(spoken.family),
            window_days=days,
            source=kind.kind,
        )
        yield Planned(feature, Recipe("mean", "wait_s", unit.factor, window_days=days))


def _score(item: ScoreInventory) -> Planned:
    asked = " · ".join(part for part in (item.programme, item.question) if part) or item.scale
    label = Message(
        gettext_noop("Mean score on “{question}” in the whole account, last {days} days"),
        {"question": asked, "days": 365},
    )
    name = f"account_answer_{slug(asked)}_mean_365d"
    feature = Feature(name, "past_scores", label, unit="points", window_days=365, source="answer")
    answer = (item.programme, item.question, item.scale)
    return Planned(feature, Recipe("mean", "score", answer=answer, window_days=365))
