"""Harken hears every customer, learns what matters and how sure we are, acts, and proves that it paid.

The Python API: names are loaded when first used, so that `import harken` is immediate.

    import harken

    workspace = harken.open_workspace("mycompany")
    harken.import_files(workspace, ["exports/"])
    run = harken.analyze(workspace)
    run.part("whole_base").total.whole_base     # an Estimate: value, interval, n, method
    run.customers(["number", "risk"], count=20)  # an Arrow table, highest value at stake first
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from harken.usecases.library import analyze, create_workspace, import_files, load_run, open_workspace

__all__ = ["analyze", "create_workspace", "import_files", "load_run", "open_workspace"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from harken.usecases import library

        return getattr(library, name)
    raise AttributeError(f"module 'harken' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
