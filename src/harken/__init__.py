"""Harken hears every customer, learns what matters and how sure we are, acts, and proves that it paid.

The Python API: names are loaded when first used, so that `import harken` is immediate.

    import harken

    workspace = harken.open_workspace("mycompany")
    harken.import_files(workspace, ["exports/"])
    run = harken.analyze(workspace)
    run                                          # in a notebook: what was found, with intervals and n
    run.part("whole_base").total.whole_base      # an Estimate: value, interval, n, method
    run.customers(["number", "risk"], count=20)  # an Arrow table, highest value at stake first

Without a workspace, on a data frame of pandas, polars, pyarrow or DuckDB:

    harken.frames.score(answers, "recommend").sentence

`docs/reference/python.md` lists every name with an example.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from harken import frames as frames
    from harken.usecases.findings import Finding
    from harken.usecases.library import (
        analyze,
        check_answers,
        compare,
        create_workspace,
        export,
        import_files,
        list_imports,
        list_runs,
        load_run,
        open_workspace,
        preview,
        propose,
        scores,
        undo_import,
        what_if,
    )
    from harken.usecases.runs import NotRun, Run, RunInfo
    from harken.usecases.workspaces import Settings, Workspace
    from harken.vocabulary.errors import HarkenError
    from harken.vocabulary.estimates import Effect, Estimate, Interval

_HOMES = {
    "harken.usecases.library": (
        "create_workspace",
        "open_workspace",
        "propose",
        "preview",
        "import_files",
        "list_imports",
        "undo_import",
        "analyze",
        "load_run",
        "list_runs",
        "scores",
        "check_answers",
        "what_if",
        "compare",
        "export",
    ),
    "harken.usecases.runs": ("Run", "RunInfo", "NotRun"),
    "harken.usecases.findings": ("Finding",),
    "harken.usecases.workspaces": ("Workspace", "Settings"),
    "harken.vocabulary.estimates": ("Estimate", "Effect", "Interval"),
    "harken.vocabulary.errors": ("HarkenError",),
}

__all__ = [
    "Effect",
    "Estimate",
    "Finding",
    "HarkenError",
    "Interval",
    "NotRun",
    "Run",
    "RunInfo",
    "Settings",
    "Workspace",
    "analyze",
    "check_answers",
    "compare",
    "create_workspace",
    "export",
    "import_files",
    "list_imports",
    "list_runs",
    "load_run",
    "open_workspace",
    "preview",
    "propose",
    "scores",
    "undo_import",
    "what_if",
]


def __getattr__(name: str) -> Any:
    if name == "frames":
        return import_module("harken.frames")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'harken' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
