"""The colours and letters of the pages for charts that leave them; a test holds them equal to the stylesheet."""

from __future__ import annotations

from typing import Any

COLOURS: dict[str, tuple[str, str]] = {
    "paper": ("#faf8f4", "#14181b"),
    "card": ("#ffffff", "#1b2125"),
    "ink": ("#1c2429", "#e9e6df"),
    "ink-2": ("#525d65", "#a9b1b5"),
    "ink-3": ("#6a737a", "#8d979e"),
    "rule": ("#e4dfd5", "#2b3338"),
    "edge": ("#8c8778", "#66727a"),
    "detractor": ("#b4452c", "#e0795f"),
    "passive": ("#8f825f", "#b8ab88"),
    "promoter": ("#1f7a68", "#4fb39d"),
    "money": ("#3d4a8f", "#97a3e6"),
    "attention": ("#9a5b00", "#e6a23c"),
    "accent": ("#0e5a5f", "#6cc0c0"),
}
"""Each colour of harken.css in its light and its dark form."""

TONES = {
    "accent": "accent",
    "grey": "ink-3",
    "detractor": "detractor",
    "passive": "passive",
    "promoter": "promoter",
    "money": "money",
    "attention": "attention",
}
"""What a tone of a chart is called among the colours."""

FONTS = {
    "en": "Noto Sans CJK SC, Segoe UI, Helvetica Neue, sans-serif",
    "zh-hans": "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif",
    "zh-hant": "Noto Sans CJK TC, PingFang TC, Microsoft JhengHei, sans-serif",
}


def colour(name: str, *, dark: bool = False) -> str:
    """One colour of the pages.

    >>> colour("accent"), colour("accent", dark=True)
    ('#0e5a5f', '#6cc0c0')
    """
    return COLOURS[name][dark]


def config(language: str, *, dark: bool = False) -> dict[str, Any]:
    """The Vega-Lite theme: paper and ink, thin rules, findings as titles."""

    def of(name: str) -> str:
        return colour(name, dark=dark)

    axis = {
        "domain": False,
        "ticks": False,
        "gridColor": of("rule"),
        "labelColor": of("ink-2"),
        "titleColor": of("ink-3"),
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "labelPadding": 8,
        "labelLimit": 240,
        "labelFlush": False,
    }
    return {
        "background": of("card"),
        "font": FONTS[language],
        "padding": 20,
        "view": {"stroke": None},
        "axis": axis,
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": of("ink"),
            "fontSize": 18,
            "fontWeight": "normal",
            "subtitleColor": of("ink-2"),
            "subtitleFontSize": 13,
            "subtitlePadding": 6,
            "offset": 18,
        },
        "text": {"color": of("ink-2"), "fontSize": 12},
        "legend": {"disable": True},
    }
