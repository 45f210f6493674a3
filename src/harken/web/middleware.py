"""What every answer carries: a strict content policy, the reader's language and theme, errors as sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from harken.vocabulary.errors import Busy, DataError, HarkenError, NotEnoughData

Handler = Callable[[HttpRequest], HttpResponse]

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"

THEME_COOKIE = "harken_theme"
THEMES = ("auto", "light", "dark")


class PageHeaders:
    """Nothing inline, nothing from elsewhere, no framing, and no copy of customers' data in a shared browser."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Reader:
    """Language: what the reader chose here, else what their account says, else what their browser asks for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        spoken = dict(settings.LANGUAGES)
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        theme = request.COOKIES.get(THEME_COOKIE, "")
        # The session's user is only asked for where there is a session: strangers cost no query.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            language = request.user.language or language
            theme = request.user.theme or theme
        if language not in spoken:
            language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        request.theme = theme if theme in THEMES else "auto"
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class Explain:
    """A failure that Harken can explain becomes a page that says whose fault it is and what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for a HarkenError; anything else is a fault of Harken's own."""
        if not isinstance(error, HarkenError):
            return None
        status = 409 if isinstance(error, Busy) else 422 if isinstance(error, DataError | NotEnoughData) else 400
        return render(request, "pages/explanation.html", {"error": error}, status=status)
