"""Imports: what came in, what was turned away, and undo."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def imports(request: HttpRequest) -> HttpResponse:
    """All imports, newest first."""
    return render(request, "pages/listen/imports.html")


def rejected(request: HttpRequest, import_id: int, name: str) -> HttpResponse:
    """A file of rows that could not be imported, to repair."""
    return render(request, "pages/listen/imports.html")


def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take an import back."""
    return render(request, "pages/listen/imports.html")
