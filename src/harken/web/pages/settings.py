"""Settings: what Harken takes from the company, and what it chooses itself."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from harken.usecases.changing_settings import (
    FORMULAS,
    change_settings,
    choices,
    formulas_in,
    needs_analysis,
    stamp,
)
from harken.usecases.workspaces import SETTINGS_FILE
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.settings_form import SettingsForm
from harken.web.parts.messages import in_words
from harken.web.workspace import newest_run, workspace


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Owners change the settings, analysts look at them."""
    may_edit = request.user.may_manage  # type: ignore[union-attr]
    if not (may_edit or (request.method == "GET" and request.user.may_change_data)):  # type: ignore[union-attr]
        raise PermissionDenied
    place = workspace()
    present = place.settings
    formulas = formulas_in((place.root / SETTINGS_FILE).read_text(encoding="utf-8"))
    shown = SettingsForm.shown(present, formulas, stamp(place))
    form = SettingsForm(choices(place), present, request.POST or None, initial=shown, editable=may_edit)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            change_settings(place, form.values(), data[FORMULAS], read=data["read"], newest=newest_run())
        except SettingsError as error:
            form.refuse(error)
        else:
            messages.success(request, in_words(Message(gettext_noop("The settings are changed."))))
            return redirect("settings")
    context = {
        "form": form,
        "may_edit": may_edit,
        "changed": needs_analysis(place),
        "analysed": newest_run() is not None,
        "file": SETTINGS_FILE,
    }
    return render(request, "pages/settings.html", context, status=400 if form.errors else 200)
