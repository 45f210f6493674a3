"""A report as one HTML file: style and charts within, nothing from outside, good on paper."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from harken.usecases.charts.drawings import Drawing
from harken.usecases.charts.pictures import picture
from harken.usecases.charts.theme import COLOURS
from harken.usecases.reporting.content import Block, Facts, Figure, Grid, Report, Section, Text

TAGS = {"en": "en", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


def as_html(report: Report) -> str:
    """The report as one file that needs no other."""
    colours = "".join(f"--{name}:{light};" for name, (light, _) in COLOURS.items())
    style = files("harken.usecases.reporting").joinpath("report.css").read_text(encoding="utf-8")
    parts = [
        "<!doctype html>",
        f'<html lang="{TAGS[report.language]}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(report.headline)} · {escape(report.company)}</title>",
        f"<style>:root{{color-scheme:light;{colours}}}\n{style}</style></head><body><main>",
        f'<p class="top"><span>{escape(report.company)}</span><span>{escape(report.kind)}</span></p>',
        f'<h1>{escape(report.headline)}</h1><p class="lede">{escape(report.lede)}</p>',
        f'<p class="facts">{" · ".join(escape(fact) for fact in report.facts)}</p>',
        f'<div class="figures">{"".join(_figure(one) for one in report.figures)}</div>',
        *(_section(section) for section in report.sections),
        f'<div class="appendix"><h2>{escape(report.appendix_title)}</h2>',
        *(_section(section) for section in report.appendix),
        "</div></main></body></html>\n",
    ]
    return "\n".join(parts)


def _figure(one: Figure) -> str:
    return (
        f'<div><p class="note">{escape(one.label)}</p><p class="value">{escape(one.value)}</p>'
        f'<p class="note">{escape(one.interval)}</p><p class="note">{escape(one.note)}</p></div>'
    )


def _section(section: Section) -> str:
    tag = "h2" if section.level == 1 else "h3"
    blocks = "\n".join(_block(block) for block in section.blocks)
    return f"<section><{tag}>{escape(section.title)}</{tag}>\n{blocks}</section>"


def _block(block: Block) -> str:
    if isinstance(block, Text):
        chip = f' <span class="chip">{escape(block.chip)}</span>' if block.chip else ""
        style = "" if block.style == "plain" else f' class="{block.style}"'
        return f"<p{style}>{escape(block.words)}{chip}</p>"
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Facts):
        return (
            f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(text)}</dd>' for name, text in block.pairs)}</dl>"
        )
    return _chart(block)


def _chart(drawing: Drawing) -> str:
    svg = picture(drawing, "svg", framed=False).decode()
    return f'<figure><figcaption class="note">{escape(drawing.title)}</figcaption>{svg}</figure>'


def _grid(grid: Grid) -> str:
    head = f"<thead><tr>{_cells('th', grid.heads, grid)}</tr></thead>"
    rows = "".join(f"<tr>{_cells('td', row, grid)}</tr>" for row in grid.rows)
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'


def _cells(tag: str, texts: tuple[str, ...], grid: Grid) -> str:
    """The cells of a row, numbers to the right."""
    styles = [' class="r"' if index >= grid.numbers_from else "" for index in range(len(texts))]
    return "".join(f"<{tag}{style}>{escape(text)}</{tag}>" for style, text in zip(styles, texts, strict=True))
