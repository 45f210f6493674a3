"""Data inventory: which sources, which columns, in which driver families."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from harken.usecases.exports import tables
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import family_label, page, part, run_or_first_steps
from harken.web.pages.unify.telling import kind_name

TITLE = Message(gettext_noop("Data inventory"))


def inventory(request: HttpRequest) -> HttpResponse:
    """What is held, what was made of it, and what was left out and why."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    found, reason = part(run, "inventory")
    if found is None:
        return page(request, "pages/not_run.html", {"title": TITLE, "reason": reason}, run)
    families: dict[str, list[object]] = {}
    for feature in found.features:
        families.setdefault(feature.family, []).append(feature)
    context = {
        "found": found,
        "sources": len({entry.source for entry in found.sources}),
        "entries": [(entry, kind_name(entry.kind)) for entry in found.sources],
        "families": [
            {"label": family_label(family), "features": features, "lever": any(f.lever for f in features)}  # type: ignore[attr-defined]
            for family, features in sorted(families.items(), key=lambda item: (-len(item[1]), item[0]))
        ],
    }
    take = {
        "sources": tables.sources(found),
        "features": tables.features(found),
        "left-out": tables.left_out(found),
    }
    return page(request, "pages/unify/inventory.html", context, run, take)
