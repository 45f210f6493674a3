"""How each measure is computed and read: its card as a page, in three languages, with an index."""

from __future__ import annotations

from docs.generator.markdown import MADE

from harken.locale.catalogue import LANGUAGES
from harken.usecases.cards import Card, cards

FOLDER = "explanation"

HEADINGS: dict[str, dict[str, str]] = {
    "title": {
        "en": "How Harken computes",
        "zh-hans": "Harken 如何计算",
        "zh-hant": "Harken 如何計算",
    },
    "intro": {
        "en": "One page for each measure: the question it answers, the formula and its source, how to read the "
        "number, and what to do about it. The same pages open in Harken under “How is this computed?”.",
        "zh-hans": "每个度量一页：它回答什么问题、公式及其出处、如何读这个数字、接下来做什么。在 Harken 页面上点"
        "“这是怎么算的？”会打开同样的内容。",
        "zh-hant": "每項衡量一頁：它回答什麼問題、公式與出處、如何解讀這個數字、接下來該做什麼。在 Harken 頁面上點"
        "「這是怎麼算的？」會開啟同樣的內容。",
    },
    "unit": {"en": "Unit", "zh-hans": "单位", "zh-hant": "單位"},
    "grain": {"en": "One row is", "zh-hans": "每一行代表", "zh-hant": "每一列代表"},
    "formula": {"en": "Formula", "zh-hans": "公式", "zh-hant": "公式"},
    "source": {"en": "Source", "zh-hans": "出处", "zh-hant": "出處"},
    "how_to_read": {"en": "How to read it", "zh-hans": "如何解读", "zh-hant": "如何解讀"},
    "what_to_do": {"en": "What to do", "zh-hans": "该做什么", "zh-hant": "該做什麼"},
    "others": {"en": "All measures", "zh-hans": "全部度量", "zh-hant": "所有衡量"},
}


def pages() -> dict[str, str]:
    """One page per card and language, and an index per language."""
    made = {}
    for language in LANGUAGES:
        held = cards(language)
        made[f"{FOLDER}/{language}/README.md"] = index(held, language)
        for card in held:
            made[f"{FOLDER}/{language}/{card.topic}.md"] = explanation(card, language)
    return made


def index(held: tuple[Card, ...], language: str) -> str:
    """The list of all measures in one language."""
    lines = [f"- [{card.question}]({card.topic}.md)" for card in held]
    return "\n\n".join((MADE, f"# {HEADINGS['title'][language]}", HEADINGS["intro"][language], "\n".join(lines)))


def explanation(card: Card, language: str) -> str:
    """One card as a page."""
    parts = [MADE, f"# {card.question}"]
    for name in ("unit", "grain", "formula", "source", "how_to_read", "what_to_do"):
        parts += [f"## {HEADINGS[name][language]}", getattr(card, name)]
    parts.append(f"[{HEADINGS['others'][language]}](README.md)")
    return "\n\n".join(parts)
