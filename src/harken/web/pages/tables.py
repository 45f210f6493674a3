"""Pages of a long table: which one is asked for, and where the neighbours are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from harken.usecases.customers import PAGE_ROWS


@dataclass(frozen=True, slots=True)
class Pages:
    """Where in a long table the reader is; addresses are None at the ends."""

    page: int
    count: int
    previous: str | None
    next: str | None


def asked_page(request: HttpRequest) -> int:
    """The page named in the address (`?page=`), else the first."""
    asked = request.GET.get("page", "1")
    return max(int(asked), 1) if asked.isdecimal() and len(asked) < 10 else 1


def pages_of(rows: int, page_number: int, query: Mapping[str, str], page_rows: int = PAGE_ROWS) -> Pages:
    """The pages of a table of `rows`, the page asked for kept within it."""
    count = max(1, -(-rows // page_rows))
    at = min(max(page_number, 1), count)

    def address(number: int) -> str | None:
        return "?" + urlencode({**query, "page": number}) if 1 <= number <= count else None

    return Pages(at, count, address(at - 1), address(at + 1))
