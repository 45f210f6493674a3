"""`harken.toml` and the environment."""

from __future__ import annotations

import json
import re
from pathlib import Path

from docs.generator.markdown import MADE, fenced, table

import harken
from harken.unify.features.formulas import _KEYS as FORMULA_KEYS
from harken.usecases.benchmarks import KEYS as BENCHMARK_KEYS
from harken.usecases.workspaces import KNOWN_SETTINGS, TEMPLATE, Settings

INTRO = """\
Every company's folder holds `harken.toml`. Each setting has a default; a setting that is not known, or has a value
that does not fit, is an error that names the place. `harken init` writes this file:"""

BENCHMARKS = """\
Somebody else's score, shown beside yours on Scores where the scale is the same. Harken brings none of its own. The
value is in the unit of the scale's headline: points for a net score, per cent, or units of the scale."""

MARGINS = """\
What you know of all customers by a column that divides them: `column` names it, `totals` the number of customers
with each value. Scores then also shows the score weighed to all margins at once (raking), and what that costs."""

VARIABLES = {
    "HARKEN_WORKSPACE": "The company's folder, where `--workspace` does not name it.",
    "HARKEN_LANGUAGE": "Language of what is printed (`en`, `zh-hans`, `zh-hant`), without `--language`.",
    "HARKEN_OWNER_PASSWORD": "Password of `harken owner`, instead of asking.",
    "HARKEN_URL": "The address people open, such as `https://harken.example.com` behind a proxy.",
    "HARKEN_ALLOWED_HOSTS": "Further host names Harken answers to, with commas between.",
    "HARKEN_DEBUG": "Where set, a fault of Harken shows its traceback at once.",
    "DATABASE_URL": "Where users and decisions are: `postgresql://…`; default: SQLite in the folder.",
    "OMP_NUM_THREADS": "Threads of the numerical libraries in the worker; default: all cores.",
}


def page() -> str:
    """All settings and all environment variables."""
    sections: dict[str, list[tuple[str, str, str]]] = {}
    for (section, key), (name, _, expected) in KNOWN_SETTINGS.items():
        default = getattr(Settings(), name)
        shown = "Harken chooses" if default is None else f"`{json.dumps(default)}`"
        sections.setdefault(section, []).append((f"`{key}`", expected, shown))
    example = TEMPLATE.format(name="Tea House", time_zone="Asia/Taipei", currency="TWD")
    parts = [MADE, "# Settings", INTRO, fenced(example, "toml")]
    for section, rows in sections.items():
        parts += [f"## [{section}]", table(("setting", "value", "default"), rows)]
    keys = ", ".join(f"`{key}`" for key in FORMULA_KEYS)
    parts += ["## [[feature]]", f"A measure of your own, computed for every customer. Keys: {keys}."]
    rows = [
        (f"`{key}`", expected, "required" if needed else "optional")
        for key, (_, needed, expected) in BENCHMARK_KEYS.items()
    ]
    parts += ["## [[benchmarks]]", BENCHMARKS, table(("key", "value", ""), rows)]
    parts += ["## [[margins]]", MARGINS]
    parts += ["## Environment", table(("variable", "what it does"), (
        (f"`{name}`", VARIABLES[name]) for name in variables()))]  # fmt: skip
    return "\n\n".join(parts)


def variables() -> list[str]:
    """Environment variables that the source reads and a person may set, in alphabetical order."""
    read = re.compile(r"(?:environ(?:\.get|\.setdefault)?[(\[]|envvar=)\"([A-Z_]+)\"")
    root = Path(harken.__file__).parent
    found = {name for path in root.rglob("*.py") for name in read.findall(path.read_text(encoding="utf-8"))}
    return sorted(found - {"DJANGO_SETTINGS_MODULE", "OMP_WAIT_POLICY"})
