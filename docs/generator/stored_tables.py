"""The tables that other tools may read, column by column, and how: its examples are run by the tests."""

from __future__ import annotations

from collections.abc import Sequence

from docs.generator.markdown import MADE, fenced, table

from harken.usecases.customers import SEGMENT
from harken.usecases.exports.customers import FIELDS, ID
from harken.usecases.exports.tables import TABLES as RUN_TABLES
from harken.vocabulary.tables import SNAPSHOT_KEY_COLUMNS, TABLES, Column

INTRO = """\
Everything Harken holds of customers lies in the company's folder as open files: the lake in `lake/` (Delta
tables) and, for each analysis, `runs/<id>/`. Any tool may read them; only Harken writes. Nothing is masked
here: who can read the folder can read all of it."""

COMMIT = """\
`lake/pointer.json` is the commit: it names one version of each table, and is replaced as a whole. Read it once
and pin these versions: what is newer in a table belongs to an import that is not done, and may be taken back. A
file once written is never changed."""

OPEN = """\
import json
from pathlib import Path

import duckdb
from deltalake import DeltaTable

lake = Path("lake")
pinned = json.loads((lake / "pointer.json").read_text())["tables"]


def files(name):
    return DeltaTable(lake / name, version=pinned[name]["version"]).file_uris()


signals = duckdb.read_parquet(files("signals"), union_by_name=True)
print(signals.aggregate("count(*)").fetchall(), "rows")"""

CURRENT = """\
**Which rows are superseded.** A signal that its source corrected stands there once more with the next
`version`; one that was withdrawn, with `retracted`. What holds is the latest version of each `signal_id`,
unless it is retracted:"""

LATEST = '''\
current = duckdb.sql("""
    SELECT * FROM signals
    QUALIFY row_number() OVER (PARTITION BY signal_id ORDER BY version DESC) = 1
""").filter("NOT retracted")
print(current.aggregate("kind, count(*)").fetchall())'''

REPEATS = """\
In all other tables a later import may repeat a key to say more: of each field the value of the latest import
that has one holds. `arg_max` passes over empty values:"""

PEOPLE = '''\
people = duckdb.read_parquet(files("people"), union_by_name=True)
customers = duckdb.sql("""
    SELECT person_key, arg_max(native_key, import_id) AS number, arg_max(name, import_id) AS name,
           bool_or(declared) AS declared
    FROM people GROUP BY person_key
""")
print(customers.aggregate("count(*)").fetchall(), "people")'''

RUN = """\
`runs/<id>/customers.parquet` has a row for each customer, highest value at stake first; columns that the
analysis could not fill are not there. `harken runs` lists the ids. It can be read as it is:"""

STAKE = """\
run = max(Path("runs").glob("[0-9a-f]*/run.json"), key=lambda path: path.stat().st_mtime).parent
everyone = duckdb.read_parquet(str(run / "customers.parquet"))
print(everyone.limit(3).fetchall())"""

OTHERS = """\
**Power BI, Tableau, Excel.** Point their Parquet connector at `customers.parquet`, or let `harken export` write
what they read: {names}. The files say of themselves which analysis they are from and how many of how many rows
they hold.

**Spark** reads the same tables; take the version from the pointer (this one is not run by our tests):"""

SPARK = """\
signals = spark.read.format("delta").option("versionAsOf", pinned["signals"]["version"]).load("lake/signals")"""


def page() -> str:
    """All tables and how to read them."""
    names = ", ".join(f"`{name}`" for name in ("customers", *RUN_TABLES))
    parts = [MADE, "# Tables", INTRO, "## Reading the lake", COMMIT, fenced(OPEN, "python"), CURRENT,
             fenced(LATEST, "python"), REPEATS, fenced(PEOPLE, "python"), "## Reading an analysis", RUN,
             fenced(STAKE, "python"), OTHERS.format(names=names), fenced(SPARK),
             "## Tables of the lake"]  # fmt: skip
    for one in TABLES.values():
        key = ", ".join(f"`{name}`" for name in one.key)
        parts += [f"### {one.name}", f"Key: {key}.", _columns(one.columns)]
    first = "Every table that came with a file of its own starts with these; then one column per field of the file."
    parts += ["### snapshots/<source>", first, _columns(SNAPSHOT_KEY_COLUMNS)]
    rows = [(f"`{field.key}`", field.kind, str(field.words)) for field in (ID, *FIELDS)]
    rows.append((f"`{SEGMENT}<column>`", "text", "the customer's segment by that column, empty where not known"))
    parts += ["## customers.parquet of an analysis", table(("column", "kind", "meaning"), rows)]
    return "\n\n".join(parts)


def _columns(columns: Sequence[Column]) -> str:
    rows = [(f"`{one.name}`", one.type, "" if one.required else "yes", one.meaning) for one in columns]
    return table(("column", "type", "may be empty", "meaning"), rows)
