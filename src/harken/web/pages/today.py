"""Today: what changed for real, what is it worth, what to do now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def today(request: HttpRequest) -> HttpResponse:
    """The first page."""
    return render(request, "pages/today.html")
