"""Plans all features of a company from the inventory of its lake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from harken.unify.features.account_plan import plan_accounts
from harken.unify.features.column_plan import plan_answers, plan_people, plan_snapshot
from harken.unify.features.event_plan import grain, plan_kind
from harken.unify.features.event_words import slug
from harken.unify.features.families import merge_small
from harken.unify.features.formulas import FormulaText, with_formulas
from harken.unify.features.inventory import Inventory, KindInventory
from harken.unify.features.recipes import Block, Catalogue, LeftOut, Planned, RowsForm

COLUMNS_AT_MOST = 100
"""Columns of one query: wider ones are slower than several queries joined."""
FULL_KINDS_AT_MOST = 8


def plan(inventory: Inventory, formulas: Sequence[FormulaText] = ()) -> Catalogue:
    """The catalogue of features that a company's lake supports, for any kinds of events and any columns.

    Every kind of signal gets counts, totals, means, maxima, changes, gaps, channels, touchpoints and issues, as
    far as its rows carry them; answers, people and snapshot columns get theirs. Families are at most 15.
    Raises `SettingsError` where a formula of the company does not fit.

    >>> from harken.unify.features.inventory import KindInventory
    >>> catalogue = plan(Inventory(as_of_us=0, kinds=(KindInventory("visit", 10, -5, -1),)))
    >>> [feature.name for feature in catalogue.features][:4]
    ['visit_count_7d', 'visit_count_30d', 'visit_count_90d', 'visit_count_365d']
    """
    blocks: list[Block] = []
    left_out: list[LeftOut] = []
    if inventory.as_of_us is not None:
        blocks.extend(_event_blocks(inventory.kinds))
        blocks.extend(_cut("answers", "answer", plan_answers(inventory.scores)))
        blocks.extend(plan_accounts(inventory))
    blocks.extend(_cut("people", "people", plan_people(inventory)))
    for source, columns in groupby(inventory.snapshots, key=lambda column: column.source):
        planned, out = plan_snapshot(columns, inventory.as_of_us)
        blocks.extend(_cut("snapshot", source, planned))
        left_out.extend(out)
    declared = [column.family for column in inventory.snapshots if column.family]
    catalogue = Catalogue(_with_families(_with_unique_names(blocks), declared), left_out=tuple(left_out))
    return with_formulas(catalogue, formulas)


def _event_blocks(kinds: Iterable[KindInventory]) -> list[Block]:
    blocks: list[Block] = []
    ranked = sorted(kinds, key=lambda kind: (-kind.count, kind.kind))
    full = {kind.kind for kind in ranked[:FULL_KINDS_AT_MOST]}
    for kind in sorted(ranked, key=lambda kind: kind.kind):
        events, sequence = plan_kind(kind, full=kind.kind in full)
        grains = tuple((measured.name, grain(measured)) for measured in kind.measures)
        blocks.extend(_cut("events", kind.kind, events, grains))
        blocks.extend(_cut("sequence", kind.kind, sequence))
    return blocks


def _cut(
    rows: RowsForm, name: str, planned: Sequence[Planned], grains: tuple[tuple[str, float], ...] = ()
) -> list[Block]:
    """The planned features in blocks of at most 100 columns, of nearly equal width."""
    count = -(-len(planned) // COLUMNS_AT_MOST)
    width = -(-len(planned) // count) if count else 1
    return [
        Block(rows, name, tuple(planned[start : start + width]), grains) for start in range(0, len(planned), width)
    ]


def _with_unique_names(blocks: Iterable[Block]) -> list[Block]:
    """Blocks whose feature names are unique: a name taken is told apart by its source, then by a number."""
    taken: set[str] = set()
    result = []
    for block in blocks:
        planned = []
        for item in block.planned:
            name = item.feature.name
            if name in taken and block.rows == "snapshot":
                name = f"{slug(block.name)}_{name}"
            stem, number = name, 2
            while name in taken:
                name, number = f"{stem}_{number}", number + 1
            taken.add(name)
            planned.append(replace(item, feature=replace(item.feature, name=name)))
        result.append(replace(block, planned=tuple(planned)))
    return result


def _with_families(blocks: Sequence[Block], declared: Iterable[str]) -> tuple[Block, ...]:
    becomes = merge_small((item.feature.family for block in blocks for item in block.planned), declared)

    def moved(item: Planned) -> Planned:
        family = becomes[item.feature.family]
        if family == item.feature.family:
            return item
        return replace(item, feature=replace(item.feature, family=family))

    return tuple(replace(block, planned=tuple(moved(item) for item in block.planned)) for block in blocks)
