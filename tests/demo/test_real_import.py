"""The raw files go through the real import by their own mappings: everything arrives, nothing is rejected."""

from __future__ import annotations

from pathlib import Path

from harken.demo import grow

NOW_US = 1_782_835_200_000_000
"""30 June 2026, midnight in Shanghai, and a day."""


def test_every_source_is_imported_without_a_rejected_row(tmp_path: Path) -> None:
    from harken.lake.log import Lake
    from harken.usecases.importing import import_files
    from harken.usecases.workspaces import create_workspace

    demo = grow(tmp_path / "files", customers=200, seed=2)
    root = tmp_path / "company"
    create_workspace(root, company="Demo", time_zone="Asia/Shanghai", currency="CNY")
    for source, mapping in demo.mappings.items():
        report = import_files(
            root, demo.sources[source], mapping, now_us=NOW_US, time_zone="Asia/Shanghai", currency="CNY"
        )
        assert report.rejected == 0, report.problems
        assert all(part.added == part.rows for part in report.parts), report.parts
    with Lake(root / "lake").pin().connect(threads=1) as lake:
        found = lake.execute("SELECT count(*), count(left_us) FROM people WHERE declared").fetchone()
        people, left = found or (0, 0)
        (signals,) = lake.execute("SELECT count(*) FROM signals").fetchone() or (0,)
        (closed,) = lake.execute("SELECT count(*) FROM outcomes").fetchone() or (0,)
        (strangers,) = lake.execute("SELECT count(*) FROM people WHERE NOT declared").fetchone() or (0,)
        kinds = {kind for (kind,) in lake.execute("SELECT DISTINCT kind FROM signals").fetchall()}
    assert (people, strangers) == (200, 0)
    assert left == closed > 0
    assert signals == demo.signals
    assert kinds == {"answer", "behaviour", "bill", "checkout", "contact", "login", "order", "price_rise", "usage"}
