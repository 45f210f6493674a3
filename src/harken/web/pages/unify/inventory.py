"""Data inventory: which sources, which columns, in which driver families."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def inventory(request: HttpRequest) -> HttpResponse:
    """Sources and columns."""
    return render(request, "pages/unify/inventory.html")
