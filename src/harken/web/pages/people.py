"""People: who may sign in and as what?"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from harken.locale import LANGUAGES
from harken.usecases import people as usecase
from harken.usecases.accounts import Entry
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.account_forms import InviteForm
from harken.web.parts.messages import in_words
from harken.web.workspace import workspace

ROLES = {
    "owner": Message(gettext_noop("owner")),
    "analyst": Message(gettext_noop("analyst")),
    "member": Message(gettext_noop("member")),
}
CHANGES = {
    "invited": gettext_noop("{by} invited {about} as {after}."),
    "role": gettext_noop("{by} changed the role of {about} from {before} to {after}."),
    "deactivated": gettext_noop("{by} deactivated {about}."),
    "activated": gettext_noop("{by} activated {about} again."),
    "address": gettext_noop("{by} made a new one-time address for {about}."),
}
HANDED_OVER = "one_time_address"
"""Where an address waits for the one page that shows it."""


def _by(request: HttpRequest) -> str:
    """The owner who asks; nobody else may."""
    if not request.user.may_manage:  # type: ignore[union-attr]
        raise PermissionDenied
    return request.user.get_username()


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with role and last sign-in, what was changed about them, and the way to invite more."""
    by, root = _by(request), workspace().root
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entry = usecase.invite(root, by=by, **form.cleaned_data)
        except SettingsError as error:
            form.refuse(error)
        else:
            return _handed_over(request, form.cleaned_data["username"], entry)
    everybody = usecase.list_people(root)
    active = [person for person in everybody if person.active]
    context = {
        "people": [(person, *_state(person)) for person in everybody],
        "active": len(active),
        "owners": sum(person.role == "owner" for person in active),
        "waiting": sum(not person.has_password and person.last_sign_in is None for person in active),
        "roles": ROLES,
        "languages_of": LANGUAGES,
        "changes": [(change, _sentence(change)) for change in usecase.changes(root)],
        "zone": workspace().settings.time_zone,
        "days": usecase.VALID_FOR.days,
        "address": request.session.pop(HANDED_OVER, None),
        "form": form,
        "by": by,
    }
    return render(request, "pages/people.html", context, status=400 if form.errors else 200)


def _state(person: Any) -> tuple[Message, str]:
    """How an account stands, and how that looks."""
    if not person.active:
        return Message(gettext_noop("deactivated")), "chip-attention"
    if person.last_sign_in is None:
        return Message(gettext_noop("never signed in")), ""
    return Message(gettext_noop("active")), "chip-adjusted"


def _sentence(change: Any) -> Message:
    values: dict[str, Any] = {
        "by": change.by or Message(gettext_noop("The command line")),
        "about": change.about,
        "before": ROLES.get(change.before, change.before),
        "after": ROLES.get(change.after, change.after),
    }
    return Message(CHANGES[change.what], values)


def _handed_over(request: HttpRequest, username: str, entry: Entry) -> HttpResponse:
    """Show an address once, on the page that follows."""
    request.session[HANDED_OVER] = {"username": username, "url": request.build_absolute_uri(entry.path)}
    return redirect("people")


@require_POST
def change(request: HttpRequest, username: str) -> HttpResponse:
    """Another role, deactivated, activated, or a new one-time address."""
    by, root = _by(request), workspace().root
    wanted = request.POST.get("do", "")
    if wanted == "address":
        return _handed_over(request, username, usecase.new_address(root, username, by=by))
    if wanted == "role":
        usecase.change_role(root, username, request.POST.get("role", ""), by=by)
    elif wanted in ("activate", "deactivate"):
        usecase.set_active(root, username, wanted == "activate", by=by)
    messages.success(request, in_words(Message(gettext_noop("{name} is changed."), {"name": username})))
    return redirect("people")
