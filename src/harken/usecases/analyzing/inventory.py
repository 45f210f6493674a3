"""The data inventory of a run: which sources, what they brought, what became of their columns."""

from __future__ import annotations

from harken.lake.coverage import field_coverage
from harken.lake.facts import source_entries
from harken.usecases.analyzing.context import Context
from harken.usecases.analyzing.results import Inventory, LeftOutColumn


def data_inventory(context: Context) -> Inventory:
    """Sources with their signals, snapshots and people, the features made of them, the columns left out."""
    return Inventory(
        sources=source_entries(context.connection, context.pinned.snapshot_sources()),
        features=context.catalogue.features,
        left_out=tuple(LeftOutColumn(item.source, item.label, item.reason) for item in context.catalogue.left_out),
        signals=context.span.signals,
        customers=context.span.people,
        notes=context.plan.notes,
        coverage=field_coverage(context.connection, context.pinned.snapshot_sources()),
    )
