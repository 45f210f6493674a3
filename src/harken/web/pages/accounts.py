"""Coming in and going out: sign in, one-time addresses, the first owner, password, language and theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from harken.records.models import LoginToken, User
from harken.records.signing import count_try, forget_tries
from harken.records.tokens import holds, use
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.middleware import THEME_COOKIE, THEMES
from harken.web.pages.account_forms import PasswordForm, SetUpForm, SignInForm
from harken.web.parts.messages import in_words

YEAR = 365 * 24 * 3600


def _address(request: HttpRequest) -> str:
    """Whose network address asks; a proxy is believed only where the owner declared a public address."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.PUBLIC_URL else ""
    return forwarded.split(",")[-1].strip() or request.META.get("REMOTE_ADDR", "")


def _onward(request: HttpRequest) -> str:
    """Where the reader was going, if that is a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name or e-mail address and password."""
    if request.user.is_authenticated:
        return redirect(_onward(request))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        account, address = form.cleaned_data["account"], _address(request)
        wait = count_try(account, address, timezone.now())
        if wait is not None:
            minutes = int(wait.total_seconds() // 60) + 1
            text = gettext_noop("Too many tries. Wait {minutes} minutes, then try again.")
            form.add_error(None, in_words(Message(text, {"minutes": minutes})))
            status = 429
        else:
            user = authenticate(request, username=account, password=form.cleaned_data["password"])
            if user is not None:
                forget_tries(account, address)
                login(request, user)
                return redirect(_onward(request))
            text = gettext_noop("Name or password is wrong.")
            form.add_error(None, in_words(Message(text)))
    context = {"form": form, "next": _onward(request), "nobody": not User.objects.exists()}
    return render(request, "pages/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here."""
    logout(request)
    return redirect("sign-in")


@login_not_required
@require_http_methods(["GET"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time address: whoever opens it first is signed in, and chooses a password where it is for that."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=503)  # a browser reading ahead must not use the address up
    now = timezone.now()
    used = use(token, LoginToken.Purpose.ENTER, now) or use(token, LoginToken.Purpose.CHOOSE_PASSWORD, now)
    if used is None or used.user is None or not used.user.is_active:
        if request.user.is_authenticated:
            return redirect("today")
        return render(request, "pages/used_address.html", status=410)
    chooses = used.purpose == LoginToken.Purpose.CHOOSE_PASSWORD
    if chooses:  # the old password, if there was one, is the forgotten one
        used.user.set_unusable_password()
        used.user.save(update_fields=["password"])
    login(request, used.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("change-password" if chooses else "today")


@login_not_required
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """The first owner's account, made by whoever holds the address that `harken serve` printed."""
    now = timezone.now()
    if User.objects.exists() or not holds(token, LoginToken.Purpose.SET_UP, now):
        return render(request, "pages/used_address.html", status=410)
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if use(token, LoginToken.Purpose.SET_UP, now) is None:
            return render(request, "pages/used_address.html", status=410)
        user = form.save(request.LANGUAGE_CODE)  # type: ignore[attr-defined]
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("today")
    return render(request, "pages/set_up.html", {"form": form})


@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponseBase:
    """A new password; other browsers are signed out."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        update_session_auth_hash(request, user)
        messages.success(request, in_words(Message(gettext_noop("Your password is changed."))))
        return redirect("today")
    return render(request, "pages/change_password.html", {"form": form})


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and theme: kept in this browser, and in the account of who is signed in."""
    response = redirect(_onward(request))
    chosen = {}
    if request.POST.get("language") in dict(settings.LANGUAGES):
        chosen["language"] = request.POST["language"]
    if request.POST.get("theme") in THEMES:
        chosen["theme"] = request.POST["theme"]
    cookies = {"language": settings.LANGUAGE_COOKIE_NAME, "theme": THEME_COOKIE}
    for name, value in chosen.items():
        response.set_cookie(
            cookies[name], value, max_age=YEAR, samesite="Lax", secure=settings.HTTPS, httponly=True
        )
    if chosen and request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(**chosen)
    return response
