"""Every generated page, and the sample files of the tutorials: path below docs/ and text."""

from __future__ import annotations

from pathlib import Path

from docs.generator import commands, explanations, mappings, python_names, settings_page, stored_tables, tea_house

DOCS = Path(__file__).parent.parent


def pages() -> dict[str, str]:
    """All generated pages by their path below docs/."""
    made = {
        "reference/commands.md": commands.page(),
        "reference/python.md": python_names.page(),
        "reference/settings.md": settings_page.page(),
        "reference/mappings.md": mappings.page(),
        "reference/tables.md": stored_tables.page(),
        **explanations.pages(),
        **tea_house.files(),
    }
    return {path: text.rstrip() + "\n" for path, text in made.items()}
