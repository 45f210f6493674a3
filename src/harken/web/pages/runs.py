"""Analyses: what was computed when, from what, and which parts could not run."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST


def runs(request: HttpRequest) -> HttpResponse:
    """All analyses, newest first."""
    return render(request, "pages/runs.html")


def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One analysis."""
    return render(request, "pages/runs.html")


@require_POST
def analyze(request: HttpRequest) -> HttpResponse:
    """Start an analysis in the background."""
    return render(request, "pages/runs.html")
