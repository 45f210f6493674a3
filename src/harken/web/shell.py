"""What every page shows around its content: navigation, language, theme, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from harken.locale import LANGUAGES
from harken.usecases.scores import KEPT_IN_ADDRESSES, choice_from
from harken.usecases.workspaces import DEMO_MARKER
from harken.vocabulary.errors import SettingsError
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
        (
            Link(Message(gettext_noop("Imports")), "imports"),
            Link(Message(gettext_noop("Sources")), "sources"),
        ),
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
            Link(Message(gettext_noop("What if")), "what-if"),
            Link(Message(gettext_noop("Whole base")), "whole-base"),
            Link(Message(gettext_noop("Scores")), "scores"),
            Link(Message(gettext_noop("Hypotheses")), "hypotheses"),
            Link(Message(gettext_noop("Analyses")), "runs"),
        ),
    ),
    Link(
        Message(gettext_noop("Act")),
        "at-risk",
        (
            Link(Message(gettext_noop("Customers at risk")), "at-risk"),
            Link(Message(gettext_noop("Hand-overs")), "hand-overs"),
        ),
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


def navigation(here: str, chosen: str = "") -> tuple[Link, ...]:
    """The navigation with addresses; the run, question, period and segment in the address stay chosen."""
    return tuple(_resolved(link, here, chosen) for link in NAVIGATION)


FOLLOWING = {"scores": frozenset(KEPT_IN_ADDRESSES), "at-risk": frozenset({"segment"})}
"""What of a chosen question, period and segment a page follows; the rest it shows as analysed, and says so."""


def kept_choice(request: HttpRequest) -> dict[str, str]:
    """What the address chooses for all pages: the run, and of its scores question, period and segment."""
    run = request.GET.get("run", "")
    kept = {"run": run} if run.isalnum() else {}
    try:
        choice_from(request.GET.dict())
    except SettingsError:  # the page that reads it says what is wrong
        return kept
    return kept | {name: request.GET[name] for name in KEPT_IN_ADDRESSES if request.GET.get(name)}


def chosen(request: HttpRequest) -> str:
    """What the address of another page ends in, so that what this one chooses stays chosen there."""
    kept = kept_choice(request)
    return "?" + urlencode(kept) if kept else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for every page."""
    match = request.resolver_match
    name = match.url_name if match else ""
    theme = getattr(request, "theme", "auto")
    themes = ("auto", "light", "dark")
    return {
        "navigation": navigation(PARENTS.get(name, name), chosen(request)),
        "chosen": chosen(request),
        "chosen_apart": any(
            part in request.GET for part in KEPT_IN_ADDRESSES if part not in FOLLOWING.get(name or "", ())
        ),
        "languages": [(code, own, SHORT[code]) for code, own in LANGUAGES.items()],
        "language": getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
        "theme": theme,
        "theme_label": THEME_LABELS[theme],
        "visited_by_demo": (Path(settings.WORKSPACE) / DEMO_MARKER).exists(),
        "next_theme": themes[(themes.index(theme) + 1) % 3],
    }


PARENTS = {
    "customer": "customers",
    "run": "runs",
    "compare": "runs",
    "handed": "hand-overs",
    "driver": "retention",
    "hypothesis": "hypotheses",
    "add-hypothesis": "hypotheses",
    "draft": "imports",
    "demo-leaving": "today",
    "source": "sources",
    "new-source": "sources",
    "change-source": "sources",
}
"""Pages that the navigation does not name, and the entry they belong to."""
