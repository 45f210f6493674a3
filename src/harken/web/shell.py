"""What every page shows around its content: navigation, language, theme, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from harken.locale import LANGUAGES
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation; `pages` are the entries below it."""

    label: Message
    page: str
    pages: tuple[Link, ...] = ()
    url: str = ""
    here: bool = False
    open: bool = False


NAVIGATION: tuple[Link, ...] = (
    Link(Message(gettext_noop("Today")), "today"),
    Link(
        Message(gettext_noop("Listen")),
        "imports",
        (Link(Message(gettext_noop("Imports")), "imports"),),
    ),
    Link(
        Message(gettext_noop("Unify")),
        "customers",
        (
            Link(Message(gettext_noop("Customers")), "customers"),
            Link(Message(gettext_noop("Data inventory")), "inventory"),
        ),
    ),
    Link(
        Message(gettext_noop("Learn")),
        "retention",
        (
            Link(Message(gettext_noop("Retention")), "retention"),
            Link(Message(gettext_noop("Whole base")), "whole-base"),
            Link(Message(gettext_noop("Scores")), "scores"),
            Link(Message(gettext_noop("Analyses")), "runs"),
        ),
    ),
    Link(
        Message(gettext_noop("Act")),
        "at-risk",
        (Link(Message(gettext_noop("Customers at risk")), "at-risk"),),
    ),
)
SHORT = {"en": "EN", "zh-hans": "简", "zh-hant": "繁"}
THEME_LABELS = {
    "auto": Message(gettext_noop("Theme: as the device")),
    "light": Message(gettext_noop("Theme: light")),
    "dark": Message(gettext_noop("Theme: dark")),
}


def _resolved(link: Link, here: str, query: str) -> Link:
    below = tuple(_resolved(page, here, query) for page in link.pages)
    return Link(
        link.label,
        link.page,
        below,
        reverse(link.page) + query,
        here=here == link.page and not below,
        open=here == link.page or any(page.here for page in below),
    )


def navigation(here: str, run: str = "") -> tuple[Link, ...]:
    """The navigation with addresses; a run chosen in the address stays chosen."""
    query = f"?run={run}" if run else ""
    return tuple(_resolved(link, here, query) for link in NAVIGATION)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for every page."""
    match = request.resolver_match
    name = match.url_name if match else ""
    run = request.GET.get("run", "")
    theme = getattr(request, "theme", "auto")
    themes = ("auto", "light", "dark")
    return {
        "navigation": navigation(PARENTS.get(name, name), run if run.isalnum() else ""),
        "languages": [(code, own, SHORT[code]) for code, own in LANGUAGES.items()],
        "language": getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
        "theme": theme,
        "theme_label": THEME_LABELS[theme],
        "next_theme": themes[(themes.index(theme) + 1) % 3],
    }


PARENTS = {"customer": "customers", "run": "runs"}
"""Pages that the navigation does not name, and the entry they belong to."""
