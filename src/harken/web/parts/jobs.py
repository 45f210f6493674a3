"""How a background task is doing, as a part of a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import JsonResponse
from django.template import Context
from django.urls import reverse

from harken.jobs.states import JobState
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import in_words

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
    "reading": {
        "page": "source-progress",
        "cancel": "cancel-source",
        "waiting": Message(gettext_noop("A source waits for the worker")),
        "running": Message(gettext_noop("A source is being read")),
        "failed": Message(gettext_noop("The last reading could not be done: nothing was stored.")),
        "cancelled": Message(gettext_noop("The last reading was cancelled: nothing was stored.")),
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
    "look": {
        "page": "import-progress",
        "cancel": "cancel-import",
        "waiting": Message(gettext_noop("The files wait for the worker")),
        "running": Message(gettext_noop("Harken looks at the files")),
        "failed": Message(gettext_noop("Harken could not read the files.")),
        "cancelled": Message(gettext_noop("Looking at the files was cancelled; they are still here.")),
    },
    "preview": {
        "page": "import-progress",
        "cancel": "cancel-import",
        "waiting": Message(gettext_noop("The preview waits for the worker")),
        "running": Message(gettext_noop("The preview is being made")),
        "failed": Message(gettext_noop("The preview could not be made; nothing is stored.")),
        "cancelled": Message(gettext_noop("The preview was cancelled; nothing is stored.")),
    },
    "demo": {
        "page": "demo-progress",
        "cancel": "cancel-demo",
        "waiting": Message(gettext_noop("The demo company waits for the worker")),
        "running": Message(gettext_noop("The demo company moves in; everything in it is simulated")),
        "failed": Message(gettext_noop("The demo company could not come in; nothing of it is left.")),
        "cancelled": Message(gettext_noop("The demo company was sent away; nothing of it is left.")),
    },
    "demo-leaving": {
        "page": "demo-progress",
        "cancel": "",
        "waiting": Message(gettext_noop("The demo company leaves")),
        "running": Message(gettext_noop("The demo company leaves")),
        "failed": Message(gettext_noop("The demo company could not leave. Try again.")),
        "cancelled": Message(gettext_noop("The demo company could not leave. Try again.")),
    },
}


def progress_of(state: JobState | None) -> JsonResponse:
    """The state of a background task for a page that waits for it."""
    if state is None or not state.busy:
        return JsonResponse({"busy": False})
    step = "" if state.step is None else in_words(state.step)
    return JsonResponse({"busy": True, "step": step, "done": round(state.done, 3)})


@register.inclusion_tag("parts/job_state.html", takes_context=True)
def job_state(context: Context, state: Any, kind: str) -> dict[str, Any]:
    """`{% job_state state "analysis" %}`: progress while it runs, the reason where it failed, else nothing."""
    words = {name: value for name, value in KINDS[kind].items() if name not in ("page", "cancel")}
    return {
        "state": state,
        "progress": reverse(str(KINDS[kind]["page"])),
        "cancel": reverse(str(KINDS[kind]["cancel"])) if KINDS[kind]["cancel"] else "",
        "may_cancel": bool(KINDS[kind]["cancel"]) and context["user"].may_change_data,
        "csrf_token": context.get("csrf_token"),
        **words,
    }
