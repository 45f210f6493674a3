"""What can be taken away from a page: its tables and charts as files, exactly as shown and never cut."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlencode

from django import template
from django.http import FileResponse, Http404, HttpRequest

from harken.usecases.charts.pictures import PICTURE_KINDS, picture
from harken.usecases.exports.notebooks import NOTEBOOKS, notebook
from harken.usecases.exports.sheets import About, Field, Sheet
from harken.usecases.exports.tables import LOWER, UPPER
from harken.usecases.exports.writing import MEDIA_TYPES, WRITERS, file_name, write_sheet
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.charts import Bars, Heading, Row, Unit, Words
from harken.web.parts.courses import FEW, Curve, Series
from harken.web.parts.drawing import drawing_of, title_of
from harken.web.parts.messages import language

register = template.Library()

Chart = Bars | Series | Curve


@dataclass(frozen=True, slots=True)
class Paper:
    """A report to take away: `write` makes the file of a kind, "html" or "pdf"."""

    title: Words
    write: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Told:
    """A chart with a finding of its own, where the page's headline speaks of something else."""

    chart: Chart | None
    finding: Words


Thing = Chart | Sheet | Paper | Told | None
Things = Mapping[str, Thing]

LABELS = {
    "csv": Message(gettext_noop("CSV")),
    "xlsx": Message(gettext_noop("Excel")),
    "parquet": Message(gettext_noop("Parquet")),
    "svg": Message(gettext_noop("SVG")),
    "png": Message(gettext_noop("PNG")),
    "vl.json": Message(gettext_noop("Vega-Lite")),
    "ipynb": Message(gettext_noop("Notebook")),
    "html": Message(gettext_noop("Report (HTML)")),
    "pdf": Message(gettext_noop("Report (PDF)")),
}
SLOW_ROWS = 100_000
"""From more rows on Excel takes half a minute and more to write, which the menu says."""
KINDS = {"scale": "number", "points": "number"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What one page offers: its tables and charts, the parts of the run they are from, what files say of them."""

    things: Things
    parts: Mapping[str, str]
    about: About
    currency: str
    dark: bool = False


def kinds_of(thing: Thing, part: str | None) -> tuple[str, ...]:
    """In which kinds of files something can be taken away: charts as pictures, parts of a run as notebooks too."""
    if isinstance(thing, Paper):
        return ("html", "pdf")
    pictures = PICTURE_KINDS if isinstance(thing, Chart) else ()
    return (*WRITERS, *pictures, *(("ipynb",) if part in NOTEBOOKS else ()))


@register.inclusion_tag("parts/take.html", takes_context=True)
def take(context: Any, name: str) -> dict[str, Any]:
    """`{% take "drivers" %}`: the menu of files in which one table or chart of the page can be taken away."""
    thing: Thing = context["things"][name]
    if isinstance(thing, Told):
        thing = thing.chart
    if thing is None:
        return {}
    query = {key: values for key, values in context["request"].GET.lists() if key != "take"}
    links = [
        ("?" + urlencode({**query, "take": f"{name}.{kind}"}, doseq=True), LABELS[kind])
        for kind in kinds_of(thing, context["parts"].get(name))
    ]
    title = thing.title if isinstance(thing, Sheet | Paper) else title_of(thing)
    slow = thing.count if isinstance(thing, Sheet) and thing.count > SLOW_ROWS else None
    return {"links": links, "title": title, "shown": isinstance(thing, Paper), "slow": slow}


def taken(offer: Offer, asked: str) -> FileResponse:
    """The file that `?take=name.kind` asks for; a name or a kind that the page does not offer is not found."""
    name, kind = next(((asked[: -len(kind) - 1], kind) for kind in LABELS if asked.endswith(f".{kind}")), ("", ""))
    thing, part = offer.things.get(name), offer.parts.get(name)
    if isinstance(thing, Told):
        thing, offer = thing.chart, replace(offer, about=replace(offer.about, finding=thing.finding))
    if thing is None or kind not in kinds_of(thing, part):
        raise Http404
    if isinstance(thing, Paper):
        data = thing.write(kind)
    elif kind in WRITERS:
        return _table(sheet_of(thing), name, kind, offer)
    elif kind == "ipynb":
        data = notebook(part or "", offer.about, language()).encode()
    else:
        assert isinstance(thing, Chart)
        data = picture(drawing_of(thing, offer.about), kind, dark=offer.dark)
    return FileResponse(
        io.BytesIO(data), as_attachment=True, filename=f"{name}.{kind}", content_type=MEDIA_TYPES[kind]
    )


def _table(sheet: Sheet, name: str, kind: str, offer: Offer) -> FileResponse:
    # The file is written out before the answer begins: a refusal is still a sentence, and the name has its rows.
    with tempfile.NamedTemporaryFile(prefix="harken-take-") as place:
        path = Path(place.name)
        rows = write_sheet(sheet, path, kind, offer.about, language=language(), currency=offer.currency)
        file = cast(BinaryIO, path.open("rb"))
    return FileResponse(
        file, as_attachment=True, filename=file_name(name, rows, kind), content_type=MEDIA_TYPES[kind]
    )


def address_of(request: HttpRequest) -> str:
    """The address that shows what a file holds."""
    query = urlencode({key: value for key, value in request.GET.lists() if key != "take"}, doseq=True)
    return request.build_absolute_uri(request.path + (f"?{query}" if query else ""))


def sheet_of(thing: Chart | Sheet) -> Sheet:
    """The numbers of a chart as a plain table; a table as it is."""
    if isinstance(thing, Bars):
        return _bars(thing)
    if isinstance(thing, Series):
        return _series(thing)
    return _curve(thing) if isinstance(thing, Curve) else thing


N = Field("n", "n", "count")


def _numbers(words: Words, unit: Unit) -> tuple[Field, ...]:
    kind = KINDS.get(unit.kind, unit.kind)
    kind = "number" if kind == "count" else kind
    return Field("value", words, kind), Field("lower", LOWER, kind), Field("upper", UPPER, kind)


def _bars(table: Bars) -> Sheet:
    """A row for each bar; headings become the group that stands before it."""
    rows = [row for row in table.rows if isinstance(row, Row)]
    grouped = len(rows) < len(table.rows)
    unit = _numbers(table.heads[-1], table.unit)
    fields = [Field("label", table.heads[0]), *unit, N, Field("note", Message(gettext_noop("Note")))]
    group: Words = ""
    lines: list[list[Any]] = []
    for row in table.rows:
        if isinstance(row, Heading):
            group = row.label or group
            continue
        line = [row.label, row.value, row.lower, row.upper, row.n, row.note]
        lines.append([group, *line] if grouped else line)
        if table.other:
            lines[-1].append(row.other)
        if any(one.evidence for one in rows):
            lines[-1].append(row.evidence and Message(row.evidence.value))
    if grouped:
        fields.insert(0, Field("group", Message(gettext_noop("Divided by"))))
    if table.other:
        fields.append(Field("other", table.other, unit[0].kind))
    if any(row.evidence for row in rows):
        fields.append(Field("evidence", Message(gettext_noop("Evidence"))))
    return Sheet(tuple(fields), lines, title_of(table))


def _series(chart: Series) -> Sheet:
    """A row for each point; where too few answered it says so."""
    unit = _numbers(chart.heads[1], chart.unit)
    compared = len(chart.heads) > 2
    fields = (Field("label", chart.heads[0]), *unit, N, Field("note", Message(gettext_noop("Note"))))
    lines = [
        [one.label, one.value, one.lower, one.upper, one.n, FEW if one.value is None else None]
        + ([one.other] if compared else [])
        for one in chart.columns
    ]
    if compared:
        fields = (*fields, Field("other", chart.heads[2], unit[0].kind))
    return Sheet(fields, lines, title_of(chart))


def _curve(curve: Curve) -> Sheet:
    """A row for each point of the line, with its band."""
    across = _numbers(curve.heads[0], curve.x_unit)[0]
    fields = (Field("x", across.words, across.kind), *_numbers(curve.heads[1], curve.y_unit))
    return Sheet(fields, [list(point) for point in curve.points], title_of(curve))
