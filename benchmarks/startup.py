"""How long a command and the library take to start: bounds .3 s for the import, .6 s for the help."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path


def run(*, full: bool = False) -> dict[str, float]:
    """Median seconds of `import harken`, `harken --help`, and of an empty Python beside them."""
    command = str(Path(sys.executable).parent / "harken")
    return {
        "python_empty_s": _median([sys.executable, "-c", "pass"]),
        "import_harken_s": _median([sys.executable, "-c", "import harken"]),
        "harken_help_s": _median([command, "--help"]),
        "harken_show_help_s": _median([command, "show", "--help"]),
    }


def _median(command: list[str], repeats: int = 7) -> float:
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - begin)
    return round(statistics.median(seconds), 3)
