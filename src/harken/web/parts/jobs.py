"""How a background task is doing, as a part of a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from harken.vocabulary.messages import Message, gettext_noop

register = template.Library()

KINDS = {
    "analysis": {
        "page": "progress",
        "cancel": "cancel-analysis",
        "waiting": Message(gettext_noop("An analysis waits for the worker")),
        "running": Message(gettext_noop("An analysis is under way")),
        "failed": Message(gettext_noop("The last analysis could not be done.")),
        "cancelled": Message(gettext_noop("The last analysis was cancelled: nothing of it was kept.")),
    },
    "import": {
        "page": "import-progress",
        "cancel": "cancel-import",
        "waiting": Message(gettext_noop("An import waits for the worker")),
        "running": Message(gettext_noop("An import is under way")),
        "failed": Message(gettext_noop("The last import could not be done: nothing was stored.")),
        "cancelled": Message(gettext_noop("The last import was cancelled: nothing was stored.")),
    },
    "check": {
        "page": "test-progress",
        "cancel": "cancel-test",
        "waiting": Message(gettext_noop("A test waits for the worker")),
        "running": Message(gettext_noop("A test is under way")),
        "failed": Message(gettext_noop("The file could not be tested.")),
        "cancelled": Message(gettext_noop("The test was cancelled.")),
    },
}


@register.inclusion_tag("parts/job_state.html", takes_context=True)
def job_state(context: Context, state: Any, kind: str) -> dict[str, Any]:
    """`{% job_state state "analysis" %}`: progress while it runs, the reason where it failed, else nothing."""
    words = {name: value for name, value in KINDS[kind].items() if name not in ("page", "cancel")}
    return {
        "state": state,
        "progress": reverse(str(KINDS[kind]["page"])),
        "cancel": reverse(str(KINDS[kind]["cancel"])),
        "may_cancel": context["user"].may_change_data,
        "csrf_token": context.get("csrf_token"),
        **words,
    }
