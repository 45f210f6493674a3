"""Grow the company: raw files, mappings and the truth in one folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files as package_files
from pathlib import Path

from harken.demo.block import BLOCK, live
from harken.demo.company import HISTORY_DAYS, Company, World
from harken.demo.exports import Exports, layouts
from harken.demo.statement import state
from harken.demo.truth import Tally
from harken.demo.writing import RawFiles
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

SOURCES = ("crm", "billing", "shop", "usage", "service", "web", "surveys")
"""Source systems, in an order in which they can be imported: the customer lists first."""
SEGMENTS = ("plan", "customer_type", "contract", "region", "language")
"""Columns worth a look in this company; the rosy segment is one of the plans."""


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the demo company's files lie.

    `files` are the raw exports; `sources` names those of each source system and `mappings` its mapping file, in
    the order of importing; `truth` is the JSON file with what is true; `signals` counts events, among them every
    answer to every question.
    """

    folder: Path
    files: tuple[Path, ...]
    sources: dict[str, tuple[Path, ...]]
    mappings: dict[str, Path]
    truth: Path
    customers: int
    signals: int


def grow(
    folder: Path,
    *,
    customers: int = 20_000,
    seed: int = 1,
    world: World = "observed",
    today: date = date(2026, 6, 30),
    progress: Progress = silent,
    company: Company | None = None,
) -> DemoFiles:
    """Write an imaginary telecom-and-shop company's raw exports, their mappings and the truth about it.

    `customers` counts all who were customers at any time of the 18 months before `today`; the last event is before
    midnight of `today`, Asia/Shanghai, CNY. Equal arguments write equal bytes. In the world "observed" answering
    depends only on what the files show before a wave, in "mood" also on the answer itself; nothing else differs.
    Raises ValueError for fewer than one customer or an unknown world.

    >>> import tempfile
    >>> demo = grow(Path(tempfile.mkdtemp()), customers=50)
    >>> list(demo.mappings), demo.truth.name
    (['crm', 'billing', 'shop', 'usage', 'service', 'web', 'surveys'], 'truth.json')
    """
    if customers < 1:
        raise ValueError(f"the demo needs at least one customer, got {customers}")
    if world not in ("observed", "mood"):
        raise ValueError(f'the demo knows the worlds "observed" and "mood", got {world!r}')
    company = company or Company()
    start = today - timedelta(days=HISTORY_DAYS)
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    tally = Tally()
    plan = layouts(start)
    with RawFiles(folder, plan) as files:
        exports = Exports(files, start, seed)
        for index, first in enumerate(range(0, customers, BLOCK)):
            size = min(BLOCK, customers - first)
            step = Message(gettext_noop("Growing the demo company: {count} customers"), {"count": customers})
            progress(step, first / customers)
            block = live(first + 1, size, index, seed=seed, world=world, company=company)
            exports.write(block)
            tally.add(block, company)
    mappings = {source: folder / "mappings" / f"{source}.toml" for source in SOURCES}
    for source, path in mappings.items():
        text = package_files("harken.demo").joinpath("mappings", f"{source}.toml").read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
    facts = state(tally, company, seed=seed, world=world, today=today, customers=customers, signals=exports.signals)
    truth = folder / "truth.json"
    truth.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    progress(Message(gettext_noop("The demo company is grown.")), 1.0)
    return DemoFiles(
        folder=folder,
        files=tuple(folder / layout.name for layout in plan),
        sources={
            source: tuple(folder / layout.name for layout in plan if layout.source == source) for source in SOURCES
        },
        mappings=mappings,
        truth=truth,
        customers=customers,
        signals=exports.signals,
    )
