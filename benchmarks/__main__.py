"""`make bench`: every benchmark, or those named; figures as JSON lines on standard output.

    python -m benchmarks [NAME ...] [--full]

Without --full the big ones run at a tenth of their size; with it at 1,000,000 customers and 20,000,000 signals.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Run the named benchmark modules, each by its `run(full=...)`."""
    full = "--full" in arguments
    named = [argument for argument in arguments if not argument.startswith("-")]
    known = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    unknown = sorted(set(named) - set(known))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; known are {', '.join(known)}")
    print(json.dumps({"python": platform.python_version(), "cores": os.cpu_count(), "full": full}))
    for name in named or known:
        figures = importlib.import_module(f"benchmarks.{name}").run(full=full)
        print(json.dumps({name: figures}, default=float), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
