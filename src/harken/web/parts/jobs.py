"""How a background task is doing, as a part of a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from harken.vocabulary.messages import Message, gettext_noop

register = template.Library()

KINDS = {
    "analysis": {
        "page": "progress",
        "waiting": Message(gettext_noop("An analysis waits for the worker")),
        "running": Message(gettext_noop("An analysis is under way")),
        "failed": Message(gettext_noop("The last analysis could not be done.")),
    },
    "import": {
        "page": "import-progress",
        "waiting": Message(gettext_noop("An import waits for the worker")),
        "running": Message(gettext_noop("An import is under way")),
        "failed": Message(gettext_noop("The last import could not be done: nothing was stored.")),
    },
}


@register.inclusion_tag("parts/job_state.html")
def job_state(state: Any, kind: str) -> dict[str, Any]:
    """`{% job_state state "analysis" %}`: progress while it runs, the reason where it failed, else nothing."""
    words = {name: value for name, value in KINDS[kind].items() if name != "page"}
    return {"state": state, "progress": reverse(str(KINDS[kind]["page"])), **words}
