"""A report as PDF, set by typst: no browser, no fonts of the system, Chinese as Chinese."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from harken.usecases.charts.drawings import Drawing
from harken.usecases.charts.pictures import missing_extra, picture
from harken.usecases.charts.theme import COLOURS
from harken.usecases.reporting.content import Block, Facts, Grid, Report, Section, Text

REGIONS = {"en": ("en", "us"), "zh-hans": ("zh", "cn"), "zh-hant": ("zh", "tw")}


def as_pdf(report: Report) -> bytes:
    """The report as PDF. Raises SettingsError where the extra `reports` is not installed."""
    try:
        import noto_cjk_sans_otc
        import typst
    except ImportError:
        raise missing_extra() from None
    source = files("harken.usecases.reporting").joinpath("report.typ").read_bytes()
    content = json.dumps(document(report), ensure_ascii=False)
    made: bytes = typst.compile(
        source,
        font_paths=[str(Path(noto_cjk_sans_otc.FONT_PATH).parent)],
        ignore_system_fonts=True,
        sys_inputs={"report": content},
    )
    return made


def document(report: Report) -> dict[str, Any]:
    """What the typesetter reads."""
    language, region = REGIONS[report.language]
    return {
        "language": language,
        "region": region,
        "font": "Noto Sans CJK TC" if region == "tw" else "Noto Sans CJK SC",
        "colours": {name: light for name, (light, _) in COLOURS.items()},
        "kind": report.kind,
        "company": report.company,
        "headline": report.headline,
        "lede": report.lede,
        "facts": list(report.facts),
        "figures": [[one.label, one.value, one.interval, one.note] for one in report.figures],
        "sections": [_section(section) for section in report.sections],
        "appendix_title": report.appendix_title,
        "appendix": [_section(section) for section in report.appendix],
        "page_of": report.page_of,
    }


def _section(section: Section) -> dict[str, Any]:
    return {"title": section.title, "level": section.level, "blocks": [_block(block) for block in section.blocks]}


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"is": "text", "words": block.words, "style": block.style, "chip": block.chip}
    if isinstance(block, Grid):
        rows = [list(row) for row in block.rows]
        return {"is": "grid", "heads": list(block.heads), "rows": rows, "numbers_from": block.numbers_from}
    if isinstance(block, Facts):
        return {"is": "facts", "pairs": [list(pair) for pair in block.pairs]}
    return _chart(block)


def _chart(drawing: Drawing) -> dict[str, Any]:
    svg = picture(drawing, "svg", framed=False).decode()
    return {"is": "chart", "svg": svg, "title": drawing.title, "said": drawing.said, "kind": drawing.kind}
